from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..searching import yes_or_no

KINDS = [
    ("corrective", "Corrective"),
    ("preventive", "Preventive"),
    ("accountability", "Accountability"),
]
STATES = [
    ("draft", "Planned"),
    ("underway", "Under way"),
    ("done", "To be accepted"),
    ("accepted", "Accepted as done"),
    ("effective", "Proved effective"),
    ("ineffective", "Not effective"),
    ("cancelled", "Cancelled"),
]
#: In these somebody still has to do something about the measure itself.
OPEN = ("draft", "underway", "done")
#: What supervisors may still change once it is in hand.
LATER = {"acceptor_id", "department_id", "user_id"}
#: What may still be put better as long as the customer has not read it.
WORDS = {"customer_text"}
SUPERVISOR = "complaint_management.group_supervisor"


class ComplaintAction(models.Model):
    """What the company changes, from the plan to the proof that it worked (整改, E3).

    Planned by who handles the complaint; put in hand with an owner, a day and criteria;
    reported as done by the owner and accepted by somebody else; some weeks later the
    complaints before and after are compared (``complaint_action_effect``). It has a
    time limit of its own with the ladder of the complaint's policy
    (``complaint_action_clock``), and goes on when the complaint is closed.

    Owner, whoever accepts and the head of the department see the action and nothing
    else of the complaint; what the action says is written for them.
    """

    _name = "complaint.action"
    _inherit = [
        "complaint.by.hand.mixin",
        "complaint.kept.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "complaint.clocked.mixin",
    ]
    _description = "Corrective Action"
    _order = "due_at, id desc"
    _check_company_auto = True
    _given_once = frozenset({"case_id"})
    _by_hand = frozenset(
        {
            "acceptor_id",
            "allegation_id",
            "category_id",
            "cause_id",
            "check_weeks",
            "criteria",
            "customer_text",
            "deadline",
            "department_id",
            "description",
            "kind",
            "name",
            "needs_check",
            "product_id",
            "scope",
            "target",
            "user_id",
        }
    )

    # What
    name = fields.Char(string="Measure", required=True, index="trigram", tracking=True)
    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        index=True,
        ondelete="cascade",
        groups="complaint_management.group_handler,complaint_management.group_auditor",
    )
    number = fields.Char(
        string="Complaint number", compute="_compute_number", compute_sudo=True
    )
    company_id = fields.Many2one(
        related="case_id.company_id", store=True, precompute=True, index=True
    )
    team_id = fields.Many2one(related="case_id.team_id")
    is_confidential = fields.Boolean(related="case_id.is_confidential")
    confidential_user_ids = fields.Many2many(related="case_id.confidential_user_ids")
    allegation_id = fields.Many2one(
        comodel_name="complaint.allegation",
        index="btree_not_null",
        domain="[('case_id', '=', case_id)]",
        ondelete="set null",
        groups="complaint_management.group_handler,complaint_management.group_auditor",
    )
    kind = fields.Selection(
        selection=KINDS,
        required=True,
        default="corrective",
        index=True,
        tracking=True,
        help="Corrective: puts right what caused it. Preventive: keeps it from "
        "happening elsewhere. Accountability: what follows for who was responsible.",
    )
    description = fields.Text(string="How it is done")
    target = fields.Text(
        string="Measurable target",
        tracking=True,
        help="How much of what, by when: “no leaking kettles among 200 tested”.",
    )
    criteria = fields.Text(
        string="Acceptance criteria",
        tracking=True,
        help="What whoever accepts it looks at.",
    )
    customer_text = fields.Text(
        string="What the customer is told",
        help="One sentence for the answer and the page of the complaint. Empty: the "
        "customer is not told of it.",
    )

    # Who and when
    department_id = fields.Many2one(
        comodel_name="complaint.department",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
        help="Carries it out. Need not work with complaints.",
    )
    acceptor_id = fields.Many2one(
        comodel_name="res.users",
        string="To be accepted by",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        tracking=True,
        help="Somebody else than the owner. Empty: the team leader, or who is above.",
    )
    deadline = fields.Date(
        string="To be done by", tracking=True, help="Until the end of this day."
    )
    due_at = fields.Datetime(
        string="Due",
        readonly=True,
        copy=False,
        index=True,
        help="When the day ends on which it must be done.",
    )
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue", search="_search_is_overdue"
    )
    started_at = fields.Datetime(string="In hand since", readonly=True, copy=False)
    state = fields.Selection(
        selection=STATES,
        required=True,
        readonly=True,
        default="draft",
        index=True,
        copy=False,
        tracking=True,
    )
    progress = fields.Integer(
        string="Progress (%)", readonly=True, copy=False, aggregator=None
    )
    is_mine = fields.Boolean(compute="_compute_roles")
    may_manage = fields.Boolean(compute="_compute_roles")
    may_accept = fields.Boolean(compute="_compute_roles")

    _named = models.Constraint(
        "CHECK (TRIM(name) <> '')", "Give the measure a name that says what is done."
    )
    _deadline_idx = models.Index("(due_at) WHERE state = 'underway'")

    # Computed -------------------------------------------------------------------------

    @api.depends("case_id")
    def _compute_number(self):
        for one in self:
            one.number = one.case_id.name

    @api.depends("due_at", "state")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for one in self:
            one.is_overdue = (
                one.state == "underway" and bool(one.due_at) and one.due_at < now
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        overdue = Domain(
            [("state", "=", "underway"), ("due_at", "<", fields.Datetime.now())]
        )
        return yes_or_no(operator, value, overdue)

    @api.depends("user_id", "acceptor_id", "state")
    @api.depends_context("uid")
    def _compute_roles(self):
        for one in self:
            one.is_mine = one.user_id == self.env.user
            one.may_manage = one.has_access("write")
            one.may_accept = one.state == "done" and not one._acceptance_obstacle()

    # Rules ----------------------------------------------------------------------------

    @api.constrains("user_id", "acceptor_id")
    def _check_acceptor(self):
        for one in self:
            if one.user_id and one.user_id == one.acceptor_id:
                raise ValidationError(
                    self.env._(
                        "“%(measure)s”: somebody else than the owner accepts it.",
                        measure=one.name,
                    )
                )

    @api.constrains("allegation_id", "case_id")
    def _check_allegation(self):
        for one in self.sudo():  # sudo: it holds without access to allegations.
            if one.allegation_id and one.allegation_id.case_id != one.case_id:
                raise ValidationError(
                    self.env._("The allegation belongs to another complaint.")
                )

    # Create, write, delete ------------------------------------------------------------

    def write(self, vals):
        before = {}
        if not self.env.su:
            self._check_written(set(vals))
        if "user_id" in vals:
            before = {one: one.user_id for one in self}
        result = super().write(vals)
        for one, owner in before.items():
            if one.user_id != owner and one.state == "underway":
                one._tell_owner()
        return result

    def _check_written(self, names):
        started = self.filtered(lambda one: one.state != "draft")
        if not started or not names & self._by_hand:
            return
        self.check_access("write")
        if names <= WORDS and not any(one.case_id.answered_at for one in started):
            return
        if names - LATER:
            raise UserError(
                self.env._(
                    "“%(measure)s” is in hand as it was agreed. Postpone or cancel it, "
                    "and plan another one where it must change.",
                    measure=started[0].name,
                )
            )
        if not self.env.user.has_group(SUPERVISOR):
            raise UserError(
                self.env._(
                    "“%(measure)s” is in hand: supervisors and managers change who is "
                    "in charge.",
                    measure=started[0].name,
                )
            )
        if not all(one.state in OPEN for one in started):
            raise UserError(
                self.env._(
                    "“%(measure)s” is over and stays as it is.", measure=started[0].name
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_plans(self):
        for one in self:
            if one.state != "draft":
                raise UserError(
                    self.env._(
                        "“%(measure)s” was put in hand and stays on record. Cancel it "
                        "with the reason.",
                        measure=one.name,
                    )
                )

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Whose it is writes to it without writing anything else; who may only look
        does not."""
        if message_operation != "create":
            return super()._mail_get_operation_for_mail_message_operation(
                message_operation
            )
        user = self.env.user
        return {
            one: "read"
            if user in (one.user_id | one.acceptor_id | one.department_id.user_id)
            else "write"
            for one in self
        }

    @api.readonly
    def action_view_case(self):
        """Open the complaint, for who may see it."""
        self.ensure_one()
        self.case_id.check_access("read")
        return self.case_id._get_records_action()

    def _report_name(self):
        """Name of the printed file, in the language of whoever prints it."""
        self.ensure_one()
        return self.env._(
            "Acceptance report %(number)s %(measure)s",
            number=self.number.replace("/", "-"),
            measure=self.name.replace("/", "-")[:60],
        )
