from odoo import api, fields, models
from odoo.fields import Domain

from ..searching import yes_or_no

STATES = [
    ("open", "To be called back"),
    ("done", "Called back"),
    ("cancelled", "Cancelled"),
]
RESULTS = [
    ("settled", "Settled now"),
    ("remedy", "Agreed on a remedy"),
    ("wish", "Wants it reopened"),
    ("reopened", "Complaint reopened"),
    ("dissatisfied", "Stays dissatisfied"),
    ("unreached", "Not reached"),
    ("declined", "Does not want to be called"),
]


class ComplaintCallback(models.Model):
    """A poor answer reopens attention: somebody calls the customer back (回访, F3).

    Made by itself when a survey is answered and the verdict is as poor as the company
    says; once for each answer. Given to the team leader, or to who is above where the
    leader handled the complaint: whoever handled it is not the one to ask how it was.
    ``complaint_callback_way`` has its steps, ``complaint_callback_making`` how it comes
    into being and to whom it goes.
    """

    _name = "complaint.callback"
    _inherit = [
        "complaint.by.hand.mixin",
        "complaint.kept.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "complaint.due.mixin",
    ]
    _description = "Call-back"
    _order = "due_at, id"
    _rec_name = "case_id"

    # About what
    feedback_id = fields.Many2one(
        comodel_name="complaint.feedback",
        string="Answer of the customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Empty for what was asked without a complaint.",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    customer_name = fields.Char(
        string="Name of the customer", compute="_compute_contact", compute_sudo=True
    )
    phone = fields.Char(compute="_compute_contact", compute_sudo=True)
    email = fields.Char(string="E-mail", compute="_compute_contact", compute_sudo=True)
    score = fields.Float(related="feedback_id.score")
    level = fields.Selection(related="feedback_id.level")
    comment = fields.Text(
        related="feedback_id.comment", string="What the customer said"
    )
    answered_at = fields.Datetime(related="feedback_id.answered_at")
    handler_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Handled the complaint when the customer was asked: does not call back.",
    )
    team_id = fields.Many2one(
        comodel_name="complaint.team",
        compute="_compute_team_id",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )

    # Who and until when; times in UTC
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Calls back",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    due_at = fields.Datetime(
        string="Due",
        required=True,
        readonly=True,
        index=True,
        help="Working days of the team's calendar from when the answer arrived.",
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    late_told_at = fields.Datetime(
        string="Reported as late",
        readonly=True,
        help="When who is above was told that it is late.",
    )
    state = fields.Selection(
        selection=STATES,
        required=True,
        readonly=True,
        default="open",
        index=True,
        tracking=True,
    )

    # What came of it
    result = fields.Selection(
        selection=RESULTS, readonly=True, index="btree_not_null", tracking=True
    )
    result_text = fields.Text(string="What was agreed", readonly=True)
    done_at = fields.Datetime(string="Ended on", readonly=True)
    done_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Ended by",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_late = fields.Boolean(
        string="Ended late",
        compute="_compute_is_late",
        store=True,
        help="After the time limit. Of one that is open, “Overdue” tells.",
    )
    may_work = fields.Boolean(compute="_compute_may_work")

    # Twice for one answer is impossible, not unlikely.
    _feedback_unique = models.UniqueIndex(
        "(feedback_id)", "This answer has a call-back already."
    )
    _open_idx = models.Index("(due_at) WHERE state = 'open'")

    # Computed -------------------------------------------------------------------------

    @api.depends("case_id", "partner_id")
    def _compute_display_name(self):
        for one in self:
            # sudo: number and name are no secret to whoever may read the call-back.
            about = one.sudo()
            name = about.case_id.name or about.partner_id.display_name or ""
            one.display_name = self.env._("Call-back %(name)s", name=name)

    @api.depends("case_id", "partner_id", "feedback_id")
    def _compute_contact(self):
        """As it is now: that of the contact, or else what the complaint says."""
        for one in self:
            case, partner = one.case_id, one.partner_id
            one.customer_name = partner.display_name or case.partner_name
            one.phone = partner.phone or case.phone
            one.email = partner.email or case.email_from or one.feedback_id.email

    @api.depends("case_id.team_id", "feedback_id.team_id")
    def _compute_team_id(self):
        for one in self:
            one.team_id = one.case_id.team_id or one.feedback_id.team_id

    @api.depends("state", "due_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for one in self:
            one.is_overdue = (
                one.state == "open" and bool(one.due_at) and one.due_at < now
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        overdue = Domain(
            [("state", "=", "open"), ("due_at", "<", fields.Datetime.now())]
        )
        return yes_or_no(operator, value, overdue)

    @api.depends("done_at", "due_at", "state")
    def _compute_is_late(self):
        for one in self:
            one.is_late = (
                one.state == "done"
                and bool(one.done_at and one.due_at)
                and one.done_at > one.due_at
            )

    @api.depends("state", "handler_id")
    @api.depends_context("uid")
    def _compute_may_work(self):
        for one in self:
            one.may_work = (
                one.state == "open"
                and one.handler_id != self.env.user
                and one.has_access("write")
            )

    # Kept -----------------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse_by_hand()

    @api.readonly
    def action_view_case(self):
        """Open the complaint, for who may see it."""
        self.ensure_one()
        self.case_id.check_access("read")
        return self.case_id._get_records_action()

    @api.readonly
    def action_view_feedback(self):
        """Open what the customer answered, for who may see it."""
        self.ensure_one()
        self.feedback_id.check_access("read")
        return self.feedback_id._get_records_action()
