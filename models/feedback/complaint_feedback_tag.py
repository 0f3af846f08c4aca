from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .complaint_feedback_figures import SUMS
from .tally import Tally

TAGS = "partner_tag_ids"


class ComplaintFeedbackReport(models.Model):
    """By customer group: the tags of customers, of whom each may have several.

    A survey counts in each group of its customer, and once in every total. Those of
    the company count for its people. Only who asks for tags pays for looking them up.
    """

    _inherit = "complaint.feedback.report"

    partner_tag_ids = fields.Many2many(
        comodel_name="res.partner.category",
        string="Customer Tag",
        compute="_compute_partner_tag_ids",
        search="_search_partner_tag_ids",
        compute_sudo=True,
        help="Tags of the customer and of the company that the customer belongs to, as "
        "they are today.",
    )

    @api.depends("partner_id")
    def _compute_partner_tag_ids(self):
        for row in self:
            partner = row.partner_id
            row.partner_tag_ids = (partner | partner.commercial_partner_id).category_id

    @api.model
    def _search_partner_tag_ids(self, operator, value):
        if operator == "any":
            return self._of_partners(Domain("category_id", operator, value))
        if operator != "in":
            return NotImplemented
        named = [tag for tag in value if tag]
        found = self._of_partners(Domain("category_id", "in", named))
        if len(named) < len(value):
            found |= ~self._of_partners(Domain("category_id", "!=", False))
        return found

    def _of_partners(self, domain):
        """Surveys of customers who, or whose company, are like that; whose figures may
        be seen, may be grouped, whether or not the contact may be read."""
        theirs = domain | Domain("commercial_partner_id", "any!", domain)
        return Domain("partner_id", "any!", theirs)

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != TAGS:
            return super()._read_group_groupby(alias, groupby_spec, query)
        tags = query.make_alias(alias, TAGS)
        # A tag that both have counts once: UNION, not UNION ALL.
        given = SQL(
            """(
            SELECT p.id AS partner_id, r.category_id
              FROM res_partner p
              JOIN res_partner_res_partner_category_rel r ON r.partner_id = p.id
             UNION
            SELECT p.id, r.category_id
              FROM res_partner p
              JOIN res_partner_res_partner_category_rel r
                ON r.partner_id = p.commercial_partner_id
            )"""
        )
        condition = SQL(
            "%s = %s",
            SQL.identifier(alias, "partner_id"),
            SQL.identifier(tags, "partner_id"),
        )
        query.add_join("LEFT JOIN", tags, given, condition)
        return SQL.identifier(tags, "category_id")

    @api.model
    def _total(self, domain, groups, division):
        if division != TAGS:
            return super()._total(domain, groups, division)
        # The groups overlap: their sum would count some surveys several times.
        [sums] = self._read_group(domain, [], SUMS)
        return {"label": self.env._("All, each survey once"), "tally": Tally(sums)}

    def _group_label(self, value, division):
        if division == TAGS:
            # sudo: whose figures may be seen, the name may.
            return value.sudo().display_name if value else self.env._("(no tag)")
        return super()._group_label(value, division)
