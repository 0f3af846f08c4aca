from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError

from ..routing.switchboard import Switchboard

HANDLER = "complaint_management.group_handler"
MANAGER = "complaint_management.group_manager"


class ComplaintReview(models.Model):
    """Who reviews: somebody who did not decide the first time (D4, field.md 8)."""

    _inherit = "complaint.review"

    def _barred_users(self):
        """Who had a part in the answer or is involved in the matter, for each review.

        Whoever sent the answer, reached a milestone of its round, or had the complaint
        in hand. A fixed number of queries.

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
            people = answer.user_id | milestones.user_id | case.involved_user_ids
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
            if review.user_id in barred[review]:
                raise ValidationError(
                    self.env._(
                        "%(person)s had a part in the answer to %(complaint)s or is "
                        "involved in it, and cannot review it. Choose somebody else.",
                        person=review.user_id.sudo().name,  # sudo: a name only.
                        complaint=review.case_id.display_name,
                    )
                )
            if not review.user_id.has_group(HANDLER) or not review.case_id.with_user(
                review.user_id
            ).has_access("read"):
                raise ValidationError(
                    self.env._(
                        "%(person)s cannot open %(complaint)s. Choose somebody of the "
                        "team, or a manager; name them on a confidential complaint.",
                        person=review.user_id.sudo().name,  # sudo: a name only.
                        complaint=review.case_id.display_name,
                    )
                )

    def _assign(self):
        """Name a reviewer where one is found; else the managers are asked to."""
        for review in self:
            person = review._find_reviewer()
            if person:
                review.user_id = person
            else:
                review._to_do(
                    review._supervising_user(),
                    self.env._("The customer asks for a review: name a reviewer."),
                )

    def _find_reviewer(self):
        """Who of the team has least to do, else its leader, else a manager.

        :return: the user; empty when everybody had a part in it
        """
        self.ensure_one()
        barred = self._barred_users()[self]
        case = self.case_id
        board = Switchboard(case, fields.Datetime.now())
        person = board.least_busy(case, barred)
        if person:
            return person
        others = (case.team_id.user_id | self._managers()) - barred
        return others.filtered(
            lambda user: (
                user.active
                and case.company_id in user.company_ids
                and user.has_group(HANDLER)
                and case.with_user(user).has_access("read")
            )
        )[:1]

    def _managers(self):
        group = self.env.ref(MANAGER)
        return group.all_user_ids.filtered(
            lambda user: user.active and user.id != SUPERUSER_ID
        ).sorted("id")

    def _supervising_user(self):
        """Who sees to it that the review is done: the leader, else a manager."""
        self.ensure_one()
        case = self.case_id
        barred = case.involved_user_ids | self.user_id
        people = (case.team_id.user_id | self._managers()) - barred
        return people[:1] or self.env.ref("base.user_admin")

    def _tell_reviewer(self):
        """Put the review on the reviewer's list, and take it from the one before."""
        self._end_to_dos()
        for review in self.filtered("user_id"):
            # sudo: the supervisor may not write to-dos of others.
            review.sudo()._to_do(
                review.user_id, self.env._("Review the answer to the complaint.")
            )

    def _end_to_dos(self):
        # sudo: to-dos of others.
        self.case_id.sudo().activity_unlink(
            ["complaint_management.mail_activity_type_review"]
        )
