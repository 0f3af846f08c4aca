from datetime import datetime, timedelta
from email.utils import format_datetime
from unittest.mock import patch

import pytz
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import Form

from ..models.case.complaint_case_reaction import REACTION_TO_DO
from ..tools.mail_quotes import own_words
from .mail_common import MailCommon

NOON = datetime(2026, 3, 10, 12, 0, 0)
DAY = timedelta(days=1)
#: The end of the customer's fifth day after the answer.
REVIEW_END = datetime(2026, 3, 15, 16, 0, 0)
WHY = "Nobody looked at my photos, the crack is on the second one."


class ReactionCommon(MailCommon):
    """An answer of 10 March, and mails that come after it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.complaint_review_days = 5
        cls.company.complaint_autoclose_days = 10
        cls.customer.partner_id.tz = "Asia/Shanghai"

    def setUp(self):
        super().setUp()
        with freeze_time(NOON):
            self.case = self._answered(date_received=NOON)
        self.answer = self.case.message_ids.filtered(
            lambda one: "mail_layout_customer" in (one.email_layout_xmlid or "")
        )[:1]

    def writes(self, said_at=NOON + DAY, came_at=None, body=WHY, **headers):
        """A mail of the customer in answer to the answer.

        :return: its message in the complaint
        """
        known = self.case.message_ids
        date = format_datetime(pytz.utc.localize(said_at))
        with freeze_time(came_at or said_at):
            self.receive(self.reply(self.answer, body=body, Date=date, **headers))
        self.case.invalidate_recordset(["message_ids"])
        return (self.case.message_ids - known).filtered(
            lambda one: one.message_type == "email"
        )

    def dialogue(self, message, user=None, case=None):
        """The dialogue as the button beside the message opens it."""
        user = user or self.handler
        action = (case or self.case).with_user(user).action_record_reaction(message.id)
        wizard = self.env[action["res_model"]].with_user(user)
        return Form(wizard.with_context(**action["context"]))

    def record(self, message, reaction, read_at, user=None):
        """Staff read the message at a moment and record it."""
        with freeze_time(read_at):
            dialogue = self.dialogue(message, user)
            dialogue.reaction = reaction
            dialogue.save().action_confirm()

    def possible(self, message, read_at):
        with freeze_time(read_at):
            return self.dialogue(message).possible.split(",")

    def silence(self, at=NOON + 30 * DAY):
        """The customer is taken for silent."""
        with freeze_time(at):
            self.case.sudo()._process_event(at)
        self.assertEqual(self.case.phase, "closed")

    def to_dos(self, kind=REACTION_TO_DO):
        return self.case.activity_ids.filtered(
            lambda one: one.activity_type_id == self.env.ref(kind)
        )

    def noted(self, message):
        """The notes that point at a message."""
        self.case.invalidate_recordset(["message_ids"])
        return self.case.message_ids.filtered(
            lambda one: f"/mail/message/{message.id}" in (one.body or "")
        )


@tagged("post_install", "-at_install")
class TestReaction(ReactionCommon):
    """What a customer's mail says of the answer is recorded as of its date (D4)."""

    def test_review_that_came_in_time_and_was_read_late(self):
        said_at, read_at = REVIEW_END - timedelta(hours=1), REVIEW_END + 2 * DAY
        message = self.writes(said_at)
        with freeze_time(read_at), self.refuses(UserError, "could be asked for until"):
            self.case.with_user(self.handler)._record_review(f"<p>{WHY}</p>")
        self.record(message, "review", read_at)
        review = self.case.review_ids
        late_plan = self.case._review_plan(read_at)["deadline"]
        plan = self.case._review_plan(said_at)["deadline"]
        self.assertLess(plan, late_plan)
        self.assertRecordValues(
            review,
            [
                {
                    "channel": "mail",
                    "asked_at": said_at,
                    "deadline": plan,
                    "next_event_at": plan,
                    "asked_by_id": self.customer.partner_id.id,
                    "reason": WHY,
                    "state": "underway",
                    "user_id": self.colleague.id,
                }
            ],
        )
        note = self.noted(message)
        self.assertEqual(note.author_id, self.handler.partner_id, "who recorded it")
        self.assertNotIn(WHY, note.body)

    def test_review_that_came_too_late(self):
        message = self.writes(REVIEW_END)
        read_at = REVIEW_END + timedelta(hours=1)
        self.assertEqual(self.possible(message, read_at), ["accepted", "objected"])
        with self.refuses(UserError, "cannot be recorded"):
            self.record(message, "review", read_at)
        self.assertFalse(self.case.review_ids)

    def test_says_until_when_a_review_could_be_asked_for(self):
        in_time, late = (
            self.writes(REVIEW_END - DAY),
            self.writes(REVIEW_END, body="No."),
        )
        with freeze_time(REVIEW_END + DAY):
            self.assertRegex(
                self.dialogue(in_time).review_hint, "Sunday, March 15, 2026.*in time"
            )
            self.assertRegex(
                self.dialogue(late).review_hint, "Sunday, March 15, 2026.*came later"
            )

    def test_accepted(self):
        message = self.writes(body="Thank you, that is fine.")
        self.record(message, "accepted", NOON + 2 * DAY)
        self.assertRecordValues(
            self.case,
            [{"phase": "closed", "outcome": "settled", "customer_verdict": "accepted"}],
        )
        self.assertEqual(len(self.noted(message)), 1)
        self.assertEqual(self.noted(message).author_id, self.handler.partner_id)
        self.assertFalse(self.to_dos(), "done")

    def test_objected(self):
        said_at = NOON + DAY
        message = self.writes(said_at)
        before = self.case.message_ids
        self.record(message, "objected", NOON + 3 * DAY)
        self.assertRecordValues(
            self.case,
            [{"phase": "investigating", "round": 2, "customer_verdict": "objected"}],
        )
        added = self.case.message_ids - before
        self.assertEqual(len(self.noted(message)), 1)
        self.assertFalse(
            added.filtered(lambda one: "Nobody looked" in one.body), "it is there"
        )
        self.assertFalse(added.filtered(lambda one: one.message_type == "comment"))
        self.assertFalse(self.case.activity_ids, "who would be told did it")

    def test_new_round_counts_from_the_mail(self):
        said_at = NOON + DAY
        self.record(self.writes(said_at), "objected", NOON + 3 * DAY)
        self.assertEqual(self.case.reopened_at, said_at)
        clocks = self.case.clock_ids.filtered(lambda clock: clock.round == 2)
        self.assertTrue(clocks)
        self.assertEqual(set(clocks.mapped("started_at")), {said_at})

    def test_handler_is_told_what_a_colleague_recorded(self):
        self.record(self.writes(), "objected", NOON + 2 * DAY, user=self.supervisor)
        to_do = self.case.activity_ids
        self.assertEqual(to_do.user_id, self.handler)
        self.assertIn("does not accept", to_do.summary)
        self.assertIn("Nobody looked", to_do.note)

    def test_on_the_page_without_pressing_a_button(self):
        with freeze_time(NOON + DAY):
            message = (
                self.case.with_user(self.customer)
                .sudo()
                .message_post(
                    body=WHY,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    author_id=self.customer.partner_id.id,
                )
            )
        self.assertEqual(self.to_dos().user_id, self.handler)
        self.record(message, "review", NOON + 2 * DAY)
        self.assertRecordValues(
            self.case.review_ids, [{"channel": "portal", "asked_at": NOON + DAY}]
        )
        self.assertFalse(self.to_dos())

    def test_of_who_is_no_contact(self):
        """Written on the page that number and code open."""
        with freeze_time(NOON + DAY):
            message = self.case.sudo().message_post(
                body=WHY,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                author_id=False,
                email_from="Anonymous complainant <noreply@example.com>",
            )
        self.assertFalse(message.author_id)
        self.assertTrue(self.to_dos())
        self.record(message, "review", NOON + 2 * DAY)
        self.assertFalse(self.case.review_ids.asked_by_id)
        self.assertIn("Anonymous complainant", self.noted(message).body)

    def test_words_may_be_put_right(self):
        message = self.writes()
        with freeze_time(NOON + 2 * DAY):
            dialogue = self.dialogue(message)
            self.assertEqual(dialogue.words, WHY)
            self.assertEqual(dialogue.said_at, NOON + DAY)
            dialogue.reaction = "review"
            dialogue.words = "The photos"
            dialogue.save().action_confirm()
        self.assertEqual(self.case.review_ids.reason, "The photos")

    def test_once_only(self):
        message = self.writes()
        with freeze_time(NOON + 2 * DAY):
            dialogue = self.dialogue(message)
            dialogue.reaction = "review"
            wizard = dialogue.save()
            wizard.action_confirm()
            with self.refuses(UserError, "reviewed already"):
                wizard.action_confirm()
            with self.refuses(UserError, "reviewed already"):
                self.dialogue(message)
        self.assertEqual(len(self.case.review_ids), 1)


