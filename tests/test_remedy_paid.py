from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_remedy import RemedyCommon


class RemedyPaidCommon(RemedyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )

    def _pay(self, move, amount):
        """Register a payment, as accounting does."""
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"amount": amount, "journal_id": self.bank.id})
        )
        return wizard._create_payments()

    def _refund(self, amount, **values):
        remedy = self._approved(amount=amount, **values)
        remedy.action_execute()
        self.assertEqual((remedy.state, remedy.problem), ("executed", False))
        return remedy, self._document(remedy)

    def _owed(self):
        """What the customer owes in the books; below zero what they are to get."""
        self.env.flush_all()
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.acme.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return sum(lines.mapped("amount_residual"))

    def _words(self, remedy, name="ledger_words"):
        """As somebody reads it who has no rights in accounting."""
        self.env.invalidate_all()
        self.assertFalse(self.handler.has_group("account.group_account_readonly"))
        return remedy.with_user(self.handler)[name]


@tagged("post_install", "-at_install")
class TestRemedyPaid(RemedyPaidCommon):
    """What is owed is reduced first; only what was paid is paid out (E1)."""

    def test_nothing_was_paid(self):
        total = self.invoice.amount_total
        remedy = self._approved(amount=50)
        self.assertRegex(
            self._words(remedy, "paid_words"), r"^Invoiced \D*142\.80\D*, paid \D*0\.00"
        )
        self.assertRegex(
            self._words(remedy, "pay_out_words"), r"owes \D*50\.00\D* less$"
        )
        remedy.action_execute()
        note = self._document(remedy)
        self.assertAlmostEqual(note.amount_residual, 0)
        self.assertAlmostEqual(self.invoice.amount_residual, total - 50)
        self.assertAlmostEqual(self._owed(), total - 50)
        words = self._words(remedy)
        self.assertRegex(words, r"50\.00\D*, posted\n\D*50\.00\D* taken off")
        self.assertNotIn("paid out", words)
        self.assertFalse(remedy.ledger_differs)

    def test_a_part_was_paid(self):
        total = self.invoice.amount_total
        self._pay(self.invoice, 40)
        owed = total - 40
        remedy = self._approved(amount=owed + 10, order_line_id=False)
        self.assertRegex(
            self._words(remedy, "paid_words"), r"154\.69\D*, paid \D*40\.00"
        )
        self.assertRegex(
            self._words(remedy, "pay_out_words"), r"114\.69\D* less, \D*10\.00\D* to be"
        )
        remedy.action_execute()
        note = self._document(remedy)
        self.assertAlmostEqual(self.invoice.amount_residual, 0)
        self.assertAlmostEqual(note.amount_residual, 10)
        self.assertAlmostEqual(self._owed(), -10)
        words = self._words(remedy)
        self.assertRegex(words, r"114\.69\D* taken off")
        self.assertRegex(words, r"10\.00\D* not paid out yet")
        self._pay(note, 10)
        self.assertAlmostEqual(self._owed(), 0)
        words = self._words(remedy)
        self.assertRegex(words, r"10\.00\D* paid out")
        self.assertNotIn("not paid out", words)

    def test_all_was_paid(self):
        self._pay(self.invoice, self.invoice.amount_total)
        self.assertIn(self.invoice.payment_state, ("paid", "in_payment"))
        remedy = self._approved(amount=20)
        self.assertRegex(
            self._words(remedy, "paid_words"), r"142\.80\D*, paid \D*142\.80"
        )
        self.assertRegex(
            self._words(remedy, "pay_out_words"), r"^\D*20\.00\D* is to be paid out$"
        )
        remedy.action_execute()
        note = self._document(remedy)
        self.assertAlmostEqual(note.amount_residual, 20)
        self.assertAlmostEqual(self._owed(), -20)
        self.assertRegex(self._words(remedy), r"20\.00\D* not paid out yet")
        self._pay(note, 20)
        self.assertRegex(self._words(remedy), r"20\.00\D* paid out")
        self.assertAlmostEqual(self._owed(), 0)
        self.assertAlmostEqual(self.case.remedy_cost, note.amount_untaxed)

    def test_a_line_counts_what_was_paid_by_its_share(self):
        self._pay(self.invoice, self.invoice.amount_total / 2)
        remedy = self._remedy(amount=20)
        self.assertRegex(
            self._words(remedy, "paid_words"), r"142\.80\D*, paid \D*71\.40"
        )

    def test_no_money_leaves_that_did_not_come_in(self):
        remedy, note = self._refund(20)
        remedy = remedy.sudo()
        remedy._check_paid_out(note)
        # As if it had not been set off: it would be open for the customer.
        note.line_ids.remove_move_reconcile()
        with self.refuses(UserError, "20.00 would be paid out, but .*0.00 were paid"):
            remedy._check_paid_out(note)
        self._pay(self.invoice, 30)
        remedy._check_paid_out(note)

    def test_set_off_against_other_credit_is_paid(self):
        for _number in range(2):
            self._refund(100, kind="goodwill", order_line_id=False)
        self.assertAlmostEqual(self.invoice.amount_residual, 0)
        _remedy, note = self._refund(50)
        self.assertAlmostEqual(note.amount_residual, 50)
        self.assertAlmostEqual(self._owed(), self.invoice.amount_total - 250)

    def test_goodwill_is_taken_off_what_is_owed_first(self):
        total = self.invoice.amount_total
        remedy, note = self._refund(15, kind="goodwill", order_line_id=False)
        self.assertAlmostEqual(note.amount_residual, 0)
        self.assertAlmostEqual(self.invoice.amount_residual, total - 15)
        self.assertRegex(self._words(remedy), r"15\.00\D* taken off")
        self._pay(self.invoice, total - 15)
        more, note = self._refund(10, kind="goodwill", order_line_id=False)
        self.assertAlmostEqual(note.amount_residual, 10)
        self.assertRegex(self._words(more), r"10\.00\D* not paid out yet")

    def test_another_currency_than_the_invoice(self):
        remedy = self._approved()
        other = self.env.ref("base.JPY")
        other.active = True
        self.env.cr.execute(
            "UPDATE complaint_remedy SET currency_id = %s WHERE id = %s",
            [other.id, remedy.id],
        )
        self.env.invalidate_all()
        remedy.action_execute()
        self.assertIn("the remedy in JPY", remedy.problem)


