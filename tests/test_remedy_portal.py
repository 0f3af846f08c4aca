from odoo.tests import tagged

from .portal_common import PortalCommon
from .test_remedy import RemedyCommon


@tagged("post_install", "-at_install")
class TestRemedyPortal(PortalCommon, RemedyCommon):
    """The customer decides on an offer, on the page of the complaint (E1)."""

    def setUp(self):
        super().setUp()
        self.remedy = self._approved(note="Within ten days.")
        self.url = f"/my/complaints/{self.case.id}"

    def _decide(self, decision, remedy=None, **data):
        remedy = remedy or self.remedy
        values = {"remedy": str(remedy.id), "decision": decision, **data}
        return self.post(f"{self.url}/remedy", values)

    def _state(self, remedy=None):
        self.env.invalidate_all()
        return (remedy or self.remedy).state

    def test_accepts(self):
        self.login(self.customer)
        self.page(self.url)
        self.assertNotIn("What you get", self.text, "it is not offered yet")
        self.remedy.action_offer()
        page = self.page(self.url)
        self.assertIn("Refund", self.text)
        self.assertIn("Within ten days.", self.text)
        self.assertEqual(len(page.xpath("//button[@name='decision']")), 2)
        response = self._decide("accept")
        self.assertIn("notice=remedy", response.headers["Location"])
        self.assertEqual(self._state(), "accepted")
        page = self.page(self.url)
        self.assertFalse(page.xpath("//button[@name='decision']"))
        again = self._decide("decline")
        self.assertIn("does not wait for you any more", again.text)
        self.assertEqual(self._state(), "accepted")

    def test_declines_with_a_reason(self):
        self.remedy.action_offer()
        self.login(self.customer)
        self._decide("decline", reason="Too\x00 little")
        self.assertEqual(self._state(), "declined")
        self.assertEqual(self.remedy.customer_reason, "Too little")

    def test_nobody_else_and_nothing_else(self):
        self.remedy.action_offer()
        for user in (self.other_customer, None):
            self.login(user)
            self._decide("accept")
            self.assertEqual(self._state(), "offered")
        other = self._case(partner_id=self.other_customer.partner_id.id, order_id=False)
        foreign = self._remedy(
            self.manager,
            case_id=other.id,
            allegation_id=False,
            order_line_id=False,
            kind="goodwill",
        )
        foreign.with_user(self.supervisor).sudo()._set("offered")
        self.login(self.customer)
        for number in (str(foreign.id), "", "x", "-1", "9" * 30, "1;2"):
            self.post(f"{self.url}/remedy", {"remedy": number, "decision": "accept"})
        self.assertEqual(self._state(foreign), "offered")
        self.assertEqual(self._state(), "offered")
