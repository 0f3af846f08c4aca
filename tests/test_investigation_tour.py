from odoo.tests import HttpCase, tagged

from .common import MODULE
from .test_investigation import InvestigationCommon


@tagged("post_install", "-at_install")
class TestInvestigationTour(HttpCase, InvestigationCommon):
    """A major complaint in the browser, walked by everybody who has a part in it: a
    colleague is asked, three people sign, a second pair of eyes approves the answer,
    the customer has the last word (D1, D4, E4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.handler, cls.colleague, cls.supervisor, cls.employee):
            user.password = user.login

    def _tour(self, url, name, user):
        self.env.flush_all()
        self.start_tour(url, name, login=user.login, timeout=90)
        self.env.invalidate_all()

    def test_the_whole_path(self):
        self.case.with_user(self.handler).nature = "major"
        report = self._report(
            facts=False,
            conclusion=False,
            question_ids=[
                (0, 0, {"question": "Which seal?", "user_id": self.employee.id})
            ],
        )
        question = f"/odoo/complaint-questions/{report.question_ids.id}"
        self._tour(question, "complaint_path_colleague", self.employee)
        form = f"/odoo/action-{MODULE}.complaint_case_action/{self.case.id}"
        self._tour(form, "complaint_path_investigate", self.handler)
        self.assertEqual(report.state, "signing")

        for user in (self.handler, self.colleague, self.supervisor):
            url = f"/odoo/complaint-investigations/{report.id}"
            self._tour(url, "complaint_sign_report", user)
        self.assertEqual(report.state, "signed")
        rows = report.signature_ids.sorted("id")
        self.assertEqual(rows.user_id, self.handler | self.colleague | self.supervisor)
        self.assertTrue(all(rows.mapped("image")))
        self.assertFalse(report.is_altered)

        self._tour(form, "complaint_path_answer", self.handler)
        self._tour(form, "complaint_path_approve", self.supervisor)
        self._tour(form, "complaint_path_send", self.handler)
        self.assertEqual(self.case.phase, "answered")
        self.assertEqual(self.case.answer_ids.approved_by_id, self.supervisor)

        self._tour(self.case.access_url, "complaint_story_accept", self.customer)
        self.assertEqual((self.case.phase, self.case.outcome), ("closed", "settled"))
