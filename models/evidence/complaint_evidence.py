from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

KINDS = [
    ("written", "Written"),
    ("electronic", "Electronic record"),
    ("physical", "Object"),
    ("testimony", "Witness statement"),
]
SOURCES = [
    ("complainant", "Complainant"),
    ("company", "Own company"),
    ("third_party", "Third party"),
    ("authority", "Authority or institution"),
]
METHODS = [
    ("handed_in", "Handed in"),
    ("copied", "Copied from a system"),
    ("recorded", "Photographed, filmed or recorded"),
    ("statement", "Statement taken down"),
    ("examined", "Examination or expert opinion"),
    ("other", "Other way"),
]
JUDGEMENTS = [
    ("given", "Given"),
    ("doubtful", "Doubtful"),
    ("lacking", "Lacking"),
]
STATES = [
    ("draft", "To be examined"),
    ("accepted", "Accepted as evidence"),
    ("rejected", "Not accepted"),
]
#: What is judged of each piece before it is accepted (D3).
JUDGED = ("authenticity", "integrity", "relevance", "legality")
#: What people enter; everything else is written by the methods of the model.
BY_HAND = {
    "allegation_ids",
    "collected_at",
    "collected_by_id",
    "description",
    "hold_reason",
    "is_customer_visible",
    "judgement_note",
    "kind",
    "legal_hold",
    "method",
    "source",
    "source_name",
    "title",
    *JUDGED,
}
#: What supervisors decide on.
HOLD = {"legal_hold", "hold_reason"}


