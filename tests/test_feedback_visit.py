import re
from unittest.mock import patch

from odoo import fields, http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import hmac

from ..controllers import rate_on_site
from .common import MODULE
from .test_feedback import FeedbackCommon


@tagged("post_install", "-at_install")
class TestFeedbackVisit(FeedbackCommon, HttpCase):
    """Rating a team on site, by its link or code, through the real pages (F1)."""

    def setUp(self):
        super().setUp()
        self.path = f"/complaint/rate/{self.team._rate_token()}"
        self.authenticate(None, None)

    def _made(self):
        self.env.invalidate_all()
        return self.env["complaint.feedback"].search(
            [("team_id", "=", self.team.id), ("touchpoint", "=", "visit")]
        )

    def _begin(self, path=None):
        data = {"csrf_token": http.Request.csrf_token(self)}
        return self.url_open(path or self.path, data=data, allow_redirects=False)

    def test_looking_makes_nothing(self):
        page = self.url_open(self.path)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Retail", page.text)
        self.assertIn("noindex", page.headers["X-Robots-Tag"])
        self.assertFalse(self._made())
        bare = self.url_open(self.path, data={"x": "1"})
        self.assertEqual(bare.status_code, 400, "not without the page's token")
        self.assertFalse(self._made())

    def test_begun_and_answered(self):
        self.team.survey_id = own = self.survey.copy()
        self.url_open(self.path)
        response = self._begin()
        self.assertEqual(response.status_code, 303)
        feedback = self._made()
        self.assertEqual((feedback.state, feedback.way), ("sent", "visit"))
        self.assertEqual(feedback.survey_id, own)
        self.assertFalse(feedback.case_id or feedback.partner_id or feedback.email)
        self.assertEqual(feedback.company_id, self.company)
        self.assertIn("Retail", feedback.display_name)
        page = self.url_open(response.headers["Location"])
        self.assertEqual(page.status_code, 200)
        sheet = feedback.user_input_id
        self.assertIn(sheet.access_token, page.text)
        question = own.question_ids.filtered(
            lambda question: question.complaint_dimension == "overall"
        )
        sheet._save_lines(question, "2")
        sheet._mark_done()
        self.env.invalidate_all()
        self.assertEqual((feedback.state, feedback.score), ("answered", 2))
        self.assertEqual(feedback.way, "visit")
        self.assertTrue(feedback.counts)
        self.assertFalse(feedback.callback_ids, "there is nobody to call")
        for user in (self.manager, self.auditor, self.supervisor, self.handler):
            self.assertEqual(feedback.with_user(user).read(["score"])[0]["score"], 2)
            found = feedback.with_user(user).search([("id", "=", feedback.id)])
            self.assertTrue(found, user.login)
        self.assertFalse(
            feedback.with_user(self.stranger).search([("id", "=", feedback.id)])
        )

    def test_left_lying_it_expires_without_a_mail(self):
        self.url_open(self.path)
        self._begin()
        feedback = self._made()
        mails = self.env["mail.mail"].search_count([])
        self._run_job(fields.Datetime.add(feedback.expires_at, minutes=1))
        self.assertEqual(feedback.state, "expired")
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_foreign_links(self):
        token = self.team._rate_token()
        number, _dash, signature = token.partition("-")
        for wrong in (
            f"{self.other_team.id}-{signature}",
            f"{number}-{'0' * 32}",
            number,
            f"{number}-",
            "999999999999-abc",
            "Ü-ü",
            f"{number}-ü",
        ):
            with self.subTest(wrong):
                page = self.url_open(f"/complaint/rate/{wrong}")
                self.assertEqual(page.status_code, 404)
                self.assertEqual(
                    self._begin(f"/complaint/rate/{wrong}").status_code, 404
                )
        self.team.action_archive()
        self.assertEqual(self.url_open(self.path).status_code, 404)
        self.assertFalse(self._made())

    def test_new_code_withdraws_the_old_ones(self):
        for user in (self.handler, self.supervisor, self.auditor):
            with self.assertRaises(AccessError):
                self.team.with_user(user).action_rate_renew()
        old = [self.team._rate_token()]
        mine = self.team.with_user(self.manager)
        with self.assertRaises(AccessError):
            mine.rate_version = 7
        for _again in range(2):
            mine.action_rate_renew()
            self.assertTrue(mine.rate_url.endswith(self.team._rate_token()))
            self.assertNotIn(self.team._rate_token(), old)
            old.append(self.team._rate_token())
        valid = old.pop()
        for token in old:
            page = self.url_open(f"/complaint/rate/{token}")
            self.assertEqual(page.status_code, 410)
            self.assertIn("no longer valid", page.text)
            self.assertEqual(self._begin(f"/complaint/rate/{token}").status_code, 410)
        self.assertFalse(self._made())
        for guessed in (self.team._rate_token(3), f"{self.team.id}-{'0' * 32}"):
            page = self.url_open(f"/complaint/rate/{guessed}")
            self.assertEqual(page.status_code, 404)
        self.assertEqual(self._begin(f"/complaint/rate/{valid}").status_code, 303)
        self.assertEqual(len(self._made()), 1)
        self.assertFalse(self.other_team.rate_version, "nobody else's")

    def test_first_code_is_the_one_on_the_walls(self):
        signature = hmac(self.env, "complaint-rate-on-site", self.team.id)
        self.assertEqual(self.team._rate_token(), f"{self.team.id}-{signature[:32]}")

    def test_switched_off(self):
        with self.assertRaises(AccessError):
            self.team.with_user(self.handler).rate_enabled = False
        self.team.with_user(self.manager).rate_enabled = False
        self.assertFalse(self.team.with_user(self.handler).rate_url)
        page = self.url_open(self.path)
        self.assertIn("no questions at the moment", page.text)
        self.assertNotIn("csrf_token", page.text.split("<main")[1])
        self._begin()
        self.assertFalse(self._made())
        report = self.env.ref(f"{MODULE}.report_complaint_rate_sheet")
        html, _kind = report._render_qweb_html(report.report_name, self.team.ids)
        self.assertIn("switched off", html.decode())
        self.team.rate_enabled = True
        self.assertEqual(self._begin().status_code, 303)

    def test_flood(self):
        self.url_open(self.path)
        with patch.object(rate_on_site, "ADDRESS_LIMIT", 2):
            codes = [self._begin().status_code for _nth in range(4)]
        self.assertEqual(codes, [303, 303, 429, 429])
        self.assertEqual(len(self._made()), 2)

    def test_visitors_are_asked_nothing_about_a_complaint(self):
        self.team.survey_id = False
        self.url_open(self.path)
        self._begin()
        shipped = self.env.ref(f"{MODULE}.complaint_survey_campaign")
        self.assertEqual(self._made().survey_id, shipped)

    def test_without_a_questionnaire(self):
        self.env.ref(f"{MODULE}.complaint_survey_campaign").action_archive()
        self.url_open(self.path)
        response = self._begin()
        self.assertEqual(response.status_code, 200)
        self.assertIn("no questions at the moment", response.text)
        self.assertFalse(self._made())

    def test_sheet_with_the_code(self):
        team = self.team.with_user(self.handler)
        self.assertTrue(team.rate_url.endswith(self.path))
        report = self.env.ref(f"{MODULE}.report_complaint_rate_sheet")
        html, _kind = report.with_user(self.handler)._render_qweb_html(
            report.report_name, team.ids
        )
        text = html.decode()
        self.assertIn(self.path, text)
        self.assertTrue(re.search(r'src="data:image/png;base64,[\w+/=]{500,}"', text))
        content, kind = (
            report.with_context(force_report_rendering=True)
            .with_user(self.handler)
            ._render_qweb_pdf(report.report_name, team.ids)
        )
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))
