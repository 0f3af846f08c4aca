from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError
from odoo.tests import tagged

from .committed_common import CommittedCommon


@tagged("post_install", "-at_install")
class TestRemedyTwice(CommittedCommon):
    """Two people approve or carry out the same remedy at the same time: once (E2)."""

    number = 1

    def setUp(self):
        super().setUp()
        with self.db.cursor() as cr:
            env = self._env(cr)
            partner = env["res.partner"].create({"name": "Committed"})
            product = env["product.product"].create({"name": "Committed"})
            case = env["complaint.case"].browse(self.case_ids)
            case.partner_id = partner
            # A complaint that was taken up could not be deleted in the end.
            self.since = case.company_id.complaint_remedy_from
            case.company_id.complaint_remedy_from = "received"
            given = {"case_id": case.id, "product_id": product.id}
            remedies = env["complaint.remedy"].create(
                [
                    {"case_id": case.id, "kind": "goodwill", "amount": 5},
                    {**given, "kind": "replacement"},
                ]
            )
            remedies[1].with_user(env.ref("base.user_admin")).action_approve()
            self.proposed_id, self.approved_id = remedies.ids
            self.partner_id, self.product_id = partner.id, product.id

    def _remove(self):
        with self.db.cursor() as cr:
            orders = self._orders(self._env(cr))
            orders._action_cancel()
            orders.unlink()
            orders.env.company.complaint_remedy_from = self.since
        result = super()._remove()
        with self.db.cursor() as cr:
            env = self._env(cr)
            env["product.product"].browse(self.product_id).unlink()
            env["res.partner"].browse(self.partner_id).unlink()
        return result

    def _orders(self, env):
        return env["sale.order"].search([("partner_id", "=", self.partner_id)])

    def _remedy(self, cr, remedy_id):
        env = self._env(cr)
        remedies = env["complaint.remedy"].with_user(env.ref("base.user_admin"))
        return remedies.browse(remedy_id)

    def _both(self, remedy_id, method, state):
        """Press a button on two pages that were opened before either was pressed."""
        with self.db.cursor() as first, self.db.cursor() as second:
            one, other = self._remedy(first, remedy_id), self._remedy(second, remedy_id)
            self.assertEqual(one.state, other.state)
            getattr(one, method)()
            one.flush_recordset()
            with self.assertRaisesRegex(UserError, "at work"):
                getattr(other, method)()
            first.commit()
            second.rollback()
            other.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "by now"):
                getattr(other, method)()
            self.assertEqual(other.state, state)
            second.rollback()

    def _one_after_the_other(self, remedy_id, method):
        """The second one began before the first one was done, and goes on after: Odoo
        runs a request anew when PostgreSQL refuses it for that."""
        with self.db.cursor() as first, self.db.cursor() as second:
            one, other = self._remedy(first, remedy_id), self._remedy(second, remedy_id)
            self.assertEqual(one.state, other.state)
            getattr(one, method)()
            first.commit()
            with self.assertRaises(SerializationFailure), self.quiet():
                getattr(other, method)()
            second.rollback()
            other.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "by now"):
                getattr(other, method)()
            second.rollback()

    def quiet(self):
        return self.assertLogs("odoo.sql_db", "ERROR")

    def test_approved_once(self):
        self._both(self.proposed_id, "action_approve", "approved")

    def test_approved_once_by_who_began_before(self):
        self._one_after_the_other(self.proposed_id, "action_approve")

    def test_carried_out_once(self):
        self._both(self.approved_id, "action_execute", "executed")
        with self.db.cursor() as cr:
            self.assertEqual(len(self._orders(self._env(cr))), 1)

    def test_carried_out_once_by_who_began_before(self):
        self._one_after_the_other(self.approved_id, "action_execute")
        with self.db.cursor() as cr:
            self.assertEqual(len(self._orders(self._env(cr))), 1)