class ComplaintEvidence(models.Model):
    """One piece of evidence in a complaint (证据, D3).

    It is registered with a number, examined, and accepted or not. From then on it is
    sealed (``complaint_evidence_sealing``). Its files are copies of its own, with a
    fingerprint each from the moment they were added (``complaint.evidence.file``); what
    happened to it is in the custody ledger (``complaint.custody``), and the scheduled
    re-check (``complaint_evidence_check``) says when something is not as it was.
    Nothing of it is ever deleted.
    """

    _name = "complaint.evidence"
    _inherit = [
        "complaint.by.hand.mixin",
        "complaint.due.mixin",
        "complaint.kept.mixin",
    ]
    _description = "Piece of Evidence"
    _order = "case_id, id"
    _rec_names_search = ["name", "title"]
    _given_once = frozenset({"case_id"})
    _by_hand = frozenset(BY_HAND)

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="case_id.company_id", store=True, precompute=True, index=True
    )
    registered_in = fields.Char(
        readonly=True,
        help="Number of the complaint that it was registered in. It stays when "
        "complaints are merged or split.",
    )
    number = fields.Integer(readonly=True, aggregator=None)
    name = fields.Char(string="Reference", readonly=True, index="trigram")
    title = fields.Char(
        string="Designation",
        required=True,
        index="trigram",
        help="In a few words, as it stands in the list of evidence.",
    )
    description = fields.Text(help="What it shows, and how it came about.")
    allegation_ids = fields.Many2many(
        comodel_name="complaint.allegation",
        relation="complaint_evidence_allegation_rel",
        column1="evidence_id",
        column2="allegation_id",
        string="Allegations",
        domain="[('case_id', '=', case_id)]",
        help="What it proves or disproves. Empty: the complaint as a whole.",
    )
    kind = fields.Selection(
        selection=KINDS, string="Kind of evidence", required=True, default="electronic"
    )
    source = fields.Selection(
        selection=SOURCES,
        string="Comes from",
        required=True,
        default="complainant",
    )
    source_name = fields.Char(
        string="Name of the source",
        help="Who handed it in, or the system that it was taken from.",
    )
    method = fields.Selection(
        selection=METHODS,
        string="How it was taken",
        required=True,
        default="handed_in",
    )
    collected_at = fields.Datetime(
        string="Taken on", required=True, default=fields.Datetime.now
    )
    collected_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Taken by",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )

    authenticity = fields.Selection(
        selection=JUDGEMENTS,
        help="It is what it is said to be, and comes from whom it is said to come.",
    )
    integrity = fields.Selection(
        selection=JUDGEMENTS, help="It is complete and was not altered."
    )
    relevance = fields.Selection(
        selection=JUDGEMENTS, help="It bears on what is complained of."
    )
    legality = fields.Selection(
        selection=JUDGEMENTS, help="It was obtained in a lawful way."
    )
    judgement_note = fields.Text(
        string="Reasons for the judgement",
        help="What was compared with what, and what remains in doubt.",
    )

    is_customer_visible = fields.Boolean(
        string="Customer sees it",
        help="Once accepted, the customer sees it with its files on the page of the "
        "complaint.",
    )
    legal_hold = fields.Boolean(
        help="An object under legal hold is not given away or destroyed, and what is "
        "kept for a lawsuit or an authority is marked in the list of evidence.",
    )
    hold_reason = fields.Char(string="Held for")

    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="draft", index=True
    )
    decided_at = fields.Datetime(string="Examined on", readonly=True)
    decided_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Examined by",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    rejection = fields.Char(string="Why not accepted", readonly=True)

    file_ids = fields.One2many(
        comodel_name="complaint.evidence.file",
        inverse_name="evidence_id",
        string="Files of the evidence",
        readonly=True,
    )
    custody_ids = fields.One2many(
        comodel_name="complaint.custody",
        inverse_name="evidence_id",
        readonly=True,
    )

    _number_unique = models.UniqueIndex("(company_id, registered_in, number)")

    @api.depends("name", "title")
    def _compute_display_name(self):
        for piece in self:
            piece.display_name = " · ".join(filter(None, [piece.name, piece.title]))

    @api.constrains("title")
    def _check_title(self):
        if any(not piece.title.strip() for piece in self):
            raise ValidationError(
                self.env._("Please say in a few words what the piece of evidence is.")
            )

    @api.constrains("collected_at")
    def _check_collected_at(self):
        latest = fields.Datetime.add(fields.Datetime.now(), minutes=10)
        if any(piece.collected_at > latest for piece in self):
            raise ValidationError(
                self.env._(
                    "Evidence cannot have been taken in the future. Correct the date."
                )
            )

    @api.constrains("legal_hold", "hold_reason")
    def _check_legal_hold(self):
        if any(piece.legal_hold and not piece.hold_reason for piece in self):
            raise ValidationError(
                self.env._("Please say what the evidence is held for.")
            )

    @api.constrains("allegation_ids")
    def _check_allegations(self):
        for piece in self:
            if piece.allegation_ids.case_id - piece.case_id:
                raise ValidationError(
                    self.env._(
                        "“%(evidence)s” names an allegation of another complaint.",
                        evidence=piece.display_name,
                    )
                )

    # Create and write -------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Register pieces of evidence; many at once cost a fixed number of queries."""
        if not self.env.su:
            for vals in vals_list:
                self._check_by_hand(set(vals) - {"case_id"})
            cases = {vals["case_id"] for vals in vals_list if vals.get("case_id")}
            self.env["complaint.case"].browse(cases).check_access("write")
        registering = self
        if not self._may_hold():
            registering = self._with_defaults((BY_HAND | {"case_id"}) - HOLD)
        pieces = super(ComplaintEvidence, registering).create(vals_list)
        pieces = pieces.with_env(self.env)
        pieces._plan_check(fields.Datetime.now())
        pieces._custody("registered")
        return pieces

    @api.model
    def _completed(self, vals_list):
        return self._numbered(super()._completed(vals_list))

    @api.model
    def _numbered(self, vals_list):
        """Give each the next number of its complaint."""
        # sudo: numbers only; the rules check the complaint when it is created.
        cases = self.env["complaint.case"].sudo()
        cases = cases.browse({vals["case_id"] for vals in vals_list}).exists()
        merged = cases.filtered(lambda case: case._is_merged())[:1]
        if merged:
            raise UserError(
                self.env._(
                    "%(complaint)s was merged into %(target)s: register the evidence "
                    "there.",
                    complaint=merged.name,
                    target=merged._merge_target().sudo().name,
                )
            )
        # Two who register at once: the second one waits for the first one's number.
        self.env.execute_query(
            SQL(
                "SELECT id FROM complaint_case WHERE id IN %s ORDER BY id"
                " FOR NO KEY UPDATE",
                tuple(cases.ids) or (0,),
            )
        )
        last = {
            (company, name): number
            for company, name, number in self.sudo()._read_group(
                [
                    ("company_id", "in", cases.company_id.ids),
                    ("registered_in", "in", cases.mapped("name")),
                ],
                ["company_id", "registered_in"],
                ["number:max"],
            )
        }
        places = {case.id: (case.company_id, case.name) for case in cases}
        numbered = []
        for vals in vals_list:
            place = places.get(vals["case_id"], (cases.company_id.browse(), ""))
            number = last[place] = last.get(place, 0) + 1
            registered_in = place[1]
            numbered.append(
                {
                    **vals,
                    "registered_in": registered_in,
                    "number": number,
                    "name": f"{registered_in}-E{number}",
                }
            )
        return numbered

    @api.model
    def _check_by_hand(self, names):
        """Refuse what nobody enters by hand.

        :param set names: fields that are written
        """
        if names - BY_HAND:
            self._refuse_by_hand()
        if names & HOLD and not self._may_hold():
            raise UserError(
                self.env._("Only supervisors and managers decide on a legal hold.")
            )

    @api.model
    def _may_hold(self):
        return self.env.su or self.env.user.has_group(
            "complaint_management.group_supervisor"
        )

    def _refuse_by_hand(self):
        raise UserError(
            self.env._(
                "The state of evidence, its files and its seal are not entered by "
                "hand. Use the buttons of its form."
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Evidence that was registered is kept. If it is of no use, mark it as "
                "not accepted, with the reason."
            )
        )

    def copy_data(self, default=None):
        raise UserError(
            self.env._("Evidence is not duplicated: register what you have anew.")
        )
