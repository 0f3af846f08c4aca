from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import MODULE, ComplaintCommon


@tagged("post_install", "-at_install")
class TestStory(ComplaintCommon, HttpCase):
    """A complaint from the customer's form to the manager's desk, in the browser."""

    def _tour(self, url, name, login):
        self.start_tour(url, f"complaint_story_{name}", login=login, timeout=90)

    def test_story(self):
        self._tour("/my/home", "submit", "cm_ann")
        case = self.env["complaint.case"].search(
            [("partner_id", "=", self.customer.partner_id.id)]
        )
        self.assertEqual(len(case), 1)
        self.assertEqual(case.order_id, self.order)
        self.assertEqual(case.product_id, self.product)
        self.assertTrue(case.acknowledged_at and case.clock_ids)
        case.write({"category_id": self.category.id, "team_id": self.team.id})

        form = f"/odoo/action-{MODULE}.complaint_case_action/{case.id}"
        self._tour(form, "handle", "cm_handler")
        self.assertEqual((case.phase, case.user_id), ("answered", self.handler))
        self.assertIn(
            case.name.replace("/", "-"),
            "".join(case.message_ids.attachment_ids.mapped("name")),
            "the answer went out with the letter",
        )
        letter, kind = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(f"{MODULE}.report_complaint_resolution", case.ids)
        )
        self.assertEqual((kind, letter[:5]), ("pdf", b"%PDF-"))

        self._tour(case.access_url, "accept", "cm_ann")
        self.assertEqual((case.phase, case.outcome), ("closed", "settled"))

        feedback = case.feedback_ids
        feedback.next_event_at = fields.Datetime.now() - timedelta(minutes=1)
        with self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_feedback").method_direct_trigger()
        self.assertEqual(feedback.state, "sent")
        self._tour(feedback.user_input_id.get_start_url(), "survey", None)
        self.assertEqual(feedback.state, "answered")

        self._tour(form, "manager", "cm_manager")
        self.assertEqual(case.satisfaction_score, 9)
        self.assertEqual(set(case.clock_ids.mapped("state")), {"met"})
