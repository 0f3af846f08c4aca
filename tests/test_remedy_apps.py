from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .test_remedy import RemedyCommon


@tagged("post_install", "-at_install")
class TestRemedyApps(RemedyCommon):
    """Kinds that another app carries out: offered where it is installed, and only
    there. `./dev test --with sale_loyalty tests/test_remedy_apps.py` tests the rest."""

    def test_kinds_follow_the_apps(self):
        kinds = dict(self.env["complaint.remedy"]._selection_kind())
        self.assertEqual("coupon" in kinds, "loyalty.program" in self.env)
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
