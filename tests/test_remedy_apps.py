from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .test_remedy import RemedyCommon


@tagged("post_install", "-at_install")
class TestRemedyApps(RemedyCommon):
    """Kinds that another app carries out: offered where it is installed, and only
    there. The rest is tested by
    `./dev test --with sale_loyalty,sale_stock,repair tests/test_remedy_apps.py`."""

    def test_kinds_follow_the_apps(self):
        kinds = dict(self.env["complaint.remedy"]._selection_kind())
        self.assertEqual("coupon" in kinds, "loyalty.program" in self.env)
        self.assertEqual("return" in kinds, "stock.return.picking" in self.env)
        self.assertEqual("repair" in kinds, "repair.order" in self.env)
        self.assertIn("refund", kinds)
        if "coupon" not in kinds:
            with self.refuses(ValidationError, "not installed"):
                self._remedy(kind="coupon", amount=5)

    def _programme(self):
        """The only programme of gift cards."""
        self.env["loyalty.program"].search([]).active = False
        return self.env["loyalty.program"].create(
            {
                "name": "Vouchers",
                "program_type": "gift_card",
                "applies_on": "future",
                "trigger": "auto",
                "reward_ids": [
                    Command.create(
                        {
                            "reward_type": "discount",
                            "discount_mode": "per_point",
                            "discount": 1,
                            "discount_applicability": "order",
                        }
                    )
                ],
            }
        )

    def _coupon(self, amount):
        remedy = self._approved(kind="coupon", order_line_id=False, amount=amount)
        remedy.action_execute()
        self.assertEqual((remedy.state, remedy.problem), ("executed", False))
        return remedy, self._document(remedy)

    def _redeem(self, card, price):
        """Order something for which the coupon is given."""
        line = {"product_id": self.kettle.id, "price_unit": price, "tax_ids": False}
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.partner_id.id,
                "order_line": [Command.create(line)],
            }
        )
        order._try_apply_code(card.code)
        order._apply_program_reward(order._get_claimable_rewards()[card], card)
        order.action_confirm()
        return order

    def _look(self, remedy):
        """As the scheduled action does when it is due."""
        self.env.flush_all()
        self.env.invalidate_all()
        remedy._process_event(remedy.next_event_at)

    def _words(self, remedy):
        """As somebody reads it who may not see coupons."""
        self.env.invalidate_all()
        return remedy.with_user(self.handler).ledger_words

    def test_coupon_issued_and_redeemed(self):
        if "loyalty.program" not in self.env:
            self.assertNotIn("loyalty.card", self.env)
            return
        self.env["loyalty.program"].search([]).active = False
        remedy = self._approved(kind="coupon", order_line_id=False, amount=15)
        remedy.action_execute()
        self.assertEqual(remedy.state, "failed")
        self.assertIn("no gift card programme", remedy.problem)
        program = self._programme()
        remedy.action_execute()
        self.assertEqual((remedy.state, remedy.problem), ("executed", False))
        card = self._document(remedy)
        self.assertEqual((card.points, card.program_id), (15, program))
        self.assertEqual(card.partner_id, self.customer.partner_id)
        self.assertEqual(remedy.cost, 15)
        self.assertRegex(self._words(remedy), r"^Redeemed \D*0\.00\D* of \D*15\.00")
        order = self._redeem(card, 100)
        self.assertAlmostEqual(order.amount_total, 85)
        self.assertEqual(card.points, 0)
        self.assertRegex(self._words(remedy), r"^Redeemed \D*15\.00\D* of \D*15\.00")
        self.assertFalse(remedy.ledger_differs)
        # In the books: what was sold for 100 is owed with 85.
        invoice = order._create_invoices()
        invoice.action_post()
        receivable = invoice.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        self.assertAlmostEqual(receivable.balance, 85)
        given = invoice.invoice_line_ids.filtered(lambda line: line.price_total < 0)
        self.assertAlmostEqual(given.balance, remedy.cost)
        self.assertAlmostEqual(self.case.remedy_cost, 15)
        # Nothing is left to be looked at.
        self._look(remedy)
        self.assertEqual((remedy.state, remedy.next_event_at), ("executed", False))

    def test_coupon_redeemed_in_parts(self):
        if "loyalty.program" not in self.env:
            return
        self._programme()
        remedy, card = self._coupon(50)
        order = self._redeem(card, 20)
        self.assertRegex(self._words(remedy), r"^Redeemed \D*20\.00\D* of \D*50\.00")
        self.assertFalse(remedy.ledger_differs)
        due = remedy.next_event_at
        self._look(remedy)
        self.assertGreater(remedy.next_event_at, due, "looked at again")
        order._action_cancel()
        self.assertRegex(self._words(remedy), r"^Redeemed \D*0\.00\D* of \D*50\.00")
        self._redeem(card, 20)
        # Withdrawn: a new card over all of it would give too much.
        card.active = False
        self.assertIn("withdrawn", self._words(remedy))
        self._look(remedy)
        self.assertEqual((remedy.state, remedy.next_event_at), ("executed", False))
        self.assertEqual(remedy.cost, 20)
        told = self.case.activity_ids.mapped("summary")
        self.assertTrue([text for text in told if "20.00 were redeemed" in text], told)

    def test_coupon_withdrawn_before_it_was_redeemed(self):
        if "loyalty.program" not in self.env:
            return
        self._programme()
        for withdraw in (
            lambda card: card.action_archive(),
            lambda card: card.unlink(),
            lambda card: card.write({"points": 0}),
        ):
            remedy, card = self._coupon(5)
            withdraw(card)
            self.env.invalidate_all()
            self.assertTrue(remedy.ledger_differs)
            self._look(remedy)
            self.assertEqual((remedy.state, remedy.document_id), ("approved", 0))
            self.assertEqual(remedy.cost, 0)
            remedy.action_execute()
            self.assertEqual(remedy.state, "executed")
            self.assertEqual(self._document(remedy).points, 5)

    def test_coupon_expired(self):
        if "loyalty.program" not in self.env:
            return
        self._programme()
        remedy, card = self._coupon(5)
        card.expiration_date = fields.Date.today() + timedelta(days=1)
        self._look(remedy)
        self.assertTrue(remedy.next_event_at)
        card.expiration_date = fields.Date.today() - timedelta(days=2)
        self.assertIn("expired", self._words(remedy))
        self._look(remedy)
        self.assertEqual((remedy.state, remedy.cost), ("executed", 0))
        self.assertFalse(remedy.next_event_at)
        self.assertTrue(self.case.activity_ids)

    def _delivered(self, quantity):
        """Deliver the order of the complaint."""
        picking = self.sold.picking_ids
        picking.move_ids.filtered(
            lambda move: move.product_id == self.kettle
        ).quantity = quantity
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        return picking

    def test_return_of_what_was_delivered(self):
        if "stock.return.picking" not in self.env:
            self.assertNotIn("stock.picking", self.env)
            return
        remedy = self._approved(kind="return", amount=0, quantity=2)
        remedy.action_execute()
        self.assertEqual(remedy.state, "failed")
        self.assertIn("0 were delivered", remedy.problem)
        picking = self._delivered(3)
        self.assertEqual(picking.state, "done")
        remedy.action_execute()
        self.assertEqual((remedy.state, remedy.problem), ("executed", False))
        back = self._document(remedy)
        self.assertEqual(back.return_id, picking)
        self.assertEqual(back.move_ids.product_uom_qty, 2)
        self.assertIn(self.case.name, back.origin)
        again = self._approved(kind="return", amount=0, quantity=2)
        again.action_execute()
        self.assertIn("2.0 of them are back", again.problem)
        # Cancelled in the warehouse: seen by the next look.
        back.action_cancel()
        remedy._process_event(remedy.next_event_at)
        self.assertEqual((remedy.state, remedy.next_event_at), ("approved", False))
        remedy.action_execute()
        self.assertEqual(remedy.state, "executed")

    def test_what_came_back_is_not_invoiced_again(self):
        if "stock.return.picking" not in self.env:
            return
        self.kettle.invoice_policy = "delivery"
        self._delivered(3)
        self.assertEqual(self.kettle_line.qty_to_invoice, 0)
        refund = self._approved(amount=self.kettle_line.price_total / 3)
        refund.action_execute()
        self.assertEqual(self.kettle_line.qty_invoiced, 3, "all three are with them")
        self.assertEqual(self.kettle_line.qty_to_invoice, 0)
        remedy = self._approved(kind="return", amount=0, quantity=1)
        remedy.action_execute()
        back = self._document(remedy)
        back.move_ids.write({"quantity": 1, "picked": True})
        back.button_validate()
        self.assertEqual((back.state, self.kettle_line.qty_delivered), ("done", 2))
        self.assertEqual(self.kettle_line.qty_invoiced, 2)
        self.assertEqual(self.kettle_line.qty_to_invoice, 0)

    def test_repair(self):
        if "repair.order" not in self.env:
            self.assertNotIn("repair.order", self.env)
            return
        remedy = self._approved(kind="repair", amount=0)
        remedy.action_execute()
        self.assertEqual((remedy.state, remedy.problem), ("executed", False))
        repair = self._document(remedy)
        self.assertEqual((repair.state, repair.product_id), ("confirmed", self.kettle))
        self.assertTrue(repair.under_warranty)
        due = remedy.next_event_at
        remedy._process_event(due)
        self.assertGreater(remedy.next_event_at, due, "looked at again")
        repair.action_repair_cancel()
        remedy._process_event(remedy.next_event_at)
        self.assertEqual(remedy.state, "approved")
