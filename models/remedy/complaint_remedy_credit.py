from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class ComplaintRemedy(models.Model):
    """Money back: a credit note of the posted invoice, posted as well (E2)."""

    _inherit = "complaint.remedy"

    def _execute_credit(self):
        """Make and post the credit note; called as the system.

        :return: account.move
        :raise UserError: without an invoice where one is needed, or when the books
            refuse it
        """
        move = self._goodwill_note() if self.kind == "goodwill" else self._credit_note()
        self._check_books_open(move)
        move.action_post()
        if move.reversed_entry_id:
            self._check_paid_out(move)
        else:
            self._set_off(move)
        if self.currency_id.compare_amounts(move.amount_total, self.amount) > 0:
            raise UserError(
                self.env._(
                    "The credit note would be %(total)s, more than %(amount)s.",
                    total=move.currency_id.format(move.amount_total),
                    amount=self.currency_id.format(self.amount),
                )
            )
        return move

    def _check_books_open(self, move):
        """Odoo would move the date behind the lock instead of refusing.

        :raise UserError: when the books are closed for today
        """
        today = fields.Date.context_today(self)
        has_tax = bool(move.invoice_line_ids.tax_ids)
        locks = move._get_violated_lock_dates(today, has_tax)
        if locks:
            raise UserError(
                self.env._(
                    "The books are closed until %(day)s: no credit note can be made "
                    "for today.",
                    day=format_date(self.env, locks[-1][0]),
                )
            )

    def _credit_note(self):
        """The reversal of the invoice, with the lines and the amount of the remedy."""
        invoice = self.invoice_id or self._invoice_to_credit()
        if invoice.currency_id != self.currency_id:
            raise UserError(
                self.env._(
                    "Invoice %(invoice)s is in %(currency)s, the remedy in %(other)s.",
                    invoice=invoice.name,
                    currency=invoice.currency_id.name,
                    other=self.currency_id.name,
                )
            )
        lines = invoice.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and line.price_total > 0
        )
        if self.order_line_id:
            lines = lines.filtered(
                lambda line: self.order_line_id in line.sale_line_ids
            )
        total = sum(lines.mapped("price_total"))
        if not total:
            raise UserError(
                self.env._(
                    "Invoice %(invoice)s has no line for this.", invoice=invoice.name
                )
            )
        note = invoice._reverse_moves(
            [
                {
                    "date": fields.Date.context_today(self),
                    "invoice_date": fields.Date.context_today(self),
                    "ref": self.env._("Complaint %(number)s", number=self.case_id.name),
                    "invoice_user_id": invoice.invoice_user_id.id,
                }
            ]
        )
        if self.currency_id.compare_amounts(self.amount, invoice.amount_total) < 0:
            note.write({"invoice_line_ids": self._parts_of(lines, note, total)})
            self._round_off(note)
        note.invoice_line_ids.complaint_gives_back = True
        return note

    def _invoice_to_credit(self):
        invoices = self._invoices_for_it()
        if not invoices:
            raise UserError(
                self.env._(
                    "Nothing was invoiced for this order: there is no posted invoice "
                    "to credit. Invoice it first, or choose another remedy."
                )
            )
        if len(invoices) == 1:
            return invoices
        # Who handles the complaint need not see invoices: the oldest that has it left.
        enough = invoices.sorted("id").filtered(
            lambda invoice: (
                self.currency_id.compare_amounts(self._left_on(invoice), self.amount)
                >= 0
            )
        )
        if not enough:
            raise UserError(
                self.env._(
                    "None of the invoices for this order has %(amount)s left. Propose "
                    "a remedy for each of them.",
                    amount=self.currency_id.format(self.amount),
                )
            )
        return enough[:1]

    def _left_on(self, invoice):
        """What was invoiced for it on an invoice, less what was credited."""
        lines = (invoice | invoice.reversal_move_ids).invoice_line_ids.filtered(
            lambda line: (
                line.parent_state == "posted"
                and (not self.order_line_id or self.order_line_id in line.sale_line_ids)
            )
        )
        return sum(
            line.price_total * (-1 if line.move_id != invoice else 1) for line in lines
        )

    def _parts_of(self, lines, note, total):
        """Commands that leave the share of the amount on the reversal's lines."""
        share = self.amount / total
        kept = {}
        for line in note.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        ):
            original = lines.filtered(
                lambda origin, line=line: (
                    origin.id not in kept
                    and origin.product_id == line.product_id
                    and origin.sale_line_ids == line.sale_line_ids
                    and origin.price_total == line.price_total
                )
            )[:1]
            if original:
                kept[original.id] = line
        commands = [
            Command.delete(line.id)
            for line in note.invoice_line_ids
            if line.id not in {line.id for line in kept.values()}
        ]
        for origin_id, line in kept.items():
            origin = lines.browse(origin_id)
            price = (
                origin.price_total if self._is_gross(origin) else origin.price_subtotal
            )
            commands.append(
                Command.update(
                    line.id,
                    {
                        "quantity": 1,
                        "discount": 0,
                        "price_unit": self.currency_id.round(price * share),
                    },
                )
            )
        return commands

    @staticmethod
    def _is_gross(line):
        return any(line.tax_ids.mapped("price_include"))

    def _round_off(self, note):
        """Meet the amount to the cent, as far as taxes allow, never above it."""
        line = note.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )[:1]
        unit = self.currency_id.rounding

        def over():
            return self.currency_id.compare_amounts(note.amount_total, self.amount)

        for _step in range(5):
            if over() >= 0:
                break
            line.price_unit += unit
        for _step in range(10):
            if over() <= 0:
                break
            line.price_unit -= unit

    def _goodwill_note(self):
        """A credit note of its own: nothing of the order is taken back."""
        case = self.case_id
        journal = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.company_id),
                ("type", "=", "sale"),
            ],
            limit=1,
        )
        if not journal:
            raise UserError(
                self.env._("The company has no journal for customer invoices.")
            )
        return (
            self.env["account.move"]
            .with_company(self.company_id)
            .create(
                {
                    "move_type": "out_refund",
                    "journal_id": journal.id,
                    "partner_id": (
                        case.order_id.partner_invoice_id or case.partner_id
                    ).id,
                    "currency_id": self.currency_id.id,
                    "invoice_date": fields.Date.context_today(self),
                    "ref": self.env._("Complaint %(number)s", number=case.name),
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": self.env._(
                                    "Goodwill, complaint %(number)s", number=case.name
                                ),
                                "quantity": 1,
                                "price_unit": self.amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
        )

    def _cost_of_credit(self, move):
        return abs(move.amount_untaxed_signed)
