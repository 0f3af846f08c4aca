from odoo import api, fields, models
from odoo.fields import Domain

from .res_partner import HANDLERS


class ProductProduct(models.Model):
    """Whether several customers complain about a product at the moment (field 6)."""

    _inherit = "product.product"

    complaint_cluster_count = fields.Integer(
        string="Customers Complaining",
        compute="_compute_complaint_cluster_count",
        groups=HANDLERS,
        help="Customers who complained about it within the company's number of days, "
        "when they are several.",
    )

    complaint_order_id = fields.Many2one(
        comodel_name="sale.order",
        string="On Order",
        store=False,
        search="_search_complaint_order_id",
        groups=HANDLERS,
        help="To find the products of an order.",
    )

    @api.model
    def _search_complaint_order_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        lines = self.env["sale.order.line"]._search([("order_id", "in", value)])
        return Domain("id", "in", lines.subselect("product_id"))

    def _compute_complaint_cluster_count(self):
        clusters = self.env["complaint.cluster"]._of_products(self._origin)
        for product in self:
            found = clusters.get(product._origin)
            product.complaint_cluster_count = (
                sum(found.mapped("customer_count")) if found else 0
            )

    @api.readonly
    def action_view_complaint_cluster(self):
        """Open the complaints of these days about the products."""
        clusters = self.env["complaint.cluster"].search(
            [
                ("product_id", "in", self.ids),
                ("company_id", "in", self.env.companies.ids),
            ]
        )
        since = min(clusters.mapped("first_at"), default=fields.Datetime.now())
        cases = self.env["complaint.case"]
        return cases._desk_action(
            "complaint_case_action",
            name=self.env._("Complaints of these days"),
            domain=[
                ("product_id", "in", self.ids),
                ("outcome", "!=", "merged"),
                ("date_received", ">=", since),
            ],
            context={"create": False},
        )


class ProductTemplate(models.Model):
    _inherit = "product.template"

    complaint_cluster_count = fields.Integer(
        string="Customers Complaining",
        compute="_compute_complaint_cluster_count",
        groups=HANDLERS,
        help="Customers who complained about its variants within the company's number "
        "of days, when they are several.",
    )

    def _compute_complaint_cluster_count(self):
        for template in self:
            template.complaint_cluster_count = sum(
                template.product_variant_ids.mapped("complaint_cluster_count")
            )

    @api.readonly
    def action_view_complaint_cluster(self):
        """Open the complaints of these days about the variants."""
        return self.product_variant_ids.action_view_complaint_cluster()
