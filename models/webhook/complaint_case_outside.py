import logging

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import html2plaintext

from ..constants import PHASE_ORDER

_logger = logging.getLogger(__name__)

#: Phases whose entering is an event of its own.
TOLD_PHASES = ("accepted", "answered", "closed")


class ComplaintCase(models.Model):
    """What happens to complaints is told to other software (I1)."""

    _inherit = "complaint.case"

    # When -----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._notify_outside("received")
        return cases

    def _enter_phases(self, before):
        # Now: what belongs to a phase may move the case on.
        moved = self.filtered(lambda case: case.phase != before[case])
        by_phase = moved.grouped("phase")
        result = super()._enter_phases(before)
        for phase, cases in by_phase.items():
            reopened = cases.filtered(
                lambda case, rank=PHASE_ORDER[phase]: (
                    PHASE_ORDER[before[case]] >= PHASE_ORDER["answered"]
                    and rank < PHASE_ORDER[before[case]]
                )
            )
            reopened._notify_outside("reopened")
            if phase in TOLD_PHASES:
                (cases - reopened)._notify_outside(phase)
        return result

    def _note_dialogue(self, message):
        result = super()._note_dialogue(message)
        self._notify_outside("message", message=message)
        return result

    # The outbox -----------------------------------------------------------------

    def _notify_outside(self, event, message=None):
        """Write down for other software what happened, in this very transaction.

        Costs nothing where no webhook listens. Whatever goes wrong here is logged and
        does not hold the complaint up.

        :param str event: one of EVENTS
        :param message: the mail.message of the event "message"
        """
        listening = self.env["complaint.webhook"]._listening()
        if not listening or not self or self._is_history():
            return
        hook_ids = [
            hook_id
            for company in self.company_id
            for hook_id in listening.get((company.id, event), ())
        ]
        if not hook_ids:
            return
        # What the case itself has to write must fail by itself, not in here.
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                # sudo: whoever works on a case, the queue is written.
                self.sudo()._queue_outside(event, hook_ids, message)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            _logger.exception("Webhooks are not told that %s: %s", self, event)

    def _queue_outside(self, event, hook_ids, message):
        told = []
        for hook in self.env["complaint.webhook"].browse(hook_ids):
            # Names in the language of the company, whoever works on the case.
            lang = hook.company_id.partner_id.lang
            for case in hook._wants(self).with_context(lang=lang):
                content = {
                    "complaint": case._outside_facts(hook),
                    **case._outside_message(hook, message),
                }
                told.append((hook, case, content))
        self.env["complaint.webhook.delivery"]._queue(event, told)

    # What is said ---------------------------------------------------------------

    def _outside_facts(self, hook):
        """Named fields only. Who complains is said by number at most."""
        self.ensure_one()
        facts = {
            "number": self.name,
            "reference": self.api_request_ids[:1].key or None,
            "phase": self.phase,
            "outcome": self.outcome or None,
            "nature": self.nature,
            "priority": self.priority,
            "category": self.category_id.complete_name or None,
            "channel": self.channel_id.code or None,
            "team": self.team_id.name or None,
            "order": self.order_id.name or None,
            "product": self.product_id.default_code or None,
            "customer_number": self.partner_id.ref or None,
            "confidential": self.is_confidential,
            "received_at": self._api_moment(self.date_received),
            "accepted_at": self._api_moment(self.accepted_at),
            "answered_at": self._api_moment(self.answered_at),
            "closed_at": self._api_moment(self.closed_at),
        }
        if hook.include_text:
            is_answered = self._portal_is_answered()
            facts |= {
                "subject": self.subject,
                "description": html2plaintext(self.description or ""),
                "demand": self.demand or "",
                "answer": html2plaintext(self.answer) if is_answered else None,
            }
        return facts

    def _outside_message(self, hook, message):
        if not message:
            return {}
        by_staff = message.author_id and not message.author_id.partner_share
        told = {"from": "company" if by_staff else "customer"}
        if hook.include_text:
            told["text"] = html2plaintext(message.body)
        return {"message": told}
