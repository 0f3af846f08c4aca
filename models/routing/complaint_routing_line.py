from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..facts import path_of

#: Conditions of which one of several must be found.
_SETS = (
    "category_ids",
    "product_category_ids",
    "partner_ids",
    "channel_ids",
)


class ComplaintRoutingLine(models.Model):
    """Which complaints go to a team, and perhaps to a person of their own (A5, G4).

    Lines of all teams are tried in their order; the first that fits decides.
    """

    _name = "complaint.routing.line"
    _description = "Routing of Complaints"
    _order = "sequence, id"
    _rec_name = "team_id"

    team_id = fields.Many2one(
        comodel_name="complaint.team", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(
        default=10, help="Lines of all teams are tried from the lowest number."
    )
    # "restrict": deleting what a line names must not widen it.
    category_ids = fields.Many2many(
        comodel_name="complaint.category",
        relation="complaint_routing_line_category_rel",
        column1="line_id",
        column2="category_id",
        string="Categories",
        ondelete="restrict",
        help="With everything below them.",
    )
    product_category_ids = fields.Many2many(
        comodel_name="product.category",
        relation="complaint_routing_line_product_category_rel",
        column1="line_id",
        column2="category_id",
        string="Product Categories",
        ondelete="restrict",
        help="Of the product complained of, with everything below them.",
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        relation="complaint_routing_line_partner_rel",
        column1="line_id",
        column2="partner_id",
        string="Customers",
        ondelete="restrict",
        help="A company stands for all its people.",
    )
    channel_ids = fields.Many2many(
        comodel_name="complaint.channel",
        relation="complaint_routing_line_channel_rel",
        column1="line_id",
        column2="channel_id",
        string="Channels",
        ondelete="restrict",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Customer's language",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Dedicated handler",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Gets these complaints in person, or the deputy while absent. Empty: as "
        "the team assigns.",
    )

    @api.constrains("team_id", *_SETS, "lang")
    def _check_conditions(self):
        if any(not any(line[name] for name in (*_SETS, "lang")) for line in self):
            raise ValidationError(
                self.env._(
                    "A line of the routing without a condition would take every "
                    "complaint. Choose a category, customer, channel or language."
                )
            )

    def _fitting(self, draft):
        """The first of these lines that fits a complaint; empty if none does.

        :param Draft draft: see complaint.rule
        """
        facts = {
            "category_ids": set(path_of(draft.category)),
            "product_category_ids": set(path_of(draft.product.categ_id)),
            "partner_ids": {
                draft.partner.id,
                draft.partner.commercial_partner_id.id,
            },
            "channel_ids": {draft.channel.id},
        }
        for line in self:
            if line._fits(facts, draft):
                return line
        return self.browse()

    def _fits(self, facts, draft):
        company = self.team_id.company_id
        return (
            (not company or company == draft.company)
            and (not self.lang or self.lang == draft.partner.lang)
            and all(
                not self[name] or not facts[name].isdisjoint(self[name]._ids)
                for name in _SETS
            )
        )
