from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import TransactionCase, new_test_user

MODULE = "complaint_management"
NO_MAIL = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
}


class ComplaintCommon(TransactionCase):
    """A department of two teams, two customers with an order each, each role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, **NO_MAIL})
        # What is counted goes with the test; tests/test_throttle.py has the real thing.
        cls.startClassPatcher(
            patch.object(
                cls.registry["complaint.throttle"],
                "_own_cursor",
                contextmanager(lambda throttle: iter([throttle.env.cr])),
            )
        )
        cls.company = cls.env.company
        cls.handler = cls._user("handler")
        cls.colleague = cls._user("colleague", group="handler")
        cls.stranger = cls._user("stranger", group="handler")
        cls.supervisor = cls._user("supervisor")
        cls.manager = cls._user("manager")
        cls.auditor = cls._user("auditor")
        cls.employee = new_test_user(cls.env, "cm_employee", "base.group_user")
        teams = cls.env["complaint.team"]
        cls.team = teams.create(
            {
                "name": "Retail",
                "sequence": 1,
                "user_id": cls.supervisor.id,
                "member_ids": (cls.handler | cls.colleague | cls.supervisor).ids,
            }
        )
        cls.other_team = teams.create(
            {"name": "Online", "sequence": 2, "member_ids": cls.stranger.ids}
        )
        cls.acme, cls.beta = cls.env["res.partner"].create(
            [
                {
                    "name": "Acme",
                    "is_company": True,
                    "email": "office@acme.example.com",
                },
                {
                    "name": "Beta",
                    "is_company": True,
                    "email": "office@beta.example.com",
                },
            ]
        )
        cls.customer, cls.customer_colleague, cls.other_customer = (
            cls._portal_user(login, company)
            for login, company in (
                ("ann", cls.acme),
                ("cas", cls.acme),
                ("bob", cls.beta),
            )
        )
        cls.product, cls.other_product = cls.env["product.product"].create(
            [{"name": "Kettle", "list_price": 40}, {"name": "Toaster"}]
        )
        cls.order = cls._order(cls.acme, cls.product)
        cls.other_order = cls._order(cls.beta, cls.other_product)
        cls.category = cls.env.ref(f"{MODULE}.category_quality_defect")

    @classmethod
    def _user(cls, role, group=None):
        return new_test_user(
            cls.env,
            f"cm_{role}",
            f"{MODULE}.group_{group or role}",
            email=f"{role}@staff.example.com",
        )

    @classmethod
    def _portal_user(cls, login, company):
        user = new_test_user(
            cls.env,
            f"cm_{login}",
            "base.group_portal",
            name=login.title(),
            email=f"{login}@{company.name.lower()}.example.com",
        )
        user.partner_id.parent_id = company
        return user

    @classmethod
    def _order(cls, partner, product):
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_uom_qty": 2})
                ],
            }
        )
        order.action_confirm()
        return order

    @classmethod
    def _case_values(cls, **values):
        return {
            "subject": "The kettle leaks",
            "partner_id": cls.customer.partner_id.id,
            "team_id": cls.team.id,
            "category_id": cls.category.id,
            **values,
        }

    @classmethod
    def _case(cls, **values):
        return cls.env["complaint.case"].create(cls._case_values(**values))

    @contextmanager
    def refuses(self, error, pattern):
        """Expect an error with this message; what was done until then is undone.

        unittest's assertRaisesRegex would leave the half-done work in place.
        """
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), pattern)

    def _answered(self, **values):
        """A case that the handler took to its answer."""
        case = self._case(
            user_id=self.handler.id, answer="<p>We replace it.</p>", **values
        )
        case.with_user(self.handler).action_answer()
        return case
