from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ComplaintCommon

TO_APPROVE = "complaint_management.mail_activity_type_remedy"


class RemedyCommon(ComplaintCommon):
    """An order of two lines, delivered and invoiced, and a complaint that is right."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", cls.company)
        cls.tax = cls.env["account.tax"].create(
            {"name": "VAT", "amount": 19, "type_tax_use": "sale"}
        )
        cls.kettle, cls.filters = cls.env["product.product"].create(
            [
                {
                    "name": "Kettle",
                    "list_price": 40,
                    "standard_price": 18,
                    "invoice_policy": "order",
                    "taxes_id": [Command.set(cls.tax.ids)],
                },
                {
                    "name": "Filters",
                    "list_price": 9.99,
                    "invoice_policy": "order",
                    "taxes_id": [Command.set(cls.tax.ids)],
                },
            ]
        )
        cls.sold = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.partner_id.id,
                "order_line": [
                    Command.create({"product_id": cls.kettle.id, "product_uom_qty": 3}),
                    Command.create(
                        {"product_id": cls.filters.id, "product_uom_qty": 1}
                    ),
                ],
            }
        )
        cls.sold.action_confirm()
        cls.kettle_line, cls.filter_line = cls.sold.order_line
        cls.invoice = cls.sold._create_invoices()
        cls.invoice.action_post()
        cls.case = cls._case(order_id=cls.sold.id, user_id=cls.handler.id)
        cls.allegation = cls.env["complaint.allegation"].create(
            {
                "case_id": cls.case.id,
                "summary": "Leaks",
                "finding": "upheld",
                "order_line_id": cls.kettle_line.id,
            }
        )
        cls.case.with_user(cls.handler).action_investigate()

    def _remedy(self, user=None, **values):
        return (
            self.env["complaint.remedy"]
            .with_user(user or self.handler)
            .create(
                {
                    "case_id": self.case.id,
                    "allegation_id": self.allegation.id,
                    "kind": "refund",
                    "order_line_id": self.kettle_line.id,
                    "amount": 20,
                    **values,
                }
            )
        )

    def _approved(self, **values):
        remedy = self._remedy(**values)
        remedy.with_user(self.manager).action_approve()
        return remedy

    def _document(self, remedy):
        return self.env[remedy.document_model].browse(remedy.document_id)


@tagged("post_install", "-at_install")
class TestRemedyApproval(RemedyCommon):
    """Who may approve what: by button, by RPC, by import (E1)."""

    def test_by_amount_and_role(self):
        self.company.complaint_remedy_limit = 25
        small, large = self._remedy(amount=25), self._remedy(amount=26)
        with self.refuses(UserError, "Supervisors and managers"):
            small.action_approve()
        small.with_user(self.supervisor).action_approve()
        self.assertEqual(
            (small.state, small.approved_by_id), ("approved", self.supervisor)
        )
        with self.refuses(UserError, "above what supervisors approve"):
            large.with_user(self.supervisor).action_approve()
        large.with_user(self.manager).action_approve()
        self.assertEqual(large.state, "approved")
        with self.refuses(UserError, "by now"):
            large.with_user(self.manager).action_approve()

    def test_not_the_own_above_the_limit_of_four_eyes(self):
        self.company.complaint_remedy_four_eyes = 20
        own = self._remedy(self.supervisor, amount=20)
        own.action_approve()
        above = self._remedy(self.supervisor, amount=21)
        with self.refuses(UserError, "You proposed"):
            above.action_approve()
        self.assertFalse(above.may_approve)
        self.assertTrue(above.with_user(self.manager).may_approve)

    def test_a_product_is_worth_what_it_sold_for(self):
        self.company.complaint_remedy_limit = 47
        remedy = self._remedy(kind="replacement", amount=0, quantity=1)
        with self.refuses(UserError, "above what supervisors approve"):
            remedy.with_user(self.supervisor).action_approve()
        self.company.complaint_remedy_limit = 48
        remedy.with_user(self.supervisor).action_approve()

    def test_words_need_no_approval(self):
        remedy = self._remedy(kind="apology", amount=0)
        self.assertEqual(remedy.state, "approved")
        remedy.action_execute()
        self.assertEqual(remedy.state, "executed")
        self.assertFalse(remedy.document_id)

    def test_other_currencies_at_the_rate_of_the_day(self):
        other = self.env.ref("base.EUR")
        if other == self.company.currency_id:
            other = self.env.ref("base.USD")
        other.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "rate": 0.5, "company_id": self.company.id}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Other", "currency_id": other.id}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.partner_id.id,
                "pricelist_id": pricelist.id,
                "order_line": [Command.create({"product_id": self.kettle.id})],
            }
        )
        order.action_confirm()
        order._create_invoices().action_post()
        case = self._case(order_id=order.id, user_id=self.handler.id)
        remedy = self._remedy(
            case_id=case.id, allegation_id=False, order_line_id=False, amount=10
        )
        self.assertEqual(remedy.currency_id, other)
        self.assertAlmostEqual(remedy.company_amount, 20)
        self.company.complaint_remedy_limit = 19
        with self.refuses(UserError, "above what supervisors approve"):
            remedy.with_user(self.supervisor).action_approve()

    def test_nobody_writes_states(self):
        remedy = self._remedy()
        for user in (self.handler, self.supervisor, self.manager):
            mine = remedy.with_user(user)
            for values in (
                {"state": "approved"},
                {"approved_by_id": user.id},
                {"document_id": 1, "document_model": "account.move"},
                {"proposed_by_id": self.colleague.id},
                {"cost": 1},
                {"case_id": self._case().id},
            ):
                with self.refuses(UserError, "written by hand"):
                    mine.write(values)
                if "case_id" not in values:
                    with self.refuses(UserError, "written by hand"):
                        self._remedy(user, **values)
            sneaky = {
                "default_state": "approved",
                "default_approved_at": "2026-01-01 00:00:00",
                "default_proposed_by_id": self.colleague.id,
            }
            made = mine.with_context(**sneaky).create(
                {"case_id": self.case.id, "kind": "goodwill", "amount": 5}
            )
            self.assertEqual((made.state, made.approved_at), ("proposed", False))
            self.assertEqual(made.proposed_by_id, user)
            result = mine.load(
                ["case_id/.id", "kind", "amount", "state"],
                [[str(self.case.id), "goodwill", "5", "approved"]],
            )
            self.assertFalse(result["ids"])
        with self.assertRaises(AccessError):
            remedy.with_user(self.auditor).action_approve()
        with self.assertRaises(AccessError):
            remedy.with_user(self.stranger).read(["amount"])
        remedy.with_user(self.supervisor).action_approve()
        with self.refuses(UserError, "was approved as it is"):
            remedy.amount = 10
        with self.refuses(UserError, "was approved as it is"):
            remedy.unlink()

    def test_somebody_who_may_gets_a_to_do(self):
        self.company.complaint_remedy_limit = 10
        remedy = self._remedy()
        remedy.action_ask_approval()
        to_do = self.case.activity_ids.filtered(
            lambda one: one.activity_type_id == self.env.ref(TO_APPROVE)
        )
        self.assertTrue(to_do.user_id.has_group("complaint_management.group_manager"))
        remedy.with_user(self.manager).action_approve()
        self.assertFalse(to_do.exists())


@tagged("post_install", "-at_install")
class TestRemedyCap(RemedyCommon):
    """Nobody gets back more than was invoiced, less what was given back (E1)."""

    def test_of_the_line(self):
        paid = self.kettle_line.price_total
        with self.refuses(ValidationError, "more than is left"):
            self._remedy(amount=paid + 0.01)
        first = self._approved(amount=100)
        with self.refuses(ValidationError, "more than is left"):
            self._remedy(amount=paid - 100 + 0.01)
        self.assertIn("100", self.case.order_compensated)
        self.assertIn("100", self.sold.with_user(self.handler).complaint_given_back)
        first.action_execute()
        self.assertEqual(first.state, "executed")
        with self.refuses(ValidationError, "more than is left"):
            self._remedy(amount=paid - 100 + 0.02)
        self._remedy(amount=paid - 100)

    def test_what_is_declined_or_cancelled_is_free_again(self):
        paid = self.kettle_line.price_total
        first = self._remedy(amount=paid)
        first.action_cancel()
        self._remedy(amount=paid)

    def test_of_other_complaints_about_the_order(self):
        paid = self.kettle_line.price_total
        self._remedy(amount=paid)
        other = self._case(order_id=self.sold.id, user_id=self.handler.id)
        with self.refuses(ValidationError, "more than is left"):
            self._remedy(case_id=other.id, allegation_id=False, amount=1)

    def test_many_cost_as_many_queries_as_few(self):
        def queries(number):
            values = [
                {
                    "case_id": self.case.id,
                    "kind": "refund",
                    "order_line_id": self.kettle_line.id,
                    "amount": 0.5,
                }
            ] * number
            remedies = self.env["complaint.remedy"].with_user(self.handler)
            counts = []
            for _warm in range(2):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                remedies.create(values)
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
            return min(counts)

        few = queries(2)
        self.assertLessEqual(queries(20), few + 2)

    def test_senseless_amounts(self):
        for amount in (0, -5):
            with self.refuses(ValidationError, "above zero"):
                self._remedy(amount=amount)
        with self.refuses(ValidationError, "quantity above zero"):
            self._remedy(kind="replacement", quantity=0)

    def test_another_customers_invoice(self):
        line = self.other_order.order_line
        line.product_id.invoice_policy = "order"
        other = self.other_order._create_invoices()
        other.action_post()
        with self.refuses(ValidationError, "not a posted invoice of this customer"):
            self._remedy(invoice_id=other.id)
        with self.refuses(ValidationError, "another order"):
            self._remedy(order_line_id=line.id)


@tagged("post_install", "-at_install")
class TestRemedyExecution(RemedyCommon):
    """Carried out by Odoo's documents, once, and followed (E2)."""

    def test_partial_refund_of_a_line(self):
        remedy = self._approved(amount=20)
        remedy.action_execute()
        self.assertEqual((remedy.state, remedy.problem), ("executed", False))
        note = self._document(remedy)
        self.assertEqual((note.move_type, note.state), ("out_refund", "posted"))
        self.assertEqual(note.reversed_entry_id, self.invoice)
        self.assertAlmostEqual(note.amount_total, 20)
        self.assertEqual(note.invoice_line_ids.product_id, self.kettle)
        self.assertEqual(note.invoice_line_ids.sale_line_ids, self.kettle_line)
        self.assertAlmostEqual(remedy.cost, note.amount_untaxed)
        self.assertAlmostEqual(self.case.remedy_cost, note.amount_untaxed)
        receivable = note.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        self.assertAlmostEqual(receivable.credit, 20)

    def test_to_the_cent_and_never_above(self):
        for amount in (0.01, 0.02, 7.77, 33.33, 19.99, 5):
            with self.subTest(amount=amount):
                remedy = self._approved(amount=amount)
                remedy.action_execute()
                note = self._document(remedy)
                self.assertLessEqual(note.amount_total, amount + 0.001)
                self.assertGreaterEqual(note.amount_total, amount - 0.02)

    def test_the_whole_invoice(self):
        remedy = self._approved(
            amount=self.invoice.amount_total, order_line_id=False, allegation_id=False
        )
        remedy.action_execute()
        note = self._document(remedy)
        self.assertAlmostEqual(note.amount_total, self.invoice.amount_total)
        self.assertEqual(len(note.invoice_line_ids), 2)

    def test_goodwill_takes_nothing_of_the_order_back(self):
        remedy = self._approved(kind="goodwill", order_line_id=False, amount=15)
        remedy.action_execute()
        self.assertEqual((remedy.state, remedy.problem), ("executed", False))
        note = self._document(remedy)
        self.assertAlmostEqual(note.amount_total, 15)
        self.assertFalse(note.reversed_entry_id)
        self.assertFalse(note.invoice_line_ids.sale_line_ids)

    def test_replacement(self):
        remedy = self._approved(kind="replacement", amount=0, quantity=2)
        remedy.action_execute()
        self.assertEqual((remedy.state, remedy.problem), ("executed", False))
        order = self._document(remedy)
        self.assertEqual((order.state, order.amount_total), ("sale", 0))
        self.assertEqual(order.order_line.product_uom_qty, 2)
        self.assertEqual(order.order_line.product_id, self.kettle)
        self.assertIn(self.case.name, order.origin)
        self.assertAlmostEqual(remedy.cost, 36)

    def test_once(self):
        remedy = self._approved()
        remedy.action_execute()
        with self.refuses(UserError, "by now"):
            remedy.action_execute()
        notes = self.env["account.move"].search(
            [("reversed_entry_id", "=", self.invoice.id)]
        )
        self.assertEqual(len(notes), 1)

    def test_not_without_approval(self):
        remedy = self._remedy()
        with self.refuses(UserError, "by now"):
            remedy.action_execute()

    def test_what_fails_says_why_and_can_be_done_again(self):
        remedy = self._approved()
        self.company.fiscalyear_lock_date = "2099-12-31"
        remedy.action_execute()
        self.assertEqual(remedy.state, "failed")
        self.assertIn("books are closed", remedy.problem)
        self.assertFalse(
            self.env["account.move"].search(
                [("reversed_entry_id", "=", self.invoice.id)]
            )
        )
        self.company.fiscalyear_lock_date = False
        remedy.action_execute()
        self.assertEqual((remedy.state, remedy.problem), ("executed", False))

    def test_nothing_invoiced(self):
        order = self._order(self.acme, self.product)
        case = self._case(order_id=order.id, user_id=self.handler.id)
        values = {"allegation_id": False, "order_line_id": False}
        with self.refuses(ValidationError, "Nothing of it was invoiced"):
            self._remedy(case_id=case.id, **values)
        case.order_id = False
        with self.refuses(ValidationError, "about no order"):
            self._remedy(case_id=case.id, **values)

    def test_amount_is_met_to_the_cent_where_taxes_allow(self):
        """86.96 and 15 % are 100.00: a cent less is no cent saved."""
        self.tax.amount = 15
        order = self._order(self.acme, self.kettle)
        order.order_line.price_unit = 400
        order._create_invoices().action_post()
        case = self._case(
            order_id=order.id,
            user_id=self.handler.id,
            partner_id=self.customer.partner_id.id,
        )
        case.with_user(self.handler).action_accept()
        for amount in (100, 10, 1, 33.33):
            remedy = self._approved(
                case_id=case.id,
                allegation_id=False,
                order_line_id=order.order_line.id,
                amount=amount,
            )
            remedy.action_execute()
            self.assertEqual(remedy.state, "executed", remedy.problem)
            note = self._document(remedy)
            self.assertLessEqual(note.amount_total, amount)
            # 10 cannot be met: it is 9.99 or 10.01.
            if amount == 100:
                self.assertEqual(note.amount_total, amount)

    def test_no_more_pieces_than_were_ordered(self):
        with self.refuses(ValidationError, "more than were ordered: 3"):
            self._remedy(kind="replacement", amount=0, quantity=4)

    def test_one_to_do_for_each_proposal(self):
        first, second = self._remedy(amount=10), self._remedy(amount=11)
        kind = self.env.ref(TO_APPROVE)

        def waiting():
            to_dos = self.case.sudo().activity_ids
            return to_dos.filtered(lambda one: one.activity_type_id == kind)

        for _again in range(2):
            (first | second).action_ask_approval()
        self.assertEqual(len(waiting()), 2)
        first.with_user(self.supervisor).action_approve()
        self.assertEqual(waiting().complaint_remedy_id, second)
        second.action_cancel()
        self.assertFalse(waiting())

    def test_deleted_proposal_is_told(self):
        remedy = self._remedy(amount=10)
        remedy.unlink()
        bodies = self.case.message_ids.mapped("body")
        self.assertTrue(any("Proposal deleted: Refund" in body for body in bodies))

    def test_letter_that_promises_what_failed_is_worth_a_look(self):
        self.case.answer = "<p>Yes.</p>"
        remedy = self._approved()
        remedy.sudo()._set("failed", problem="No journal")
        points = self.case._answer_points()
        [point] = [one for one in points if "could not be carried out" in one.text]
        self.assertFalse(point.is_done)
        self.assertEqual(point.where, remedy)
        self.assertFalse(any("what the customer gets" in one.text for one in points))

    def test_document_is_offered_to_who_may_open_it(self):
        remedy = self._approved()
        remedy.action_execute()
        self.assertFalse(remedy.with_user(self.handler).may_open_document)
        self.assertTrue(
            remedy.with_user(self.env.ref("base.user_admin")).may_open_document
        )

    def test_nothing_given_back_is_not_told(self):
        case = self._case(
            order_id=self.other_order.id,
            partner_id=self.other_customer.partner_id.id,
        )
        self.assertFalse(case.order_compensated)
        self.assertFalse(self.other_order.complaint_given_back)

    def test_cancelled_documents_reopen_the_remedy(self):
        refund = self._approved()
        refund.action_execute()
        note = self._document(refund)
        note.button_draft()
        self.assertEqual(refund.state, "executed")
        note.button_cancel()
        self.assertEqual((refund.state, refund.document_id), ("approved", 0))
        self.assertEqual(self.case.remedy_cost, 0)
        replacement = self._approved(kind="replacement", amount=0)
        replacement.action_execute()
        self._document(replacement)._action_cancel()
        self.assertEqual(replacement.state, "approved")
        replacement.action_execute()
        self.assertEqual(replacement.state, "executed")

    def test_binds_closing(self):
        remedy = self._approved()
        case = self.case.with_user(self.handler)
        case.write({"answer": "<p>Right.</p>", "outcome": "settled"})
        case.action_answer()
        with self.refuses(UserError, "is not carried out"):
            case.action_close()
        remedy.action_execute()
        case.action_close()
        with self.refuses(UserError, "is closed"):
            self._remedy()

    def test_goes_along_when_complaints_are_merged(self):
        remedy = self._approved()
        own_order = self._order(self.customer.partner_id, self.product)
        target = self._case(order_id=own_order.id, user_id=self.handler.id)
        self.case.with_user(self.manager)._merge_into(target.with_user(self.manager))
        self.assertEqual(remedy.case_id, target)
        self.assertEqual(remedy.allegation_id.case_id, target)
        self.assertFalse(remedy.order_line_id, "it is of another order")
        self.assertEqual(self.case.outcome, "merged")

    def test_goes_along_when_its_allegation_is_split_off(self):
        mine = self._approved()
        other = self._remedy(allegation_id=False, kind="apology", amount=0)
        new = self.case.with_user(self.manager)._split_off(
            {"subject": "The rest"}, self.allegation, self.env["mail.message"]
        )
        self.assertEqual((mine.case_id, other.case_id), (new, self.case))

    def test_in_the_case_file(self):
        remedy = self._approved(note="Within ten days.")
        remedy.action_execute()
        [row] = self.case._file_remedies()
        self.assertEqual(row["document"], remedy.document_name)
        self.assertIn(f"proposed: {self.handler.name}", row["who"])
        self.assertIn(f"approved: {self.manager.name}", row["who"])


