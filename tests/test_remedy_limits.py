from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_remedy import RemedyCommon


@tagged("post_install", "-at_install")
class TestRemedyFrom(RemedyCommon):
    """From when on something is given (E1)."""

    def setUp(self):
        super().setUp()
        self.case = self._case(order_id=self.sold.id, user_id=self.handler.id)
        self.allegation = self.env["complaint.allegation"].create(
            {"case_id": self.case.id, "summary": "Leaks"}
        )

    def test_shipped_once_accepted(self):
        self.assertEqual(self.company.complaint_remedy_from, "accepted")
        remedy = self._approved()
        self.assertEqual(remedy.state, "approved", "proposed and approved before")
        for step in (remedy.action_execute, remedy.action_offer):
            with self.refuses(UserError, "from “Accepted” on"):
                step()
        self.assertEqual(remedy.state, "approved", "nothing is lost")
        self.case.with_user(self.handler).action_accept()
        remedy.action_execute()
        self.assertEqual(remedy.state, "executed")

    def test_managers_wait_as_well(self):
        remedy = self._approved()
        with self.refuses(UserError, "from “Accepted” on"):
            remedy.with_user(self.manager).action_execute()

    def test_once_the_investigation_is_over(self):
        self.company.complaint_remedy_from = "resolving"
        self.case.with_user(self.handler).action_investigate()
        remedy = self._approved()
        with self.refuses(UserError, "from “Resolving” on"):
            remedy.action_execute()
        self.case.with_user(self.handler).action_resolve()
        remedy.action_offer()
        self.assertEqual(remedy.state, "offered")

    def test_at_any_time(self):
        self.company.complaint_remedy_from = "received"
        remedy = self._approved()
        remedy.action_execute()
        self.assertEqual(remedy.state, "executed")


@tagged("post_install", "-at_install")
class TestRemedyTogether(RemedyCommon):
    """More than the order cost: said, and approved by a manager (E1).

    Three kettles of 40 and filters of 9.99, with 19 % VAT: 154.69.
    """

    def _worth(self, remedy):
        self.env.invalidate_all()
        return remedy._given_together()[remedy]

    def test_everything_counts_once(self):
        refund = self._remedy(amount=100)
        self.assertEqual(self._worth(refund), (100, 154.69))
        goodwill = self._remedy(kind="goodwill", order_line_id=False, amount=30)
        self.assertEqual(self._worth(goodwill), (130, 154.69))
        refund.with_user(self.manager).action_approve()
        refund.with_user(self.manager).action_execute()
        self.assertEqual(refund.state, "executed")
        self.assertEqual(self._worth(goodwill), (130, 154.69), "the credit note alone")
        again = self._remedy(kind="replacement", quantity=1, amount=0)
        given, _invoiced = self._worth(again)
        self.assertAlmostEqual(given, 130 + 47.60)
        self._remedy(kind="apology", order_line_id=False, amount=0)
        goodwill.action_cancel()
        given, _invoiced = self._worth(again)
        self.assertAlmostEqual(given, 100 + 47.60)
        self.assertFalse(again.above_invoiced)

    def test_above_it_a_manager_approves(self):
        self._approved(order_line_id=False, amount=154.69)
        goodwill = self._remedy(kind="goodwill", order_line_id=False, amount=10)
        self.assertIn("164.69", goodwill.above_invoiced)
        self.assertIn("154.69", goodwill.above_invoiced)
        self.assertFalse(goodwill.with_user(self.supervisor).may_approve)
        with self.refuses(UserError, "A manager approves it"):
            goodwill.with_user(self.supervisor).action_approve()
        self.assertTrue(goodwill.with_user(self.manager).may_approve)
        goodwill.with_user(self.manager).action_approve()
        self.assertEqual(goodwill.state, "approved")

    def test_up_to_it_a_supervisor_does(self):
        self._approved(order_line_id=False, amount=144.69)
        goodwill = self._remedy(kind="goodwill", order_line_id=False, amount=10)
        self.assertFalse(goodwill.above_invoiced)
        goodwill.with_user(self.supervisor).action_approve()
        self.assertEqual(goodwill.state, "approved")

    def test_of_other_complaints_about_the_order(self):
        self._approved(order_line_id=False, amount=150)
        other = self._case(order_id=self.sold.id, user_id=self.handler.id)
        goodwill = self._remedy(
            case_id=other.id,
            allegation_id=False,
            kind="goodwill",
            order_line_id=False,
            amount=10,
        )
        self.assertIn("160.00", goodwill.above_invoiced)

    def test_the_to_do_goes_to_a_manager(self):
        self._approved(order_line_id=False, amount=154.69)
        goodwill = self._remedy(kind="goodwill", order_line_id=False, amount=10)
        goodwill.action_ask_approval()
        to_do = self.case.activity_ids.filtered("complaint_remedy_id")
        self.assertEqual(to_do.sudo().complaint_remedy_id, goodwill)
        self.assertTrue(
            to_do.user_id.has_group("complaint_management.group_manager"),
            to_do.user_id.login,
        )

    def test_without_an_order(self):
        case = self._case(user_id=self.handler.id)
        goodwill = self._remedy(
            case_id=case.id,
            allegation_id=False,
            kind="goodwill",
            order_line_id=False,
            amount=10,
        )
        self.assertFalse(goodwill.above_invoiced)
        goodwill.with_user(self.supervisor).action_approve()

    def test_costs_a_fixed_number_of_queries(self):
        def read(number):
            remedies = self.env["complaint.remedy"].browse()
            for _number in range(number):
                remedies |= self._remedy(
                    kind="goodwill", order_line_id=False, amount=1
                ).sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            remedies.mapped("above_invoiced")
            return self.env.cr.sql_log_count - before

        read(1)
        few = read(2)
        self.assertLessEqual(read(20), few)
