from datetime import datetime, timedelta

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import MODULE
from .pause_common import PauseCommon
from .sla_common import FRIDAY_NOON, TUESDAY_NOON
from .test_intake import MAIL


@tagged("post_install", "-at_install")
class TestPauseClock(PauseCommon):
    """What a pause does to the limits, to the second (C4)."""

    def test_going_on_keeps_what_was_left(self):
        self._policy(("resolved", 8, "work_hour", {"warn_percent": 75}))
        case = self._open()  # Tuesday 12:00: lunch
        clock = case.clock_ids
        self.assertEqual(clock.deadline, datetime(2026, 3, 11, 14, 0))
        self._pause(case, datetime(2026, 3, 10, 15, 30), note="Photos of the dent")
        self.assertEqual(clock.state, "paused")
        self.assertEqual(clock.left, int(5.5 * 3600))
        self.assertFalse(clock.deadline)
        self.assertFalse(clock.warn_at)
        self.assertFalse(clock.next_event_at)
        self.assertFalse(case.next_deadline)
        self.assertTrue(case.is_paused)
        # Over a weekend, to before opening time.
        self._resume(case, datetime(2026, 3, 16, 7, 0))
        self.assertEqual(clock.state, "running")
        self.assertEqual(clock.resumed_at, datetime(2026, 3, 16, 7, 0))
        self.assertEqual(clock.left, int(5.5 * 3600))
        self.assertEqual(clock.deadline, datetime(2026, 3, 16, 15, 30))
        # The warning comes after 6 working hours altogether, 3.5 of them to come.
        self.assertEqual(clock.warn_at, datetime(2026, 3, 16, 13, 30))
        self.assertEqual(clock.next_event_at, clock.warn_at)
        self.assertEqual(case.next_deadline, clock.deadline)
        self.assertFalse(case.is_paused)

    def test_every_unit(self):
        for unit, amount, deadline in (
            # 4 h before the pause; resumed Monday 10:00 with the rest.
            ("elapsed_hour", 10, datetime(2026, 3, 16, 16, 0)),
            # Friday 13-16 was used.
            ("work_hour", 6, datetime(2026, 3, 16, 14, 0)),
            # Friday 13-16 of the hours until Monday's close: 8 of 11 are left.
            ("work_day", 1, datetime(2026, 3, 17, 11, 0)),
            # 36 h until Saturday 24:00, 4 were used.
            ("calendar_day", 1, datetime(2026, 3, 17, 18, 0)),
        ):
            with self.subTest(unit):
                policy = self._policy(("resolved", amount, unit))
                case = self._open(FRIDAY_NOON)
                self._pause(case, FRIDAY_NOON + timedelta(hours=4))
                self._resume(case, datetime(2026, 3, 16, 10, 0))
                self.assertEqual(case.clock_ids.deadline, deadline)
                policy.active = False

    def test_pauses_of_no_length_change_nothing(self):
        self._policy(("resolved", 3, "work_day"), ("answered", 7, "calendar_day"))
        case = self._open()
        before = case.clock_ids.mapped("deadline")
        for hours in range(1, 30, 3):
            moment = TUESDAY_NOON + timedelta(hours=hours, seconds=hours)
            self._pause(case, moment)
            self._resume(case, moment)
        self.assertEqual(case.clock_ids.mapped("deadline"), before)

    def test_many_pauses_leave_no_drift(self):
        self._policy(("resolved", 7, "elapsed_hour"))
        case = self._open()
        moment = TUESDAY_NOON
        for number in range(20):
            moment += timedelta(minutes=11, seconds=7)  # runs
            self._pause(case, moment)
            moment += timedelta(minutes=number, seconds=3)  # stands still
            self._resume(case, moment)
        ran = 20 * (11 * 60 + 7)
        self.assertEqual(case.clock_ids.left, 7 * 3600 - ran)
        self.assertEqual(
            case.clock_ids.deadline, moment + timedelta(seconds=7 * 3600 - ran)
        )

    def test_statutory_limit_ignores_the_pause(self):
        self._policy(
            ("answered", 5, "calendar_day", {"is_statutory": True}),
            ("answered", 48, "elapsed_hour"),
        )
        case = self._open()
        statutory = case.clock_ids.filtered("is_statutory")
        deadline = statutory.deadline
        self._pause(case, TUESDAY_NOON + timedelta(hours=1))
        self.assertEqual(statutory.state, "running")
        self.assertEqual(case.next_deadline, deadline)
        self.assertEqual(case.next_milestone, "answered")
        self._resume(case, TUESDAY_NOON + timedelta(hours=30))
        self.assertEqual(statutory.deadline, deadline)
        self.assertEqual(self._kinds(statutory), ["started"])

    def test_reason_that_does_not_stop(self):
        self._policy(("resolved", 24, "elapsed_hour"))
        case = self._open()
        deadline = case.clock_ids.deadline
        self._pause(case, TUESDAY_NOON + timedelta(hours=1), self.department)
        self.assertTrue(case.is_paused)
        self.assertEqual(case.clock_ids.state, "running")
        self._resume(case, TUESDAY_NOON + timedelta(hours=3))
        self.assertEqual(case.clock_ids.deadline, deadline)
        self.assertEqual(self._kinds(case.clock_ids), ["started"])

    def test_reason_edited_later_does_not_rewrite_the_pause(self):
        self._policy(("resolved", 24, "elapsed_hour"))
        case = self._open()
        self._pause(case, TUESDAY_NOON + timedelta(hours=1))
        self.customer_reason.stops_clock = False
        self.assertTrue(case.pause_id.stops_clock)
        with freeze_time(TUESDAY_NOON + timedelta(hours=5)):
            case.priority = "1"  # policies are looked at again
        self.assertEqual(case.clock_ids.state, "paused")

    def test_limit_passed_before_the_pause_was_breached_then(self):
        self._policy(("resolved", 2, "elapsed_hour"))
        case = self._open()
        clock = case.clock_ids
        # The job has not been here yet.
        self._pause(case, TUESDAY_NOON + timedelta(hours=2, seconds=1))
        self.assertEqual(clock.state, "breached")
        self.assertEqual(clock.breached_at, TUESDAY_NOON + timedelta(hours=2))
        self._resume(case, TUESDAY_NOON + timedelta(hours=9))
        self.assertEqual(self._kinds(clock), ["started", "breached"])

    def test_paused_at_the_very_deadline(self):
        self._policy(("resolved", 2, "elapsed_hour"))
        case = self._open()
        clock = case.clock_ids
        self._pause(case, TUESDAY_NOON + timedelta(hours=2))
        self.assertEqual((clock.state, clock.left), ("paused", 0))
        moment = TUESDAY_NOON + timedelta(hours=9)
        self._resume(case, moment)
        self.assertEqual(clock.deadline, moment, "nothing is left: due at once")
        with freeze_time(moment + timedelta(minutes=5)):
            clock._process_events(moment + timedelta(minutes=5))
        self.assertEqual(clock.state, "breached")
        self.assertEqual(clock.breached_at, moment)

    def test_the_job_leaves_paused_clocks_alone(self):
        self._policy(("resolved", 2, "elapsed_hour", {"warn_percent": 50}))
        case = self._open()
        self._pause(case, TUESDAY_NOON + timedelta(minutes=30))
        later = TUESDAY_NOON + timedelta(days=9)
        due = self.env["complaint.sla.clock"].search([("next_event_at", "<=", later)])
        self.assertNotIn(case.clock_ids, due)
        with freeze_time(later):
            case.clock_ids._process_events(later)
        self.assertEqual(case.clock_ids.state, "paused")
        self.assertEqual(self._kinds(case.clock_ids), ["started", "paused"])

    def test_warned_once_however_often_paused(self):
        self._policy(("resolved", 4, "elapsed_hour", {"warn_percent": 50}))
        case = self._open()
        clock = case.clock_ids
        moment = TUESDAY_NOON + timedelta(hours=2)
        with freeze_time(moment):
            clock._process_events(moment)
        self.assertEqual(clock.warned_at, moment)
        self._pause(case, TUESDAY_NOON + timedelta(hours=3))
        self.assertFalse(
            case.activity_ids.filtered(
                lambda activity: (
                    activity.activity_type_id
                    == self.env.ref(f"{MODULE}.mail_activity_type_deadline")
                )
            ),
            "nothing is due while it waits",
        )
        self._resume(case, TUESDAY_NOON + timedelta(hours=10))
        self.assertEqual(clock.deadline, TUESDAY_NOON + timedelta(hours=11))
        moment = TUESDAY_NOON + timedelta(hours=10, minutes=30)
        with freeze_time(moment):
            clock._process_events(moment)
        self.assertEqual(self._kinds(clock), ["started", "warned", "paused", "resumed"])

    def test_limit_that_starts_while_it_waits_begins_paused(self):
        self._policy(("resolved", 10, "elapsed_hour", {"start_milestone": "accepted"}))
        case = self._open()
        self._pause(case, TUESDAY_NOON + timedelta(hours=1))
        with freeze_time(TUESDAY_NOON + timedelta(hours=2)):
            case.with_user(self.handler).action_accept()
        clock = case.clock_ids
        self.assertEqual((clock.state, clock.left), ("paused", 10 * 3600))
        self._resume(case, TUESDAY_NOON + timedelta(hours=5))
        self.assertEqual(clock.deadline, TUESDAY_NOON + timedelta(hours=15))

    def test_calendar_broken_while_running(self):
        calendar = self._calendar("Fragile")
        self._policy(("resolved", 8, "work_hour"), calendar_id=calendar.id)
        case = self._open()
        clock = case.clock_ids
        shifts = [
            Command.create(shift)
            for shift in calendar.attendance_ids.read(
                ["name", "dayofweek", "hour_from", "hour_to"], load=False
            )
            if shift.pop("id")
        ]
        calendar.attendance_ids.unlink()
        self._pause(case, datetime(2026, 3, 10, 15, 0))
        self.assertTrue(case.is_paused, "a broken calendar does not stop the handler")
        self.assertEqual(clock.state, "unplanned")
        self.assertIn("no working hours", case.clock_problem)
        self._resume(case, datetime(2026, 3, 11, 10, 0))
        self.assertEqual(clock.state, "unplanned")
        calendar.attendance_ids = shifts
        moment = datetime(2026, 3, 11, 10, 15)
        with freeze_time(moment):
            clock._process_events(moment)
        # 2 of 8 hours were used before the pause; 6 from Wednesday 10:00.
        self.assertEqual(clock.deadline, datetime(2026, 3, 11, 17, 0))
        self.assertEqual(clock.left, 6 * 3600)
        self.assertFalse(case.clock_problem)

    def test_deleted_calendar(self):
        calendar = self._calendar("Short-lived")
        policy = self._policy(("resolved", 8, "work_hour"), calendar_id=calendar.id)
        case = self._open()
        policy.calendar_id = False
        calendar.unlink()
        self.assertFalse(case.clock_ids.calendar_id)
        self._pause(case, datetime(2026, 3, 10, 15, 0))
        self._resume(case, datetime(2026, 3, 11, 10, 0))
        # By the team's hours now, which are the same.
        self.assertEqual(case.clock_ids.deadline, datetime(2026, 3, 11, 17, 0))

    def test_two_weeks_calendar_and_summer_time(self):
        calendar = self._calendar("Berlin", tz="Europe/Berlin")
        calendar.switch_calendar_type()
        self._policy(("resolved", 10, "work_hour"), calendar_id=calendar.id)
        # Friday 2026-03-27, 15:00 in Berlin; the clocks change on Sunday.
        case = self._open(datetime(2026, 3, 27, 14, 0))
        clock = case.clock_ids
        self._pause(case, datetime(2026, 3, 27, 15, 0))  # 16:00, one hour used
        self._resume(case, datetime(2026, 3, 30, 8, 0))  # Monday 10:00 in Berlin
        self.assertEqual(clock.left, 9 * 3600)
        # Monday 10-12 and 13-17 are 6 hours; Tuesday 9-12 the other 3.
        self.assertEqual(clock.deadline, datetime(2026, 3, 31, 10, 0))


