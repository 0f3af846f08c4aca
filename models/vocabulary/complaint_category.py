import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

KEYWORD_SEPARATOR = re.compile(r"[,;\n，；、]")
#: Scripts written without spaces: kana, and the ideographs of Chinese and Japanese.
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+|[^\W_\u3040-\u30ff\u3400-\u9fff]+")


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
        categories = self.search([("keywords", "!=", False)])
        general = categories.parent_id
        keywords = [
            (needle, category)
            for category in categories
            for needle in category._needles()
        ]
        keywords.sort(key=lambda item: (item[1] in general, -len(item[0])))
        proposals = []
        for text in texts:
            folded = f" {_fold(text)} "
            proposals.append(
                next(
                    (category for needle, category in keywords if needle in folded),
                    self.browse(),
                )
            )
        return proposals

    def _needles(self):
        """The keywords as they are looked for in a folded text (see _fold)."""
        return [
            needle
            for keyword in KEYWORD_SEPARATOR.split(self.keywords or "")
            if (needle := _needle(keyword))
        ]


def _needle(keyword):
    """A keyword as it is looked for in a folded text; empty when it says nothing."""
    folded = _fold(keyword)
    if not folded:
        return ""
    # Chinese and Japanese do not part words by spaces.
    start = "" if CJK.match(folded[0]) else " "
    open_end = keyword.strip().endswith("*") or CJK.match(folded[-1])
    return f"{start}{folded}{'' if open_end else ' '}"


def _fold(text):
    """Lower case, words parted by one space, nothing else but letters and digits."""
    return " ".join(WORD.findall((text or "").casefold()))
