"""``tools/calendars.py`` on real ``resource.calendar`` records."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import Command
from odoo.tests import TransactionCase, tagged

from ..tools import worktime
from ..tools.calendars import CalendarBook, explain
from ..tools.worktime import DAY, HOUR, DeadlineError, to_datetime, to_seconds
from .worktime_reference import Strip, wall_clock

OFFICE = [(weekday, *hours) for weekday in range(5) for hours in ((9, 12), (13, 18))]


def utc(text, tz="UTC"):
    """The naive UTC datetime of a local time."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz))
    return moment.astimezone(UTC).replace(tzinfo=None)


@tagged("post_install", "-at_install", "complaint_worktime")
class CalendarCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Complaint Clock Co"})
        cls.other = cls.env["res.company"].create({"name": "Other Clock Co"})

    def make(self, rows=OFFICE, tz="UTC", shared=False, **values):
        """A calendar of our company with rows ``(weekday, from, to[, week])``."""
        return self.env["resource.calendar"].create(
            {
                "name": "Clock test",
                "tz": tz,
                "company_id": not shared and self.company.id,
                "two_weeks_calendar": any(len(row) > 3 for row in rows),
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"row {index}",
                                "dayofweek": str(row[0]),
                                "hour_from": row[1],
                                "hour_to": row[2],
                                "day_period": "morning",
                                "week_type": str(row[3]) if len(row) > 3 else False,
                            }
                        )
                        for index, row in enumerate(rows)
                    ),
                ],
                **values,
            }
        )

    def leave(self, start, end, calendar=None, company=None, **values):
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "date_from": start,
                "date_to": end,
                "calendar_id": calendar and calendar.id,
                **values,
            }
        )
        if company is not None:
            leave.company_id = company
        self.env.flush_all()
        return leave

    def plan(self, unit, amount, start, calendar, company=None, tz="UTC"):
        """Plan with local times of a zone; the deadline alone."""
        book = CalendarBook(self.env)
        deadline, _budget = book.plan(unit, amount, utc(start, tz), calendar, company)
        local = deadline.replace(tzinfo=UTC).astimezone(ZoneInfo(tz))
        return local.strftime("%Y-%m-%dT%H:%M:%S")

    def assert_refused(self, reason, function, *arguments):
        with self.assertRaises(DeadlineError) as caught:
            function(*arguments)
        self.assertEqual(caught.exception.reason, reason)
        return caught.exception


