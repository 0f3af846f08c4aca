from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty


class ComplaintReview(models.Model):
    """What the reviewer decides, and what follows (D4)."""

    _inherit = "complaint.review"

    def action_decide(self):
        """Decide as entered: the customer is told, and what follows is done.

        :raise UserError: without verdict or reasons, or when somebody else reviews
        """
        for review in self:
            if not review.may_decide:
                raise UserError(
                    self.env._(
                        "Only the reviewer decides, and once only. Reload the page."
                    )
                )
            if not review.verdict or is_html_empty(review.decision):
                raise UserError(
                    self.env._(
                        "Choose a verdict and give the reasons, in words for the "
                        "customer."
                    )
                )
            # Somebody may have been named as involved since, or got it in hand.
            review._check_user_id()
            review._decide()
        return True

    def _decide(self):
        self.ensure_one()
        self._end_to_dos()
        # sudo: state and time are written by this method only.
        self.sudo().write(
            {
                "state": "decided",
                "decided_at": fields.Datetime.now(),
                "next_event_at": False,
            }
        )
        if self.verdict == "confirm":
            self._on_confirmed()
        else:
            self._on_changed()
        # sudo: as whoever is told, the reviewer need not be the case's handler.
        self.sudo()._tell_customer()

    def _on_confirmed(self):
        """The answer stands: the company's part is done."""
        # sudo: the reviewer decides on the case without being its handler.
        case = self.case_id.sudo()
        if case.phase == "answered":
            case._move_to(
                "closed", outcome=case.outcome or "answered_without_agreement"
            )

    def _on_changed(self):
        """The reviewer takes the complaint over and answers anew, in a round with
        limits of its own; the first answer stays on record."""
        # sudo: as in _on_confirmed.
        case = self.case_id.sudo()
        labels = dict(self._fields["verdict"]._description_selection(self.env))
        case._log_reason(labels[self.verdict], self.decision)
        case._hand_over(self.user_id, self.env._("Decided the review."))
        case._move_to("investigating")

    def _tell_customer(self):
        """Send the decision with the letter, or say that it must go by post (E4)."""
        self.case_id._send_or_note("complaint_management.mail_template_review_decision")

    def action_withdraw(self):
        """The customer took the request back: the answer stands as it is."""
        self.check_access("write")
        self._check_may_assign()
        if self.filtered(lambda review: review.state != "underway"):
            raise UserError(
                self.env._("This review is on record and cannot be changed any more.")
            )
        self._end_to_dos()
        # sudo: the state is written by this method only.
        self.sudo().write({"state": "withdrawn", "next_event_at": False})
        self.case_id._message_log_batch(
            bodies=dict.fromkeys(
                self.case_id.ids,
                self.env._("The customer took the request for a review back."),
            )
        )
        # sudo: plans when silence closes the case.
        self.case_id.sudo().filtered(
            lambda case: case.phase == "answered"
        )._plan_silence()
        return True

    def action_open_case(self):
        """Open the complaint."""
        self.ensure_one()
        return self.case_id.get_formview_action()
