from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
        help="Words or phrases, one a line, in any language. A complaint whose "
        "wording contains one of them is proposed this category.",
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

    def _search_complete_name(self, operator, value):
        return [("name", operator, value)]

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A category cannot be inside itself. Choose another parent.")
            )

    @api.model
    def _propose(self, texts):
        """Propose a category from the wording, for many texts with one query (B4).

        The longest keyword found wins, being the most specific; among equals the
        category that comes first.

        :param list[str] texts: subjects with descriptions, plain text
        :return: list of categories (empty record where nothing fits), same order
        """
        keywords = [
            (word.strip().casefold(), category)
            for category in self.search([("keywords", "!=", False)])
            for word in category.keywords.splitlines()
            if word.strip()
        ]
        keywords.sort(key=lambda item: -len(item[0]))
        proposals = []
        for text in texts:
            folded = (text or "").casefold()
            proposals.append(
                next(
                    (category for word, category in keywords if word in folded),
                    self.browse(),
                )
            )
        return proposals