class TestReading(CalendarCase):
    def test_limits(self):
        calendar = self.make(tz="Asia/Shanghai")
        book = CalendarBook(self.env)
        start = utc("2026-06-05T17:00", "Asia/Shanghai")
        for unit, amount, expected, budget in (
            ("work_hour", 1, "2026-06-05T18:00", HOUR),
            ("work_hour", 2.5, "2026-06-08T10:30", 2.5 * HOUR),
            ("work_day", 1, "2026-06-08T18:00", 9 * HOUR),
            ("elapsed_hour", 24, "2026-06-06T17:00", DAY),
            ("calendar_day", 2, "2026-06-08T00:00", 55 * HOUR),
            ("calendar_week", 1, "2026-06-13T00:00", 175 * HOUR),
        ):
            with self.subTest(unit=unit, amount=amount):
                self.assertEqual(
                    book.plan(unit, amount, start, calendar),
                    (utc(expected, "Asia/Shanghai"), budget),
                )
                self.assertEqual(
                    book.spent(unit, start, utc(expected, "Asia/Shanghai"), calendar),
                    budget,
                )
                self.assertEqual(
                    book.replan(unit, budget, start, calendar),
                    utc(expected, "Asia/Shanghai"),
                )
        # The zone of a case without a calendar, and one that is not the calendar's.
        for tz, given in (("Asia/Kathmandu", None), ("Asia/Kathmandu", calendar)):
            deadline, _budget = book.plan("calendar_day", 1, start, given, tz=tz)
            self.assertEqual(deadline, utc("2026-06-07T00:00", tz))

    def test_pause(self):
        """Ten minutes used, two days of waiting, the rest afterwards (C4)."""
        calendar = self.make()
        book = CalendarBook(self.env)
        start = utc("2026-06-01T11:55")
        deadline, budget = book.plan("work_hour", 1, start, calendar)
        self.assertEqual(deadline, utc("2026-06-01T13:55"))
        used = book.spent("work_hour", start, utc("2026-06-01T13:05"), calendar)
        self.assertEqual(used, 600)
        left = budget - used
        resumed = book.replan("work_hour", left, utc("2026-06-03T17:30"), calendar)
        self.assertEqual(resumed, utc("2026-06-04T09:20"))

    def test_midnight_without_a_hole(self):
        """Odoo's 24:00 is a microsecond early; the deadline must not feel it."""
        nights = [(day, 22, 24) for day in range(4)]
        nights += [(day, 0, 6) for day in range(1, 5)]
        calendar = self.make(nights)
        self.assertEqual(
            self.plan("work_hour", 2, "2026-06-01T22:00", calendar),
            "2026-06-02T00:00:00",
        )
        self.assertEqual(
            self.plan("work_hour", 8, "2026-06-01T22:00", calendar),
            "2026-06-02T06:00:00",
        )
        self.assertEqual(
            self.plan("work_day", 1, "2026-06-01T23:00", calendar),
            "2026-06-03T06:00:00",
        )
        page = CalendarBook(self.env).get(
            calendar, None, utc("2026-06-01T12:00"), utc("2026-06-05T12:00")
        )
        inside = [
            interval
            for interval in page.intervals
            if interval[1] <= to_seconds(utc("2026-06-05T12:00"))
            and interval[0] >= to_seconds(utc("2026-06-01T12:00"))
        ]
        self.assertEqual([end - start for start, end in inside], [8 * HOUR] * 4)

    def test_leave_to_one_second_before(self):
        """A leave "until 23:59:59" lasts until midnight, in whatever zone entered."""
        nights = [(day, hours[0], hours[1]) for day in range(7) for hours in ((0, 24),)]
        calendar = self.make(nights, tz="Asia/Kathmandu")
        zone = "Asia/Kathmandu"
        self.leave(
            utc("2026-06-02T00:00", zone), utc("2026-06-02T23:59:59", zone), calendar
        )
        self.leave(
            utc("2026-06-03T00:00", zone), utc("2026-06-03T23:59:59", zone), calendar
        )
        self.leave(  # entered by somebody in UTC
            utc("2026-06-06T00:00"), utc("2026-06-06T23:59:59"), calendar
        )
        for start, seconds, expected in (
            ("2026-06-01T23:59:59", 1, "2026-06-02T00:00:00"),
            ("2026-06-01T23:59:59", 2, "2026-06-04T00:00:01"),
            ("2026-06-06T05:44:59", 2, "2026-06-07T05:45:01"),
        ):
            self.assertEqual(
                self.plan("work_hour", seconds / HOUR, start, calendar, tz=zone),
                expected,
            )
        self.assertEqual(
            self.plan("work_day", 1, "2026-06-01T10:00", calendar, tz=zone),
            "2026-06-05T00:00:00",
        )

    def test_leave_until_one_second_before_noon(self):
        """... and a leave until 12:00:00 or 12:00:30 is left alone."""
        calendar = self.make()
        self.leave(utc("2026-06-01T09:00"), utc("2026-06-01T10:29:59"), calendar)
        self.leave(utc("2026-06-02T09:00"), utc("2026-06-02T10:30:00"), calendar)
        self.leave(utc("2026-06-03T09:00"), utc("2026-06-03T10:30:30"), calendar)
        book = CalendarBook(self.env)
        for day, expected in ((1, 5400), (2, 5400), (3, 5370)):
            used = book.spent(
                "work_hour",
                utc(f"2026-06-0{day}T09:00"),
                utc(f"2026-06-0{day}T12:00"),
                calendar,
            )
            self.assertEqual(used, expected)

    def test_summer_time(self):
        calendar = self.make([(6, 0, 24)], tz="Europe/Berlin")
        book = CalendarBook(self.env)
        for day, hours in (
            ("2026-03-29", 23),
            ("2026-10-25", 25),
            ("2026-06-07", 24),
        ):
            start = utc(f"{day}T00:00", "Europe/Berlin")
            used = book.spent("work_hour", start, start + timedelta(days=2), calendar)
            self.assertEqual(used, hours * HOUR)

    def test_shift_from_midnight_where_it_comes_twice(self):
        zone = "Atlantic/Azores"
        calendar = self.make([(5, 22, 24), (6, 0, 6)], tz=zone)
        page = CalendarBook(self.env).get(calendar, None, utc("2026-10-20"))
        start = to_seconds(utc("2026-10-24T22:00", zone))
        self.assertIn((start, start + 9 * HOUR), page.intervals)

    def test_hours_in_the_hour_that_changes(self):
        """Read as Odoo does, in standard time; adjoining shifts still adjoin."""
        zone = "Europe/Berlin"
        calendar = self.make([(6, 1, 2.5), (6, 2.5, 5)], tz=zone)
        book = CalendarBook(self.env)
        for day, hours in (("2026-03-29", 3), ("2026-10-25", 5), ("2026-06-07", 4)):
            start = utc(f"{day}T01:00", zone)
            page = book.get(calendar, None, start)
            begin = to_seconds(start)
            self.assertIn((begin, begin + hours * HOUR), page.intervals)

    def test_two_weeks(self):
        """1 June 2026 begins a first week by Odoo's count, 8 June a second."""
        date = datetime(2026, 6, 1).date()
        attendances = self.env["resource.calendar.attendance"]
        first = attendances.get_week_type(date)
        rows = [(0, 9, 12, first), (2, 9, 12, 1 - first)]
        calendar = self.make(rows)
        self.assertEqual(
            self.plan("work_hour", 4, "2026-06-01T09:00", calendar),
            "2026-06-10T10:00:00",
        )
        self.assertEqual(
            self.plan("work_day", 2, "2026-06-01T09:00", calendar),
            "2026-06-15T12:00:00",
        )

    def test_breaks_and_other_types(self):
        """Breaks are not work; a leave of another type (training) is no leave."""
        calendar = self.make([(0, 9, 18)])
        calendar.attendance_ids = [
            Command.clear(),
            Command.create(
                {"name": "am", "dayofweek": "0", "hour_from": 9, "hour_to": 12}
            ),
            Command.create(
                {
                    "name": "lunch",
                    "dayofweek": "0",
                    "hour_from": 12,
                    "hour_to": 13,
                    "day_period": "lunch",
                }
            ),
            Command.create(
                {
                    "name": "pm",
                    "dayofweek": "0",
                    "hour_from": 13,
                    "hour_to": 18,
                    "day_period": "afternoon",
                }
            ),
        ]
        self.leave(
            utc("2026-06-01T09:00"),
            utc("2026-06-01T18:00"),
            calendar,
            time_type="other",
        )
        self.assertEqual(
            self.plan("work_hour", 4, "2026-06-01T09:00", calendar),
            "2026-06-01T14:00:00",
        )

    def test_leave_of_one_person_does_not_count(self):
        calendar = self.make()
        resource = self.env["resource.resource"].create(
            {"name": "Handler", "calendar_id": calendar.id}
        )
        self.leave(
            utc("2026-06-01T00:00"),
            utc("2026-06-02T00:00"),
            calendar,
            resource_id=resource.id,
        )
        self.assertEqual(
            self.plan("work_hour", 1, "2026-06-01T09:00", calendar),
            "2026-06-01T10:00:00",
        )

    def test_reads_further(self):
        """A leave of four years is waited for; ten years are too far."""
        calendar = self.make()
        self.leave(utc("2026-06-02T00:00"), utc("2030-06-02T23:59:59"), calendar)
        self.assertEqual(
            self.plan("work_hour", 10, "2026-06-01T09:00", calendar),
            "2030-06-03T11:00:00",
        )
        self.assertEqual(
            self.plan("work_day", 1, "2026-06-01T09:00", calendar),
            "2030-06-03T18:00:00",
        )
        book = CalendarBook(self.env)
        start = utc("2026-06-01T09:00")
        self.assertEqual(
            book.spent("work_hour", start, utc("2030-06-03T10:00"), calendar), 9 * HOUR
        )
        deadline = book.replan("work_hour", 10 * HOUR, start, calendar)
        self.assertEqual(deadline, utc("2030-06-03T11:00"))
        self.leave(utc("2030-06-02T00:00"), utc("2046-01-01T00:00"), calendar)
        for unit in worktime.WORK_UNITS:
            error = self.assert_refused(
                "too_far", CalendarBook(self.env).plan, unit, 10, start, calendar
            )
            self.assertIn("ten years", explain(self.env, error))

    def test_generated(self):
        """Real calendars and leaves against the count second by second (C3)."""
        rng = random.Random(19)
        checks = 0
        for tz, first in (
            ("Asia/Kathmandu", "2026-06-01"),
            ("Australia/Lord_Howe", "2026-03-30"),
            ("America/St_Johns", "2026-10-26"),
            ("Europe/Berlin", "2026-03-23"),
            ("Atlantic/Azores", "2026-10-19"),
            ("Asia/Shanghai", "2026-02-09"),
        ):
            for _repeat in range(6):
                checks += self._check_generated(rng, tz, to_seconds(utc(first)))
        self.assertGreater(checks, 1000)

    def _check_generated(self, rng, tz, start):
        end = start + 24 * DAY
        # More than the margin on either side, as the real calendar has no edges.
        low, high = start - 8 * DAY, end + 8 * DAY
        two_weeks = rng.random() < 0.5
        rows, table = [], {}
        for week in (0, 1) if two_weeks else (None,):
            for weekday in range(7):
                shifts = self._random_shifts(rng)
                rows += [
                    (weekday, a / 60, b / 60, *([week] if two_weeks else []))
                    for a, b in shifts
                ]
                for parity in (0, 1) if week is None else (week,):
                    table[parity, weekday] = shifts
        if not rows:
            return 0
        calendar = self.make(rows, tz=tz)
        leaves = []
        for _index in range(rng.randrange(5)):
            begin = start + rng.randrange(20 * DAY)
            finish = begin + rng.randrange(60, 3 * DAY)
            if leaves and rng.random() < 0.3:
                begin = leaves[-1][1]
                finish = begin + rng.randrange(60, DAY)
            finish -= finish % 60
            leaves.append((begin, finish))
            one_less = rng.randrange(2)
            self.leave(to_datetime(begin), to_datetime(finish - one_less), calendar)
        strip = Strip(tz, low, high, wall_clock(tz, low, high, table), leaves)
        return self._compare(rng, calendar, strip, start, end)

    def _random_shifts(self, rng):
        kind = rng.randrange(5)
        if kind == 0:
            return []
        if kind == 1:
            return [(0, 1440)]
        if kind == 2:
            return [(0, 360), (1320, 1440)]
        # Keep off the hours that clocks skip or repeat: they have a test of their own.
        minutes = sorted(rng.sample(range(180, 1441), 2 * rng.randrange(1, 5)))
        return list(zip(minutes[::2], minutes[1::2], strict=True))

    def _compare(self, rng, calendar, strip, start, end):
        book = CalendarBook(self.env)
        checks = 0
        for _index in range(12):
            moment = rng.randrange(start, end)
            budget = rng.randrange(1, 40 * HOUR)
            days = rng.randrange(1, 6)
            until = rng.randrange(start, end)
            checks += 1 + self._same(
                book.plan,
                ("work_hour", budget / HOUR, to_datetime(moment), calendar),
                strip.nth(strip.worked, moment, budget),
                strip.end - 3 * DAY,
            )
            checks += self._same(
                book.plan,
                ("work_day", days, to_datetime(moment), calendar),
                strip.close_of_day(moment, days),
                strip.end - 3 * DAY,
            )
            self.assertEqual(
                book.spent(
                    "work_hour", to_datetime(moment), to_datetime(until), calendar
                ),
                strip.count(strip.worked, moment, until),
            )
        return checks

    def _same(self, function, arguments, expected, edge):
        # The real calendar goes on where the yardstick ends: nothing to compare there.
        if expected is None or expected > edge:
            return 0
        deadline, _budget = function(*arguments)
        self.assertEqual(to_seconds(deadline), expected, arguments)
        return 1