@tagged("post_install", "-at_install")
class TestReactionClosed(ReactionCommon):
    """Closed in the meantime: who wrote before that was in time."""

    def test_objection_that_came_before_silence_closed_it(self):
        message = self.writes()
        self.silence()
        self.assertEqual(
            self.possible(message, NOON + 31 * DAY), ["accepted", "objected", "review"]
        )
        self.record(message, "objected", NOON + 31 * DAY)
        self.assertEqual((self.case.phase, self.case.round), ("investigating", 2))

    def test_held_until_after_silence_closed_it(self):
        """What kept a mail waiting is not the customer's fault."""
        said_at = NOON + 2 * DAY
        date = format_datetime(pytz.utc.localize(said_at))
        raw = self.reply(
            self.answer, body=WHY, Date=date, From="Ann <ann@home.example.com>"
        )
        with freeze_time(said_at):
            held = self.receive_held(raw, "stranger")
        self.silence()
        with freeze_time(NOON + 31 * DAY):
            held.with_user(self.handler)._accept_into(self.case.with_user(self.handler))
        self.case.invalidate_recordset(["message_ids"])
        message = self.case.message_ids.filtered(
            lambda one: one.message_type == "email"
        )
        self.assertEqual(message.date, said_at)
        self.record(message, "objected", NOON + 32 * DAY)
        self.assertEqual(self.case.phase, "investigating")

    def test_acceptance_that_came_before_silence_closed_it(self):
        message = self.writes(body="Fine, thank you.")
        self.silence()
        self.assertEqual(self.case.outcome, "answered_without_agreement")
        closed_at = self.case.closed_at
        self.record(message, "accepted", NOON + 31 * DAY)
        self.assertRecordValues(
            self.case,
            [
                {
                    "phase": "closed",
                    "outcome": "settled",
                    "customer_verdict": "accepted",
                    "closed_at": closed_at,
                    "round": 1,
                }
            ],
        )

    def test_written_after_it_was_closed(self):
        with freeze_time(NOON + DAY):
            self.case.outcome = "answered_without_agreement"
            self.case.with_user(self.handler).action_close()
        message = self.writes(NOON + 2 * DAY)
        self.assertEqual(
            self.possible(message, NOON + 3 * DAY),
            ["review"],
            "as on the page of the complaint",
        )
        with self.refuses(UserError, "cannot be recorded"):
            self.record(message, "objected", NOON + 3 * DAY)
        late = self.writes(REVIEW_END + DAY, body="And another thing, after weeks.")
        problem = "any more.*came later.*reopen"
        with freeze_time(REVIEW_END + 2 * DAY), self.refuses(UserError, problem):
            self.dialogue(late)

    def test_written_before_it_was_accepted(self):
        """The later word counts."""
        message = self.writes()
        with freeze_time(NOON + 2 * DAY):
            self.case.with_user(self.customer).sudo()._customer_accept()
            with self.refuses(UserError, "customer accepted"):
                self.dialogue(message)

    def test_written_before_it_was_taken_back(self):
        message = self.writes()
        with freeze_time(NOON + 2 * DAY):
            self.case.sudo()._move_to("closed", outcome="withdrawn")
            with self.refuses(UserError, "any more"):
                self.dialogue(message)

    def test_written_before_the_review_was_decided(self):
        message, other = (
            self.writes(),
            self.writes(body="I do not agree at all, sorry."),
        )
        self.record(message, "review", NOON + 2 * DAY)
        review = self.case.review_ids
        with freeze_time(NOON + 3 * DAY):
            mine = review.with_user(review.user_id)
            mine.write({"verdict": "confirm", "decision": "<p>It stands.</p>"})
            mine.action_decide()
            self.assertEqual(self.case.phase, "closed")
            with self.refuses(UserError, "reviewed already"):
                self.dialogue(other)

    def test_the_page_goes_on_as_before(self):
        self.silence()
        for act in ("_customer_accept", "_customer_object"):
            arguments = ("No",) if act == "_customer_object" else ()
            with self.refuses(UserError, "reload the page"):
                getattr(self.case.with_user(self.customer).sudo(), act)(*arguments)