@tagged("post_install", "-at_install")
class TestRemedyOffer(RemedyCommon):
    """The customer accepts or declines (E1)."""

    def test_accepted_by_the_customer(self):
        remedy = self._approved(note="Within ten days.")
        remedy.action_offer()
        self.assertEqual(remedy.state, "offered")
        with self.refuses(UserError, "by now"):
            remedy.action_execute()
        mine = self.case.with_user(self.customer)
        page = self.case.sudo()._portal_remedies()
        self.assertEqual([row["is_offer"] for row in page], [True])
        mine._customer_decide_remedy(remedy.id, "accept")
        self.assertEqual(remedy.state, "accepted")
        with self.refuses(UserError, "does not wait"):
            mine._customer_decide_remedy(remedy.id, "decline")
        remedy.action_execute()
        self.assertEqual(remedy.state, "executed")

    def test_declined_with_the_reason(self):
        remedy = self._approved()
        remedy.action_offer()
        self.case.with_user(self.customer)._customer_decide_remedy(
            remedy.id, "decline", "Too little"
        )
        self.assertEqual(
            (remedy.state, remedy.customer_reason), ("declined", "Too little")
        )
        self.assertTrue(self.case.activity_ids)

    def test_of_another_complaint(self):
        remedy = self._approved()
        remedy.action_offer()
        other = self._case(partner_id=self.customer.partner_id.id)
        with self.refuses(UserError, "does not wait"):
            other.with_user(self.customer)._customer_decide_remedy(remedy.id, "accept")

    def test_proposals_are_not_told(self):
        self._remedy()
        self.assertFalse(self.case._portal_remedies())
        self.assertFalse(self.case._letter_remedies())
        with self.assertRaises(AccessError):
            self.env["complaint.remedy"].with_user(self.customer).search([])
