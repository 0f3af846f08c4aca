from odoo.tests import HttpCase, tagged

from .mail_common import MailCommon


@tagged("post_install", "-at_install")
class TestReactionTour(HttpCase, MailCommon):
    """A customer's mail is recorded with the button beside it, in the browser (D4)."""

    def test_mail_is_recorded(self):
        case = self._answered()
        asked = self.question(case)
        self.receive(self.reply(asked, body="Nobody looked at my photos."))
        self.handler.password = self.handler.login
        self.start_tour(
            f"/odoo/action-complaint_management.complaint_case_action/{case.id}",
            "complaint_reaction",
            login=self.handler.login,
        )
        self.env.invalidate_all()
        self.assertRecordValues(
            case,
            [{"phase": "investigating", "customer_verdict": "objected", "round": 2}],
        )
