from odoo import api, fields, models

from .res_partner import HANDLERS


class SaleOrder(models.Model):
    _inherit = "sale.order"

    complaint_count = fields.Integer(
        compute="_compute_complaint_count", groups=HANDLERS
    )

    complaint_given_back = fields.Char(
        compute="_compute_complaint_given_back",
        groups=HANDLERS,
        help="Credit notes, and what remedies promise and is not carried out yet.",
    )

    def _compute_complaint_given_back(self):
        given = self.env["complaint.remedy"]._compensated(self)
        for order in self:
            amount = given.get(order._origin, 0)
            order.complaint_given_back = bool(amount) and order.currency_id.format(
                amount
            )

    def _compute_complaint_count(self):
        counts = dict(
            self.env["complaint.case"]._read_group(
                [("order_id", "in", self.ids)], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.complaint_count = counts.get(order, 0)

    @api.readonly
    def action_view_complaints(self):
        """Open the complaints about this order; a new one is filled in from it."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_case_action"
        )
        return action | {
            "domain": [("order_id", "=", self.id)],
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_order_id": self.id,
                "default_company_id": self.company_id.id,
            },
        }
