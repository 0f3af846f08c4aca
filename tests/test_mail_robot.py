from odoo.tests import tagged

from .mail_common import MailCommon

BOUNCE = """\
From: MAILER-DAEMON@mx.acme.example.com
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <{key}@mx.acme.example.com>
Content-Type: multipart/report; report-type={report}; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.

--b
Content-Type: message/{part}

Reporting-MTA: dns; mx.acme.example.com

Final-Recipient: rfc822; ann@acme.example.com
Action: {action}
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

From: us@example.com
Message-ID: {original}

--b--
"""


@tagged("post_install", "-at_install")
class TestMailRobot(MailCommon):
    """Mail that no person wrote: never answered, never taken for the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._case(user_id=cls.handler.id)

    def setUp(self):
        super().setUp()
        self.asked = self.question(self.case)
        self.mails_sent()
        self.before = self.case.message_ids
        self.dialogue_at = self.case.last_dialogue_at

    def added(self):
        self.case.invalidate_recordset(["message_ids"])
        return self.case.message_ids - self.before

    def report(self, to=None, **values):
        values = {
            "key": "dsn",
            "report": "delivery-status",
            "part": "delivery-status",
            "action": "failed",
            "original": self.asked.message_id,
            "to": to or self.address,
            **values,
        }
        return BOUNCE.format(**values).encode()

    def _pause(self):
        reason = self.env.ref("complaint_management.pause_reason_customer")
        self.case._pause(reason, "A photo")
        self.assertTrue(self.case.is_paused)
        self.before = self.case.message_ids

    def test_out_of_office_is_noted_and_the_clock_stands_still(self):
        self._pause()
        for headers in (
            {"Auto_Submitted": "auto-replied"},
            {"Auto_Submitted": "auto-generated", "Subject": "Automatic reply: away"},
            {"X_Autoreply": "yes"},
            {"Precedence": "auto_reply"},
            {"Precedence": "bulk"},
            {"Return_Path": "<>"},
            {"Subject": "Abwesenheitsnotiz: bis Montag"},
            {"Subject": "=?utf-8?B?6Ieq5Yqo5Zue5aSN77ya5Ye65beu?="},
        ):
            with self.subTest(headers):
                raw = self.reply(self.asked, body="I am away until Monday.", **headers)
                self.assertEqual(self.receive(raw), (self.case.browse(), self.held))
                note = self.added()
                self.assertEqual(len(note), 1)
                self.assertTrue(note.is_internal and note.subtype_id.internal)
                self.before |= note
        self.assertTrue(self.case.is_paused)
        self.assertEqual(self.case.last_dialogue_at, self.dialogue_at)
        self.assertFalse(self.mails_sent())

    def test_out_of_office_does_not_reopen_nor_raise_a_to_do(self):
        self.case.outcome = "withdrawn"
        self.case.action_close()
        self.mails_sent()
        self.receive(self.reply(self.asked, Auto_Submitted="auto-replied"))
        self.assertEqual(self.case.phase, "closed")
        self.assertFalse(self.case.activity_ids)

    def test_person_with_ordinary_headers_resumes(self):
        self._pause()
        self.receive(self.reply(self.asked, Auto_Submitted="no"))
        self.assertFalse(self.case.is_paused)

    def test_automatic_reply_of_a_stranger_is_filed(self):
        raw = self.reply(
            self.asked, From="x@else.example.com", Auto_Submitted="auto-replied"
        )
        held = self.receive_held(raw, "auto_reply", state="filed")
        self.assertFalse(held.activity_ids, "nobody has to do anything")
        self.assertFalse(self.added() or self.mails_sent())

    def test_machine_at_the_teams_address(self):
        self.receive_held(
            self.mail(Auto_Submitted="auto-replied"), "auto_reply", state="filed"
        )
        for headers in (
            {"Auto_Submitted": "auto-generated"},
            {"Precedence": "bulk"},
            {"X_Auto_Response_Suppress": "All"},
        ):
            with self.subTest(headers):
                self.receive_held(self.mail(**headers), "generated")
        self.receive_held(self.mail("Out of office: away"), "auto_reply")
        self.assertFalse(self.mails_sent())

    def test_shop_form_that_is_allowed_opens_cases_and_is_not_answered(self):
        self.env["mail.gateway.allowed"].create({"email": "form@shop.example.com"})
        case = self.receive_case(
            self.mail(From="form@shop.example.com", Auto_Submitted="auto-generated")
        )
        self.assertFalse(case.acknowledged_at)
        self.assertIn("by a machine", "".join(case.message_ids.mapped("body")))
        self.assertFalse(self.mails_sent())

    def test_ticket_system_of_the_customer_is_looked_at(self):
        self.receive(self.reply(self.asked, Auto_Submitted="auto-generated"))
        self.assertEqual(len(self.added()), 1)
        self.assertTrue(
            self.case.activity_ids.filtered(lambda a: "automatic" in (a.summary or ""))
        )

    def test_mailing_list(self):
        headers = {"List_Id": "Shop <shop.lists.example.com>", "Precedence": "list"}
        self.receive_held(self.mail(**headers), "list")
        # The complainant's answer through a list is an answer.
        self.receive(self.reply(self.asked, **headers))
        self.assertFalse(self.added().is_internal)
        self.env["mail.gateway.allowed"].create({"email": "shop@lists.example.com"})
        self.receive_case(
            self.mail(
                "Through the list",
                List_Post="<mailto:shop@lists.example.com>",
                **headers,
            )
        )

    def test_own_address_and_loops(self):
        for headers in (
            {"From": self.address},
            {"From": self.other_address},
            {"X_Loop": self.address},
        ):
            with self.subTest(headers):
                self.receive_held(self.mail(**headers), "loop", state="filed")
                self.receive_held(self.reply(self.asked, **headers), "loop", "filed")
        self.assertFalse(self.mails_sent() or self.added())

    def test_bounce_tells_the_handler(self):
        for number, to in enumerate((self.address, "bounce@example.com")):
            cases, held = self.receive(self.report(to=to, key=f"dsn{number}"))
            self.assertFalse(cases or held)
            self.assertIn("ann@acme.example.com", self.added()[:1].body)
            self.before |= self.added()
        self.assertEqual(len(self.case.activity_ids), 1)
        notification = self.asked.notification_ids.filtered(
            lambda n: n.res_partner_id == self.customer.partner_id
        )
        self.assertEqual(notification.notification_status, "bounce")
        # But for that of the to-do.
        self.assertEqual(self.mails_sent().recipient_ids, self.handler.partner_id)

    def test_bounce_about_nothing_known_is_filed(self):
        self.receive_held(self.report(original="<un@known>"), "bounce", "filed")

    def test_delay_and_receipt_are_no_bounce(self):
        self.receive(self.report(action="delayed", key="late"))
        receipt = self.report(
            report="disposition-notification",
            part="disposition-notification",
            action="displayed",
            key="read",
        ).replace(b"MAILER-DAEMON@mx.", b"ann@")
        self.receive(receipt)
        self.assertEqual(len(self.added()), 2)
        self.assertTrue(all(self.added().mapped("is_internal")))
        self.assertFalse(self.case.activity_ids)
        self.assertNotIn(
            "bounce", self.asked.notification_ids.mapped("notification_status")
        )

    def test_own_acknowledgement_asks_machines_not_to_answer(self):
        self.receive_case(self.mail())
        self.assertIn("auto-replied", self.mails_sent().headers)

    def test_few_acknowledgements_to_one_address(self):
        self.company.complaint_mail_acknowledge_hourly = 2
        cases = [
            self.receive_case(self.mail(f"Complaint {number}", f"Text {number}"))
            for number in range(4)
        ]
        self.assertEqual(
            [bool(case.acknowledged_at) for case in cases], [True, True, False, False]
        )
        self.assertEqual(len(self.mails_sent()), 2)

    def test_too_many_new_complaints(self):
        self.company.complaint_mail_hourly = 2
        for number in range(2):
            self.receive_case(self.mail(f"Complaint {number}", f"Text {number}"))
        held = self.receive_held(self.mail("One more", "Text"), "flood")
        self.assertEqual(held.team_id, self.team)
        self.receive_case(self.mail(From="other@new.example.com"))
