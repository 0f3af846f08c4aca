import pytz

from odoo import api, fields, models
from odoo.tools import html2plaintext, plaintext2html


class ComplaintCase(models.Model):
    """What other software learns of a complaint that it handed in."""

    _inherit = "complaint.case"

    api_request_ids = fields.One2many(
        comodel_name="complaint.api.request",
        inverse_name="case_id",
        string="From other software",
        readonly=True,
        copy=False,
        domain=[("kind", "=", "submit")],
        groups="base.group_user",
    )

    # Other software asks for what changed since it asked last.
    _changed_idx = models.Index("(write_date, id)")

    def _api_answer(self, reference):
        """The complaint in plain values: what its customer may know, and no more.

        Of a confidential complaint only the number: what comes from the customer is
        taken, nothing goes out (H1).

        :param str reference: the number that the software gave it
        """
        self.ensure_one()
        answer = {"number": self.name, "reference": reference}
        if self.is_confidential:
            return answer | {"confidential": True}
        is_answered = self._portal_is_answered()
        status = self._portal_status()
        return answer | {
            "confidential": False,
            "status": self.phase,
            "status_text": f"{status['label']}: {status['text']}",
            "outcome": (self.phase == "closed" and self.outcome) or None,
            "order": self.order_id.name or None,
            "waiting_for": self.pause_id.reason_id.customer_text or None,
            "answer": html2plaintext(self.answer) if is_answered else None,
            "received": self._api_moment(self.date_received),
            "accepted": self._api_moment(self.accepted_at),
            "answered": self._api_moment(self.answered_at),
            "closed": self._api_moment(self.closed_at),
            "updated": self._api_moment(self.write_date),
            "promises": self._api_promises(),
            "tracking_url": self._api_tracking_url(),
        }

    @api.model
    def _api_moment(self, moment):
        """ISO 8601 with the offset of UTC, or nothing."""
        if not moment:
            return None
        return pytz.utc.localize(moment.replace(microsecond=0)).isoformat()

    def _api_tracking_url(self):
        """The customer's link; it opens the complaint to whoever holds it."""
        # Made when the complaint came in: reading must not write.
        if not self.access_token:
            return None
        return f"{self.get_base_url()}{self.get_portal_url()}"

    def _api_promises(self):
        """Dates that the customer was promised for the present round."""
        labels = self._portal_promise_labels()
        clocks = self.clock_ids.filtered(
            lambda clock: clock.is_promised and clock.round == self.round
        )
        return [
            {
                "milestone": clock.milestone,
                "label": labels[clock.milestone],
                "until": self._api_moment(clock.deadline),
                "state": self._api_promise_state(clock),
            }
            for clock in clocks.sorted(lambda clock: clock.deadline or clock.started_at)
        ]

    @api.model
    def _api_promise_state(self, clock):
        if clock.state in ("cancelled", "paused"):
            return clock.state
        if clock.finished_at and clock.deadline:
            return "kept" if clock.finished_at <= clock.deadline else "late"
        # Asked of the clock on the wall: the job that notices may not have run yet.
        if clock.deadline and clock.deadline < fields.Datetime.now():
            return "late"
        return "open"

    def _api_post(self, text, files):
        """Keep the customer's words in the complaint, as if written in the portal.

        :param str text: plain
        :param list[dict] files: as for :meth:`_intake_attach`
        """
        self.ensure_one()
        partner = self.partner_id
        # Queued: a request that is run again must not send a mail twice.
        self.with_context(
            mail_notify_force_send=False,
            # HTML becomes plain text, whatever the file is called.
            attachments_mime_plainxml=True,
        ).message_post(
            body=plaintext2html(text),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            # Somebody without a contact is not the public user whose rights are used.
            author_id=partner.id,
            email_from=partner.email_formatted or self.email_from or self.partner_name,
            attachments=[(file["name"], file["raw"]) for file in files],
        )
