import io
import zipfile
from datetime import date

from odoo.tests import HttpCase, tagged

from .common import MODULE
from .satisfaction_common import SatisfactionCommon

MARCH = date(2026, 3, 1), date(2026, 3, 31)


@tagged("post_install", "-at_install")
class TestSatisfactionSheet(SatisfactionCommon, HttpCase):
    """The page as a spreadsheet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls.manager | cls.employee | cls.handler | cls.auditor
        for user in cls.users:
            user.password = user.login
        cls.survey = cls._said("dissatisfied", 2, comment='=HYPERLINK("http://x","y")')

    def _get(self, user, **asked):
        self.authenticate(user.login, user.login)
        values = {"first": "2026-03-01", "last": "2026-03-31", "division": "team_id"}
        query = "&".join(f"{name}={text}" for name, text in (values | asked).items())
        return self.url_open(f"/complaints/satisfaction.xlsx?{query}")

    def _text(self, response):
        with zipfile.ZipFile(io.BytesIO(response.content)) as book:
            return {name: book.read(name).decode() for name in book.namelist()}

    def test_numbers_and_words(self):
        page = (
            self.env["complaint.feedback.overview"]
            .with_user(self.manager)
            .create({"first": MARCH[0], "last": MARCH[1]})
        )
        url = page.action_export()["url"]
        self.authenticate(self.manager.login, self.manager.login)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        book = self._text(response)
        words = book["xl/sharedStrings.xml"]
        self.assertIn("HYPERLINK", words)
        self.assertIn(self.survey.case_id.name, words)
        self.assertNotIn("<f>", "".join(book.values()))
        self.assertFalse([name for name in book if "hyperlink" in name])
        self.assertIn("<v>100</v>", book["xl/worksheets/sheet1.xml"])

    def test_who_may(self):
        self.assertEqual(self._get(self.auditor).status_code, 200)
        for user in (self.employee, self.handler):
            self.assertEqual(self._get(user).status_code, 404)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertEqual(self._get(self.manager, company=elsewhere.id).status_code, 404)

    def test_nonsense(self):
        for wrong in (
            {"first": "yesterday"},
            {"division": "id"},
            {"team": "x"},
            {"last": "2020-01-01"},
        ):
            self.assertEqual(self._get(self.manager, **wrong).status_code, 400)

    def test_menu(self):
        menu = self.env.ref(f"{MODULE}.menu_complaint_feedback_overview")
        visible = self.env["ir.ui.menu"].with_user(self.supervisor)._visible_menu_ids()
        self.assertIn(menu.id, visible)

    def test_prepared_sheet_for_answers(self):
        for user, status in (
            (self.supervisor, 200),
            (self.handler, 404),
            (self.auditor, 404),
            (self.customer, 404),
        ):
            with self.subTest(user=user.login):
                self.authenticate(user.login, user.login)
                response = self.url_open("/complaints/answers.xlsx")
                self.assertEqual(response.status_code, status)
                is_workbook = zipfile.is_zipfile(io.BytesIO(response.content))
                self.assertEqual(is_workbook, status == 200)
        self.logout()
        response = self.url_open("/complaints/answers.xlsx")
        self.assertIn("/web/login", response.url)
