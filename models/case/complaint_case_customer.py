from odoo import models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class ComplaintCase(models.Model):
    """What the customer may do with an answer (E4).

    Called by the portal after it has checked that the case is the customer's.
    """

    _inherit = "complaint.case"

    def _customer_accept(self, author=None):
        """The customer accepts the answer: settled and closed.

        :param author: contact who does it, empty for a complainant who is none; by
            default that of the user
        :raise UserError: when there is no answer to accept, or it is too late
        """
        self.ensure_one()
        self._check_awaits_customer()
        author = self.env.user.partner_id if author is None else author
        self._message_log(
            body=self.env._("The customer accepted the answer."),
            **self._customer_as_author(author),
        )
        self._track_set_author(author)
        outcome = "refused" if self.outcome == "refused" else "settled"
        self._move_to("closed", customer_verdict="accepted", outcome=outcome)

    def _customer_object(self, reason, author=None):
        """The customer does not accept: the case is looked at again (D4).

        :param str reason: plain text, in the customer's words
        :param author: as in :meth:`_customer_accept`
        :raise UserError: as :meth:`_customer_accept`, or without a reason
        """
        self.ensure_one()
        self._check_awaits_customer()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Please tell us what you do not agree with."))
        author = self.env.user.partner_id if author is None else author
        # Queued: a request that is run again must not send a mail twice.
        self.with_context(mail_notify_force_send=False).message_post(
            body=plaintext2html(reason),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **self._customer_as_author(author),
        )
        self._track_set_author(author)
        self._move_to("investigating", customer_verdict="objected")
        self._alert_handler(
            self.env._("The customer does not accept the answer."),
            note=plaintext2html(reason),
        )

    def _customer_as_author(self, author):
        """Author and sender of what a contact says on the page of the complaint."""
        return {"author_id": author.id}

    def _check_awaits_customer(self):
        if self.phase != "answered":
            raise UserError(
                self.env._(
                    "There is no answer that waits for you: it was dealt with in the "
                    "meantime. Please reload the page."
                )
            )
