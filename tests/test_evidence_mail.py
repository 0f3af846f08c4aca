from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import Form

from .mail_common import MailCommon


@tagged("post_install", "-at_install")
class TestEvidenceMail(MailCommon):
    """A held mail that was taken in is kept as evidence byte for byte (D3)."""

    def setUp(self):
        super().setUp()
        self.case = self._case(user_id=self.handler.id)
        self.asked = self.question(self.case)

    def taken_in(self, body="It leaks, see for yourself."):
        """A mail of a stranger that was held and then added.

        :return: (raw mail, its message in the complaint, the held mail)
        """
        raw = self.reply(self.asked, body=body, From="Eve <eve@home.example.com>")
        held = self.receive_held(raw, "stranger")
        held.with_user(self.handler)._accept_into(self.case.with_user(self.handler))
        return raw, self._mails(), held

    def _mails(self):
        self.case.invalidate_recordset(["message_ids"])
        return self.case.message_ids.filtered(lambda one: one.message_type == "email")

    def dialogue(self, message, user=None):
        """The dialogue as the button beside the message opens it."""
        user = user or self.handler
        case = self.case.with_user(user)
        context = case.action_register_evidence()["context"]
        wizard = self.env["complaint.evidence.wizard"].with_user(user)
        return Form(
            wizard.with_context(**context, default_message_id=message.id),
        )

    def test_kept_byte_for_byte(self):
        raw, message, held = self.taken_in()
        dialogue = self.dialogue(message)
        self.assertTrue(dialogue.has_mail)
        self.assertFalse(dialogue.with_mail, "on request only")
        dialogue.with_message = False
        dialogue.with_mail = True
        dialogue.save().action_register()
        file = self.case.evidence_ids.file_ids
        self.assertEqual(file.attachment_id.raw, raw)
        self.assertEqual(file.attachment_id.name, f"mail-{held.id}.eml")
        self.assertIn("Eve", file.origin)

    def test_beside_the_words(self):
        _raw, message, _held = self.taken_in()
        dialogue = self.dialogue(message)
        dialogue.with_mail = True
        dialogue.save().action_register()
        self.assertEqual(len(self.case.evidence_ids), 2, "a piece for each")

    def test_not_there_for_mail_that_passed_by_itself(self):
        self.receive(self.reply(self.asked))
        dialogue = self.dialogue(self._mails())
        self.assertFalse(dialogue.has_mail)
        wizard = dialogue.save()
        wizard.with_mail = True
        with self.refuses(UserError, "not kept any more"):
            wizard.action_register()

    def test_not_of_other_complaints(self):
        _raw, message, held = self.taken_in()
        held.case_id = self._case()
        self.assertFalse(self.dialogue(message).has_mail)

    def test_not_for_who_may_not_read_the_message(self):
        _raw, message, _held = self.taken_in()
        own = self._case(team_id=self.other_team.id, user_id=self.stranger.id)
        wizards = self.env["complaint.evidence.wizard"].with_user(self.stranger)
        for case in (own, self.case):
            with self.assertRaises(AccessError):
                wizards.create(
                    {"case_id": case.id, "message_id": message.id, "with_mail": True}
                )
        with self.assertRaises(AccessError):
            self.dialogue(message, self.auditor)
