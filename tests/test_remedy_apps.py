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

    def test_coupon_issued_and_redeemed(self):
        if "loyalty.program" not in self.env:
            self.assertNotIn("loyalty.card", self.env)
            return
        self.env["loyalty.program"].search([]).active = False
        remedy = self._approved(kind="coupon", order_line_id=False, amount=15)
        remedy.action_execute()
        self.assertEqual(remedy.state, "failed")
        self.assertIn("no gift card programme", remedy.problem)
        program = self.env["loyalty.program"].create(
            [
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
            ]
        )
        remedy.action_execute()
        self.assertEqual((remedy.state, remedy.problem), ("executed", False))
        card = self._document(remedy)
        self.assertEqual((card.points, card.program_id), (15, program))
        self.assertEqual(card.partner_id, self.customer.partner_id)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.partner_id.id,
                "order_line": [Command.create({"product_id": self.kettle.id})],
            }
        )
        total = order.amount_total
        order._try_apply_code(card.code)
        rewards = order._get_claimable_rewards()
        order._apply_program_reward(rewards[card], card)
        self.assertAlmostEqual(order.amount_total, total - 15)
        order.action_confirm()
        self.assertEqual(card.points, 0)
        self.assertEqual(remedy.cost, 15)

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
