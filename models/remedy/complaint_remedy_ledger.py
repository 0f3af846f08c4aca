from odoo import api, fields, models


class ComplaintRemedy(models.Model):
    """What the books say of a remedy that was carried out, beside what was approved
    (E2): read from the document itself, whenever somebody looks."""

    _inherit = "complaint.remedy"

    ledger_words = fields.Text(
        string="In the books",
        compute="_compute_ledger_words",
        help="What became of its document, and whether that agrees with the remedy.",
    )
    ledger_differs = fields.Boolean(compute="_compute_ledger_words")

    @api.depends("state", "amount", "document_model", "document_id")
    def _compute_ledger_words(self):
        for remedy in self:
            words, differs = [], False
            # sudo: a few sums, for who has no access to accounting.
            tell = getattr(remedy.sudo(), f"_ledger_of_{remedy.makes}", None)
            if tell and remedy.state == "executed":
                document = remedy._document()
                if document:
                    words, differs = tell(document)
                else:
                    words, differs = [self.env._("The document is gone.")], True
            remedy.ledger_words = "\n".join(words)
            remedy.ledger_differs = differs

    def _ledger_difference(self, amount, total):
        """What a document has less or more than what was approved.

        :return: list of str, empty when they agree
        """
        show, compare = self.currency_id.format, self.currency_id.compare_amounts
        order = compare(total, amount)
        if not order:
            return []
        if order < 0:
            return [
                self.env._(
                    "%(difference)s less than the remedy",
                    difference=show(amount - total),
                )
            ]
        return [
            self.env._(
                "%(difference)s more than the remedy", difference=show(total - amount)
            )
        ]

    def _ledger_of_credit(self, note):
        """What a credit note is worth and what became of it; called as the system.

        :return: list of str, and whether it is not as it should be
        """
        show = note.currency_id.format
        states = dict(note._fields["state"]._description_selection(self.env))
        words = [
            self.env._(
                "Credit note %(name)s: %(total)s, %(state)s",
                name=note.name or "/",
                total=show(note.amount_total),
                state=states[note.state].lower(),
            )
        ]
        difference = self._ledger_difference(self.amount, note.amount_total)
        if note.state == "posted":
            words += self._ledger_of_money(note)
        return words + difference, bool(difference) or note.state != "posted"

    def _ledger_of_money(self, note):
        show, is_zero = note.currency_id.format, note.currency_id.is_zero
        partials, _exchange = note._get_reconciled_invoices_partials()
        taken_off = sum(
            amount
            for _partial, amount, other in partials
            if other.move_id.move_type == "out_invoice"
        )
        is_open = note.amount_residual
        out = note.amount_total - taken_off - is_open
        # The invoice was paid without an entry: what was set off is due all the same.
        invoice = note.reversed_entry_id
        if invoice:
            waiting = sum(invoice.reversal_move_ids.mapped("amount_residual"))
            due = min(max(self._surplus(invoice) - waiting, 0), taken_off)
            taken_off, is_open = taken_off - due, is_open + due
        words = []
        if not is_zero(taken_off):
            words.append(
                self.env._(
                    "%(amount)s taken off what the customer owed",
                    amount=show(taken_off),
                )
            )
        if not is_zero(out):
            words.append(self.env._("%(amount)s paid out", amount=show(out)))
        if not is_zero(is_open):
            words.append(
                self.env._("%(amount)s not paid out yet", amount=show(is_open))
            )
        return words

    def _ledger_of_coupon(self, card):
        """What of a coupon was redeemed; called as the system. As above."""
        show = self.currency_id.format
        redeemed = self._redeemed(card)
        words = [
            self.env._(
                "Redeemed %(redeemed)s of %(amount)s",
                redeemed=show(redeemed),
                amount=show(self.amount),
            )
        ]
        difference = self._ledger_difference(self.amount, redeemed + card.points)
        words += difference
        if not card.active:
            words.append(self.env._("The coupon was withdrawn."))
        elif self._is_expired(card):
            words.append(self.env._("The coupon has expired."))
        return words, bool(difference) or not card.active