@tagged("post_install", "-at_install")
class TestRemedyLedger(RemedyPaidCommon):
    """What the books say, beside the remedy (E2)."""

    def test_a_difference_is_told(self):
        remedy, note = self._refund(20)
        note.button_draft()
        self.assertRegex(self._words(remedy), r"20\.00\D*, draft")
        self.assertTrue(remedy.ledger_differs)
        note.invoice_line_ids.price_unit -= 1
        note.action_post()
        self.assertRegex(self._words(remedy), r"1\.19\D* less than the remedy")
        self.assertAlmostEqual(remedy.cost, note.amount_untaxed)
        self.assertAlmostEqual(self.case.remedy_cost, note.amount_untaxed)
        self.assertTrue(remedy.ledger_differs)

    def test_the_order_is_not_invoiced_again(self):
        self.assertEqual(self.sold.invoice_status, "invoiced")
        self._refund(20)
        self.assertEqual(self.sold.invoice_status, "invoiced")
        self.assertEqual(self.kettle_line.qty_invoiced, 3)
        self.assertAlmostEqual(
            self.kettle_line.untaxed_amount_invoiced, 120 - 20 / 1.19, 1
        )

    def test_the_whole_way(self):
        """Ordered, invoiced, paid, complained of; a refund and a replacement."""
        self._pay(self.invoice, self.invoice.amount_total)
        self.company.complaint_remedy_limit = 30
        small = self._remedy(amount=30)
        small.with_user(self.supervisor).action_approve()
        large = self._remedy(amount=31)
        with self.refuses(UserError, "above what supervisors approve"):
            large.with_user(self.supervisor).action_approve()
        large.with_user(self.manager).action_approve()
        replacement = self._approved(kind="replacement", amount=0, quantity=1)
        (small | large | replacement).action_execute()
        self.assertEqual(
            set((small | large | replacement).mapped("state")), {"executed"}
        )
        notes = self._document(small) | self._document(large)
        self.assertAlmostEqual(sum(notes.mapped("amount_total")), 61)
        self.assertAlmostEqual(self._owed(), -61)
        revenue = notes.line_ids.filtered(lambda line: line.display_type == "product")
        self.assertAlmostEqual(sum(revenue.mapped("balance")), small.cost + large.cost)
        self.assertAlmostEqual(
            self.case.remedy_cost, small.cost + large.cost + 18, msg="one kettle"
        )
        with self.refuses(ValidationError, "more than is left"):
            self._remedy(amount=self.kettle_line.price_total - 61 + 0.02)


