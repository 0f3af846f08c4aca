from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user

from .common import MODULE, ComplaintCommon


class ActionCommon(ComplaintCommon):
    """A complaint that is right, and a colleague of another department who can put
    right what caused it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls.employee
        cls.head = new_test_user(
            cls.env, "cm_head", "base.group_user", email="head@staff.example.com"
        )
        cls.department = cls.env["complaint.department"].create(
            {"name": "Purchasing", "user_id": cls.head.id}
        )
        cls.case = cls._case(user_id=cls.handler.id, product_id=cls.product.id)
        cls.allegation = cls.env["complaint.allegation"].create(
            {
                "case_id": cls.case.id,
                "summary": "Leaks",
                "finding": "upheld",
                "category_id": cls.category.id,
                "product_id": cls.product.id,
            }
        )
        cls.today = fields.Date.context_today(cls.case)

    def _action(self, user=None, **values):
        return (
            self.env["complaint.action"]
            .with_user(user or self.handler)
            .create(
                {
                    "case_id": self.case.id,
                    "allegation_id": self.allegation.id,
                    "name": "Measure the seals on receipt",
                    "target": "No leaking kettle among 200 tested",
                    "criteria": "The test log of 200 kettles",
                    "user_id": self.owner.id,
                    "department_id": self.department.id,
                    "deadline": self.today + timedelta(days=30),
                    **values,
                }
            )
        )

    def _underway(self, **values):
        one = self._action(**values)
        one.action_start()
        return one

    def _do(self, one, user, operation, text="Because.", **values):
        """A step by its dialogue, as people take it."""
        return (
            self.env["complaint.action.wizard"]
            .with_user(user)
            .with_context(default_action_id=one.id, default_operation=operation)
            .create({"text": text, **values})
            .action_confirm()
        )

    def _done(self, **values):
        one = self._underway(**values)
        self._do(one, self.owner, "done", "All 200 are tight.")
        return one

    def _accepted(self, **values):
        one = self._done(**values)
        self._do(one, self.supervisor, "accept", "I saw the log.")
        return one

    def _to_dos(self, one, user=None):
        to_dos = one.sudo().activity_ids
        return to_dos.filtered(lambda to_do: not user or to_do.user_id == user)

    def _cron(self, job="action"):
        """Run a scheduled action, as the scheduler does."""
        with self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_{job}").method_direct_trigger()
        self.env.invalidate_all()