@tagged("post_install", "-at_install")
class TestReactionRefused(ReactionCommon):
    """What is no reaction, and who may not record one."""

    def test_no_answer_yet(self):
        case = self._case(user_id=self.handler.id)
        asked = self.question(case)
        self.receive(self.reply(asked))
        message = case.message_ids.filtered(lambda one: one.message_type == "email")
        self.assertTrue(message)
        with self.refuses(UserError, "no answer yet"):
            self.dialogue(message, case=case)

    def test_written_before_the_answer(self):
        message = self.writes(NOON - timedelta(hours=1), NOON + DAY)
        self.assertFalse(self.to_dos(), "no reaction to the answer")
        with freeze_time(NOON + 2 * DAY):
            with self.refuses(UserError, "before the answer"):
                self.dialogue(message)
            case = self.case.with_user(self.handler)
            said = {"author": self.customer.partner_id, "at": message.date}
            for act in (
                lambda: case._customer_accept(**said),
                lambda: case._customer_object(WHY, **said),
                lambda: case._ask_review(WHY, "mail", **said),
            ):
                with self.refuses(UserError, "before the answer"):
                    act()
        self.assertEqual(self.case.phase, "answered")

    def test_written_before_the_second_answer(self):
        message = self.writes()
        with freeze_time(NOON + 2 * DAY):
            case = self.case.with_user(self.handler)
            case._reopen("<p>Again</p>")
            case.answer = "<p>Still the same.</p>"
            case.action_answer()
            with self.refuses(UserError, "before the answer"):
                self.dialogue(message)

    def test_from_the_future_counts_as_of_now(self):
        """Whose clock goes wrong did not write after the mail came."""
        message = self.writes(NOON + 60 * DAY, NOON + DAY)
        self.record(message, "review", NOON + 2 * DAY)
        self.assertEqual(self.case.review_ids.asked_at, NOON + 2 * DAY)

    def test_message_of_another_complaint(self):
        message = self.writes()
        with freeze_time(NOON):
            other = self._answered(date_received=NOON)
        with self.refuses(UserError, "not one of this complaint"):
            self.dialogue(message, case=other)
        wizard = self.env["complaint.reaction.wizard"].with_user(self.handler)
        wizard = wizard.create(
            {
                "case_id": other.id,
                "message_id": message.id,
                "reaction": "accepted",
            }
        )
        with self.refuses(UserError, "not one of this complaint"):
            wizard.action_confirm()
        self.assertEqual(other.phase, "answered")

    def test_messages_of_staff_and_of_the_system(self):
        asked = self.question(self.case)
        note = self.case._message_log(
            body="By nobody", author_id=self.customer.partner_id.id
        )
        for message in (asked, note, self.answer):
            with self.refuses(UserError, "written by staff"):
                self.dialogue(message)
        wizard = self.env["complaint.reaction.wizard"].with_user(self.handler)
        with self.refuses(UserError, "written by staff"):
            wizard.create(
                {
                    "case_id": self.case.id,
                    "message_id": asked.id,
                    "reaction": "accepted",
                }
            ).action_confirm()

    def test_who_may_not(self):
        message = self.writes()
        wizards = self.env["complaint.reaction.wizard"]
        values = {
            "case_id": self.case.id,
            "message_id": message.id,
            "reaction": "accepted",
        }
        self.assertTrue(self.case.with_user(self.auditor).read(["subject"]))
        for user in (self.auditor, self.stranger, self.employee, self.customer):
            with self.assertRaises(AccessError):
                self.case.with_user(user).action_record_reaction(message.id)
            with self.assertRaises(AccessError):
                wizards.with_user(user).create(values).action_confirm()
        mine = wizards.with_user(self.handler).create(values)
        self.case.with_user(self.supervisor).involved_user_ids = self.handler
        with self.assertRaises(AccessError):
            mine.action_confirm()
        self.assertEqual(self.case.phase, "answered")

    def test_words_of_others_are_not_told(self):
        """Who may not read a message does not get its words by way of the dialogue."""
        message = self.writes()
        with freeze_time(NOON):
            own = self._answered(
                date_received=NOON, team_id=self.other_team.id
            ).with_user(self.stranger)
        with self.assertRaises(AccessError):
            self.env["complaint.reaction.wizard"].with_user(self.stranger).create(
                {"case_id": own.id, "message_id": message.id, "reaction": "accepted"}
            )


