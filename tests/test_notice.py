from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..tools.calendars import CalendarBook
from ..tools.ladder import go_back
from ..tools.quiet import next_loud
from ..tools.worktime import DeadlineError
from .common import MODULE
from .escalation_common import EscalationCommon
from .sla_common import TUESDAY_NOON, SlaCommon
from .test_due_jobs import CRON_LOGGER, MIXIN_LOGGER


def weekday(day):
    return day.weekday() < 5


@tagged("post_install", "-at_install")
class TestLoudHours(SlaCommon):
    """When a person may be written to; and moments before a limit."""

    def test_table(self):
        for moment, begin, end, zone, loud in (
            # Loud, at the edges, over midnight.
            ("2026-03-10 12:00", 20, 7, "UTC", "2026-03-10 12:00"),
            ("2026-03-10 19:59", 20, 7, "UTC", "2026-03-10 19:59"),
            ("2026-03-10 20:00", 20, 7, "UTC", "2026-03-11 07:00"),
            ("2026-03-11 00:00", 20, 7, "UTC", "2026-03-11 07:00"),
            ("2026-03-11 06:59", 20, 7, "UTC", "2026-03-11 07:00"),
            ("2026-03-11 07:00", 20, 7, "UTC", "2026-03-11 07:00"),
            # Half hours; quiet at noon; none at all.
            ("2026-03-10 20:15", 20.25, 6.5, "UTC", "2026-03-11 06:30"),
            ("2026-03-10 12:30", 12, 14, "UTC", "2026-03-10 14:00"),
            ("2026-03-10 15:00", 12, 14, "UTC", "2026-03-10 15:00"),
            ("2026-03-10 23:00", 6, 6, "UTC", "2026-03-10 23:00"),
            ("2026-03-10 23:00", 0, 24, "UTC", "2026-03-10 23:00"),
            ("2026-03-10 23:00", 22, 24, "UTC", "2026-03-11 00:00"),
            # On the person's own clock, also where it is another day.
            ("2026-03-10 12:00", 20, 7, "Asia/Shanghai", "2026-03-10 23:00"),
            ("2026-03-10 23:00", 20, 7, "Asia/Shanghai", "2026-03-10 23:00"),
            ("2026-03-10 12:00", 20, 7, "Asia/Kathmandu", "2026-03-10 12:00"),
            ("2026-03-10 14:30", 20, 7, "Asia/Kathmandu", "2026-03-11 01:15"),
            ("2026-03-10 12:00", 20, 7, "America/Los_Angeles", "2026-03-10 14:00"),
            ("2026-03-10 20:00", 20, 7, "Nowhere/Land", "2026-03-11 07:00"),
            ("2026-03-10 20:00", 20, 7, None, "2026-03-11 07:00"),
            # Weekends: from Friday evening, and all of Saturday, to Monday morning.
            ("2026-03-13 19:00", 20, 7, "UTC", "2026-03-13 19:00"),
            ("2026-03-13 21:00", 20, 7, "UTC", "2026-03-16 07:00"),
            ("2026-03-14 12:00", 20, 7, "UTC", "2026-03-16 07:00"),
            ("2026-03-15 23:00", 20, 7, "Asia/Shanghai", "2026-03-15 23:00"),
            ("2026-03-14 12:00", 0, 0, "UTC", "2026-03-16 00:00"),
            # Clocks go forward on 29 March, back on 25 October (both Sundays).
            ("2026-03-28 12:00", 20, 7, "Europe/Berlin", "2026-03-30 05:00"),
            ("2026-10-24 12:00", 20, 7, "Europe/Berlin", "2026-10-26 06:00"),
        ):
            with self.subTest(f"{moment} {begin}-{end} {zone}"):
                found = next_loud(
                    datetime.fromisoformat(moment), begin, end, zone, weekday
                )
                self.assertEqual(found, datetime.fromisoformat(loud))

    def test_every_quarter_of_an_hour_of_a_week(self):
        """Beside a search step by step, in zones with odd offsets and changes."""

        def is_loud(moment, begin, end, zone):
            local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
            hour = local.hour + local.minute / 60
            over_midnight = begin > end and (hour >= begin or hour < end)
            return weekday(local) and not (over_midnight or begin <= hour < end)

        for zone, start in (
            ("Europe/Berlin", datetime(2026, 3, 26)),
            ("America/New_York", datetime(2026, 10, 30)),
            ("Australia/Lord_Howe", datetime(2026, 4, 2)),
            ("Asia/Kolkata", datetime(2026, 3, 12)),
        ):
            for begin, end in ((20, 7), (22.5, 5.25), (12, 14)):
                expected = None
                for minutes in range(6 * 1440, -1, -15):
                    moment = start + timedelta(minutes=minutes)
                    if is_loud(moment, begin, end, zone):
                        expected = moment
                    elif expected is None:
                        continue  # the search has not met a loud moment yet
                    found = next_loud(moment, begin, end, zone, weekday)
                    self.assertEqual(found, expected, (zone, begin, moment))

    def test_where_nobody_ever_works(self):
        found = next_loud(datetime(2026, 3, 10, 21), 20, 7, "UTC", lambda _day: False)
        self.assertEqual(found, datetime(2026, 3, 11, 7), "written to all the same")

    def test_going_back(self):
        book = CalendarBook(self.env)
        monday_noon = datetime(2026, 3, 16, 12)
        for unit, amount, moment in (
            ("elapsed_hour", 1.5, datetime(2026, 3, 16, 10, 30)),
            ("work_hour", 2, datetime(2026, 3, 16, 10)),
            # 9-12 on Monday is three hours, 16-17 on Friday the fourth.
            ("work_hour", 4, datetime(2026, 3, 13, 16)),
            ("work_hour", 3, datetime(2026, 3, 13, 17)),
            # 12 weeks of 35 hours back.
            ("work_hour", 420, datetime(2025, 12, 22, 12)),
        ):
            with self.subTest(unit=unit, amount=amount):
                found = go_back(book, unit, amount, monday_noon, self.calendar)
                self.assertEqual(found, moment)
                # Planning forward from there comes back to where it began.
                self.assertEqual(
                    book.plan(unit, amount, found, self.calendar, tz="UTC")[0],
                    monday_noon,
                )
        with self.assertRaises(DeadlineError):
            go_back(book, "work_day", 1, monday_noon, self.calendar)


