from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .kinds import CAPPED

#: Remedies that give nothing (any more).
VOID = ("declined", "cancelled")


class ComplaintRemedy(models.Model):
    """Nobody gets back more than they paid: what was invoiced for an order or a line,
    less credit notes and what other remedies give back (E1)."""

    _inherit = "complaint.remedy"

    left_amount = fields.Monetary(
        string="Up to",
        compute="_compute_left_amount",
        help="What was invoiced for it, less what was given back or is promised.",
    )
    is_capped = fields.Boolean(compute="_compute_left_amount")

    @api.depends("kind", "order_line_id", "invoice_id", "case_id.order_id")
    def _compute_left_amount(self):
        sums = self._sums()
        for remedy in self:
            remedy.is_capped = remedy.kind in CAPPED
            invoiced, given = sums[remedy]
            left = invoiced - given if remedy.is_capped else 0
            remedy.left_amount = max(left, 0)

    @api.depends("case_id.order_id", "case_id.commercial_partner_id")
    def _compute_possible_invoice_ids(self):
        for remedy in self:
            case = remedy.case_id
            invoices = case.order_id.invoice_ids.filtered(
                lambda move, case=case: (
                    move.move_type == "out_invoice"
                    and move.state == "posted"
                    and move.company_id == case.company_id
                    and move.commercial_partner_id == case.commercial_partner_id
                )
            )
            remedy.possible_invoice_ids = invoices.ids

    def _check_cap(self):
        """:raise ValidationError: when more would be given back than was invoiced"""
        capped = self.filtered(
            lambda remedy: remedy.kind in CAPPED and remedy.state not in VOID
        )
        sums = capped._sums()
        for remedy in capped:
            invoiced, given = sums[remedy]
            left = invoiced - given
            remedy._check_invoiced(invoiced)
            if remedy.currency_id.compare_amounts(remedy.amount, left) > 0:
                raise ValidationError(
                    self.env._(
                        "%(amount)s is more than is left: %(left)s. Of what was "
                        "invoiced, %(given)s were given back or promised already.",
                        amount=remedy.currency_id.format(remedy.amount),
                        left=remedy.currency_id.format(max(left, 0)),
                        given=remedy.currency_id.format(given),
                    )
                )

    def _check_invoiced(self, invoiced):
        """:raise ValidationError: when there is nothing to give back of"""
        # sudo: whether there is an order.
        if not self.sudo().case_id.order_id:
            raise ValidationError(
                self.env._(
                    "The complaint is about no order. Choose the order first, or "
                    "propose a goodwill payment."
                )
            )
        if self.currency_id.is_zero(invoiced):
            raise ValidationError(
                self.env._(
                    "Nothing of it was invoiced so far. Invoice it first, or choose "
                    "another remedy."
                )
            )

    def _sums(self):
        """What was invoiced for the line, the invoice or the order of each, and what of
        it was given back or is promised by others. A fixed number of queries.

        :return: {remedy: (invoiced, given back)}, with tax, in the order's currency
        """
        # sudo: sums of the customer's invoices and of other complaints.
        orders = self.sudo().case_id.order_id
        promised = self.sudo().search(
            [
                ("case_id.order_id", "in", orders.ids),
                ("kind", "in", list(CAPPED)),
                ("state", "not in", [*VOID, "executed"]),
            ]
        )
        by_order = promised.grouped(lambda one: one.case_id.order_id)
        sums = {}
        for remedy in self:
            one = remedy.sudo()  # sudo: as above.
            others = by_order.get(one.case_id.order_id, one.browse()) - one._origin
            line = one.order_line_id
            if line:
                # What is given for the whole order is given for the line as well.
                others = others.filtered(
                    lambda other, line=line: (
                        other.order_line_id in (line, line.browse())
                    )
                )
            invoiced = sum(one._invoice_lines("out_invoice").mapped("price_total"))
            credited = sum(one._invoice_lines("out_refund").mapped("price_total"))
            sums[remedy] = (invoiced, credited + sum(others.mapped("amount")))
        return sums

    @api.model
    def _posted_lines(self, sold, move_type, company):
        """Posted invoice lines of order lines.

        :param sold: lines of orders, readable to the user
        :param str move_type: ``out_invoice`` or ``out_refund``
        """
        return sold.invoice_lines.filtered(
            lambda line: (
                line.move_id.move_type == move_type
                and line.parent_state == "posted"
                and line.company_id == company
            )
        )

    def _invoice_lines(self, move_type):
        """Posted invoice lines of the line, the invoice or the order; as the system."""
        case = self.case_id
        sold = self.order_line_id or case.order_id.order_line
        lines = self._posted_lines(sold, move_type, case.company_id)
        if self.invoice_id:
            lines = lines.filtered(
                lambda line: (
                    self.invoice_id in (line.move_id, line.move_id.reversed_entry_id)
                )
            )
        return lines

    @api.model
    def _compensated(self, orders):
        """What was given back or promised for orders: {order: amount}, with tax, in
        the currency of the order."""
        given = defaultdict(float)
        orders = orders._origin
        # sudo: a sum, for whoever sees the order.
        for move in orders.sudo().invoice_ids:
            if move.move_type == "out_refund" and move.state == "posted":
                for order in move.line_ids.sale_line_ids.order_id & orders.sudo():
                    given[order.id] += move.amount_total
        # sudo: as above.
        promised = self.sudo()._read_group(
            [
                ("case_id.order_id", "in", orders.ids),
                ("kind", "in", list(CAPPED)),
                ("state", "not in", [*VOID, "executed"]),
            ],
            ["case_id"],
            ["amount:sum"],
        )
        for case, amount in promised:
            given[case.order_id.id] += amount
        return {order: given[order.id] for order in orders}