@tagged("post_install", "-at_install")
class TestReactionToDo(ReactionCommon):
    """The handler hears that the customer reacted, once."""

    def test_one_to_do_for_all_mails(self):
        self.writes()
        self.writes(NOON + 2 * DAY, body="And I wait for your word on it.")
        to_do = self.case.activity_ids
        self.assertEqual(len(to_do), 1)
        self.assertEqual(to_do, self.to_dos())
        self.assertEqual(to_do.user_id, self.handler)
        self.assertIn("Record as Reaction", to_do.note)

    def test_closed_within_the_time_of_a_review(self):
        with freeze_time(NOON + DAY):
            self.case.outcome = "answered_without_agreement"
            self.case.with_user(self.handler).action_close()
        self.writes(NOON + 2 * DAY)
        self.assertEqual(self.case.activity_ids, self.to_dos(), "and nothing else")
        self.assertEqual(len(self.to_dos()), 1)

    def test_closed_and_too_late(self):
        with freeze_time(NOON + DAY):
            self.case.outcome = "answered_without_agreement"
            self.case.with_user(self.handler).action_close()
        self.writes(REVIEW_END + DAY)
        self.assertFalse(self.to_dos())
        self.assertIn("after the complaint was closed", self.case.activity_ids.summary)

    def test_automatic_replies(self):
        for headers in (
            {"Auto_Submitted": "auto-replied"},
            {"X_Autoreply": "yes"},
        ):
            message = self.writes(body=f"I am away. {headers}", **headers)
            self.assertTrue(message, "noted")
        self.assertFalse(self.case.activity_ids)

    def test_machine_that_is_allowed_to_write(self):
        self.env["mail.gateway.allowed"].create({"email": "ann@acme.example.com"})
        message = self.writes(Auto_Submitted="auto-generated", body="Ticket opened.")
        self.assertFalse(message.is_internal, "taken for a message")
        self.assertFalse(self.to_dos())

    def test_not_for_staff_and_suppliers(self):
        with freeze_time(NOON + DAY):
            self.question(self.case)
            self.case.with_user(self.handler).message_post(
                body="What do you say?",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.beta.ids,
            )
        message = self.writes(NOON + 2 * DAY, From="office@beta.example.com")
        self.assertTrue(message)
        self.assertFalse(self.case.activity_ids)

    def test_not_when_the_button_was_pressed(self):
        cases = self.registry["complaint.case"]
        alerting = patch.object(cases, "_alert_handler", autospec=True)
        with freeze_time(NOON + DAY), alerting as alert:
            self.case.with_user(self.customer).sudo()._customer_object("It leaks")
        alert.assert_called_once()
        self.assertIn("does not accept", alert.call_args.args[1])

    def test_button_pressed_after_a_mail(self):
        self.writes()
        self.assertTrue(self.to_dos())
        with freeze_time(NOON + 2 * DAY):
            self.case.with_user(self.customer).sudo()._customer_ask_review(WHY)
        self.assertFalse(self.to_dos(), "nothing is left to be recorded")

    def test_not_before_the_answer_and_not_during_a_review(self):
        self.record(self.writes(), "review", NOON + 2 * DAY)
        self.writes(NOON + 3 * DAY, body="When do I hear from you about it?")
        self.assertFalse(self.to_dos())


