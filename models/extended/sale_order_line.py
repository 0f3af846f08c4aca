from odoo import api, fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    complaint_gives_back = fields.Boolean(
        string="Given back by a remedy",
        copy=False,
        readonly=True,
        help="Money is given back for a complaint. What was sold is not to be invoiced "
        "again.",
    )


class SaleOrderLine(models.Model):
    """Money given back for a complaint is no quantity to be invoiced anew (E2).

    Odoo counts the quantity of a credit note as not invoiced. For a reduction of the
    price it would ask to invoice a piece again that the customer has and paid for. Only
    what came back to the warehouse, where deliveries are invoiced, is taken off.
    """

    _inherit = "sale.order.line"

    @api.depends("qty_delivered", "invoice_lines.complaint_gives_back")
    def _compute_qty_invoiced(self):
        return super()._compute_qty_invoiced()

    def _prepare_qty_invoiced(self):
        quantities = super()._prepare_qty_invoiced()
        for line in self:
            quantities[line] += line._complaint_quantity(
                quantities[line], lambda move: move.state != "cancel"
            )
        return quantities

    @api.depends("qty_delivered", "invoice_lines.complaint_gives_back")
    def _compute_qty_invoiced_posted(self):
        result = super()._compute_qty_invoiced_posted()
        for line in self:
            line.qty_invoiced_posted += line._complaint_quantity(
                line.qty_invoiced_posted, lambda move: move.state == "posted"
            )
        return result

    def _complaint_quantity(self, invoiced, counts):
        """What of the quantity of credit notes is invoiced all the same.

        :param float invoiced: as Odoo counts it
        :param counts: whether an invoice is counted
        """
        self.ensure_one()
        lines = self._get_invoice_lines()
        # First, as nearly all lines of orders end here.
        given = lines.filtered("complaint_gives_back")
        if not given:
            return 0.0
        lines = lines.filtered(lambda one: counts(one.move_id))
        given = (given & lines).filtered(
            lambda one: one.move_id.move_type == "out_refund"
        )
        counted = sum(
            one.product_uom_id._compute_quantity(one.quantity, self.product_uom_id)
            for one in given
        )
        if self.product_id.invoice_policy != "delivery":
            return counted
        whole = invoiced + counted
        sold = lines.filtered(lambda one: one.move_id.move_type == "out_invoice")
        total = sum(sold.mapped("price_total"))
        share = sum(given.mapped("price_total")) / total if total else 0
        # Came back, and was given back as money.
        back = min(max(whole - self.qty_delivered, 0), whole * share)
        return counted - back
