from odoo import fields
from odoo.tests import tagged

from .guest_common import GuestCommon
from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestRateOnTheComplaint(PortalCommon):
    """Rating from the page of the complaint (F1)."""

    def setUp(self):
        super().setUp()
        case = self._answered()
        case.with_user(self.customer).sudo()._customer_accept()
        self.case = case
        self.url = f"/my/complaints/{case.id}"
        self.feedback = case.sudo().feedback_ids
        self.feedback._send(fields.Datetime.now())
        self.login(self.customer)

    def _finish(self, score):
        sheet = self.feedback.user_input_id
        question = sheet.survey_id.question_ids.filtered(
            lambda question: question.complaint_dimension == "overall"
        )
        sheet._save_lines(question, str(score))
        sheet._mark_done()
        self.env.invalidate_all()

    def test_begins_here_and_is_thanked(self):
        page = self.page(self.url)
        [form] = page.xpath("//form[contains(@class, 'o_complaint_rate')]")
        self.assertTrue(form.get("action").endswith(f"{self.url}/rate"))
        self.assertFalse(self.feedback.way, "looking marks nothing")
        response = self.post(f"{self.url}/rate")
        self.assertEqual(response.status_code, 303)
        target = response.headers["Location"]
        self.assertIn(self.feedback.user_input_id.access_token, target)
        self.assertEqual(self.url_open(target).status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self.feedback.way, "portal")
        self._finish(9)
        self.assertEqual(self.feedback.way, "portal")
        self.assertEqual(self.case.satisfaction_score, 9)
        page = self.page(self.url)
        self.assertIn("Thank you for telling us how we did", self.text)
        self.assertFalse(page.xpath("//form[contains(@class, 'o_complaint_rate')]"))
        again = self.post(f"{self.url}/rate")
        self.assertIn(self.url, again.headers["Location"])
        self.assertEqual(self.feedback.score, 9)

    def test_by_the_mail_it_is_a_mail(self):
        self._finish(9)
        self.assertEqual(self.feedback.way, "mail")

    def test_by_the_link_with_a_token(self):
        self.login(None)
        token = self.token(self.case)
        page = self.page(f"{self.url}?access_token={token}")
        [form] = page.xpath("//form[contains(@class, 'o_complaint_rate')]")
        self.assertEqual(form.xpath(".//input[@name='access_token']/@value"), [token])
        response = self.post(f"{self.url}/rate", {"access_token": token})
        self.assertIn("/survey/start/", response.headers["Location"])

    def test_not_for_others(self):
        self.customer_colleague.partner_id.is_complaint_contact = True
        for user in (self.customer_colleague, self.other_customer, self.handler, None):
            with self.subTest(user=user and user.login):
                self.login(user)
                self.page("/complaints/track")
                self.assertEqual(self.post(f"{self.url}/rate").status_code, 404)
        self.env.invalidate_all()
        self.assertFalse(self.feedback.way)

    def test_without_a_token_of_the_form(self):
        response = self.url_open(f"{self.url}/rate", data={"x": "1"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.url_open(f"{self.url}/rate").status_code, 405)


@tagged("post_install", "-at_install")
class TestRateWithNumberAndCode(GuestCommon):
    """Who has no account rates on the page that number and code open."""

    def test_guest(self):
        case = self.guest_case()
        case.write({"user_id": self.handler.id, "category_id": self.category.id})
        case.with_user(self.handler).answer = "<p>We replace it.</p>"
        case.with_user(self.handler).action_answer()
        case._customer_accept()
        feedback = case.feedback_ids
        feedback._send(fields.Datetime.now())
        self.assertEqual(feedback.state, "sent")
        self.login(None)
        url = f"/complaints/track/{case.id}"
        self.page("/complaints/track")
        closed = self.post(f"{url}/rate")
        self.assertTrue(closed.headers["Location"].endswith("/complaints/track"))
        self.open_tracker(case)
        page = self.page(url)
        is_customer = case._tracker_is_customer()
        forms = page.xpath("//form[contains(@class, 'o_complaint_rate')]")
        self.assertEqual(bool(forms), is_customer)
        self.assertTrue(is_customer)
        response = self.post(f"{url}/rate")
        self.assertIn("/survey/start/", response.headers["Location"])
        case.guest_identity = "denied"
        self.open_tracker(case)
        page = self.page(url)
        self.assertFalse(page.xpath("//form[contains(@class, 'o_complaint_rate')]"))
