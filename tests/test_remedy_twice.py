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
            remedies = self._env(cr)["complaint.remedy"].create(
                [
                    {"case_id": self.case_ids[0], "kind": "goodwill", "amount": 5},
                    {"case_id": self.case_ids[0], "kind": "apology"},
                ]
            )
            self.proposed_id, self.approved_id = remedies.ids

    def _both(self, remedy_id, method, state):
        """Press a button on two pages that were opened before either was pressed."""
        with self.db.cursor() as first, self.db.cursor() as second:
            one, other = (
                env["complaint.remedy"].with_user(env.ref("base.user_admin"))
                for env in (self._env(first), self._env(second))
            )
            one, other = one.browse(remedy_id), other.browse(remedy_id)
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

    def test_approved_once(self):
        self._both(self.proposed_id, "action_approve", "approved")

    def test_carried_out_once(self):
        self._both(self.approved_id, "action_execute", "executed")
