from odoo.tests import HttpCase, tagged

from .common import MODULE, ComplaintCommon


@tagged("post_install", "-at_install")
class TestTourClassify(ComplaintCommon, HttpCase):
    """A complaint is typed in, judged otherwise and handed over, in the browser."""

    def test_classify(self):
        self.start_tour(
            f"/odoo/action-{MODULE}.complaint_case_action/new",
            "complaint_classify",
            login="cm_handler",
            timeout=90,
        )
        case = self.env["complaint.case"].search(
            [("subject", "=", "The lamp caught fire")]
        )
        self.assertEqual((case.priority, case.nature), ("1", "major"))
        [line] = case.classification_ids.filtered(lambda line: line.kind == "person")
        self.assertEqual((line.reason, line.value), ("It was a candle", "1"))
        [*_taken, handover] = case.handover_ids.sorted("id")
        self.assertEqual(
            (handover.from_user_id, handover.to_user_id, handover.note),
            (self.handler, self.colleague, "Promised a call on Monday"),
        )