@tagged("post_install", "-at_install")
class TestDelivery(EscalationCommon):
    """One mail for each person and run, not in quiet hours, nothing lost (C5)."""

    def test_one_mail_for_each_person_and_run(self):
        self._rung(at=75, who="handler")
        self._rung()
        cases = self.env["complaint.case"].union(
            *(self._at_noon() for _index in range(3))
        )
        self._tick(8)
        mails = self._send(8)
        self.assertEqual(len(mails), 2)
        self.assertEqual(
            mails.recipient_ids,
            self.handler.partner_id | self.supervisor.partner_id,
        )
        for mail in mails:
            for case in cases:
                self.assertEqual(mail.body_html.count(case.name), 1, "one entry each")
        notices = self._notices(cases)
        self.assertEqual(set(notices.mapped("state")), {"sent"})
        self.assertEqual(
            set(notices.mapped("sent_at")), {TUESDAY_NOON + timedelta(hours=8)}
        )
        self.assertFalse(self._send(9), "nothing twice")

    def test_more_than_a_batch_is_one_mail(self):
        self._rung()
        values = self._case_values(date_received=TUESDAY_NOON, user_id=self.handler.id)
        cases = self.env["complaint.case"].create([values] * 7)
        self._tick(8)
        with patch(f"odoo.addons.{MODULE}.models.complaint_due_mixin.BATCH_SIZE", 3):
            mails = self._send(8)
        self.assertEqual(len(mails), 1)
        self.assertEqual(set(self._notices(cases).mapped("mail_id")), {mails})

    def test_highest_step_of_a_case(self):
        """However late the job is: one entry, which says what is worst."""
        self._rung(at=50, who="leader")
        self._rung(at=75, who="leader")
        self._rung(who="leader")
        self._rung(at=50, who="leader", milestone="answered")
        case = self._at_noon()
        self._tick(20)
        mail = self._send(20)
        self.assertEqual(len(self._notices(case)), 4)
        self.assertEqual(mail.body_html.count("/mail/view?"), 1)
        self.assertIn("Acceptance: 12 h overdue", mail.body_html)
        self.assertIn("Also near or passed", mail.body_html)
        self.assertIn("Answer", mail.body_html)
        self.assertEqual(mail.subject, f"{case.name}: Acceptance: 12 h overdue")

    def test_most_urgent_first(self):
        self._rung(at=50)
        later, sooner = (
            self._at_noon(),
            self._case(
                user_id=self.handler.id, date_received=TUESDAY_NOON - timedelta(hours=3)
            ),
        )
        self._tick(7)
        mail = self._send(7)
        self.assertLess(
            mail.body_html.index(sooner.name), mail.body_html.index(later.name)
        )
        self.assertEqual(
            mail.subject, f"{sooner.name} and 1 more: Acceptance: 2 h overdue"
        )
        self.assertIn("Acceptance: 1 h left", mail.body_html)

    def test_a_mail_has_an_end(self):
        self._rung()
        values = self._case_values(date_received=TUESDAY_NOON, user_id=self.handler.id)
        self.env["complaint.case"].create([values] * 43)
        self._tick(8)
        mail = self._send(8)
        self.assertEqual(mail.body_html.count("/mail/view?"), 40)
        self.assertIn("And 3 more:", mail.body_html)
        self.assertIn("/odoo/action-complaint_management.", mail.body_html)
        self.assertIn("and 42 more", mail.subject)

    def test_what_the_mail_says(self):
        self.supervisor.tz = "Asia/Tokyo"
        self._rung()
        case = self._at_noon()
        self._tick(9)
        mail = self._send(9)
        self.assertIn(f"model=complaint.case&amp;res_id={case.id}", mail.body_html)
        self.assertIn("The kettle leaks", mail.body_html)
        # 20:00 UTC on Tuesday is five o'clock on Wednesday in Tokyo.
        self.assertIn("Wednesday, March 11, 2026, 5:00", mail.body_html)
        self.assertIn("You lead the team.", mail.body_html)
        self.assertIn(self.handler.name, mail.body_html)
        self.assertIn("max-width: 600px", mail.body_html)
        self.assertTrue(mail.auto_delete)

    def test_midnight_is_told_as_the_day_it_ends(self):
        self.policy.target_ids[0].write({"amount": 1, "unit": "calendar_day"})
        self._rung()
        self._at_noon()
        self._tick(37)
        mail = self._send(37)
        self.assertIn("Was due", mail.body_html)
        self.assertIn("Wednesday, March 11, 2026</", mail.body_html)

    def test_in_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.supervisor.lang = "zh_CN"
        self._rung()
        self._at_noon()
        self._tick(8)
        mail = self._send(8)
        self.assertIn("2026年3月10日", mail.body_html)

    def test_quiet_hours_hold_it_back(self):
        """On the person's own clock; the ledger says when it was escalated."""
        self.company.write({"complaint_quiet_from": 20, "complaint_quiet_to": 7})
        self.supervisor.tz = "Europe/Berlin"
        self.handler.tz = "America/New_York"
        self._rung(who="handler")
        self._rung()
        case = self._at_noon()
        self._tick(8)
        line = self._clock(case).event_ids.filtered("escalation_id")
        self.assertEqual(set(line.mapped("at")), {TUESDAY_NOON + timedelta(hours=8)})
        # In Berlin it is nine in the evening, in New York four in the afternoon.
        self.assertEqual(
            self._notices(case).mapped("next_event_at"),
            [TUESDAY_NOON + timedelta(hours=8), datetime(2026, 3, 11, 6, 0)],
        )
        self.assertEqual(
            self._send(8.1).recipient_ids, self.handler.partner_id, "only who is awake"
        )
        self.assertFalse(self._send(17.9))
        self.assertEqual(self._send(18).recipient_ids, self.supervisor.partner_id)

    def test_weekend_of_the_team(self):
        self.team.calendar_id = self.calendar
        self.company.write({"complaint_quiet_from": 20, "complaint_quiet_to": 7})
        self._rung()
        with freeze_time(datetime(2026, 3, 13, 14)):
            case = self._case(user_id=self.handler.id)
        hours = 3 * 24 + 10  # Friday 22:00
        self._tick(hours)
        self.assertEqual(self._notices(case).next_event_at, datetime(2026, 3, 16, 7, 0))
        self.assertFalse(self._send(hours))
        mail = self._send(6 * 24 - 5)
        self.assertIn("Acceptance: 2 days overdue", mail.body_html)

    def test_team_without_hours_is_told_any_day(self):
        self.team.calendar_id.flexible_hours = True
        self._rung()
        case = self._at_noon()
        self._tick(8)
        self.assertEqual(
            self._notices(case).next_event_at, TUESDAY_NOON + timedelta(hours=8)
        )

    def test_settled_meanwhile_is_not_told(self):
        self.company.write({"complaint_quiet_from": 20, "complaint_quiet_to": 7})
        self.company.complaint_require_breach_reason = False
        self._rung()
        reached, closed = self._at_noon(), self._at_noon()
        hidden, left = self._at_noon(), self._at_noon()
        self._tick(8)
        with freeze_time(TUESDAY_NOON + timedelta(hours=9)):
            reached.with_user(self.handler).action_accept()
            closed.with_user(self.handler)._withdraw("Never mind")
            hidden.is_confidential = True
        mail = self._send(19)
        self.assertEqual(mail.body_html.count("/mail/view?"), 1)
        self.assertIn(left.name, mail.body_html)
        states = [self._notices(case).state for case in (reached, closed, hidden, left)]
        self.assertEqual(states, ["dropped", "dropped", "dropped", "sent"])

    def test_held_while_the_limit_stands_still(self):
        self._rung(at=50)
        case = self._at_noon()
        self._tick(5)
        reason = self.env["complaint.pause.reason"].search(
            [("stops_clock", "=", True)], limit=1
        )
        with freeze_time(TUESDAY_NOON + timedelta(hours=5)):
            case._pause(reason)
        self.assertFalse(self._send(5.1))
        with freeze_time(TUESDAY_NOON + timedelta(hours=20)):
            case._resume()
        self.assertTrue(self._send(21))

    def test_who_left_meanwhile(self):
        """Somebody else is told instead."""
        self.company.write({"complaint_quiet_from": 20, "complaint_quiet_to": 7})
        self._rung()
        case = self._at_noon()
        self._tick(8)
        self.supervisor.active = False
        self.assertFalse(self._send(19))
        self.assertEqual(self._send(20).recipient_ids, self.handler.partner_id)
        self.assertEqual(self._notices(case).mapped("state"), ["dropped", "sent"])
        self.assertEqual(self._notices(case)[1].instead_of_id, self.supervisor)

    def test_queries_do_not_grow_with_the_entries(self):
        self._rung()
        values = self._case_values(date_received=TUESDAY_NOON, user_id=self.handler.id)

        def send(count):
            cases = self.env["complaint.case"].create([values] * count)
            self._tick(9)
            notices = self._notices(cases)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            notices._process_events(TUESDAY_NOON + timedelta(hours=9))
            self.env.flush_all()
            self.assertEqual(set(notices.mapped("state")), {"sent"})
            return self.env.cr.sql_log_count - before

        send(1)  # fills the caches
        small, large = send(2), send(80)
        self.assertLessEqual(large, small + 3)
        self.assertLessEqual(small, 60)


