from odoo import Command, models
from odoo.exceptions import UserError


class ComplaintRemedy(models.Model):
    """A replacement or a service without charge: an order at price zero (E2)."""

    _inherit = "complaint.remedy"

    def _execute_order(self):
        """Make and confirm the order; called as the system.

        :return: sale.order
        """
        case = self.case_id
        if not case.partner_id:
            raise UserError(
                self.env._(
                    "The complainant is no contact. Choose the customer on the "
                    "complaint first."
                )
            )
        origin = case.order_id
        line = self.order_line_id
        values = {
            "partner_id": (origin.partner_id or case.partner_id).id,
            "company_id": self.company_id.id,
            "origin": ", ".join(filter(None, [case.name, origin.name])),
            "client_order_ref": self.env._("Complaint %(number)s", number=case.name),
            "user_id": origin.user_id.id,
            "order_line": [
                Command.create(
                    {
                        "product_id": self.product_id.id,
                        "product_uom_qty": self.quantity,
                        "product_uom_id": (
                            line.product_uom_id or self.product_id.uom_id
                        ).id,
                        "price_unit": 0.0,
                        "discount": 0.0,
                    }
                )
            ],
        }
        if origin:
            values |= {
                "partner_invoice_id": origin.partner_invoice_id.id,
                "partner_shipping_id": origin.partner_shipping_id.id,
                "pricelist_id": origin.pricelist_id.id,
            }
        order = self.env["sale.order"].with_company(self.company_id).create(values)
        order.order_line.price_unit = 0.0
        order.action_confirm()
        return order

    def _cost_of_order(self, order):
        lines = order.order_line
        product = self.product_id.with_company(self.company_id)
        return product.standard_price * sum(lines.mapped("product_uom_qty"))
