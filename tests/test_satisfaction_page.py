import re
from datetime import timedelta

from odoo.fields import Datetime
from odoo.tests import tagged

from .portal_common import PortalCommon

URL = "/complaints/what-you-told-us"


@tagged("post_install", "-at_install")
class TestSatisfactionPage(PortalCommon):
    """What everybody may know, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["complaint.feedback"].search([]).unlink()
        cls.company.complaint_public_summary = True
        cls.closed = cls.env["complaint.stage"].search(
            [("phase", "=", "closed")], limit=1
        )
        cls.own = cls.env["complaint.category"].create({"name": "Kettles that leak"})

    def setUp(self):
        super().setUp()
        self.login(None)

    def _upheld(self, number, finding="upheld", **values):
        """Closed complaints with a finding, as a register brings them in."""
        cases = self.env["complaint.case"].with_context(complaint_history=True)
        now = Datetime.now()
        values = {
            "category_id": self.own.id,
            "stage_id": self.closed.id,
            "outcome": "settled",
            "date_received": now - timedelta(days=30),
            **values,
        }
        allegation = {
            "summary": "Leaks",
            "category_id": values["category_id"],
            "finding": finding,
        }
        return cases.create(
            [
                self._case_values(**values, allegation_ids=[(0, 0, allegation)])
                for _number in range(number)
            ]
        )

    def _answers(self, number, level="satisfied", **values):
        now = Datetime.now()
        case = self._case(**values)
        return self.env["complaint.feedback"].create(
            [
                {
                    "case_id": case.id,
                    "round": turn + 1,
                    "partner_id": case.partner_id.id,
                    "company_id": self.company.id,
                    "state": "answered",
                    "sent_at": now - timedelta(days=3),
                    "answered_at": now - timedelta(days=2),
                    "level": level,
                    "comment": "Mister Secret was rude",
                }
                for turn in range(number)
            ]
        )

    def _change(self, text="We test every kettle now.", state="effective", **values):
        case = self._case(**values.pop("case", {}))
        action = self.env["complaint.action"].create(
            {
                "name": "Internal name",
                "case_id": case.id,
                "kind": "corrective",
                "customer_text": text,
            }
        )
        # As it stands at the end of its way, which tests/test_action.py goes.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE complaint_action SET state = %s, accepted_at = %s WHERE id = %s",
            [
                state,
                values.get("accepted_at", Datetime.now() - timedelta(days=9)),
                action.id,
            ],
        )
        self.env.invalidate_all()
        return action

    def test_off_by_default(self):
        company = self.env["res.company"].create({"name": "New"})
        self.assertFalse(company.complaint_public_summary)
        self.assertEqual(self.url_open(f"{URL}?company={company.id}").status_code, 404)
        self.company.complaint_public_summary = False
        self.assertEqual(self.url_open(URL).status_code, 404)
        for wrong in ("0", "x", "-1", "999999999"):
            response = self.url_open(f"{URL}?company={wrong}")
            self.assertEqual(response.status_code, 404)

    def test_satisfaction(self):
        self._answers(4)
        self.page(URL)
        self.assertIn("too few answers", self.text)
        self._answers(3, level="dissatisfied")
        self._answers(5, is_confidential=True)
        self.page(URL)
        self.assertRegex(self.text, r"57% of 7 customers were satisfied")
        self.assertRegex(self.text, r"between 25% and 84%")

    def test_who_answered_without_being_asked(self):
        self._answers(3)
        self.page(URL)
        self.assertIn("Times we asked after a complaint: 3. Answers: 3.", self.text)
        self.assertNotIn("without being asked", self.text)
        self._answers(2).sent_at = False
        self.page(URL)
        self.assertIn("Times we asked after a complaint: 3. Answers: 3.", self.text)
        self.assertIn("Answers without being asked: 2.", self.text)

    def test_what_you_told_us(self):
        self._upheld(4)
        self.page(URL)
        self.assertNotIn("Kettles that leak", self.text)
        self._upheld(1, finding="partly")
        self.page(URL)
        self.assertIn("Kettles that leak (5)", self.text)

    def test_what_is_not_told(self):
        self._upheld(9, is_confidential=True)
        self._upheld(9, finding="not_upheld")
        self._upheld(9, date_received=Datetime.now() - timedelta(days=400))
        self.page(URL)
        self.assertNotIn("Kettles that leak", self.text)

    def test_what_we_changed(self):
        self._change()
        self._change()
        self._change("Accepted only.", state="accepted")
        self._change("Not done yet.", state="underway")
        self._change("Did not help.", state="ineffective")
        self._change("In secret.", case={"is_confidential": True})
        self._change("Long ago.", accepted_at=Datetime.now() - timedelta(days=400))
        self._change("<b>bold</b>")
        self.page(URL)
        self.assertEqual(self.text.count("We test every kettle now."), 1)
        self.assertIn("Accepted only.", self.text)
        self.assertIn("<b>bold</b>", self.text)
        for words in ("Not done", "Did not", "In secret", "Long ago", "Internal name"):
            self.assertNotIn(words, self.text)

    def test_nothing_personal(self):
        self._upheld(6)
        self._answers(6)
        self._change()
        self.page(URL)
        for words in ("Secret", "Ann", "Acme", "CMP/", self.handler.name):
            self.assertNotIn(words, self.text)

    def test_of_another_company(self):
        other = self.env["res.company"].create(
            {"name": "Other branch", "complaint_public_summary": True}
        )
        self._answers(9)
        self._change()
        self.page(f"{URL}?company={other.id}")
        self.assertIn("Other branch", self.text)
        self.assertNotIn("kettle", self.text)
        self.assertIn("too few answers", self.text)

    def test_speaks_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        page = self.url_open("/zh_CN" + URL)
        self.assertEqual(page.status_code, 200)
        self.assertIn('lang="zh-CN"', page.text)

    def test_one_choice_of_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.company.complaint_guest_form = True
        pages = [URL, "/complaints/new", "/complaints/track"]
        for path, user in [*((path, None) for path in pages), ("/my", self.customer)]:
            with self.subTest(path):
                self.login(user)
                text = self.url_open(path).text
                found = re.findall(r'class="(js_language_selector[^"]*)"', text)
                shown = [names for names in found if "d-none" not in names]
                self.assertEqual(len(shown), 1, found)
                self.assertEqual("dropup" in shown[0], path == "/my")

    def test_costs_few_queries(self):
        """A fixed number; the frame around the page is the portal's own."""
        self._upheld(6)
        self._answers(6)
        self._change()
        self.page(URL)
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.page(URL)
        self.assertLessEqual(self.cr.sql_log_count - before, 11)
        rows = self.env["complaint.feedback.report"].sudo()
        rows._public_summary(self.company)
        self.env.invalidate_all()
        with self.assertQueryCount(4):
            rows._public_summary(self.company)