@tagged("post_install", "-at_install")
class TestTrouble(EscalationCommon):
    """What cannot be delivered is seen, and stops nothing else."""

    def setUp(self):
        super().setUp()
        self.rung = self._rung(who="handler")
        self._rung()
        self.cases = self.env["complaint.case"].union(
            *(self._at_noon() for _index in range(3))
        )
        self._tick(8)

    def test_twice_is_impossible(self):
        notice = self._notices(self.cases)[0]
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            notice.copy()

    def test_no_address(self):
        self.handler.email = False
        mails = self._send(8)
        self.assertEqual(mails.recipient_ids, self.supervisor.partner_id)
        mine = self._notices(self.cases).filtered(
            lambda notice: notice.user_id == self.handler
        )
        self.assertEqual(set(mine.mapped("state")), {"waiting"})
        self.assertIn("no valid e-mail address", mine[0].problem)
        self.assertEqual(self.notice_cron.failure_count, 0)
        self.handler.email = "back@staff.example.com"
        mine.with_user(self.manager).action_send_again()
        with freeze_time(TUESDAY_NOON + timedelta(hours=9)):
            mine.write({"next_event_at": TUESDAY_NOON})
        self.assertEqual(self._send(9).recipient_ids, self.handler.partner_id)
        self.assertFalse(any(mine.mapped("problem")))

    def test_poisoned_notice(self):
        """One that cannot be put into words: the rest leaves, in one mail each."""
        mine = self._notices(self.cases).filtered(
            lambda notice: notice.user_id == self.handler
        )
        poisoned = mine[1]
        model = type(self.env["complaint.notice"])
        original = model._why_text

        def why(notice):
            if notice.id == poisoned.id:
                raise ValueError("poison")
            return original(notice)

        with (
            patch.object(model, "_why_text", why),
            mute_logger(MIXIN_LOGGER),
            self.assertLogs(CRON_LOGGER, "ERROR"),
        ):
            mails = self._send(8)
        self.assertEqual(len(mails), 2)
        self.assertEqual((mine - poisoned).mapped("state"), ["sent", "sent"])
        self.assertEqual((mine - poisoned).mapped("mail_id"), mine[0].mail_id)
        self.assertEqual(poisoned.state, "waiting")
        self.assertIn("poison", poisoned.problem)
        self.assertEqual(poisoned.event_failures, 1)
        self.assertEqual(
            poisoned.next_event_at, TUESDAY_NOON + timedelta(hours=8, minutes=5)
        )
        self.assertEqual(self._send(8.2).recipient_ids, self.handler.partner_id)
        self.assertEqual(poisoned.state, "sent")
        self.assertFalse(poisoned.problem)

    def test_mail_server_refuses(self):
        mails = self._send(8)
        mail = mails.filtered(
            lambda mail: mail.recipient_ids == self.handler.partner_id
        )
        mail.write({"state": "exception", "failure_reason": "No such mailbox"})
        mail._postprocess_sent_message([], [], failure_type="mail_smtp")
        failed = self.env["complaint.notice"].search([("state", "=", "failed")])
        self.assertEqual(failed.user_id, self.handler)
        self.assertIn("No such mailbox", failed[0].problem)
        with self.assertRaises(AccessError):
            failed.with_user(self.handler).action_send_again()
        failed.with_user(self.manager).action_send_again()
        self.assertEqual(mail.state, "cancel", "not sent twice")
        failed.write({"next_event_at": TUESDAY_NOON})
        self.assertEqual(len(self._send(9)), 1)
        self.assertEqual(set(failed.mapped("state")), {"sent"})

    def test_template_deleted(self):
        self.env.ref(f"{MODULE}.mail_template_notice_digest").unlink()
        with mute_logger(MIXIN_LOGGER), self.assertLogs(CRON_LOGGER, "ERROR"):
            self._send(8)
        notices = self._notices(self.cases)
        self.assertEqual(set(notices.mapped("state")), {"waiting"})
        self.assertIn("Update the Complaints app", notices[0].problem)

    def test_who_sees_which(self):
        notices = self._notices(self.cases)
        self.cases[0].is_confidential = True
        for user, count in (
            (self.handler, 3),
            (self.supervisor, 2),
            (self.colleague, 0),
            (self.manager, 4),
            (self.auditor, 4),
        ):
            found = self.env["complaint.notice"].with_user(user).search([])
            self.assertEqual(len(found & notices), count, user.login)
            with self.assertRaises(AccessError):
                notices.with_user(user).write({"state": "dropped"})
            with self.assertRaises(AccessError):
                self.env["complaint.notice"].with_user(user).create({})
        for user in (self.employee, self.customer):
            with self.assertRaises(AccessError):
                self.env["complaint.notice"].with_user(user).search([])

    def test_views_open(self):
        self.cases[0].is_confidential = True
        for user in (self.manager, self.auditor):
            notices = self.env["complaint.notice"].with_user(user)
            for view_type in ("list", "form", "search"):
                self.assertTrue(notices.get_view(view_type=view_type)["arch"])
            spec = {
                name: {"fields": {"display_name": {}}}
                for name in ("case_id", "clock_id", "user_id", "escalation_id")
            }
            rows = notices.web_search_read([], {"state": {}, "problem": {}, **spec})
            self.assertEqual(rows["length"], 4)
            action = notices.search([], limit=1).action_view_case()
            self.assertEqual(action["res_model"], "complaint.case")
