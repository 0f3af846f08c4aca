import smtplib

from odoo.tests import HttpCase, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger

from .mail_common import FAILURE_LOGGER, MailCommon
from .mail_relay import Relay


@tagged("post_install", "-at_install")
class TestMailRelay(MailCommon, HttpCase):
    """From an SMTP client through a mail server and Odoo's gateway."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = new_test_user(
            cls.env, "cm_gateway", "base.group_user", password="cm_gateway_password"
        )

    def _send(self, relay, raw, *recipients):
        """Send a mail; the server's answer is 250, or raises."""
        self.env.flush_all()
        with (
            self.allow_requests(all_requests=True),
            smtplib.SMTP("127.0.0.1", relay.port, timeout=120) as client,
        ):
            client.sendmail("ann@acme.example.com", recipients, raw)
        self.env.invalidate_all()

    def test_from_the_senders_program_to_the_complaint(self):
        relay = Relay(
            [
                *(
                    "-d",
                    get_db_name(),
                    "-u",
                    self.gateway.id,
                    "-p",
                    "cm_gateway_password",
                ),
                *("--host", "127.0.0.1", "--port", self.http_port()),
            ]
        )
        cases = self.env["complaint.case"]
        with relay.running():
            raw = self.mail(body="Es tropft.\n.\n..hidden dot", To="you@example.com")
            self._send(relay, raw, self.address, self.other_address)
            case = cases.search([("email_normalized", "=", "ann@acme.example.com")])
            self.assertEqual(
                (len(case), self.held.search([]).mapped("event_error")),
                (1, []),
                "delivered twice, one complaint",
            )
            self.assertEqual(case.team_id, self.team)
            self.assertIn("..hidden dot", case.description)
            self.assertTrue(case.acknowledged_at)
            self.assertEqual(relay.outputs, ["", ""])

            asked = self.question(case)
            self._send(relay, self.reply(asked), self.address)
            self.assertIn("blue one", case.message_ids[0].body)
            self._send(relay, self.reply(asked, From="eve@x.example.com"), self.address)
            held = self.held.search([("case_id", "=", case.id)])
            self.assertEqual((held.kind, held.state), ("stranger", "quarantined"))

            # What fails is taken, too: the customer's server has nothing to report.
            sequence = self.env["ir.sequence"].search([("code", "=", "complaint.case")])
            sequence.code = "gone"
            with mute_logger(FAILURE_LOGGER):
                self._send(relay, self.mail("Late", "Late"), self.address)
            failure = self.held.search([("kind", "=", "error")])
            self.assertEqual((failure.state, failure.subject), ("retry", "Late"))
            sequence.code = "complaint.case"
            failure.with_user(self.manager).action_retry()
            self.assertEqual(failure.state, "solved")

            with (
                mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc"),
                self.assertRaises(smtplib.SMTPDataError),
            ):
                nobody = "nobody@example.com"
                self._send(relay, self.mail(To=nobody), nobody)
