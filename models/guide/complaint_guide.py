from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import html2plaintext, is_html_empty

from ...tools.wording import fold, haystack, needles, words_found
from ..constants import NATURES
from .complaint_case_words import WORDS

KINDS = [
    ("answer", "Ready answer"),
    ("checklist", "Checklist"),
    ("lesson", "Lesson"),
]
#: What counts how much when guides are ordered for a complaint.
POINTS_CATEGORY, POINTS_PARENT, POINTS_PRODUCT, POINTS_NATURE = 40, 25, 40, 10
POINTS_KEYWORD, MOST_KEYWORDS = 15, 3
POINTS_SHARED = 30


class ComplaintGuide(models.Model):
    """What the department knows: ready answers, checklists, lessons (G3, I2).

    A text in every language of the customers, offered on the complaints that it fits.
    It may name what ``WORDS`` lists of a complaint, and nothing else.
    """

    _name = "complaint.guide"
    _inherit = ["mail.render.mixin"]
    _description = "Complaint Guide"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(selection=KINDS, required=True, default="answer")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Empty: for all companies.",
    )
    body = fields.Html(
        string="Text",
        translate=True,
        sanitize="email_outgoing",
        render_engine="qweb",
        render_options={"post_process": True},
    )
    category_ids = fields.Many2many(
        comodel_name="complaint.category",
        string="Categories",
        help="Fits these and what is below them.",
    )
    product_ids = fields.Many2many(comodel_name="product.product", string="Products")
    nature = fields.Selection(selection=NATURES)
    keywords = fields.Text(
        help="Words or phrases in any language, parted by commas or line breaks. A "
        "complaint whose wording has one of them is offered this guide. A * at the end "
        "stands for any ending.",
    )
    use_ids = fields.One2many(
        comodel_name="complaint.guide.use", inverse_name="guide_id"
    )
    use_count = fields.Integer(string="Used", compute="_compute_use_count")
    last_used_at = fields.Datetime(string="Last used", compute="_compute_use_count")
    placeholder_help = fields.Html(compute="_compute_placeholder_help")

    def _compute_render_model(self):
        self.render_model = "complaint.case"

    def _compute_use_count(self):
        uses = {
            guide: (count, latest)
            for guide, count, latest in self.env["complaint.guide.use"]._read_group(
                [("guide_id", "in", self.ids)],
                ["guide_id"],
                ["__count", "create_date:max"],
            )
        }
        for guide in self:
            guide.use_count, guide.last_used_at = uses.get(guide, (0, False))

    @api.depends_context("lang")
    def _compute_placeholder_help(self):
        case_fields = self.env["complaint.case"]._fields
        names = [
            case_fields[name]._description_string(self.env)
            for name in WORDS
            if name in case_fields
        ]
        self.placeholder_help = self.env._(
            "Type / and choose “Dynamic Placeholder” to put in what differs from one "
            "complaint to the next: %(names)s.",
            names=", ".join(names),
        )

    @api.constrains("body")
    def _check_body(self):
        for guide in self:
            try:
                is_unsafe = guide._has_unsafe_expression()
            except Exception as error:
                raise ValidationError(guide._placeholder_problem()) from error
            if is_unsafe:
                raise ValidationError(guide._placeholder_problem())

    def _placeholder_problem(self):
        return self.env._(
            "“%(guide)s” has a placeholder that guides do not know. Choose from the "
            "list that “Dynamic Placeholder” offers, without conditions or "
            "calculations. Known are: %(names)s.",
            guide=self.name,
            names=", ".join(f"object.{name}" for name in WORDS),
        )

    def copy_data(self, default=None):
        return [
            vals | {"name": self.env._("%(name)s (copy)", name=guide.name)}
            for guide, vals in zip(self, super().copy_data(default), strict=True)
        ]

    # Putting into words ---------------------------------------------------------------

    def _render_for(self, cases, lang=None):
        """The text with each complaint's data, in each customer's language.

        :param str lang: one language for all instead
        :return: {case: Markup}
        """
        self.ensure_one()
        return self._render_text(self, "body", cases, lang=lang)

    @api.model
    def _render_text(self, source, field, cases, lang=None):
        """As :meth:`_render_for`, for any record of the rendering mixin.

        :raise AccessError: when the text has placeholders that are not allowed
        """
        rendered = {}
        for code, group in cases.grouped(
            lambda case: lang or case._letter_lang()
        ).items():
            texts = source._render_field(field, group.ids, engine="qweb", set_lang=code)
            rendered |= {case: texts[case.id] for case in group}
        return rendered

    def _missing_words(self, cases):
        """What the text names and a complaint does not have: {case: labels}."""
        return self._missing_in(self.body, cases)

    @api.model
    def _missing_in(self, body, cases):
        named = [name for name in WORDS if f'"object.{name}"' in (body or "")]
        labels = {
            name: cases._fields[name]._description_string(self.env) for name in named
        }
        return {
            case: [labels[name] for name in named if not case[name]] for case in cases
        }

    # Finding those that fit -----------------------------------------------------------

    @api.model
    def _offer(self, case, limit=12):
        """Guides that fit a complaint, the most fitting first; one query.

        :return: list of (guide, why: list of words)
        """
        guides = self.search([("company_id", "in", [False, case.company_id.id])])
        text = haystack(case._plain_text())
        scored = []
        for guide in guides:
            points, why = guide._fit(case, text)
            if points is not None:
                scored.append((-points, guide.sequence, guide.id, guide, why))
        scored.sort(key=lambda item: item[:3])
        return [(guide, why) for *_order, guide, why in scored[:limit]]

    def _fit(self, case, text):
        """Points of a guide for a complaint, None when it is about something else."""
        self.ensure_one()
        points, why = 0, []
        for more, reason in (
            self._fit_category(case),
            self._fit_product(case),
            self._fit_nature(case),
            self._fit_words(text),
        ):
            points += more
            why += filter(None, [reason])
        is_general = not (
            self.category_ids or self.product_ids or self.nature or self.keywords
        )
        if not points and not is_general:
            return None, []
        return points, why

    def _fit_category(self, case):
        path = case.category_id.parent_path or ""
        if case.category_id and case.category_id in self.category_ids:
            return POINTS_CATEGORY, case.category_id.name
        for category in self.category_ids:
            if path.startswith(category.parent_path or "-"):
                return POINTS_PARENT, category.name
        return 0, ""

    def _fit_product(self, case):
        # sudo: products of all allegations, whoever looks for guides.
        products = case.product_id | case.sudo().allegation_ids.product_id
        shared = products & self.product_ids
        if shared:
            return POINTS_PRODUCT, shared[0].name
        return 0, ""

    def _fit_nature(self, case):
        if self.nature and self.nature == case.nature:
            labels = dict(self._fields["nature"]._description_selection(self.env))
            return POINTS_NATURE, labels[self.nature]
        return 0, ""

    def _fit_words(self, text):
        found = words_found(text, needles(self.keywords))
        points = POINTS_KEYWORD * min(len(found), MOST_KEYWORDS)
        return points + self._fit_similar(text), ", ".join(found[:MOST_KEYWORDS])

    def _fit_similar(self, text):
        """A title whose long words all occur in the complaint is a fit by itself."""
        words = [word for word in fold(self.name).split() if len(word) > 3]
        if not words or not all(f" {word}" in text for word in words):
            return 0
        return POINTS_SHARED

    # Use ------------------------------------------------------------------------------

    def _used_on(self, cases):
        # sudo: that a guide was used is written by the system only.
        self.env["complaint.guide.use"].sudo().create(
            [
                {"guide_id": guide.id, "case_id": case.id, "user_id": self.env.uid}
                for guide in self
                for case in cases
            ]
        )

    @api.readonly
    def action_preview(self):
        """Show the text with the data of a recent complaint."""
        self.ensure_one()
        self.check_access("read")
        case = self.env["complaint.case"].search([], limit=1, order="id desc")
        if not case:
            raise ValidationError(
                self.env._("There is no complaint yet to show the text with.")
            )
        if is_html_empty(self.body):
            raise ValidationError(self.env._("This guide has no text yet."))
        text = self._render_for(case, lang=self.env.lang)[case]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": case.name,
                "message": html2plaintext(text),
                "sticky": True,
                "type": "info",
            },
        }

    @api.readonly
    def action_view_uses(self):
        """The complaints on which the guide was used."""
        self.ensure_one()
        if not self.env["complaint.case"].has_access("read"):
            raise AccessError(self.env._("You may not read complaints."))
        # sudo: which complaints they were; those that may be read are shown.
        cases = self.sudo().use_ids.case_id
        return self.env["complaint.case"]._desk_action(
            "complaint_case_action",
            name=self.name,
            domain=[("id", "in", cases.ids)],
        )
