from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools.wording import haystack, needles


class ComplaintCategory(models.Model):
    """What a complaint is about (B1): a tree that each company extends."""

    _name = "complaint.category"
    _description = "Complaint Category"
    _parent_name = "parent_id"
    _parent_store = True
    _rec_name = "complete_name"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        compute="_compute_complete_name",
        recursive=True,
        search="_search_complete_name",
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    parent_id = fields.Many2one(
        comodel_name="complaint.category", index=True, ondelete="restrict"
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many(
        comodel_name="complaint.category", inverse_name="parent_id"
    )
    keywords = fields.Text(
        groups="base.group_user",
        help="Words or phrases in any language, parted by commas or line breaks. A "
        "complaint whose wording contains one of them is proposed this category. A * "
        "at the end stands for any ending: deliver* finds delivery and delivered.",
    )

    # Not stored: the name differs by language, a stored path would keep one only.
    @api.depends("name", "parent_id.complete_name")
    @api.depends_context("lang")
    def _compute_complete_name(self):
        for category in self:
            if category.parent_id:
                category.complete_name = (
                    f"{category.parent_id.complete_name} / {category.name}"
                )
            else:
                category.complete_name = category.name

    @api.model
    def _search_complete_name(self, operator, value):
        """Find by a name, or by a name with its parents: "Delivery / Late"."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        if operator == "in":
            return Domain.OR(self._path_domain("=", text) for text in value)
        return self._path_domain(operator, value)

    @api.model
    def _path_domain(self, operator, text):
        domain = Domain("name", operator, text)
        *parents, name = [part.strip() for part in (text or "").split(" / ")]
        if not parents:
            return domain
        path = Domain("name", operator, name)
        for depth, parent in enumerate(reversed(parents), start=1):
            path &= Domain(f"{'parent_id.' * depth}name", operator, parent)
        return domain | path

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A category cannot be inside itself. Choose another parent.")
            )

    @api.model
    def _propose(self, texts):
        """Propose a category from the wording, for many texts with one query (B4).

        Words of a category that has sub-categories are general: they count only
        where no sub-category fits. Then the longest keyword found wins, being the
        most specific; among equals the category that comes first.

        :param list[str] texts: subjects with descriptions, plain text
        :return: list of categories (empty record where nothing fits), same order
        """
        return [category for category, _word in self._propose_with_words(texts)]

    @api.model
    def _propose_with_words(self, texts):
        """As :meth:`_propose`, with the keyword found: list of (category, word)."""
        categories = self.search([("keywords", "!=", False)])
        general = categories.parent_id
        keywords = [
            (needle, category)
            for category in categories
            for needle in needles(category.keywords)
        ]
        keywords.sort(key=lambda item: (item[1] in general, -len(item[0].text)))
        proposals = []
        for text in texts:
            folded = haystack(text)
            proposals.append(
                next(
                    (
                        (category, needle.written)
                        for needle, category in keywords
                        if needle.text in folded
                    ),
                    (self.browse(), ""),
                )
            )
        return proposals
