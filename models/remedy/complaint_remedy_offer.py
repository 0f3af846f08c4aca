from odoo import api, fields, models
from odoo.exceptions import UserError

from ..case.complaint_case_customer import REASON_LENGTH


class ComplaintRemedy(models.Model):
    """Offered to the customer, who accepts or declines: on the page of the complaint,
    or by whatever way, recorded by staff (E1)."""

    _inherit = "complaint.remedy"

    offered_at = fields.Datetime(string="Offered on", readonly=True, copy=False)
    decided_at = fields.Datetime(
        string="Customer decided on", readonly=True, copy=False
    )
    customer_reason = fields.Text(
        string="Why it was declined", readonly=True, copy=False
    )

    def action_offer(self):
        """Offer what was approved: the customer gets a message and decides."""
        self.check_access("write")
        for remedy in self:
            remedy._lock("approved")
            remedy._check_is_time()
            remedy._set("offered", offered_at=fields.Datetime.now())
        for case in self.case_id:
            case._send_or_note("complaint_management.mail_template_remedy_offer")
        return True

    def action_record_accepted(self):
        """Record that the customer accepted, as they said by telephone or mail."""
        return self._record_decision(True)

    def action_record_declined(self):
        """Record that the customer declined, as they said by telephone or mail."""
        return self._record_decision(False)

    def _record_decision(self, accepts):
        self.check_access("write")
        for remedy in self:
            remedy._customer_decides(accepts)
            remedy.case_id._message_log(body=remedy._decision())
        return True

    def _decision(self):
        """What the customer said to the offer, in one sentence."""
        self.ensure_one()
        if self.state == "declined":
            return self.env._(
                "The customer declines: %(remedy)s", remedy=self.display_name
            )
        return self.env._("The customer accepts: %(remedy)s", remedy=self.display_name)

    def _customer_decides(self, accepts, reason=""):
        """What the customer says to an offer; once.

        :param str reason: plain text, why it is declined
        :raise UserError: when it is no offer (any more)
        """
        self.ensure_one()
        # sudo: a customer's word changes the remedy.
        one = self.sudo()
        if one.state != "offered":
            one._refuse_decision()
        one._lock("offered")
        one._set(
            "accepted" if accepts else "declined",
            decided_at=fields.Datetime.now(),
            customer_reason=(reason or "").strip()[:REASON_LENGTH] or False,
        )

    @api.model
    def _refuse_decision(self):
        """:raise UserError: always; there is no such offer (any more)"""
        raise UserError(
            self.env._(
                "This offer does not wait for you any more. Please reload the page."
            )
        )
