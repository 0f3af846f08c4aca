from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date, formatLang

from ..constants import TRIAGE
from .complaint_rule_match import Decision

KINDS = [
    ("rule", "Rule"),
    ("words", "Words of a category"),
    ("triage", "Triage"),
    ("person", "Person"),
]
#: Fields of the case that a line can be about, in the order in which they are told.
FIELDS = [
    ("priority", "Priority"),
    ("nature", "Nature"),
    ("handling_mode", "Handling mode"),
    ("category_id", "Category"),
    ("team_id", "Team"),
    ("is_confidential", "Confidential"),
    ("tag_ids", "Tag"),
    ("triage_harm", "Harm"),
    ("triage_safety", "Hazard"),
    ("triage_vulnerable", "Vulnerable person"),
    ("triage_publicity", "Press or legal threat"),
    ("triage_value", "Value"),
]
#: What records a line names by their id.
_RECORDS = {
    "category_id": "complaint.category",
    "team_id": "complaint.team",
    "tag_ids": "complaint.tag",
}


class ComplaintClassification(models.Model):
    """Why a complaint is classified as it is: what was proposed, by which version of
    which rule, and what a person decided against it (B4). Only ever added to."""

    _name = "complaint.classification"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Reason of a Classification"
    _order = "id"
    _rec_name = "field"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    field = fields.Selection(selection=FIELDS, required=True, readonly=True)
    value = fields.Char(readonly=True, help="Proposed, or decided by a person.")
    before = fields.Char(
        string="Value before", readonly=True, help="What it was at that time."
    )
    kind = fields.Selection(
        selection=KINDS, string="Decided by", required=True, readonly=True
    )
    rule_id = fields.Many2one(
        comodel_name="complaint.rule",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    rule_version = fields.Integer(string="Version", readonly=True)
    because = fields.Json(
        string="Conditions",
        readonly=True,
        help="Which conditions held, with what was found.",
    )
    reason = fields.Text(readonly=True, help="Why a person decided otherwise.")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        readonly=True,
        ondelete="restrict",
    )
    is_current = fields.Boolean(
        string="Counts",
        default=True,
        readonly=True,
        help="Not replaced by a later classification.",
    )
    value_label = fields.Char(string="Proposed", compute="_compute_labels")
    before_label = fields.Char(string="Before", compute="_compute_labels")
    because_text = fields.Char(string="Because", compute="_compute_because_text")

    _current_idx = models.Index("(case_id) WHERE is_current")

    def _may_change(self, vals):
        # A later classification takes its place; what was decided stays readable.
        return set(vals) == {"is_current"}

    def _refuse_change(self):
        raise UserError(
            self.env._("Reasons of a classification are on record and kept.")
        )

    def _decision(self):
        """The line as rules say it."""
        self.ensure_one()
        return Decision(
            self.field, self.value, self.rule_id, self.because or {}, self.kind
        )

    # In words -------------------------------------------------------------------------

    @api.depends("field", "value", "before")
    @api.depends_context("lang")
    def _compute_labels(self):
        for line in self:
            line.value_label = line._label(line.value)
            line.before_label = line._label(line.before)

    def _label(self, value):
        """A value of the field of the case that the line is about, in words."""
        self.ensure_one()
        if not value:
            return ""
        if self.field in _RECORDS:
            # sudo: the name of a team or tag on a case is no secret to its readers.
            record = self.env[_RECORDS[self.field]].sudo().browse(int(value)).exists()
            return record.display_name or ""
        if self.field == "is_confidential":
            return self.env._("Confidential")
        field = self.env["complaint.case"]._fields[self.field]
        return dict(field._description_selection(self.env)).get(value, value)

    def _decided_text(self, case):
        """What was decided, as it begins a sentence about the case."""
        self.ensure_one()
        label = self._label(self.value)
        if self.field == "tag_ids":
            return self.env._("tag %(tag)s", tag=label)
        if self.field == "team_id":
            return self.env._("team %(team)s", team=label)
        if self.kind == "person":
            return self.env._(
                "%(value)s instead of %(proposed)s",
                value=label,
                proposed=self._label(self.before),
            )
        if self.field == "is_confidential" or self._is_value_of(case):
            return label
        return self.env._("%(value)s (proposed)", value=label)

    def _is_value_of(self, case):
        """Whether the case has the value of the line at present."""
        value = case[self.field]
        if isinstance(value, models.Model):
            value = value.id
        return self.value == (str(value) if value else False)

    @api.depends("because", "reason", "kind", "rule_id", "rule_version")
    @api.depends_context("lang")
    def _compute_because_text(self):
        for line in self:
            line.because_text = line._because()

    def _because(self):
        """The reason as a phrase in the reader's language."""
        self.ensure_one()
        if self.kind == "person":
            return self.env._(
                "%(reason)s (%(person)s, %(date)s)",
                reason=self.reason or "",
                person=self.user_id.sudo().name or "",  # sudo: a name, nothing else.
                date=format_date(self.env, self.create_date),
            )
        because = self.because or {}
        parts = [
            getattr(self, f"_because_{name}")(because[name])
            for name in _TELLERS
            if name in because
        ]
        text = "; ".join(filter(None, parts))
        if self.rule_id:
            # sudo: rules are configuration, their names are told to who handles it.
            rule = self.rule_id.sudo()
            return f"{text} ({rule.name})" if text else rule.name
        return text

    def _because_words(self, words):
        quoted = ", ".join(self.env._("“%(word)s”", word=word) for word in words)
        if len(words) == 1:
            return self.env._("word %(words)s", words=quoted)
        return self.env._("words %(words)s", words=quoted)

    def _because_order_amount(self, bounds):
        least, most, currency_id = bounds
        currency = self.env["res.currency"].browse(currency_id)
        amounts = {
            "least": formatLang(self.env, least, currency_obj=currency),
            "most": formatLang(self.env, most, currency_obj=currency),
        }
        if least and most:
            return self.env._("order of %(least)s to %(most)s", **amounts)
        if least:
            return self.env._("order of %(least)s or more", **amounts)
        return self.env._("order of up to %(most)s", **amounts)

    def _because_records(self, model, label, ids):
        # sudo: names only, of what the rule looks at.
        records = self.env[model].sudo().browse(ids).exists()
        return f"{label} {', '.join(records.mapped('display_name'))}"

    def _because_category_ids(self, ids):
        return self._because_records("complaint.category", self.env._("category"), ids)

    def _because_product_category_ids(self, ids):
        return self._because_records("product.category", self.env._("product"), ids)

    def _because_partner_tag_ids(self, ids):
        return self._because_records(
            "res.partner.category", self.env._("customer tagged"), ids
        )

    def _because_channel_ids(self, ids):
        return self._because_records("complaint.channel", self.env._("channel"), ids)

    def _because_source(self, value):
        return self._selection_label("source", value)

    def _because_customer_type(self, value):
        return self._selection_label("customer_type", value)

    def _selection_label(self, name, value):
        field = self.env["complaint.case"]._fields[name]
        return dict(field._description_selection(self.env)).get(value, value)

    def _because_lang(self, code):
        return self.env._("language %(code)s", code=code)

    def _because_triage(self, found):
        """:param dict found: total, and level of each question that adds to it"""
        labels = dict(self._fields["field"]._description_selection(self.env))
        levels = ", ".join(
            f"{labels[name]}: {self._selection_label(name, found['levels'][name])}"
            for name in TRIAGE
            if name in found["levels"]
        )
        return self.env._(
            "triage %(total)s points (%(levels)s)", total=found["total"], levels=levels
        )


#: Conditions in the order in which they are told; each has a method of its own.
_TELLERS = (
    "words",
    "order_amount",
    "partner_tag_ids",
    "category_ids",
    "product_category_ids",
    "channel_ids",
    "source",
    "customer_type",
    "lang",
    "triage",
)
