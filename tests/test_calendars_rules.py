"""``tools/calendars.py``: the same for everyone, and what it refuses."""

import random
from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import freeze_time, new_test_user

from ..tools import calendars, worktime
from ..tools.calendars import CalendarBook, check_calendar, explain, load
from ..tools.worktime import DAY, HOUR, DeadlineError, to_datetime, to_seconds
from .test_calendars import CalendarCase, utc


class TestSameForEveryone(CalendarCase):
    def test_leaves_of_the_calendars_company(self):
        """Another company's public holiday never counts, whoever computes (C3)."""
        calendar = self.make()
        day = (utc("2026-06-01T00:00"), utc("2026-06-01T23:59:59"))
        self.leave(*day, company=self.other)
        nine = "2026-06-01T09:00"
        for company in (None, self.company, self.other):
            self.assertEqual(
                self.plan("work_hour", 1, nine, calendar, company),
                "2026-06-01T10:00:00",
            )
        self.leave(*day, company=self.company)
        for company in (None, self.company, self.other):
            self.assertEqual(
                self.plan("work_hour", 1, nine, calendar, company),
                "2026-06-02T10:00:00",
            )

    def test_shared_calendar_follows_the_case(self):
        """A calendar of no company: the leaves of the case's company count."""
        calendar = self.make(shared=True)
        self.assertFalse(calendar.company_id)
        day = (utc("2026-06-01T00:00"), utc("2026-06-01T23:59:59"))
        self.leave(*day, company=self.other)
        book = CalendarBook(self.env)
        nine = utc("2026-06-01T09:00")
        for company, expected in (
            (self.company, "2026-06-01T10:00"),
            (self.other, "2026-06-02T10:00"),
            (None, "2026-06-01T10:00"),
        ):
            deadline, _budget = book.plan("work_hour", 1, nine, calendar, company)
            self.assertEqual(deadline, utc(expected))
        # A branch has the holidays of its parent's calendar, and its own.
        branch = self.env["res.company"].create(
            {"name": "Clock Branch", "parent_id": self.company.id}
        )
        parents = self.make()
        self.leave(utc("2026-06-02T00:00"), utc("2026-06-02T23:59:59"), parents)
        self.leave(utc("2026-06-03T00:00"), utc("2026-06-03T23:59:59"), company=branch)
        for company, expected in ((self.company, "03"), (branch, "04")):
            deadline, _budget = book.plan("work_hour", 10, nine, parents, company)
            self.assertEqual(deadline, utc(f"2026-06-{expected}T11:00"))
        # A leave of no company is everybody's.
        leave = self.leave(*day, company=self.env["res.company"])
        self.assertFalse(leave.company_id)
        for company in (self.company, self.other, None):
            self.assertEqual(
                self.plan("work_hour", 1, "2026-06-01T09:00", calendar, company),
                "2026-06-02T10:00:00",
            )

    def test_any_user(self):
        """Portal and public users, other companies, other zones, odd contexts."""
        calendar = self.make(tz="Asia/Kathmandu")
        self.leave(utc("2026-06-02T00:00"), utc("2026-06-03T00:00"), calendar)
        start = utc("2026-06-01T09:17")
        expected = CalendarBook(self.env).plan("work_hour", 12.5, start, calendar)
        portal = new_test_user(
            self.env, "clock_portal", "base.group_portal", tz="America/St_Johns"
        )
        employee = new_test_user(
            self.env,
            "clock_employee",
            "base.group_user",
            tz="Australia/Lord_Howe",
            company_id=self.other.id,
            company_ids=[Command.set(self.other.ids)],
        )
        public = self.env.ref("base.public_user")
        self.env.invalidate_all()
        for user in (portal, employee, public, self.env.user):
            for context in (
                {},
                {"tz": "Pacific/Apia", "employee_timezone": "Pacific/Apia"},
                {"allowed_company_ids": self.other.ids, "lang": "fr_FR"},
            ):
                env = self.env(user=user, context=context, su=False)
                found = CalendarBook(env).plan(
                    "work_hour", 12.5, start, calendar.with_env(env), self.company
                )
                self.assertEqual(found, expected)

    @freeze_time("2041-01-01")
    def test_not_on_the_time_of_day(self):
        calendar = self.make()
        self.assertEqual(
            self.plan("work_hour", 1, "2026-06-01T09:00", calendar),
            "2026-06-01T10:00:00",
        )

    def test_not_on_what_is_loaded(self):
        """The same answers in any order of asking, from one book or many."""
        rng = random.Random(7)
        calendar = self.make()
        self.leave(utc("2026-06-02T00:00"), utc("2026-09-02T23:59:59"), calendar)
        asked = [
            (
                rng.choice(worktime.WORK_UNITS),
                rng.randrange(1, 40),
                utc("2025-01-01") + timedelta(seconds=rng.randrange(900 * DAY)),
                calendar,
            )
            for _index in range(60)
        ]
        one = CalendarBook(self.env)
        self.assertEqual(
            [one.plan(*question) for question in asked],
            [CalendarBook(self.env).plan(*question) for question in asked],
        )

    def test_queries_do_not_grow(self):
        """Each calendar is read once, however many limits are planned."""
        calendar = self.make()
        self.leave(utc("2026-06-02T00:00"), utc("2026-06-02T23:59:59"), calendar)
        start = utc("2026-05-01T09:00")

        def queries(number):
            self.env.flush_all()
            self.env.invalidate_all()
            book = CalendarBook(self.env)
            before = self.env.cr.sql_log_count
            for index in range(number):
                moment = start + timedelta(hours=index)
                book.plan("work_hour", 4, moment, calendar, self.company)
                book.plan("work_day", 3, moment, calendar, self.company)
                book.spent("work_hour", start, moment, calendar, self.company)
            return self.env.cr.sql_log_count - before

        one = queries(1)
        self.assertEqual(queries(500), one)
        self.assertLessEqual(one, 7)

    def test_reading_in_any_order_of_time(self):
        """Ten years of imported cases cause a handful of readings."""
        rng = random.Random(3)
        calendar = self.make()
        book = CalendarBook(self.env)
        readings = []
        original = calendars._read
        self.patch(
            calendars,
            "_read",
            lambda *arguments: readings.append(1) or original(*arguments),
        )
        for _index in range(500):
            start = utc("2016-01-01") + timedelta(seconds=rng.randrange(3650 * DAY))
            book.plan("work_day", 5, start, calendar)
        self.assertLessEqual(len(readings), 12)


