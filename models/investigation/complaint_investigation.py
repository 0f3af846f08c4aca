from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

STATES = [
    ("draft", "Under investigation"),
    ("signing", "To be signed"),
    ("signed", "Signed by all"),
]
RESPONSIBLE = [
    ("department", "A department"),
    ("employee", "An employee"),
    ("supplier", "A supplier"),
    ("carrier", "A carrier"),
    ("customer", "The customer"),
    ("nobody", "Nobody"),
]
#: What only the methods of the model write.
KEPT_UP = {"attempt", "round", "state"}
#: What people write.
BY_HAND = {
    "cause",
    "conclusion",
    "contact_ids",
    "course",
    "facts",
    "impact",
    "in_charge_id",
    "plan",
    "proposal",
    "question_ids",
    "responsibility",
    "responsible",
    "supervisor_id",
    "user_id",
    "verification_ids",
}


class ComplaintInvestigation(models.Model):
    """What was found out about a complaint, up to a signed report (调查核实, D1, D2).

    One for each round of a complaint. Once it is handed over for signing, it stays as
    it is (``complaint_investigation_signing``); who refuses to sign sends it back.
    """

    _name = "complaint.investigation"
    _inherit = ["complaint.by.hand.mixin", "complaint.kept.mixin"]
    _description = "Investigation of a Complaint"
    _order = "case_id desc, round desc"
    _rec_name = "case_id"
    _given_once = frozenset({"case_id"})
    _by_hand = frozenset(BY_HAND)

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    round = fields.Integer(required=True, readonly=True, default=1, aggregator=None)
    subject = fields.Char(related="case_id.subject")
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="draft", index=True
    )
    attempt = fields.Integer(
        readonly=True,
        default=1,
        aggregator=None,
        help="How many times it was worked over: signatures of earlier times are kept.",
    )

    # Who signs, in this order
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Investigator",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    in_charge_id = fields.Many2one(
        comodel_name="res.users",
        string="Person in charge",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Answers for the department in which it was investigated.",
    )
    supervisor_id = fields.Many2one(
        comodel_name="res.users",
        string="Supervised by",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Signs last. Must be a supervisor or manager.",
    )

    # What was found out
    plan = fields.Html(sanitize_attributes=True)
    facts = fields.Html(string="Established facts", sanitize_attributes=True)
    course = fields.Text(string="How it happened")
    cause = fields.Text(string="Why it happened")
    impact = fields.Text(string="What it led to")
    responsible = fields.Selection(selection=RESPONSIBLE, string="Who is responsible")
    responsibility = fields.Text(
        string="Responsibility in detail",
        help="Which department, who, and in what way.",
    )
    conclusion = fields.Html(sanitize_attributes=True)
    proposal = fields.Html(
        sanitize_attributes=True,
        help="What the customer should get, and what the company should change.",
    )
    contact_ids = fields.One2many(
        comodel_name="complaint.investigation.contact",
        inverse_name="investigation_id",
        string="Talks with the complainant",
    )
    verification_ids = fields.One2many(
        comodel_name="complaint.verification",
        inverse_name="investigation_id",
    )
    question_ids = fields.One2many(
        comodel_name="complaint.question",
        inverse_name="investigation_id",
        string="Questions to colleagues",
    )
    signature_ids = fields.One2many(
        comodel_name="complaint.signature",
        inverse_name="investigation_id",
        readonly=True,
    )
    allegation_ids = fields.One2many(
        related="case_id.allegation_ids", string="Findings on the allegations"
    )

    _once_a_round = models.UniqueIndex("(case_id, round)")

    @api.depends("case_id", "round")
    def _compute_display_name(self):
        for one in self:
            one.display_name = self.env._(
                "Investigation of %(number)s", number=one.case_id.name
            )

    @api.constrains("user_id", "in_charge_id", "supervisor_id")
    def _check_signers(self):
        """Nobody signs twice, and nobody who is involved in the matter signs."""
        for one in self:
            people = one._signers()
            if len(set(people)) < len(people):
                raise ValidationError(
                    self.env._(
                        "Investigator, person in charge and supervisor are three "
                        "people: nobody signs twice."
                    )
                )
            # sudo: who is involved is known to few; only a name comes out.
            involved = one.sudo().case_id.involved_user_ids
            for person in people:
                if person in involved:
                    raise ValidationError(
                        self.env._(
                            "%(person)s is involved in the matter and does not sign.",
                            person=person.sudo().name,  # sudo: a name only.
                        )
                    )

    def _signers(self):
        """The people who sign, in their order, without those not named yet."""
        self.ensure_one()
        named = (self.user_id, self.in_charge_id, self.supervisor_id)
        return [person for person in named if person]

    # Written while it is open only --------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            cases = {vals.get("case_id") or 0 for vals in vals_list}
            self.env["complaint.case"].browse(cases).exists().check_access("write")
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() - BY_HAND:
            self._refuse_by_hand()
        if vals.keys() - KEPT_UP:
            self._check_open()
        if "case_id" in vals:
            self._refuse_by_hand()
        return super().write(vals)

    def _refuse_by_hand(self):
        raise UserError(
            self.env._("The state of an investigation changes by signing only.")
        )

    def _check_open(self):
        """
        :raise UserError: when it is being signed or was signed; also for the superuser
        """
        if self.filtered(lambda one: one.state != "draft"):
            raise UserError(
                self.env._(
                    "The report is being signed or was signed and cannot be changed. "
                    "Have it sent back first, with the reason."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An investigation is a record and is kept."))

    def action_open_case(self):
        """Open the complaint."""
        self.ensure_one()
        return self.case_id.get_formview_action()
