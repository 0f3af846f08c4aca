from odoo import models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class ComplaintCase(models.Model):
    """What the customer may do with an answer (E4).

    Called by the portal after it has checked that the case is the customer's.
    """

    _inherit = "complaint.case"

    def _customer_accept(self):
        """The customer accepts the answer: settled and closed.

        :raise UserError: when there is no answer to accept, or it is too late
        """
        self.ensure_one()
        self._check_awaits_customer()
        self._message_log(
            body=self.env._("The customer accepted the answer."),
            author_id=self.env.user.partner_id.id,
        )
        outcome = "refused" if self.outcome == "refused" else "settled"
        self._move_to("closed", customer_verdict="accepted", outcome=outcome)

    def _customer_object(self, reason):
        """The customer does not accept: the case is looked at again (D4).

        :param str reason: plain text, in the customer's words
        :raise UserError: as :meth:`_customer_accept`, or without a reason
        """
        self.ensure_one()
        self._check_awaits_customer()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(
                self.env._("Please tell us what you do not agree with.")
            )
        self.message_post(
            body=plaintext2html(reason),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.env.user.partner_id.id,
        )
        self._move_to("investigating", customer_verdict="objected")
        self._alert_handler(
            self.env._("The customer does not accept the answer."),
            note=plaintext2html(reason),
        )

    def _check_awaits_customer(self):
        if self.phase != "answered":
            raise UserError(
                self.env._(
                    "There is no answer that waits for you: it was dealt with in the "
                    "meantime. Please reload the page."
                )
            )