@tagged("post_install", "-at_install")
class TestPauseStory(PauseCommon):
    """Who pauses, what ends a pause, what stays on record (C4)."""

    def test_paused_straight_to_resolved(self):
        self._policy(("resolved", 4, "work_hour"))
        case = self._open()
        clock = case.clock_ids
        with freeze_time(datetime(2026, 3, 10, 13, 0)):
            case.with_user(self.handler).action_resolve()
        self._pause(case, datetime(2026, 3, 10, 14, 0))
        resolved = datetime(2026, 4, 28, 11, 0)  # weeks later
        with freeze_time(resolved):
            case.with_user(self.handler).action_mark_resolved()
        self.assertEqual(clock.state, "met")
        self.assertEqual(clock.finished_at, resolved)
        self.assertEqual(clock.left, 3 * 3600)
        self.assertEqual(clock.deadline, datetime(2026, 4, 28, 15, 0))
        self.assertEqual(self._kinds(clock), ["started", "paused", "met"])
        self.assertTrue(case.is_paused, "it may still wait for something")

    def test_paused_straight_to_answered_and_closed(self):
        self._policy(("answered", 24, "elapsed_hour"), ("closed", 48, "elapsed_hour"))
        case = self._open(answer="<p>We replace it.</p>", outcome="settled")
        clocks = case.clock_ids.grouped("milestone")
        self._pause(case, TUESDAY_NOON + timedelta(hours=23))
        answered = TUESDAY_NOON + timedelta(days=30)
        with freeze_time(answered):
            case.with_user(self.handler).action_answer()
        self.assertEqual(clocks["answered"].state, "met")
        self.assertFalse(case.is_paused)
        pause = case.pause_ids
        self.assertEqual((pause.ended_at, pause.ended_by_id), (answered, self.handler))
        # The other limit goes on with its 25 hours.
        self.assertEqual(clocks["closed"].state, "running")
        self.assertEqual(clocks["closed"].deadline, answered + timedelta(hours=25))
        with freeze_time(answered + timedelta(hours=24)):
            case.with_user(self.handler).action_close()
        self.assertEqual(clocks["closed"].state, "met")

    def test_withdrawn_while_paused(self):
        self._policy(("resolved", 4, "work_hour"))
        case = self._open()
        self._pause(case, datetime(2026, 3, 10, 14, 0))
        with freeze_time(datetime(2026, 5, 1)):
            case.with_user(self.handler)._withdraw("The customer found the receipt")
        self.assertEqual(case.clock_ids.state, "cancelled")
        self.assertFalse(case.is_paused)
        self.assertTrue(case.pause_ids.ended_at)

    def test_pause_of_an_earlier_round_does_not_touch_the_next(self):
        self._policy(("resolved", 10, "elapsed_hour"))
        case = self._open(answer="<p>We replace it.</p>")
        self._pause(case, TUESDAY_NOON + timedelta(hours=1))
        with freeze_time(TUESDAY_NOON + timedelta(hours=50)):
            case.with_user(self.handler).action_answer()
        again = TUESDAY_NOON + timedelta(hours=60)
        with freeze_time(again):
            case.with_user(self.handler)._reopen("Leaks again")
        second = case.clock_ids.filtered(lambda clock: clock.round == 2)
        self.assertEqual(second.deadline, again + timedelta(hours=10))
        self.assertEqual(second.left, 10 * 3600)

    def test_message_of_the_customer_ends_the_wait(self):
        self._policy(("resolved", 10, "elapsed_hour"))
        case = self._open()
        self._pause(case, TUESDAY_NOON + timedelta(hours=1))
        # What staff write does not.
        with freeze_time(TUESDAY_NOON + timedelta(hours=2)):
            case.with_user(self.handler).message_post(
                body="Any news?",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertTrue(case.is_paused)
        moment = TUESDAY_NOON + timedelta(hours=26)
        with freeze_time(moment):
            case.with_user(self.customer).message_post(
                body="Here they are",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        self.assertFalse(case.is_paused)
        self.assertEqual(case.clock_ids.deadline, moment + timedelta(hours=9))
        pause = case.pause_ids
        self.assertEqual(
            (pause.ended_at, pause.end_note), (moment, "The customer wrote.")
        )
        self.assertFalse(pause.ended_by_id, "it ended by itself")
        todo = case.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref(f"{MODULE}.mail_activity_type_customer")
            )
        )
        self.assertEqual(todo.user_id, self.handler)
        self.assertIn("replied", todo.summary)

    def test_mailed_reply_ends_the_wait(self):
        case = self._open()
        with freeze_time(TUESDAY_NOON):
            sent = case.with_user(self.handler).message_post(
                body="Please send photos",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.customer.partner_id.ids,
            )
        self._pause(case, TUESDAY_NOON + timedelta(minutes=1))
        raw = MAIL.format(
            sender="Ann <ann@acme.example.com>",
            subject="Re: your complaint",
            key="photos",
            body="Here they are.",
        ).replace("Content-Type", f"In-Reply-To: {sent.message_id}\nContent-Type", 1)
        # The date that a mail claims does not count: it may lie before the pause.
        moment = TUESDAY_NOON + timedelta(hours=7)
        with freeze_time(moment):
            self.env["mail.thread"].message_process("complaint.case", raw)
        self.assertFalse(case.is_paused)
        self.assertEqual(case.pause_ids.ended_at, moment)

    def test_message_of_the_customer_does_not_end_other_waits(self):
        case = self._open()
        self._pause(case, TUESDAY_NOON, self.department)
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            case.with_user(self.customer).message_post(
                body="Hello?", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.assertTrue(case.is_paused)

    def test_planned_end(self):
        self._policy(("resolved", 10, "elapsed_hour"))
        case = self._open()
        until = TUESDAY_NOON + timedelta(days=3)
        self._pause(
            case, TUESDAY_NOON + timedelta(hours=1), self.appointment, until=until
        )
        pause = case.pause_id
        self.assertEqual(pause.next_event_at, until)
        # The job comes three days late: the pause ended when it was planned to.
        late = until + timedelta(days=3)
        with freeze_time(late), self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_pause").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(pause.ended_at, until)
        self.assertFalse(pause.ended_by_id)
        self.assertFalse(pause.next_event_at)
        self.assertFalse(case.is_paused)
        clock = case.clock_ids
        self.assertEqual(clock.deadline, until + timedelta(hours=9))
        with freeze_time(late):
            clock._process_events(late)
        self.assertEqual(clock.breached_at, until + timedelta(hours=9))
        self.assertTrue(
            case.activity_ids.filtered(lambda activity: "wait" in activity.summary)
        )

    def test_resumed_by_hand_after_the_planned_end(self):
        self._policy(("resolved", 10, "elapsed_hour"))
        case = self._open()
        until = TUESDAY_NOON + timedelta(hours=5)
        self._pause(case, TUESDAY_NOON, self.appointment, until=until)
        self._resume(case, TUESDAY_NOON + timedelta(hours=6))
        self.assertEqual(case.pause_ids.ended_at, until)
        self.assertEqual(case.clock_ids.resumed_at, until)

    def test_end_in_the_past_is_refused(self):
        case = self._open()
        with self.refuses(UserError, "must lie ahead"):
            self._pause(case, TUESDAY_NOON, self.appointment, until=TUESDAY_NOON)
        self.assertFalse(case.pause_ids)

    def test_another_reason_replaces_the_first(self):
        self._policy(("resolved", 10, "elapsed_hour"))
        case = self._open()
        self._pause(case, TUESDAY_NOON + timedelta(hours=1))
        self._pause(case, TUESDAY_NOON + timedelta(hours=3), self.department)
        self.assertEqual(len(case.pause_ids), 2)
        self.assertEqual(case.pause_id.reason_id, self.department)
        self.assertEqual(case.clock_ids.state, "running", "this one stops nothing")
        self.assertEqual(case.clock_ids.deadline, TUESDAY_NOON + timedelta(hours=12))
        self._pause(case, TUESDAY_NOON + timedelta(hours=5))
        self.assertEqual(case.clock_ids.left, 7 * 3600)

    def test_answered_case_cannot_wait(self):
        with freeze_time(TUESDAY_NOON):
            case = self._answered()
        for function in (
            lambda: self._pause(case, TUESDAY_NOON + timedelta(hours=1)),
            case.with_user(self.handler).action_pause,
        ):
            with self.refuses(UserError, "nothing to pause"):
                function()

    def test_only_one_open_pause(self):
        case = self._open()
        self._pause(case, TUESDAY_NOON)
        values = {
            "case_id": case.id,
            "reason_id": self.customer_reason.id,
            "started_at": TUESDAY_NOON,
        }
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.env["complaint.pause"].create(values)

    def test_on_record(self):
        self._policy(("resolved", 10, "elapsed_hour"))
        case = self._open()
        self._pause(case, TUESDAY_NOON + timedelta(hours=1), note="Photos")
        pause = case.pause_id
        self.assertEqual(pause.user_id, self.handler)
        self._resume(case, TUESDAY_NOON + timedelta(hours=4))
        started, paused, resumed = case.clock_ids.event_ids
        self.assertEqual(started.left, 10 * 3600)
        self.assertEqual(
            (paused.kind, paused.at, paused.left, paused.pause_id, paused.note),
            ("paused", TUESDAY_NOON + timedelta(hours=1), 9 * 3600, pause, "Photos"),
        )
        self.assertFalse(paused.deadline)
        self.assertEqual(
            (resumed.kind, resumed.at, resumed.left, resumed.deadline),
            (
                "resumed",
                TUESDAY_NOON + timedelta(hours=4),
                9 * 3600,
                TUESDAY_NOON + timedelta(hours=13),
            ),
        )
        self.assertEqual(resumed.user_id, self.handler)
        self.assertEqual(
            (started.policy_id, started.amount, started.unit),
            (case.sla_policy_id, 10, "elapsed_hour"),
        )
        bodies = " ".join(case.message_ids.mapped("body"))
        self.assertIn("Paused (Waiting for the customer)", bodies)
        self.assertIn("Photos", bodies)
        self.assertIn("Resumed", bodies)

    def test_a_pause_is_a_record(self):
        case = self._open()
        self._pause(case, TUESDAY_NOON)
        pause = case.pause_id
        for vals in ({"started_at": FRIDAY_NOON}, {"note": "x"}, {"until": False}):
            with self.refuses(UserError, "cannot be changed"):
                pause.write(vals)
        self._resume(case, TUESDAY_NOON + timedelta(hours=1))
        with self.refuses(UserError, "cannot be changed"):
            pause.write({"ended_at": FRIDAY_NOON})
        with self.refuses(UserError, "cannot be changed"):
            pause.unlink()

    def test_what_the_customer_is_told(self):
        case = self._open()
        own = case.with_user(self.customer)
        self.assertIsNone(own._pause_for_customer())
        self._pause(case, TUESDAY_NOON, note="Does he exaggerate?")
        self.assertEqual(
            own._pause_for_customer(),
            {"text": "your reply", "since": TUESDAY_NOON, "until": False},
        )
        self._pause(case, TUESDAY_NOON + timedelta(hours=1), self.department)
        self.assertIsNone(own._pause_for_customer())
