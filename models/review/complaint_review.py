from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("underway", "Under review"),
    ("decided", "Review decided"),
    ("withdrawn", "Withdrawn"),
]
VERDICTS = [
    ("confirm", "Answer confirmed"),
    ("amend", "Answer amended"),
    ("overturn", "Answer overturned"),
]
CHANNELS = [
    ("portal", "On the page of the complaint"),
    ("mail", "By mail"),
    ("staff", "By mail, letter or telephone"),
]
#: What people write themselves; everything else is written by the methods of the model.
WRITTEN_BY_HAND = {"user_id", "verdict", "decision"}
#: What was asked for, of whom and until when: never changed.
ASKED = {
    "answer_id",
    "asked_at",
    "asked_by_id",
    "case_id",
    "channel",
    "deadline",
    "deadline_problem",
    "reason",
}
#: What the scheduled action keeps for itself (complaint.due.mixin).
SCHEDULED = {"next_event_at", "event_failures", "event_error"}


class ComplaintReview(models.Model):
    """The customer asks that somebody else looks at the answer again (复议, D4).

    Once for each complaint, within a time from the answer. The reviewer had no part in
    the answer and is not involved in the matter. The review has a time limit of its
    own. The answer it is about stays on record as it was given, whatever is decided.
    """

    _name = "complaint.review"
    # Of the guard for what is created: who writes what is checked below.
    _inherit = [
        "complaint.by.hand.mixin",
        "complaint.due.mixin",
        "complaint.kept.mixin",
    ]
    _description = "Review of an Answer to a Complaint"
    _order = "asked_at desc, id desc"
    _rec_name = "case_id"
    _by_hand = frozenset(WRITTEN_BY_HAND)

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="case_id.company_id")
    subject = fields.Char(related="case_id.subject")
    answer_id = fields.Many2one(
        comodel_name="complaint.answer",
        string="Answer under review",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    answer = fields.Html(related="answer_id.body", string="The answer")
    answered_by_id = fields.Many2one(related="answer_id.user_id", string="Answered by")
    answered_at = fields.Datetime(related="answer_id.answered_at")

    asked_at = fields.Datetime(string="Asked on", required=True, readonly=True)
    asked_by_id = fields.Many2one(
        comodel_name="res.partner",
        string="Asked by",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    channel = fields.Selection(
        selection=CHANNELS, string="How", required=True, readonly=True
    )
    reason = fields.Text(
        string="Why the customer asks",
        required=True,
        readonly=True,
        help="In the words of the customer.",
    )

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Reviewer",
        index="btree_not_null",
        domain="[('share', '=', False), ('id', 'not in', barred_user_ids)]",
        help="Had no part in the answer, and is not involved in the matter.",
    )
    barred_user_ids = fields.Many2many(
        comodel_name="res.users",
        string="Cannot review it",
        compute="_compute_barred_user_ids",
        compute_sudo=True,
    )
    deadline = fields.Datetime(
        string="Decide by",
        required=True,
        readonly=True,
        index=True,
        help="Working days of the team's calendar from the request on.",
    )
    deadline_problem = fields.Text(
        readonly=True,
        help="Why working days could not be counted; calendar days were instead.",
    )
    overdue_told_at = fields.Datetime(
        string="Reported as late",
        readonly=True,
        help="When the team leader was told that it is late.",
    )

    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="underway", index=True
    )
    verdict = fields.Selection(selection=VERDICTS, string="Outcome of the review")
    decision = fields.Html(
        string="Reasons for the customer",
        sanitize_attributes=True,
        help="What was looked at again, what was found, and what follows. The customer "
        "gets it as a letter.",
    )
    decided_at = fields.Datetime(string="Review decided on", readonly=True)
    may_decide = fields.Boolean(compute="_compute_may_decide")

    _one_each = models.UniqueIndex(
        "(case_id) WHERE state <> 'withdrawn'",
        "A complaint is reviewed once only.",
    )

    @api.depends("case_id")
    def _compute_display_name(self):
        for review in self:
            review.display_name = self.env._(
                "Review of %(number)s", number=review.case_id.name
            )

    @api.depends("answer_id", "case_id.user_id", "case_id.involved_user_ids")
    def _compute_barred_user_ids(self):
        barred = self._barred_users()
        for review in self:
            review.barred_user_ids = barred[review]

    @api.depends("user_id", "state")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        for review in self:
            review.may_decide = (
                review.state == "underway" and review.user_id == self.env.user
            )

    # Changes ----------------------------------------------------------------------

    def write(self, vals):
        self._check_written(vals)
        result = super().write(vals)
        if "user_id" in vals:
            self._tell()
        return result

    def _check_written(self, vals):
        """Who may write what: the reviewer decides, a supervisor names the reviewer.

        What was asked for and what was decided stays as it is, for the superuser as
        well (E5).
        """
        self.check_access("write")
        if not self.env.su:
            self._check_by_hand(set(vals))
        told = set(vals) - SCHEDULED
        is_over = self.filtered(lambda review: review.state != "underway")
        if told & ASKED or (told and is_over):
            raise UserError(
                self.env._("This review is on record and cannot be changed any more.")
            )

    def _check_by_hand(self, names):
        if names - WRITTEN_BY_HAND:
            self._refuse_by_hand()
        if "user_id" in names:
            self._check_may_assign()
        if names - {"user_id"} and self.filtered(lambda one: not one.may_decide):
            raise UserError(
                self.env._("Only the reviewer decides. Ask a supervisor to name you.")
            )

    def _refuse_by_hand(self):
        raise UserError(
            self.env._("Only the reviewer and the decision are entered by hand.")
        )

    def _check_may_assign(self):
        if not self.env.user.has_group("complaint_management.group_supervisor"):
            raise UserError(
                self.env._("Only supervisors and managers name the reviewer.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "A review that was asked for is on record and cannot be deleted. Mark "
                "it as withdrawn when the customer takes the request back."
            )
        )

    # When it is late ----------------------------------------------------------------

    def _process_events(self, now):
        """Tell who is above the reviewer that a review is late; once (C5)."""
        late = self.filtered(
            lambda review: review.state == "underway" and not review.overdue_told_at
        )
        for review in late:
            review._tell_late()
        late.write({"overdue_told_at": now})
        self.write({"next_event_at": False})

    def _tell_late(self):
        summary = self.env._("The review of the answer is late.")
        self._to_do(self._supervising_user(), summary)

    def _to_do(self, person, summary):
        """Put a to-do on the complaint for a person; without one the list of reviews
        that need a reviewer shows it."""
        self.ensure_one()
        if person:
            self.case_id.activity_schedule(
                "complaint_management.mail_activity_type_review",
                date_deadline=fields.Date.to_date(self.deadline),
                summary=summary,
                user_id=person.id,
            )
