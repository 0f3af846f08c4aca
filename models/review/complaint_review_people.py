from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..routing.switchboard import Switchboard

HANDLER = "complaint_management.group_handler"


class ComplaintReview(models.Model):
    """Who reviews: somebody who did not decide the first time (D4, field.md 8)."""

    _inherit = "complaint.review"

    def _barred_users(self):
        """Who had a part in the answer or is involved in the matter, for each review.

        Whoever sent the answer, reached a milestone until then, or ever had the
        complaint in hand: also after the answer, to be on the safe side. A fixed number
        of queries.

        :return: {review: users}
        """
        # sudo: it must hold whatever the user may read.
        reviews = self.sudo()
        users = self.env["res.users"]
        handed = (
            self.env["complaint.handover"]
            .sudo()  # sudo: as above.
            .search([("case_id", "in", reviews.case_id.ids)])
            .grouped("case_id")
        )
        barred = {}
        for review, sudoed in zip(self, reviews, strict=True):
            case, answer = sudoed.case_id, sudoed.answer_id
            milestones = case.milestone_ids.filtered(
                lambda row, answer=answer: row.round <= answer.round
            )
            lines = handed.get(case, self.env["complaint.handover"])
            people = (
                answer.user_id
                | answer.approved_by_id
                | milestones.user_id
                | case.involved_user_ids
            )
            people |= lines.from_user_id | lines.to_user_id
            if case.round == answer.round:
                people |= case.user_id
            barred[review] = users.browse(people.ids)
        return barred

    @api.constrains("user_id")
    def _check_user_id(self):
        """The rule holds for everybody, the superuser included."""
        barred = self._barred_users()
        for review in self.filtered("user_id"):
            words = {
                "person": review.user_id.sudo().name,  # sudo: a name only.
                "complaint": review.case_id.display_name,
            }
            if review.user_id in barred[review]:
                raise ValidationError(
                    self.env._(
                        "%(person)s had a part in the answer to %(complaint)s or is "
                        "involved in it, and cannot review it. Choose somebody else.",
                        **words,
                    )
                )
            if not review._can_be_read_by(review.user_id):
                raise ValidationError(
                    self.env._(
                        "%(person)s cannot open %(complaint)s. Choose somebody of the "
                        "team, or a manager; name them on a confidential complaint.",
                        **words,
                    )
                )

    def _can_be_read_by(self, person):
        """Whether somebody works in the department and may open the complaint."""
        self.ensure_one()
        # sudo: whoever asks.
        case = self.case_id.sudo()
        return (
            person.active
            and person.has_group(HANDLER)
            and bool(case._seen_by(person))
            and person not in case.involved_user_ids
        )

    def _assign(self):
        """Name the reviewer; the field stays empty when nobody is found."""
        for review in self:
            review.user_id = review._find_reviewer()

    def _find_reviewer(self):
        """Who of the team has least to do, else who is above it.

        :return: the user; empty when everybody had a part in it
        """
        self.ensure_one()
        barred = self._barred_users()[self]
        board = Switchboard(self.case_id, fields.Datetime.now())
        return board.least_busy(self.case_id, barred) or self._first_above(barred)

    def _supervising_user(self):
        """Who sees to it that the review is done; empty when there is nobody."""
        self.ensure_one()
        return self._first_above(self.user_id)

    def _first_above(self, barred):
        """The first who is there of team leader, manager above, company's managers."""
        now = fields.Datetime.now()
        for meant in self.case_id._conflict_chain():
            person = meant._complaint_stand_in(now)
            if person and person not in barred and self._can_be_read_by(person):
                return person
        return self.env["res.users"]

    def _tell(self):
        """Bring the to-dos of reviews up to date: the reviewer's, or who names one."""
        self._end_to_dos()
        # sudo: to-dos of others.
        for review in self.sudo():
            if review.user_id:
                summary = self.env._("Review the answer to the complaint.")
                review._to_do(review.user_id, summary)
            else:
                summary = self.env._("The customer asks for a review: name a reviewer.")
                review._to_do(review._supervising_user(), summary)
            if review.overdue_told_at:
                review._tell_late()

    def _end_to_dos(self):
        # sudo: to-dos of others.
        self.case_id.sudo().activity_unlink(
            ["complaint_management.mail_activity_type_review"]
        )
