from odoo import api, fields, models

from .complaint_remedy_cap import VOID
from .kinds import CAPPED

#: The customer has these things already, or gets them back.
OWN_THINGS = ("return", "repair")


class ComplaintRemedy(models.Model):
    """What is given for an order altogether: refunds, goodwill, coupons, replacements.

    Each may be right alone. Where together they are worth more than what was invoiced,
    it is said, and a manager approves it.
    """

    _inherit = "complaint.remedy"

    above_invoiced = fields.Char(
        string="More than was invoiced",
        compute="_compute_above_invoiced",
        help="Where all that is given for the order is worth more than it cost.",
    )

    @api.depends(
        "kind",
        "state",
        "company_amount",
        "order_line_id",
        "product_id",
        "quantity",
        "case_id.order_id",
    )
    @api.depends_context("lang")
    def _compute_above_invoiced(self):
        sums = self._given_together()
        for remedy in self:
            given, invoiced = sums.get(remedy, (0, 0))
            # sudo: the company's currency.
            currency = remedy.company_id.sudo().currency_id
            remedy.above_invoiced = (
                currency
                and currency.compare_amounts(given, invoiced) > 0
                and self.env._(
                    "Together with what else is given for the order this is worth "
                    "%(given)s; %(invoiced)s was invoiced.",
                    given=currency.format(given),
                    invoiced=currency.format(invoiced),
                )
            )

    def _given_together(self):
        """What is given for the order of each, with this remedy, and what was invoiced
        for it; with tax, in company currency. A fixed number of queries.

        Money given back counts once: by its credit note when it is carried out, by the
        remedy before.

        :return: {remedy: (given, invoiced)}, without those that give nothing or are
            about no order
        """
        # sudo: sums of the customer's invoices and of other complaints.
        mine = self.sudo().filtered(
            lambda one: one.case_id.order_id and one.state not in VOID and one.makes
        )
        orders = mine.case_id.order_id
        promised = mine.search(
            [("case_id.order_id", "in", orders.ids), ("state", "not in", VOID)]
        )
        by_order = promised.grouped(lambda one: one.case_id.order_id)
        booked = {
            order: tuple(self._booked(order, kind) for kind in ("invoice", "refund"))
            for order in orders
        }
        sums = {}
        for one in mine:
            order = one.case_id.order_id
            invoiced, credited = booked[order]
            others = by_order.get(order, one.browse()) - one._origin
            # What is carried out of this is among the credit notes.
            counted = [
                other
                for other in others | one
                if not (other.kind in CAPPED and other.state == "executed")
                and other.kind not in OWN_THINGS
            ]
            given = credited + sum(other._worth() for other in counted)
            sums[self.browse(one.id)] = (given, invoiced)
        return sums

    def _booked(self, order, kind):
        """What was invoiced or credited for an order, with tax, in the currency of its
        company; as the system."""
        company = order.company_id
        lines = self._posted_lines(order.order_line, f"out_{kind}", company)
        return sum(
            line.currency_id._convert(
                line.price_total,
                company.currency_id,
                company,
                line.move_id.invoice_date or fields.Date.context_today(self),
            )
            for line in lines
        )
