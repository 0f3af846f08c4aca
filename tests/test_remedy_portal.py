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

    def test_nothing_decided_is_nothing_said(self):
        self.remedy.action_offer()
        self.login(self.customer)
        for decision in ("", "yes", "ACCEPT"):
            page = self._decide(decision)
            self.assertIn("whether you accept", page.text)
            self.assertEqual(self._state(), "offered")

    def test_done_is_what_the_customer_has(self):
        self.remedy.action_execute()
        row = self.case.sudo()._portal_remedies()[0]
        self.assertEqual((row["state"], row["is_done"]), ("Done", True))
        self.assertTrue(self.invoice.amount_residual, "it is set off")
        order = self._approved(
            kind="replacement", amount=0, product_id=self.kettle.id, quantity=1
        )
        order.action_execute()
        row = self.case.sudo()._portal_remedies()[1]
        self.assertEqual((row["state"], row["is_done"]), ("Ordered for you", False))

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


@tagged("post_install", "-at_install")
class TestRemedyBrowser(PortalCommon, RemedyCommon):
    """What is pressed in a browser is what is recorded."""

    browser_size = "360x740"
    touch_enabled = True

    def _press(self, decision):
        remedy = self._approved()
        remedy.action_offer()
        # Into a frame, so that the script outlives the page that it sends.
        self.browser_js(
            f"/my/complaints/{self.case.id}",
            f"""
            const button = document.querySelector(
                "button[name=decision][value={decision}]");
            const frame = document.createElement("iframe");
            frame.name = "sent";
            document.body.append(frame);
            button.form.target = frame.name;
            frame.addEventListener("load", () => {{
                if (frame.contentWindow.location.search.includes("notice=remedy"))
                    console.log("test successful");
            }});
            button.click();
            """,
            ready="Boolean(document.querySelector('button[name=decision]'))",
            login=self.customer.login,
        )
        self.env.invalidate_all()
        return remedy.state

    def test_accept_is_accept(self):
        self.assertEqual(self._press("accept"), "accepted")

    def test_decline_is_decline(self):
        self.assertEqual(self._press("decline"), "declined")
