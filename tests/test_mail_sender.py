from odoo.tests import tagged

from .mail_common import MailCommon


@tagged("post_install", "-at_install")
class TestMailSender(MailCommon):
    """Who writes into a complaint by mail, and who does not (H1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._case(user_id=cls.handler.id)

    def setUp(self):
        super().setUp()
        self.asked = self.question(self.case)
        self.mails_sent()
        self.before = self.case.message_ids

    def added(self):
        self.case.invalidate_recordset(["message_ids"])
        return self.case.message_ids - self.before

    def passes(self, sender, **headers):
        self.assertEqual(
            self.receive(self.reply(self.asked, From=sender, **headers)),
            (self.case.browse(), self.held),
        )
        added = self.added()
        self.assertEqual(len(added), 1, "one message in the complaint")
        self.assertIn("The blue one", added.body)
        self.before |= added
        self.mails_sent()  # those of the message itself
        return added

    def is_held(self, sender, kind="stranger", **headers):
        held = self.receive_held(
            self.reply(self.asked, From=sender, **headers), kind=kind
        )
        self.assertEqual(held.case_id, self.case)
        self.assertFalse(self.added(), "nothing is added to the complaint")
        self.assertFalse(self.mails_sent(), "nobody is told anything")
        return held

    def test_complainant(self):
        message = self.passes("Ann <ANN@acme.example.com>")
        self.assertEqual(message.author_id, self.customer.partner_id)
        self.assertFalse(message.is_internal)

    def test_stranger_quoting_our_number(self):
        held = self.is_held("Eve <eve@elsewhere.example.com>")
        self.assertEqual(held.email_normalized, "eve@elsewhere.example.com")
        self.assertIn("The blue one", held.text)
        self.assertIn("Message numbers become known", held.reason)
        self.assertEqual(held.team_id, self.team)

    def test_stranger_by_references_to_an_internal_note(self):
        note = self.case.with_user(self.handler).message_post(body="He is difficult.")
        self.before |= note
        raw = self.mail(
            "Re: x",
            From="eve@elsewhere.example.com",
            References=f"<a@b> {note.message_id}",
        )
        self.receive_held(raw, "stranger")
        self.assertFalse(self.added())

    def test_stranger_with_the_customers_name(self):
        self.is_held('"ann@acme.example.com" <eve@elsewhere.example.com>')

    def test_two_senders(self):
        self.is_held("ann@acme.example.com, eve@elsewhere.example.com")

    def test_colleague_of_the_complainant(self):
        self.is_held("cas@acme.example.com")
        self.customer_colleague.partner_id.is_complaint_contact = True
        self.passes("cas@acme.example.com")

    def test_complaint_contact_and_confidential_case(self):
        self.customer_colleague.partner_id.is_complaint_contact = True
        self.case.is_confidential = True
        self.is_held("cas@acme.example.com")

    def test_customer_of_another_company(self):
        self.other_customer.partner_id.is_complaint_contact = True
        self.is_held("bob@beta.example.com")

    def test_follower(self):
        self.case.message_subscribe(self.other_customer.partner_id.ids)
        self.passes("bob@beta.example.com")

    def test_put_in_copy_by_staff(self):
        lawyer = self.env["res.partner"].create(
            {"name": "Lawyer", "email": "lex@law.example.com"}
        )
        self.is_held("lex@law.example.com")
        self.before |= self.case.with_user(self.handler).message_post(
            body="For your files",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=lawyer.ids,
            outgoing_email_to="office@law.example.com",
        )
        self.mails_sent()
        self.passes("lex@law.example.com")
        self.passes("office@law.example.com", Subject="Re: once more")
        self.is_held("ice@law.example.com")

    def test_put_in_copy_by_the_customer_is_not_enough(self):
        self.passes("ann@acme.example.com", Cc="pal@elsewhere.example.com")
        self.is_held("pal@elsewhere.example.com")

    def test_staff_with_and_without_access(self):
        self.passes("colleague@staff.example.com")
        self.is_held("stranger@staff.example.com")
        self.employee.email = "employee@staff.example.com"
        self.mails_sent()  # that of the change
        self.is_held("employee@staff.example.com")

    def test_sender_that_its_domain_disowns(self):
        self.is_held(
            "ann@acme.example.com",
            kind="forged",
            Authentication_Results="mx.example.com; spf=fail; dmarc=fail (p=none)",
        )

    def test_let_in_once_belongs_from_then_on(self):
        held = self.is_held("wife@home.example.com")
        held.with_user(self.handler)._accept_into(self.case.with_user(self.handler))
        self.assertEqual((held.state, held.decided_by_id), ("solved", self.handler))
        added = self.added()
        self.assertEqual(len(added), 2, "the mail, and who let it in")
        self.assertTrue(added.filtered(lambda m: "wife@home" in (m.email_from or "")))
        self.before |= added
        self.receive(self.reply(self.asked, "Thank you", From="wife@home.example.com"))
        self.assertIn("Thank you", self.added().body)

    def test_let_in_as_a_note_stays_inside(self):
        held = self.is_held("carrier@elsewhere.example.com")
        held.with_user(self.handler)._accept_into(
            self.case.with_user(self.handler), is_note=True
        )
        note = self.added().filtered(lambda m: "blue one" in m.body)
        self.assertTrue(note.is_internal and note.subtype_id.internal)
        self.assertFalse(self.mails_sent())

    def test_same_reply_twice_is_one_message(self):
        self.passes("ann@acme.example.com")
        cases, held = self.receive(self.reply(self.asked))
        self.assertFalse(cases | held.case_id or self.added())
        self.receive(self.reply(self.asked, body="Yes."))
        self.receive(self.reply(self.asked, body="Yes."))
        self.assertEqual(len(self.added()), 2, "short answers count each time")

    def test_closed_case_stays_closed_and_the_handler_is_told(self):
        self.case.write({"outcome": "withdrawn"})
        self.case.action_close()
        self.before = self.case.message_ids
        self.passes("ann@acme.example.com")
        self.assertEqual(self.case.phase, "closed")
        self.assertTrue(
            self.case.activity_ids.filtered(lambda a: "after" in (a.summary or ""))
        )

    def test_too_many_replies(self):
        self.company.complaint_mail_hourly = 3
        for number in range(3):
            self.receive(self.reply(self.asked, body=f"Number {number}, and it leaks."))
        self.assertEqual(len(self.added()), 3)
        self.before |= self.added()
        self.mails_sent()  # those of the three
        self.is_held("ann@acme.example.com", kind="flood")
        self.env["mail.gateway.allowed"].create({"email": "ann@acme.example.com"})
        self.receive(self.reply(self.asked, body="And one which is allowed to pass."))
        self.assertEqual(len(self.added()), 1)

    def test_mail_of_other_models_is_as_ever(self):
        order_message = self.order.message_post(
            body="Your order", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        before = self.order.message_ids
        cases, held = self.receive(
            self.reply(order_message, To="other@example.com", From="eve@x.example.com")
        )
        self.assertFalse(cases or held)
        self.order.invalidate_recordset(["message_ids"])
        self.assertEqual(len(self.order.message_ids - before), 1)
        with self.assertRaisesRegex(ValueError, "No possible route"):
            self.receive(self.mail(To="nobody@example.com"))
        self.assertFalse(self.held.search([("email_to", "ilike", "nobody@")]))
