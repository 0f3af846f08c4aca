from odoo import api, fields, models

from .res_partner import HANDLERS


class SaleOrder(models.Model):
    _inherit = "sale.order"

    complaint_count = fields.Integer(
        compute="_compute_complaint_count", groups=HANDLERS
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
