from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MODULE, ComplaintCommon

MAIL = """\
From: {sender}
To: complaints@example.com
Subject: {subject}
Message-ID: <{key}@mail.example.com>
Content-Type: text/plain; charset=utf-8

{body}
"""


@tagged("post_install", "-at_install")
class TestIntake(ComplaintCommon):
    """One door for what comes in (design rule 4)."""

    def _intake(self, **values):
        vals = {"subject": "The kettle leaks", **values}
        return self.env["complaint.case"]._intake([vals], channel="phone")

    def test_known_address_finds_the_customer(self):
        case = self._intake(email_from='"Ann" <ANN@acme.example.com>')
        self.assertEqual(case.partner_id, self.customer.partner_id)
        self.assertEqual(case.channel_id, self.env.ref(f"{MODULE}.channel_phone"))

    def test_unknown_address_becomes_a_contact(self):
        case = self._intake(email_from='"New One" <new@one.example.com>')
        self.assertEqual(case.partner_id.name, "New One")
        again = self._intake(email_from="new@one.example.com")
        self.assertEqual(again.partner_id, case.partner_id)

    def test_two_strangers_in_one_batch(self):
        cases = self.env["complaint.case"]._intake(
            [
                {"subject": "One", "email_from": "a@new.example.com"},
                {"subject": "Two", "email_from": "b@new.example.com"},
                {"subject": "Three"},
            ],
            channel="phone",
        )
        self.assertEqual(
            cases.mapped("email_normalized"),
            ["a@new.example.com", "b@new.example.com", False],
        )
        self.assertEqual(len(cases.partner_id), 2)

    def test_wording_proposes_the_category(self):
        self.category.keywords = "leaks\nbroken kettle"
        late = self.env.ref(f"{MODULE}.category_delivery_late")
        late.keywords = "迟迟未到"
        self.assertEqual(self._intake().category_id, self.category)
        self.assertEqual(self._intake(subject="包裹迟迟未到，怎么办").category_id, late)
        self.assertFalse(self._intake(subject="Qwertyuiop").category_id)
        given = self._intake(category_id=late.id)
        self.assertEqual(given.category_id, late, "what is given stays")

    def test_acknowledged_once_through_the_queue(self):
        case = self._intake(partner_id=self.customer.partner_id.id)
        mails = self.env["mail.mail"].search(
            [("model", "=", "complaint.case"), ("res_id", "=", case.id)]
        )
        self.assertEqual(len(mails), 1)
        self.assertEqual(mails.state, "outgoing")
        self.assertEqual(mails.recipient_ids, self.customer.partner_id)
        self.assertIn(case.name, f"{mails.subject} {mails.body_html}")
        case._acknowledge()
        self.assertEqual(
            self.env["mail.mail"].search_count(
                [("model", "=", "complaint.case"), ("res_id", "=", case.id)]
            ),
            1,
        )

    def test_without_address_nothing_is_sent_and_staff_are_told(self):
        case = self._intake(partner_name="Walk-in")
        self.assertFalse(case.acknowledged_at)
        with self.refuses(UserError, "send it as a letter"):
            case.action_acknowledge()

    def test_subject_is_taken_from_the_text(self):
        case = self._intake(subject=" ", description="<p>It smells</p><p>and more</p>")
        self.assertEqual(case.subject, "It smells")
        with self.refuses(UserError, "in a few words"):
            self._intake(subject="", description="<p><br></p>")

    def test_mail_to_the_team_opens_a_case(self):
        self.env["mail.alias.domain"].search([]) or self.env[
            "mail.alias.domain"
        ].create({"name": "example.com"})
        self.team.alias_name = "complaints"
        domain = self.team.alias_domain_id.name or "example.com"
        raw = MAIL.format(
            sender="Ann <ann@acme.example.com>",
            subject="Where is my parcel?",
            key="first",
            body="I wait since Monday.",
        ).replace("complaints@example.com", f"complaints@{domain}")
        case_id = self.env["mail.thread"].message_process(False, raw)
        case = self.env["complaint.case"].browse(case_id)
        self.assertEqual(case.subject, "Where is my parcel?")
        self.assertEqual(case.team_id, self.team)
        self.assertEqual(case.partner_id, self.customer.partner_id)
        self.assertEqual(case.channel_id, self.env.ref(f"{MODULE}.channel_email"))
        self.assertIn("since Monday", case.description)
        self.assertTrue(case.acknowledged_at)

    def test_mailed_reply_goes_to_its_case(self):
        case = self._case(user_id=self.handler.id)
        sent = case.with_user(self.handler).message_post(
            body="Which parcel?",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.customer.partner_id.ids,
        )
        raw = MAIL.format(
            sender="Ann <ann@acme.example.com>",
            subject="Re: your complaint",
            key="reply",
            body="The blue one.",
        ).replace("Content-Type", f"In-Reply-To: {sent.message_id}\nContent-Type", 1)
        count = self.env["complaint.case"].search_count([])
        self.env["mail.thread"].message_process("complaint.case", raw)
        self.assertEqual(self.env["complaint.case"].search_count([]), count)
        self.assertIn("The blue one", case.message_ids[0].body)
