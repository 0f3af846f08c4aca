from odoo import api, fields, models
from odoo.exceptions import UserError

from .kinds import CAPPED


class ComplaintRemedy(models.Model):
    """What was paid, beside what was invoiced (E1).

    A credit note on an invoice that nobody paid is right: the customer owes less. Money
    is another matter. So a remedy gives back up to what was invoiced, less what was
    given back; what the customer still owes is taken off first, by setting the credit
    note off against the invoice; only the rest, which is never more than was paid, is
    money to be paid out.
    """

    _inherit = "complaint.remedy"

    paid_words = fields.Char(
        string="Invoiced and paid",
        compute="_compute_paid_words",
        help="Of the invoices for it, with tax. What was paid on an invoice counts for "
        "each of its lines by its share.",
    )
    pay_out_words = fields.Char(
        string="Customer's account",
        compute="_compute_paid_words",
        help="What is still owed on the invoice is reduced first. Only what is left of "
        "the amount then is paid out.",
    )

    @api.depends("kind", "amount", "order_line_id", "invoice_id", "case_id.order_id")
    def _compute_paid_words(self):
        self.paid_words = self.pay_out_words = False
        capped = self.filtered(lambda remedy: remedy.kind in CAPPED)
        sums = capped._sums()
        for remedy in capped:
            one = remedy.sudo()  # sudo: sums, for who has no access to accounting.
            invoices = one._invoices_for_it()
            if not invoices:
                continue
            show = one.currency_id.format
            invoiced, given = sums[remedy]
            remedy.paid_words = self.env._(
                "Invoiced %(invoiced)s, paid %(paid)s, given back or promised "
                "%(given)s",
                invoiced=show(invoiced),
                paid=show(one._paid_for_it(invoices)),
                given=show(given),
            )
            if len(invoices) == 1 and one.amount > 0:
                remedy.pay_out_words = one._pay_out_words(invoices)

    def _pay_out_words(self, invoice):
        """What of the amount is money; called as the system."""
        show = self.currency_id.format
        out = self._to_pay_out(invoice)
        owed = self.amount - out
        if self.currency_id.is_zero(out):
            return self.env._("The customer owes %(owed)s less", owed=show(owed))
        if self.currency_id.is_zero(owed):
            return self.env._("%(out)s is to be paid out", out=show(out))
        return self.env._(
            "The customer owes %(owed)s less, %(out)s is to be paid out",
            owed=show(owed),
            out=show(out),
        )

    def _invoices_for_it(self):
        """Invoices that it may be taken off; called as the system."""
        if self.invoice_id:
            return self.invoice_id
        invoices = self.possible_invoice_ids._origin
        if self.order_line_id:
            invoices &= self.order_line_id.invoice_lines.move_id._origin
        return invoices

    def _paid_for_it(self, invoices):
        """What was paid on invoices, for the line its share; called as the system."""
        if not self.order_line_id:
            return sum(self._paid_on(invoice) for invoice in invoices)
        paid = 0.0
        for invoice in invoices.filtered("amount_total"):
            lines = invoice.invoice_line_ids.filtered(
                lambda line: self.order_line_id._origin in line.sale_line_ids
            )
            share = sum(lines.mapped("price_total")) / invoice.amount_total
            paid += self._paid_on(invoice) * share
        return self.currency_id.round(paid)

    def _to_pay_out(self, invoice):
        """How much of the amount would be money to be paid out, as things stand."""
        surplus = self._surplus(invoice)
        more = max(surplus + self.amount, 0) - max(surplus, 0)
        return self.currency_id.round(more)

    # What happened to an invoice; called as the system --------------------------------

    @api.model
    def _paid_on(self, move):
        """What came in for an invoice, or was used up of a credit note: money, or other
        documents that it was set off against. The two of each other do not count.

        Payments that have no entry of their own count as well: Odoo shows the invoice
        as paid, and writes the entry when they are seen on the statement of the bank.
        """
        partials, _exchange = move._get_reconciled_invoices_partials()
        paid = sum(
            amount
            for _partial, amount, other in partials
            if move not in other.move_id.reversed_entry_id
            and other.move_id != move.reversed_entry_id
        )
        return paid + min(self._paid_without_entry(move), move.amount_total - paid)

    @api.model
    def _paid_without_entry(self, move):
        payments = move.matched_payment_ids.filtered(
            lambda payment: (
                not payment.move_id and payment.state in ("in_process", "paid")
            )
        )
        today = fields.Date.context_today(move)
        return sum(
            payment.currency_id._convert(
                payment.amount, move.currency_id, move.company_id, today
            )
            for payment in payments
        )

    @api.model
    def _surplus(self, invoice):
        """What the customer paid above what is owed on an invoice after its credit
        notes, less what was paid out of these; negative while they still owe."""
        notes = invoice.reversal_move_ids.filtered(lambda move: move.state == "posted")
        credited = sum(notes.mapped("amount_total"))
        paid_out = sum(self._paid_on(note) for note in notes)
        return self._paid_on(invoice) + credited - invoice.amount_total - paid_out

    def _check_paid_out(self, note):
        """No money leaves that did not come in.

        Odoo sets a reversal off against its invoice when it is posted; where it could
        not, all of it would be open for the customer.

        :raise UserError: when more of it is open than was paid on the invoice
        """
        invoice = note.reversed_entry_id
        notes = invoice.reversal_move_ids.filtered(lambda move: move.state == "posted")
        left = self._paid_on(invoice) - sum(self._paid_on(note) for note in notes)
        is_open = sum(notes.mapped("amount_residual"))
        if self.currency_id.compare_amounts(is_open, max(left, 0)) > 0:
            raise UserError(
                self.env._(
                    "%(open)s would be paid out, but %(paid)s were paid on invoice "
                    "%(invoice)s: the credit note cannot be set off against what is "
                    "owed. Ask accounting to look at the receivable accounts of both.",
                    open=self.currency_id.format(is_open),
                    paid=self.currency_id.format(max(left, 0)),
                    invoice=invoice.name,
                )
            )

    def _set_off(self, note):
        """Take a credit note of its own off what is owed for the same order, oldest
        first, as accounting would by hand."""
        invoices = self.possible_invoice_ids.sorted("invoice_date_due")
        for invoice in invoices.filtered("amount_residual"):
            owed = invoice.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            )
            line = note.line_ids.filtered(
                lambda line, owed=owed: (
                    line.account_id in owed.account_id and not line.reconciled
                )
            )
            if line and not self._paid_without_entry(invoice):
                invoice.js_assign_outstanding_line(line.ids)
