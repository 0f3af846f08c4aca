from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.wording import KEYWORD_SEPARATOR
from ..constants import (
    CUSTOMER_TYPES,
    HANDLING_MODES,
    NATURES,
    PRIORITIES,
    SOURCES,
    TRIAGE,
)

WORD_LISTS = ("words", "words_also", "words_without", "phrases_ignored")
#: Fields whose change makes another version of a rule.
WORDING = (
    *WORD_LISTS,
    "category_ids",
    "channel_ids",
    "product_category_ids",
    "partner_tag_ids",
    "order_amount_min",
    "order_amount_max",
    "source",
    "customer_type",
    "lang",
)
#: Effects that are fields of the case, by the field of the rule.
EFFECTS = {
    "set_category_id": "category_id",
    "set_nature": "nature",
    "set_priority": "priority",
    "set_handling_mode": "handling_mode",
    "set_team_id": "team_id",
    "set_confidential": "is_confidential",
    "set_tag_ids": "tag_ids",
    **{name: name for name in TRIAGE},
}


class ComplaintRule(models.Model):
    """What a complaint's wording and circumstances say about it (B1-B4).

    Rules are tried in their order, and all that fit apply. What is one of several
    (category, nature, handling mode, team) is decided by the first rule that names
    it; priority and triage are only ever raised; tags add up.
    """

    _name = "complaint.rule"
    _inherit = ["mail.thread", "complaint.kept.mixin"]
    _description = "Complaint Classification Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(
        default=10,
        help="Rules are tried from the top. All that fit apply; the first one that "
        "names a category, nature, handling mode or team decides it.",
    )
    note = fields.Text(translate=True, help="Why there is this rule.")
    version = fields.Integer(
        default=1,
        readonly=True,
        copy=False,
        help="Grows by one when a condition or an effect changes. Complaints keep by "
        "which version they were classified.",
    )

    # Conditions. Deleting what a condition names must not widen the rule to every
    # complaint: hence "restrict".
    words = fields.Text(
        tracking=True,
        help="Words or phrases in any language, parted by commas or line breaks. One "
        "of them must be in the complaint. A * at the end stands for any ending: "
        "injur* finds injury and injured.",
    )
    words_also = fields.Text(
        string="And one of",
        tracking=True,
        help="If filled in, one of these must be in it as well.",
    )
    words_without = fields.Text(
        string="But none of",
        tracking=True,
        help="The rule does not fit a complaint that contains one of these.",
    )
    phrases_ignored = fields.Text(
        string="Do not count",
        tracking=True,
        help="Phrases that are passed over when words are looked for: with “nobody was "
        "injured” here, that sentence alone is no injury, another one still is.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Leave empty for a rule that serves all companies.",
    )
    category_ids = fields.Many2many(
        comodel_name="complaint.category",
        relation="complaint_rule_category_rel",
        column1="rule_id",
        column2="category_id",
        string="Categories",
        ondelete="restrict",
        help="With everything below them. The category may have been proposed by the "
        "wording or by an earlier rule.",
    )
    channel_ids = fields.Many2many(
        comodel_name="complaint.channel",
        relation="complaint_rule_channel_rel",
        column1="rule_id",
        column2="channel_id",
        string="Channels",
        ondelete="restrict",
    )
    product_category_ids = fields.Many2many(
        comodel_name="product.category",
        relation="complaint_rule_product_category_rel",
        column1="rule_id",
        column2="category_id",
        string="Product Categories",
        ondelete="restrict",
        help="Of the product complained of, with everything below them.",
    )
    partner_tag_ids = fields.Many2many(
        comodel_name="res.partner.category",
        relation="complaint_rule_partner_tag_rel",
        column1="rule_id",
        column2="tag_id",
        string="Customer Tags",
        ondelete="restrict",
        help="Any of them, on the complainant or the complainant's company: such as "
        "the customer's tier.",
    )
    order_amount_min = fields.Float(
        string="Order from",
        digits=(16, 2),
        tracking=True,
        help="Total of the sales order, in the currency of the complaint's company, "
        "inclusive. 0: any.",
    )
    order_amount_max = fields.Float(
        string="Order to",
        digits=(16, 2),
        tracking=True,
        help="Total of the sales order, in the currency of the complaint's company, "
        "inclusive. 0: any.",
    )
    source = fields.Selection(selection=SOURCES, tracking=True)
    customer_type = fields.Selection(selection=CUSTOMER_TYPES, tracking=True)
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Customer's language",
    )

    # Effects
    set_category_id = fields.Many2one(
        comodel_name="complaint.category",
        string="Category",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    set_nature = fields.Selection(selection=NATURES, string="Nature", tracking=True)
    set_priority = fields.Selection(
        selection=PRIORITIES[1:],
        string="Priority at least",
        tracking=True,
        help="Raises the priority, never lowers it.",
    )
    set_handling_mode = fields.Selection(
        selection=HANDLING_MODES, string="Handling mode", tracking=True
    )
    set_team_id = fields.Many2one(
        comodel_name="complaint.team",
        string="Team",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Where the team is of the complaint's company.",
    )
    set_tag_ids = fields.Many2many(
        comodel_name="complaint.tag",
        relation="complaint_rule_tag_rel",
        column1="rule_id",
        column2="tag_id",
        string="Tags",
    )
    set_confidential = fields.Boolean(string="Confidential", tracking=True)
    confidential_user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="complaint_rule_confidential_rel",
        column1="rule_id",
        column2="user_id",
        string="May see it",
        domain=[("share", "=", False)],
        help="Who is named on the confidential complaint. Empty: the team leader and "
        "the managers of the company.",
    )
    triage_harm = fields.Selection(selection=TRIAGE["triage_harm"], string="Harm")
    triage_safety = fields.Selection(selection=TRIAGE["triage_safety"], string="Hazard")
    triage_vulnerable = fields.Selection(
        selection=TRIAGE["triage_vulnerable"], string="Vulnerable person"
    )
    triage_publicity = fields.Selection(
        selection=TRIAGE["triage_publicity"], string="Press or legal threat"
    )
    triage_value = fields.Selection(selection=TRIAGE["triage_value"], string="Value")

    _order_amounts = models.Constraint(
        "CHECK (order_amount_min >= 0 AND order_amount_max >= 0 AND "
        "(order_amount_max = 0 OR order_amount_max >= order_amount_min))",
        "Order value: give amounts of zero or more, the larger one last.",
    )

    @api.constrains("name", *WORDING)
    def _check_conditions(self):
        """A rule without a condition would fit every complaint: hardly meant."""
        positive = [
            name for name in WORDING if name not in ("words_without", "phrases_ignored")
        ]
        for rule in self:
            if not any(rule[name] for name in positive):
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” has no condition, it would fit every complaint. "
                        "Give it words or another condition.",
                        rule=rule.name,
                    )
                )

    @api.constrains("name", *EFFECTS)
    def _check_effects(self):
        for rule in self:
            if not any(rule[name] for name in EFFECTS):
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” does nothing. Choose at least one effect.",
                        rule=rule.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = (
            self.env["complaint.classification"]
            .sudo()  # sudo: rows of complaints that the manager may not see count, too.
            .search([("rule_id", "in", self.ids)], limit=1)
        )
        if used:
            raise ValidationError(
                self.env._(
                    "“%(rule)s” has classified complaints and belongs to their "
                    "history. Archive it instead of deleting it.",
                    rule=used.rule_id.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._tidy(vals) for vals in vals_list])

    def write(self, vals):
        vals = self._tidy(vals)
        changed = [
            name
            for name in (*WORDING, *EFFECTS)
            if name in vals and any(rule._is_other(name, vals[name]) for rule in self)
        ]
        result = super().write(vals)
        if changed:
            for rule in self:
                super(ComplaintRule, rule).write({"version": rule.version + 1})
        return result

    @api.model
    def _tidy(self, vals):
        """Values with the lists of words tidy: parted by commas, none twice."""
        tidy = {
            name: ", ".join(
                dict.fromkeys(
                    " ".join(word.split())
                    for word in KEYWORD_SEPARATOR.split(vals[name] or "")
                    if word.strip()
                )
            )
            for name in WORD_LISTS
            if name in vals
        }
        return {**vals, **tidy}

    def _is_other(self, name, value):
        field = self._fields[name]
        new = field.convert_to_record(field.convert_to_cache(value, self), self)
        return new != self[name]

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" in (default or {}):
            return vals_list
        return [
            vals | {"name": self.env._("%(rule)s (copy)", rule=rule.name)}
            for rule, vals in zip(self, vals_list, strict=True)
        ]
