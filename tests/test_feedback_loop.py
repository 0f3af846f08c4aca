from unittest.mock import patch
from urllib.parse import urlsplit

from lxml import html

from odoo.fields import Datetime
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from .common import MODULE
from .mail_relay import Mailbox
from .test_feedback import FeedbackCommon

#: Fills in the questionnaire as a thumb does: one rating, and what could be better.
ANSWER = """
(async () => {
    const until = async (test) => {
        for (let i = 0; i < 300 && !test(); i++)
            await new Promise((done) => setTimeout(done, 30));
        if (!test()) throw new Error("not so: " + test);
        return test();
    };
    const find = (css) => document.querySelector(css);
    (await until(() => find("button[value=start]:not(.disabled)"))).click();
    const box = await until(
        () => find("[data-question-type=scale] input[name='OVERALL'][value='2']"));
    box.closest("label").click();
    find("textarea[name='COMMENT']").value = "Nobody called back.";
    const wide = document.documentElement.scrollWidth;
    if (wide > 360) throw new Error(wide + " pixels wide");
    (await until(() => find("button[value=finish]:not(.disabled)"))).click();
    (await until(() => find(".modal .btn-primary"))).click();
    await until(() => find(".o_survey_finished"));
    console.log("test successful");
})().catch((error) => console.error(error.message))
"""


@tagged("post_install", "-at_install")
class TestFeedbackLoop(FeedbackCommon, HttpCase):
    """From the closed complaint by mail server and phone to the call-back (F1-F3).

    Odoo's own switch that keeps tests from sending is off: mails leave by SMTP.
    """

    browser_size = "360x740"
    touch_enabled = True

    def setUp(self):
        super().setUp()
        self.mailbox = Mailbox()
        running = self.mailbox.running()
        running.__enter__()
        self.addCleanup(running.__exit__, None, None, None)
        self.startPatcher(
            patch.object(IrMail_Server, "_disable_send", lambda _s: False)
        )
        self.env["ir.mail_server"].search([]).active = False
        self.env["ir.mail_server"].create(
            {
                "name": "Here",
                "smtp_host": "127.0.0.1",
                "smtp_port": self.mailbox.port,
                "smtp_encryption": "none",
            }
        )

    def _send_mails(self):
        mails = self.env["mail.mail"].search([("state", "=", "outgoing")])
        with mute_logger("odoo.addons.mail.models.mail_mail"):
            mails.send()
        self.env.invalidate_all()

    def _job(self):
        with self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_feedback").method_direct_trigger()
        self.env.invalidate_all()
        self._send_mails()

    def _due(self, feedback):
        feedback.write({"next_event_at": Datetime.now()})
        if feedback.state == "planned":
            feedback.write({"planned_at": Datetime.now()})
        self._job()

    def _asked(self):
        """The survey mails that arrived at the customer's."""
        return [
            mail
            for mail in self.mailbox.sent_to("ann@acme.example.com")
            if "/survey/start/" in mail.get_body(("html",)).get_content()
        ]

    def _link(self, mail, part):
        page = html.fromstring(mail.get_body(("html",)).get_content())
        [link] = page.xpath(f"//a[contains(@href, '{part}')]/@href")
        address = urlsplit(link)
        return f"{address.path}?{address.query}" if address.query else address.path

    def _closed_now(self):
        case = self._answered()
        case.with_user(self.customer).sudo()._customer_accept()
        return case

    def test_asked_reminded_answered_called_back(self):
        case = self._closed_now()
        feedback = case.feedback_ids
        self._due(feedback)
        self.assertEqual(len(self._asked()), 1)
        self._due(feedback)
        self.assertEqual(len(self._asked()), 2, "reminded once")
        self._due(feedback)
        self.assertEqual(len(self._asked()), 2, "and no more")
        overall, comment = (self.questions[name].id for name in ("overall", "comment"))
        code = ANSWER.replace("OVERALL", str(overall)).replace("COMMENT", str(comment))
        self.browser_js(self._link(self._asked()[0], "/survey/start/"), code)
        self.env.invalidate_all()
        self.assertEqual((feedback.state, feedback.level), ("answered", "dissatisfied"))
        self.assertEqual((feedback.score, feedback.way), (2, "mail"))
        self.assertEqual(case.satisfaction_score, 2)
        self.assertEqual(feedback.comment, "Nobody called back.")
        callback = feedback.callback_ids
        self.assertEqual((callback.state, callback.user_id), ("open", self.supervisor))
        self._send_mails()
        callback = callback.with_user(self.supervisor)
        callback._note_attempt("Talked for ten minutes.", is_reached=True)
        callback._close("We send a new one.", result="remedy")
        self.assertEqual(callback.state, "done")
        self._due(feedback)
        self.assertEqual(len(self._asked()), 2, "who answered is not reminded")

    def test_opt_out_is_obeyed(self):
        self._due(self._closed_now().feedback_ids)
        [mail] = self._asked()
        self.assertEqual(mail["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        address = urlsplit(mail["List-Unsubscribe"].strip("<>")).path
        self.assertIn(address, self._link(mail, "/optout/"))
        self.assertEqual(self.url_open(address, data={"x": "1"}).status_code, 200)
        self.env.invalidate_all()
        again = self._closed_now().feedback_ids
        self.assertEqual(again.cancel_reason, "opted_out")
        with freeze_time(Datetime.add(Datetime.now(), days=30)):
            self._job()
        self.assertEqual(len(self._asked()), 1)
