from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

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
class TestRateBeforeTheMail(PortalCommon):
    """Whoever looks at the closed complaint rates it without waiting for the mail."""

    def setUp(self):
        super().setUp()
        self.case = self._answered()
        self.case.with_user(self.customer).sudo()._customer_accept()
        self.url = f"/my/complaints/{self.case.id}"
        self.feedback = self.case.sudo().feedback_ids
        self.login(self.customer)

    def _can_rate(self):
        forms = self.page(self.url).xpath(
            "//form[contains(@class, 'o_complaint_rate')]"
        )
        return bool(forms)

    def _begin(self):
        response = self.post(f"{self.url}/rate")
        self.env.invalidate_all()
        return response.headers["Location"]

    def _finish(self):
        sheet = self.feedback.user_input_id
        question = sheet.survey_id.question_ids.filtered(
            lambda question: question.complaint_dimension == "overall"
        )
        sheet._save_lines(question, "4")
        sheet._mark_done()
        self.env.invalidate_all()

    def _mails(self):
        return self.env["mail.mail"].search_count(
            [("subject", "ilike", f"{self.case.name}: how did we do?")]
        )

    def test_answered_at_once_no_mail_follows(self):
        self.assertEqual(self.feedback.state, "planned")
        self.assertTrue(self._can_rate())
        target = self._begin()
        self.assertEqual(self.url_open(target).status_code, 200)
        self.assertEqual(self._begin(), target, "one sheet, however often")
        self.assertEqual(self.feedback.state, "planned")
        self._finish()
        self.assertRecordValues(
            self.feedback,
            [{"state": "answered", "score": 4, "way": "portal", "sent_at": False}],
        )
        self.assertTrue(self.feedback.callback_ids, "a poor answer is heard")
        self.assertFalse(self._can_rate())
        with freeze_time(self.feedback.planned_at + timedelta(days=1)):
            self.feedback._process_events(fields.Datetime.now())
        self.assertEqual(self.feedback.state, "answered")
        self.assertEqual(self._mails(), 0)
        row = self.env["complaint.feedback.report"].browse(self.feedback.id)
        self.assertEqual((row.sent, row.answered, row.sent_answered), (0, 1, 0))

    def test_begun_and_left_is_asked_by_mail_with_the_same_sheet(self):
        target = self._begin()
        sheet = self.feedback.user_input_id
        with freeze_time(self.feedback.planned_at + timedelta(hours=1)):
            self.feedback._process_events(fields.Datetime.now())
            self.assertEqual(self.feedback.state, "sent")
            self.assertEqual(self._mails(), 1)
            self.assertEqual(self.feedback.user_input_id, sheet)
            self.assertEqual(sheet.deadline, self.feedback.expires_at)
            self.assertEqual(self._begin(), target)
            self._finish()
        self.assertEqual(self.feedback.state, "answered")

    def test_begun_of_a_questionnaire_that_was_exchanged(self):
        self._begin()
        sheet = self.feedback.user_input_id
        other = sheet.survey_id.copy()
        self.case.company_id.complaint_feedback_survey_id = other
        later = self.feedback.planned_at + timedelta(hours=1)
        with freeze_time(later):
            self.feedback._process_events(fields.Datetime.now())
        self.assertEqual(self.feedback.user_input_id.survey_id, other)
        self.assertLessEqual(sheet.deadline, later)
        sheet._mark_done()
        self.assertEqual(self.feedback.state, "sent", "the old sheet counts no more")

    def test_without_an_address(self):
        self.feedback._cancel("no_email")
        self.assertTrue(self._can_rate())
        self.assertIn("/survey/start/", self._begin())
        self._finish()
        self.assertEqual(self.feedback.state, "answered")

    def test_without_an_address_left_unfinished(self):
        self.feedback._cancel("no_email")
        self._begin()
        with freeze_time(self.feedback.expires_at + timedelta(days=2)):
            self.assertFalse(self._can_rate())
            self.feedback._process_events(fields.Datetime.now())
            self.assertEqual(self.feedback.state, "cancelled")
            self.assertNotIn("/survey/", self._begin())
        self.assertEqual(self._mails(), 0)

    def test_only_while_it_makes_sense(self):
        for reason in ("opted_out", "withdrawn", "staff", "manual"):
            with self.subTest(reason=reason):
                self.feedback._cancel(reason)
                self.assertFalse(self._can_rate())
                self.assertNotIn("/survey/", self._begin())
        self.feedback.write({"state": "planned", "cancel_reason": False})
        self.case.company_id.complaint_feedback_enabled = False
        self.assertFalse(self._can_rate())
        self.case.company_id.complaint_feedback_enabled = True
        self.assertTrue(self._can_rate())
        self._begin()
        self.case._reopen("It broke again.")
        self.assertFalse(self._can_rate())
        self.assertNotIn("/survey/", self._begin())
        self.assertEqual(self.feedback.cancel_reason, "reopened")
        self.feedback.user_input_id._mark_done()
        self.assertEqual(self.feedback.state, "cancelled")


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