@tagged("post_install", "-at_install")
class TestOwnWords(ReactionCommon):
    """What is quoted is not what the customer says now."""

    def test_quotes_of_plain_mail(self):
        message = self.writes(
            body="I do not agree.\n\nOn Tue, 10 March 2026 at 12:00, Shop\n"
            "<retail@example.com> wrote:\n> We replace it.\n> Regards\n"
        )
        self.assertIn("We replace it", message.body)
        self.assertEqual(own_words(message.body), "I do not agree.")

    def test_quotes_of_html_mail(self):
        message = self.writes(
            body='<div>我不同意，要求复议。</div><div class="gmail_quote"><div>'
            "2026年3月10日，商店写道：</div><blockquote>We replace it.</blockquote>"
            "</div>",
            Content_Type="text/html; charset=utf-8",
        )
        self.assertEqual(own_words(message.body), "我不同意，要求复议。")

    def test_copy_below(self):
        for line in ("-----Original Message-----", "--------- 原始邮件 ------"):
            text = f"<p>No, thank you.</p><p>{line}</p><p>We replace it.</p>"
            self.assertEqual(own_words(text), "No, thank you.")

    def test_nothing_but_quotes_is_kept(self):
        self.assertIn("It leaks", own_words("<blockquote>It leaks</blockquote>"))
        marked = '<blockquote data-o-mail-quote="1">It leaks</blockquote>'
        self.assertIn("It leaks", own_words(marked))
        self.assertEqual(own_words(""), "")
        self.assertEqual(own_words(False), "")

    def test_own_colon_is_kept(self):
        self.assertEqual(own_words("<p>I want 2 things:</p>"), "I want 2 things:")
