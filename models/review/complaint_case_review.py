from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..case.complaint_case_checklist import Point


class ComplaintCase(models.Model):
    """What a review means for the complaint: it waits, and what was said stays (D4)."""

    _inherit = "complaint.case"

    review_ids = fields.One2many(
        comodel_name="complaint.review",
        inverse_name="case_id",
        string="Reviews",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    review_state = fields.Selection(
        selection=[("underway", "Under review"), ("decided", "Reviewed")],
        compute="_compute_review_state",
        store=True,
        precompute=True,
        groups="base.group_user",
    )
    may_be_reviewed = fields.Boolean(
        compute="_compute_may_be_reviewed",
        groups="base.group_user",
        help="The customer may ask for a review of the answer now.",
    )

    @api.depends("review_ids.state")
    def _compute_review_state(self):
        for case in self:
            states = case._review_rows().mapped("state")
            case.review_state = states[0] if states else False

    @api.depends(
        "phase", "outcome", "answered_at", "customer_verdict", "review_ids.state"
    )
    def _compute_may_be_reviewed(self):
        for case in self:
            # Asked of every complaint that is opened: most have no answer yet.
            case.may_be_reviewed = case.answered_at and not case._review_obstacle()

    def _review_rows(self):
        """The one review that counts."""
        # sudo: whoever sees the case may know that it is under review.
        return self.sudo().review_ids.filtered(lambda one: one.state != "withdrawn")

    def _is_under_review(self):
        self.ensure_one()
        return self._review_rows().state == "underway"

    # While it is reviewed -----------------------------------------------------------

    def _plan_silence(self):
        """Nobody is silent while a review runs."""
        waiting = self.filtered(lambda case: case._is_under_review())
        waiting.next_event_at = False
        return super(ComplaintCase, self - waiting)._plan_silence()

    def _missing_for(self, phase):
        """Whichever way it is moved: first the review is decided."""
        if self._is_under_review():
            text = self.env._(
                "the answer is under review. The review has to be decided or withdrawn "
                "first."
            )
            return [Point(text, where=self._review_rows())]
        return super()._missing_for(phase)

    def _keep_out_involved(self):
        """Who reviews and turns out to be involved is replaced."""
        result = super()._keep_out_involved()
        # sudo: reviews are given to others whoever names those involved.
        for review in self.sudo().review_ids:
            is_reviewer = review.user_id in review.case_id.involved_user_ids
            if is_reviewer and review.state == "underway":
                review._assign()
        return result

    def _awaits_customer(self, at=None):
        """Not while the answer is reviewed, and not any more after that: what was said
        before has been looked at with it."""
        review = self._review_rows()
        is_judged = self.phase == "closed" and review.answer_id.round == self.round
        if review.state == "underway" or (review and is_judged):
            return False
        return super()._awaits_customer(at)

    def _check_awaits_customer(self, at=None):
        if self._is_under_review():
            raise UserError(
                self.env._(
                    "Your complaint is being reviewed, as you asked. We write to you "
                    "when it is decided."
                )
            )
        return super()._check_awaits_customer(at)

    def action_view_review(self):
        """Open the review of the answer."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_review_action"
        )
        return action | {
            "view_mode": "form",
            "views": [(False, "form")],
            "res_id": self._review_rows().id,
        }

    def _review_hint(self, at):
        """Until when a review could be asked for, and whether a moment was in time, in
        words for staff.

        :param datetime at: naive UTC
        """
        self.ensure_one()
        # sudo: the company's setting only.
        days = self.company_id.sudo().complaint_review_days
        if self._review_rows():
            return self.env._("The answer is reviewed already, and that once only.")
        if not days:
            return self.env._("The company offers no review of its answers.")
        if self.customer_verdict == "accepted":
            return self.env._("The customer accepted the answer.")
        if not self._review_answer():
            return self.env._("There is no answer that could be reviewed.")
        end = self._letter_day_end(self.answered_at, days)
        last_day = self._letter_local(end - timedelta(seconds=1)).date()
        until = format_date(self.env, last_day, date_format="full")
        if at < end:
            return self.env._(
                "A review can be asked for until the end of %(day)s, where the "
                "customer is. The message came in time.",
                day=until,
            )
        return self.env._(
            "A review could be asked for until the end of %(day)s, where the customer "
            "is. The message came later.",
            day=until,
        )

    # What letters say --------------------------------------------------------------

    def _letter_review(self):
        """The decided review, for letters; empty when there is none."""
        return self._review_rows().filtered(lambda one: one.state == "decided")

    def _letter_review_until(self):
        """The last day on which a review may be asked for, for the customer.

        Before the answer is sent, as if it were sent now.

        :return: text in the customer's language; empty when no review is offered
        """
        self.ensure_one()
        # sudo: the company's setting only.
        days = self.company_id.sudo().complaint_review_days
        if not days or self._review_rows():
            return ""
        return self._letter_time(
            self._letter_day_end(self.answered_at or fields.Datetime.now(), days)
        )

    def _letter_file_name(self, kind):
        if kind == "review":
            return self.env._(
                "Review of complaint %(number)s", number=self.name.replace("/", "-")
            )
        return super()._letter_file_name(kind)