@tagged("post_install", "-at_install")
class TestRemedyBadInput(RemedyPaidCommon):
    """What cannot be is refused with a sentence that says why (E1)."""

    def test_several_for_the_same_line_at_once(self):
        values = {
            "case_id": self.case.id,
            "kind": "refund",
            "order_line_id": self.kettle_line.id,
            "amount": 100,
        }
        remedies = self.env["complaint.remedy"].with_user(self.handler)
        with self.refuses(ValidationError, "more than is left"):
            remedies.create([values, values])
        head = ["case_id/.id", "kind", "order_line_id/.id", "amount"]
        row = [str(self.case.id), "refund", str(self.kettle_line.id), "100"]
        result = remedies.load(head, [row, row])
        self.assertFalse(result["ids"])
        self.assertIn("more than is left", str(result["messages"]))
        self.assertFalse(self.case.remedy_ids)

    def test_an_invoice_that_says_the_same_line_twice(self):
        self.invoice.button_draft()
        line = self.invoice.invoice_line_ids.filtered(
            lambda line: line.product_id == self.kettle
        )
        line.quantity = 1.5
        self.invoice.write(
            {
                "invoice_line_ids": [
                    Command.create(
                        {**line.copy_data()[0], "sale_line_ids": self.kettle_line.ids}
                    )
                ]
            }
        )
        self.invoice.action_post()
        lines = self.kettle_line.invoice_lines
        self.assertEqual(len(lines), 2)
        _remedy, note = self._refund(50)
        self.assertAlmostEqual(note.amount_total, 50)

    def test_several_invoices(self):
        """Who handles the complaint sees none of them; the oldest that will do."""
        self.invoice.button_draft()
        line = self.invoice.invoice_line_ids.filtered(
            lambda line: line.product_id == self.kettle
        )
        line.quantity = 1
        self.invoice.action_post()
        second = self.sold._create_invoices()
        second.action_post()
        each = self.kettle_line.price_total / 3
        _remedy, note = self._refund(each)
        self.assertEqual(note.reversed_entry_id, self.invoice)
        remedy, note = self._refund(each)
        self.assertEqual(note.reversed_entry_id, second, "nothing is left on the first")
        self.assertTrue(self._words(remedy, "paid_words"))
        third = self.sold.order_line - self.kettle_line
        self.assertTrue(third)
        whole = self._approved(amount=each + 11, order_line_id=False)
        whole.action_execute()
        self.assertIn("None of the invoices", whole.problem)

    def test_the_form_opens_without_rights_in_accounting(self):
        done, _note = self._refund(10)
        for user in (self.handler, self.supervisor, self.manager):
            self.assertFalse(
                self.env["account.move"].with_user(user).has_access("read")
            )
            remedy = self._remedy(amount=10)
            for one in (remedy, done):
                self.env.invalidate_all()
                with Form(one.with_user(user)) as form:
                    self.assertTrue(form.paid_words)
            with Form(remedy.with_user(user)) as form:
                form.amount = 11
                self.assertIn("11.00", form.pay_out_words)
            new = self.env["complaint.remedy"].with_user(user)
            with Form(new.with_context(default_case_id=self.case.id)) as form:
                form.kind = "refund"
                form.order_line_id = self.kettle_line.with_user(user)
                form.amount = 2
            self.assertEqual(form.record.state, "proposed")

    def test_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        product = self.env["product.product"].create(
            {"name": "Foreign", "company_id": other.id}
        )
        foreign = {
            "kind": "replacement",
            "amount": 0,
            "order_line_id": False,
            "allegation_id": False,
            "product_id": product.id,
        }
        with self.refuses(AccessError, "Product Variant"):
            self._remedy(**foreign)
        self.handler.company_ids |= other
        with self.refuses(UserError, "compan"):
            self._remedy(**foreign)
        self.handler.company_ids -= other
        case = self._case(
            company_id=other.id, team_id=False, user_id=False, order_id=False
        )
        with self.refuses(UserError, "Elsewhere|access"):
            self._remedy(case_id=case.id, allegation_id=False, order_line_id=False)

    def test_the_order_of_the_complaint_is_another_one_afterwards(self):
        remedy = self._approved()
        self.allegation.order_line_id = False
        own = self._order(self.customer.partner_id, self.product)
        with self.refuses(ValidationError, "another order"):
            self.case.order_id = own
        remedy.action_cancel()
        proposal = self._remedy(kind="goodwill", order_line_id=False, amount=5)
        seen = proposal.revision
        self.case.order_id = own
        approver = proposal.with_user(self.manager)
        with self.refuses(UserError, "changed meanwhile"):
            approver.with_context(seen_revision=seen).action_approve()

    def test_books_closed_meanwhile(self):
        remedy = self._approved()
        self.company.sale_lock_date = "2099-12-31"
        remedy.action_execute()
        self.assertEqual(remedy.state, "failed")
        self.assertIn("books are closed", remedy.problem)
        self.assertEqual(len(self.sold.invoice_ids), 1)
