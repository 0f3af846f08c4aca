from odoo.tests import HttpCase, tagged

from .test_investigation import InvestigationCommon


@tagged("post_install", "-at_install")
class TestInvestigationTour(HttpCase, InvestigationCommon):
    """Three people sign a report in the browser, and the answer goes out (D1)."""

    def test_three_people_sign(self):
        self.case.with_user(self.handler).write(
            {"nature": "major", "answer": "<p>You are right.</p>"}
        )
        report = self._report()
        report.action_submit()
        for user in (self.handler, self.colleague, self.supervisor):
            user.password = user.login
            self.start_tour(
                f"/odoo/complaint-investigations/{report.id}",
                "complaint_sign_report",
                login=user.login,
            )
        self.env.invalidate_all()
        self.assertEqual(report.state, "signed")
        rows = report.signature_ids.sorted("id")
        self.assertEqual(rows.user_id, self.handler | self.colleague | self.supervisor)
        self.assertTrue(all(rows.mapped("image")))
        self.assertFalse(report.is_altered)
        self.case.with_user(self.handler).action_answer()
        self.assertEqual(self.case.phase, "answered")
