import json

from odoo import fields
from odoo.tests import new_test_user

from .common import MODULE
from .portal_common import PortalCommon


class ApiCommon(PortalCommon):
    """Two pieces of software with a key each, talking JSON-2 over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop, cls.shop_key = cls._software("shop", "Web shop")
        cls.other_shop, cls.other_key = cls._software("other_shop", "Other shop")

    @classmethod
    def _software(cls, login, name):
        user = new_test_user(
            cls.env,
            f"cm_{login}",
            f"base.group_user,{MODULE}.group_api",
            name=name,
            email=f"{login}@software.example.com",
        )
        expires = fields.Datetime.add(fields.Datetime.now(), days=300)
        keys = cls.env["res.users.apikeys"].with_user(user)
        return user, keys._generate(None, "test", expires)

    def call(self, method, body, status=200, key=None, model="complaint.api"):
        """Call a method; the JSON that comes back."""
        response = self.url_open(
            f"/json/2/{model}/{method}",
            # Not as json=, which makes a GET of an empty one.
            data=json.dumps(body),
            headers={
                "Authorization": f"bearer {key or self.shop_key}",
                "Content-Type": "application/json",
            },
        )
        self.assertEqual(response.status_code, status, response.text[:2000])
        return response.json()

    def refused(self, code, method, body, status=422, key=None):
        """Call a method that must answer with this code; the sentence and the field."""
        answer = self.call(method, body, status, key)
        self.assertEqual(answer["context"]["code"], code, answer["message"])
        self.assertTrue(answer["message"])
        return answer["message"], answer["context"]["field"]

    def complaint(self, **values):
        return {
            "reference": "WS-1001",
            "subject": "The kettle leaks",
            "description": "Water runs out below.\nIt is new.",
            "customer": {"email": self.customer.email, "name": "Ann"},
            **values,
        }

    def submit(self, **values):
        """Hand in a complaint; its answer and the case."""
        answer = self.call("submit", self.complaint(**values))
        self.env.invalidate_all()
        case = self.env["complaint.case"].search([("name", "=", answer["number"])])
        self.assertEqual(len(case), 1)
        return answer, case
