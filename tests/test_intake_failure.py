import xmlrpc.client
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .mail_common import FAILURE_LOGGER, MailCommon


@tagged("post_install", "-at_install")
class TestIntakeFailure(MailCommon):
    """Mail that fails or waits: kept, tried again, decided about (A1)."""

    def _fail(self, raw=None):
        """A mail that cannot be processed because numbers have run out."""
        self.sequence = self.env["ir.sequence"].search(
            [("code", "=", "complaint.case")]
        )
        self.sequence.code = "gone"
        with mute_logger(FAILURE_LOGGER):
            held = self.receive_held(raw or self.mail(), "error", "retry")
        self.assertFalse(self.result)
        return held

    def _mend(self):
        self.sequence.code = "complaint.case"

    def _cron(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "complaint_management.ir_cron_intake_failure"
            ).method_direct_trigger()

    def test_failure_is_kept_with_the_mail_and_tried_again(self):
        held = self._fail()
        self.assertIn("cannot be numbered", held.event_error)
        self.assertEqual(held.text, "It leaks since Monday.")
        self.assertEqual(held.event_failures, 1)
        self.assertTrue(held.activity_ids, "managers are told")
        self.assertFalse(self.mails_sent(), "the sender is not told to go away")
        self.assertEqual(self.team.alias_id.alias_status, "not_tested")
        self._mend()
        self._cron()
        self.assertEqual(held.state, "retry", "it is not time yet")
        with freeze_time(fields.Datetime.now() + timedelta(minutes=6)):
            self._cron()
        self.assertEqual(held.state, "solved")
        self.assertEqual(held.case_id.team_id, self.team)
        self.assertEqual(held.case_id.partner_id, self.customer.partner_id)
        self.assertTrue(held.case_id.acknowledged_at)
        self.assertFalse(held.activity_ids)
        self.assertFalse(held.next_event_at)

    def test_backs_off_and_at_last_waits_for_a_person(self):
        held = self._fail()
        waits = []
        now = fields.Datetime.now()
        for _attempt in range(7):
            now = held.next_event_at + timedelta(seconds=1)
            with (
                freeze_time(now),
                mute_logger(
                    "odoo.addons.complaint_management.models.complaint_due_mixin",
                    "odoo.addons.base.models.ir_cron",
                ),
            ):
                self._cron()
            waits.append(
                held.next_event_at and (held.next_event_at - now).seconds // 60
            )
        self.assertEqual(waits, [10, 20, 40, 80, 160, 320, False])
        self.assertEqual((held.state, held.event_failures), ("quarantined", 8))

    def test_nothing_of_the_attempt_is_left(self):
        partners = self.env["res.partner"].search_count([])
        self._fail(self.mail(From="New <new@one.example.com>"))
        self.assertEqual(self.env["res.partner"].search_count([]), partners)

    def test_failure_of_a_reply_knows_its_complaint(self):
        case = self._case(user_id=self.handler.id)
        asked = self.question(case)
        with (
            mute_logger(FAILURE_LOGGER),
            patch.object(type(case), "_note_dialogue", side_effect=ZeroDivisionError),
        ):
            held = self.receive_held(self.reply(asked), "error", "retry")
        self.assertEqual(held.case_id, case)
        self.assertEqual(case.intake_failure_count, 1)
        held.with_user(self.handler).action_retry()
        self.assertEqual(held.state, "solved")
        self.assertIn("blue one", case.message_ids[0].body)
        self.assertEqual(case.with_user(self.handler).intake_failure_count, 0)

    def test_conflict_with_another_transaction_is_tried_at_once(self):
        cases = self.env["complaint.case"]
        with patch.object(type(cases), "_intake", side_effect=ConcurrencyError("x")):
            held = self.receive_held(self.mail(), "error", "retry")
        self.assertFalse(held.event_failures or held.event_error or held.activity_ids)
        self._cron()
        self.assertEqual(held.state, "solved")

    def test_mail_of_another_model_that_fails_is_not_ours(self):
        message = self.order.message_post(
            body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        raw = self.reply(message, To="us@example.com", Cc=self.address)
        with (
            patch.object(
                type(self.order), "message_update", side_effect=ZeroDivisionError
            ),
            self.assertRaises(ZeroDivisionError),
        ):
            self.receive(raw)
        self.assertFalse(self.held.search([]))

    def test_same_mail_again(self):
        raw = self.mail()
        case = self.receive_case(raw)
        self.assertEqual(self.receive(raw), (case.browse(), self.held))
        held = self._fail(self.mail("Other", "Other text"))
        self.assertEqual(self.receive(held._raw()), (case.browse(), self.held))
        self.assertEqual(held.times, 2)

    def test_same_words_again_are_the_same_complaint(self):
        case = self.receive_case(self.mail())
        self.assertFalse(self.receive(self.mail("RE: the kettle LEAKS!"))[0])
        self.receive_case(self.mail(From="other@new.example.com"))
        self.receive_case(self.mail(body="And the lid is broken."))
        with freeze_time(fields.Datetime.now() + timedelta(days=1)):
            self.assertFalse(self.receive(self.mail())[0])
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self.assertNotEqual(self.receive_case(self.mail()), case)

    def test_one_mail_to_two_teams_is_one_complaint(self):
        case = self.receive_case(
            self.mail(To=f"{self.other_address}, {self.address}", Cc="x@y.example.com")
        )
        self.assertEqual(case.team_id, self.team, "the first in order")

    def test_merged_complaint_hands_the_reply_on(self):
        first, second = self._case(), self._case(user_id=self.handler.id)
        asked = self.question(second)
        second.merged_into_id = first
        self.receive(self.reply(asked))
        self.assertIn("blue one", first.message_ids[0].body)

    def test_who_sees_and_decides(self):
        case = self._case(user_id=self.handler.id)
        reply = self.receive_held(
            self.reply(self.question(case), From="eve@x.example.com"), "stranger"
        )
        new = self.receive_held(self.mail(From=None), "no_sender")
        both = reply | new
        self.assertEqual(self._seen(self.handler), both)
        self.assertEqual(self._seen(self.colleague), both)
        self.assertEqual(self._seen(self.manager), both)
        self.assertEqual(self._seen(self.auditor), both)
        self.assertFalse(self._seen(self.stranger))
        for user in (self.employee, self.customer):
            with self.assertRaises(AccessError):
                self._seen(user)
        case.write({"is_confidential": True})
        self.assertEqual(self._seen(self.manager), new)
        self.assertEqual(self._seen(self.handler), both)
        for user in (self.stranger, self.employee, self.customer, self.auditor):
            for button in ("action_retry", "action_new_case", "action_discard"):
                with self.assertRaises(AccessError):
                    getattr(new.with_user(user), button)()
        with self.assertRaises(AccessError):
            new.with_user(self.handler).action_discard()
        with self.assertRaises(AccessError):
            new.with_user(self.manager).write({"state": "solved"})
        with self.refuses(UserError, "Decide about the mail first"):
            new.with_user(self.manager).unlink()

    def _seen(self, user):
        return self.held.with_user(user).search([]).sudo()

    def test_mail_itself_is_for_managers(self):
        held = self.receive_held(self.mail(From=None), "no_sender")
        [attachment] = self.env["ir.attachment"].search(
            [("res_model", "=", held._name), ("res_field", "=", "mail_file")]
        )
        self.assertEqual(attachment.mimetype, "message/rfc822")
        self.assertTrue(attachment.with_user(self.manager).raw)
        self.assertTrue(held.with_user(self.manager).mail_file)
        for user in (self.handler, self.auditor, self.employee, self.customer):
            with self.assertRaises(AccessError):
                attachment.with_user(user).read(["raw"])
        with self.assertRaises(AccessError):
            held.with_user(self.handler).read(["mail_file"])

    def test_new_complaint_of_held_mail(self):
        held = self.receive_held(
            self.mail(Auto_Submitted="auto-generated"), "generated"
        )
        action = held.with_user(self.handler).action_new_case()
        case = self.env["complaint.case"].browse(action["res_id"])
        self.assertEqual((held.state, held.case_id), ("solved", case))
        self.assertEqual(case.subject, "The kettle leaks")
        self.assertEqual(case.team_id, self.team)
        self.assertIn("since Monday", case.description)
        self.assertFalse(case.acknowledged_at, "a machine is not answered")
        with self.refuses(UserError, "in the meantime"):
            held.with_user(self.handler).action_new_case()

    def test_wizard(self):
        case = self._case(user_id=self.handler.id)
        held = self.receive_held(
            self.reply(self.question(case), From="eve@x.example.com"), "stranger"
        )
        wizards = self.env["complaint.intake.wizard"]
        context = held.with_user(self.supervisor).action_discard()["context"]
        wizard = wizards.with_user(self.supervisor).with_context(**context).create({})
        with self.refuses(UserError, "give a reason"):
            wizard.action_confirm()
        wizard.reason = "Advertising"
        wizard.action_confirm()
        self.assertEqual(
            (held.state, held.decision_reason), ("discarded", "Advertising")
        )
        # A mistake: it is still there.
        context = held.with_user(self.handler).action_accept()["context"]
        wizard = wizards.with_user(self.handler).with_context(**context).create({})
        self.assertEqual(wizard.case_id, case)
        wizard.action_confirm()
        self.assertEqual((held.state, held.case_id), ("solved", case))

    def test_not_into_a_complaint_of_others(self):
        foreign = self._case(team_id=self.other_team.id, user_id=self.stranger.id)
        held = self.receive_held(self.mail(From=None), "no_sender")
        with self.assertRaises(AccessError):
            held.with_user(self.handler)._accept_into(foreign.with_user(self.handler))
        self.assertEqual(held.state, "quarantined")

    def test_one_to_do_however_many_wait(self):
        first = self.receive_held(self.mail(From=None), "no_sender")
        second = self.receive_held(self.mail("", "", Subject=None), "empty")
        self.assertIn(self.manager, first.activity_ids.user_id)
        self.assertFalse(second.activity_ids)
        first.with_user(self.supervisor)._discard("Advertising")
        self.assertFalse(first.activity_ids)
        self.assertIn(self.manager, second.activity_ids.user_id)
        second.with_user(self.supervisor)._discard("Nothing")
        self.assertFalse(second.activity_ids)

    def test_handler_of_the_complaint_is_told(self):
        case = self._case(user_id=self.handler.id)
        held = self.receive_held(
            self.reply(self.question(case), From="eve@x.example.com"), "stranger"
        )
        self.assertEqual(held.activity_ids.user_id, self.handler)

    def test_too_large_is_not_read(self):
        self.company.complaint_mail_limit_mb = 1
        held = self.receive_held(self.mail(body="x" * 1_100_000), "too_large")
        self.assertFalse(held.text)
        self.assertEqual(held.size_text, "1.0 MB")
        held.with_user(self.manager).action_new_case()
        self.assertEqual(held.state, "solved")

    def test_only_the_gateway_hands_mail_over(self):
        with self.assertRaises(AccessError):
            self.env["mail.thread"].with_user(self.customer).message_process(
                False, xmlrpc.client.Binary(self.mail())
            )

    def test_mail_is_tidied_up(self):
        filed = self.receive_held(
            self.mail(Auto_Submitted="auto-replied"), "auto_reply", "filed"
        )
        solved = self.receive_held(self.mail(From=None), "no_sender")
        solved.with_user(self.handler).action_new_case()
        waiting = self.receive_held(self.mail(From=None, body="b"), "no_sender")
        with freeze_time(fields.Datetime.now() + timedelta(days=181)):
            self.held._gc_mails()
        self.assertFalse(filed.exists())
        self.assertTrue(solved.exists())
        self.assertFalse(solved._raw())
        self.assertTrue(waiting._raw())

    def test_queries_of_one_mail(self):
        """A reply, a new complaint and a held mail cost a known number of queries."""
        case = self._case(user_id=self.handler.id)
        asked = self.question(case)
        self.receive(self.reply(asked))
        self.env.flush_all()
        counts = {}
        for name, raw in (
            ("reply", self.reply(asked, body="Another answer, long enough.")),
            ("held", self.reply(asked, From="eve@x.example.com")),
        ):
            start = self.env.cr.sql_log_count
            self.env["mail.thread"].message_process(False, raw)
            self.env.flush_all()
            counts[name] = self.env.cr.sql_log_count - start
        self.assertLess(counts["reply"], 140, counts)
        self.assertLess(counts["held"], 80, counts)