class TestRefusing(CalendarCase):
    def test_no_calendar(self):
        nothing = self.env["resource.calendar"]
        start = utc("2026-06-01T09:00")
        book = CalendarBook(self.env)
        for calendar in (nothing, None):
            self.assert_refused("no_calendar", check_calendar, calendar)
            self.assert_refused("no_calendar", book.get, calendar)
            for unit in worktime.WORK_UNITS:
                self.assert_refused("no_calendar", book.plan, unit, 1, start, calendar)
                self.assert_refused(
                    "no_calendar", book.spent, unit, start, start, calendar
                )
                self.assert_refused(
                    "no_calendar", book.replan, unit, 1, start, calendar
                )
        self.assertEqual(
            book.plan("elapsed_hour", 1, start, nothing),
            (utc("2026-06-01T10:00"), HOUR),
        )
        self.assert_refused("timezone", book.plan, "calendar_day", 1, start, nothing)

    def _assert_unfit(self, reason, calendar):
        error = self.assert_refused(reason, check_calendar, calendar)
        self.assertIn(calendar.name, explain(self.env, error))
        start = utc("2026-06-01T09:00")
        for unit in worktime.WORK_UNITS:
            self.assert_refused(
                reason, CalendarBook(self.env).plan, unit, 1, start, calendar
            )
        self.assert_refused(reason, load, calendar, start, start)

    def test_empty(self):
        self._assert_unfit("empty", self.make([]))
        calendar = self.make([(0, 9, 18)])
        calendar.attendance_ids.hour_to = 9
        self._assert_unfit("empty", calendar)

    def test_only_breaks(self):
        calendar = self.make([(0, 12, 13)])
        calendar.attendance_ids.day_period = "lunch"
        self._assert_unfit("empty", calendar)

    def test_flexible(self):
        self._assert_unfit("flexible", self.make(schedule_type="flexible"))

    def test_hours_that_are_no_times(self):
        """Odoo itself fails on these with a ValueError about minutes."""
        self._assert_unfit("unreadable", self.make([(0, 9, 17.995)]))
        self._assert_unfit("unreadable", self.make([(0, 9, 25)]))

    def test_archived(self):
        """Refused when chosen; clocks that already run on it go on."""
        calendar = self.make(active=False)
        error = self.assert_refused("archived", check_calendar, calendar)
        self.assertIn(calendar.name, explain(self.env, error))
        self.assertEqual(
            self.plan("work_hour", 1, "2026-06-01T09:00", calendar),
            "2026-06-01T10:00:00",
        )

    def test_fit(self):
        """A good calendar passes, for users who may not read it as well."""
        calendar = self.make()
        portal = new_test_user(self.env, "clock_portal", "base.group_portal")
        self.env.invalidate_all()
        self.assertIsNone(check_calendar(calendar.with_user(portal)))
        self.assertIsNone(check_calendar(self.env.company.resource_calendar_id))

    def test_unsaved(self):
        """On a form the calendar may not be saved yet, or be changed."""
        row = {"name": "row", "dayofweek": "0", "hour_from": 9, "hour_to": 12}
        values = {"name": "New", "tz": "UTC"}
        calendars_model = self.env["resource.calendar"]
        calendar = calendars_model.new(
            {**values, "attendance_ids": [Command.clear(), Command.create(row)]}
        )
        self.assertIsNone(check_calendar(calendar))
        calendar.schedule_type = "flexible"
        self.assert_refused("flexible", check_calendar, calendar)
        nothing = calendars_model.new({**values, "attendance_ids": [Command.clear()]})
        self.assert_refused("empty", check_calendar, nothing)
        changed = calendars_model.new(origin=self.make())
        self.assertEqual(
            self.plan("work_hour", 1, "2026-06-01T09:00", changed),
            "2026-06-01T10:00:00",
        )

    def test_amounts(self):
        calendar = self.make()
        book = CalendarBook(self.env)
        start = utc("2026-06-01T09:00")
        for unit, amount, reason in (
            ("work_hour", 0, "amount"),
            ("work_day", -1, "amount"),
            ("work_day", 0.5, "fraction"),
            ("calendar_week", 10_000, "too_far"),
            ("month", 1, "unit"),
        ):
            error = self.assert_refused(
                reason, book.plan, unit, amount, start, calendar
            )
            self.assertTrue(explain(self.env, error))
        self.assert_refused("amount", book.replan, "work_hour", 0, start, calendar)
        self.assert_refused(
            "moment", book.plan, "work_hour", 1, datetime(26, 6, 1), calendar
        )

    def test_every_reason_is_explained(self):
        for reason in DeadlineError.REASONS:
            message = explain(self.env, DeadlineError(reason))
            self.assertTrue(message.endswith("."), reason)


class TestLoad(CalendarCase):
    def test_load(self):
        two = self.make() | self.make([(5, 10, 12)], tz="Asia/Kathmandu")
        found = load(two, utc("2026-06-01"), utc("2026-06-30"))
        self.assertEqual(set(found), set(two.ids))
        for calendar in two:
            page = found[calendar.id]
            self.assertEqual((page.name, page.tz), (calendar.name, calendar.tz))
            self.assertLessEqual(page.start, to_seconds(utc("2026-06-01")))
            self.assertGreaterEqual(page.end, to_seconds(utc("2026-06-30")))
        deadline = worktime.plan(
            found[two[1].id], to_seconds(utc("2026-06-01")), 90 * 60
        )
        self.assertEqual(
            to_datetime(deadline), utc("2026-06-06T11:30", "Asia/Kathmandu")
        )
