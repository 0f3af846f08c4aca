"""``tools/worktime.py`` against a count second by second, and examples to read.

The generated calendars have one to four shifts a day (to 24:00, over midnight, round
the clock), one- and two-week patterns, leaves that are partial, adjacent, overlapping,
and zones with odd offsets around both changes of the clocks. Over 20,000 cases, the
same ones in each run.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import worktime
from ..tools.worktime import DAY, HOUR, Calendar, DeadlineError
from .worktime_reference import Strip, wall_clock


def at(text, tz="UTC"):
    """POSIX seconds of a local time; the first one where it comes twice."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz))
    return int(moment.timestamp())


def cases(number):
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


# -- generated calendars -----------------------------------------------------------

LENGTH = 18 * DAY
EVERY_SECOND = bytes([1]) * LENGTH
PERIODS = [
    (tz, at(f"{day}T00:00"), at(f"{day}T00:00") + LENGTH)
    for tz, days in {
        "UTC": ["2026-06-01"],
        "Asia/Shanghai": ["2026-02-09"],
        "Asia/Kathmandu": ["2026-06-01", "2026-12-21"],
        "Australia/Lord_Howe": ["2026-03-30", "2026-09-28"],
        "America/St_Johns": ["2026-03-02", "2026-10-26"],
        "Europe/Berlin": ["2026-03-23", "2026-10-19"],
        # Clocks change at midnight: 00:00 comes twice, or not at all.
        "Atlantic/Azores": ["2026-03-23", "2026-10-19"],
        "America/Havana": ["2026-03-02", "2026-10-26"],
        "Africa/Cairo": ["2026-04-20", "2026-10-26"],
    }.items()
    for day in days
]
SPECIAL_DAYS = [
    [(540, 720), (780, 1080)],
    [(0, 1440)],
    [(1320, 1440), (0, 360)],
    [(0, 360), (360, 840), (840, 1320), (1320, 1440)],
    [(1080, 1440)],
    [(0, 1)],
    [(1439, 1440)],
]


def shifts_of(numbers):
    """One shift for each number, two minutes of the day in it; neighbours may touch."""
    minutes = sorted(minute for number in numbers for minute in divmod(number, 1441))
    return list(zip(minutes[::2], minutes[1::2], strict=True))


# Few and small draws: Hypothesis spends more time on drawing than the checks take, and
# draws integers of more than 24 bits mostly near zero.
days = st.sampled_from(SPECIAL_DAYS) | st.lists(
    st.integers(0, 1441**2 - 1), min_size=1, max_size=4
).map(shifts_of)
# For each day of a week: off, or the first or the second kind of day.
week_patterns = st.integers(1, 3**7 - 1)
leave_lists = st.lists(
    st.tuples(
        st.sampled_from(["anywhere", "adjacent", "from an edge", "to an edge"]),
        st.integers(0, LENGTH),
        st.integers(1, 4 * DAY),
    ),
    max_size=3,
)
# A choice of a moment: anywhere, or at a boundary and at most a second beside it.
moments = st.tuples(st.sampled_from([None, -1, 0, 1]), st.integers(0, LENGTH))
# A choice of a budget: any, or exactly what is left of some shifts.
budgets = st.integers(1, 60 * HOUR) | st.integers(-9, 0)


@lru_cache(maxsize=4096)
def _pieces(period, rows):
    return tuple(wall_clock(*period, dict(rows)))


class World:
    """A generated calendar twice: as the code sees it and as the yardstick does."""

    def __init__(self, period, day_kinds, first_week, second_week, leaves):
        self.period = period
        self.tz, self.start, self.end = period
        rows = []
        for parity, pattern in enumerate((first_week, second_week or first_week)):
            for weekday in range(7):
                kind = pattern // 3**weekday % 3
                if kind:
                    rows.append(((parity, weekday), tuple(day_kinds[kind - 1])))
        self.pieces = _pieces(period, tuple(rows))
        self.leaves = []
        for place, offset, length in leaves:
            begin = self.start + offset
            if place == "adjacent" and self.leaves:
                begin = self.leaves[-1][1]
            elif place == "from an edge":
                begin = self.edge(offset)
            elif place == "to an edge":
                begin = self.edge(offset) - length
            self.leaves.append((begin, begin + length))

    def edge(self, number):
        """A boundary of a shift, or a second beside it."""
        if not self.pieces:
            return self.start
        piece = self.pieces[number % len(self.pieces)]
        return piece[number // 3 % 2] + number // 6 % 3 - 1

    def calendar(self, leaves=None):
        return Calendar.build(
            self.tz,
            reversed(self.pieces),
            self.leaves if leaves is None else leaves,
            horizon=(self.start, self.end),
        )

    def strip(self):
        return Strip(self.tz, self.start, self.end, self.pieces, self.leaves)

    def moment(self, choice):
        beside, offset = choice
        if beside is not None:
            edges = [edge for piece in (*self.pieces, *self.leaves) for edge in piece]
            found = edges[offset % len(edges)] + beside
            return min(max(found, self.start), self.end)
        return self.start + offset

    def budget(self, choice, calendar, start):
        if choice > 0:
            return choice
        intervals = calendar.intervals
        last = bisect_left(intervals, (start, start)) - choice
        if last < len(intervals):
            return worktime.measure(calendar, start, intervals[last][1])
        return 1


worlds = st.builds(
    World,
    st.sampled_from(PERIODS),
    st.tuples(days, days),
    week_patterns,
    st.none() | week_patterns,
    leave_lists,
).filter(lambda world: world.pieces)


def answer(function, *arguments):
    """The result, or None when the period that is loaded is too short for it."""
    try:
        return function(*arguments)
    except DeadlineError as error:
        if error.reason != "horizon":
            raise
        return None


@tagged("complaint_worktime")
class TestAgainstSeconds(BaseCase):
    """To the second the same as counting seconds (C3, C4)."""

    @cases(7500)
    @given(worlds, moments, moments, budgets)
    def test_working_hours(self, world, start, end, budget):
        calendar, strip = world.calendar(), world.strip()
        start, end = world.moment(start), world.moment(end)
        budget = world.budget(budget, calendar, start)
        self.assertEqual(
            answer(worktime.plan, calendar, start, budget),
            strip.nth(strip.worked, start, budget),
        )
        self.assertEqual(
            worktime.measure(calendar, start, end),
            strip.count(strip.worked, start, end),
        )

    @cases(5500)
    @given(worlds, moments, st.integers(1, 12))
    def test_working_days(self, world, start, number):
        calendar, strip = world.calendar(), world.strip()
        start = world.moment(start)
        expected = strip.close_of_day(start, number)
        plan = answer(worktime.plan_target, "work_day", number, start, calendar)
        self.assertEqual(plan and plan.deadline, expected)
        if plan:
            self.assertEqual(
                plan.budget, strip.count(strip.day_strip(), start, expected)
            )

    @cases(2500)
    @given(st.sampled_from(PERIODS), st.integers(0, LENGTH), st.integers(1, 15))
    def test_calendar_days(self, period, offset, number):
        tz, first, last = period
        start = first + offset
        strip = Strip(tz, first, last, ())
        expected = strip.end_of_calendar_day(start, number)
        assume(expected)
        plan = worktime.plan_target("calendar_day", number, start, tz=tz)
        self.assertEqual(plan, (expected, expected - start))
        weeks = strip.end_of_calendar_day(start, 7)
        if weeks:
            self.assertEqual(
                worktime.deadline("calendar_week", 1, start, None, tz), weeks
            )

    @cases(5000)
    @given(
        worlds,
        moments,
        budgets,
        st.integers(1, 6),
        st.sampled_from(worktime.UNITS),
        st.lists(st.integers(0, 3 * DAY) | st.just(0), max_size=12),
    )
    def test_pauses(self, world, start, budget, number, unit, steps):
        """Any number of pauses: the budget is used by exactly the seconds between."""
        calendar, strip = world.calendar(), world.strip()
        start = world.moment(start)
        amount = number
        if unit.endswith("_hour"):
            amount = world.budget(budget, calendar, start) / HOUR
        assume(amount > 0)
        if unit == "work_hour":
            track = strip.worked
        else:
            track = strip.day_strip() if unit == "work_day" else EVERY_SECOND
        plan = answer(worktime.plan_target, unit, amount, start, calendar)
        assume(plan)
        deadline, left, running = plan.deadline, plan.budget, start
        pauses = []
        for run, rest in zip(steps[::2], steps[1::2], strict=False):
            pause = running + run
            if pause >= min(deadline, world.end):
                break
            left -= worktime.spent(unit, running, pause, calendar)
            running = min(pause + rest, world.end)
            pauses.append((pause, running))
            self.assertGreater(left, 0)
            deadline = answer(worktime.replan, unit, left, running, calendar)
            if deadline is None:
                break
        expected = strip.nth(strip.without(track, pauses), start, plan.budget)
        if deadline is not None and deadline > world.end:
            deadline = None  # plain seconds go on after the end of the period
        self.assertEqual(deadline, expected)


@tagged("complaint_worktime")
class TestProperties(BaseCase):
    @cases(1200)
    @given(worlds, moments, budgets, st.integers(1, 40 * HOUR))
    def test_sums_and_inverse(self, world, start, first, second):
        """plan(a + b) = plan(plan(a), b), and measuring gives the budget back."""
        calendar = world.calendar()
        start = world.moment(start)
        first = world.budget(first, calendar, start)
        assume(first)
        whole = answer(worktime.plan, calendar, start, first + second)
        assume(whole is not None)
        middle = worktime.plan(calendar, start, first)
        self.assertEqual(worktime.plan(calendar, middle, second), whole)
        self.assertEqual(worktime.measure(calendar, start, whole), first + second)
        # ... and not a second earlier
        self.assertEqual(
            worktime.measure(calendar, start, whole - 1), first + second - 1
        )

    @cases(1200)
    @given(worlds, moments, moments, budgets, budgets, st.sampled_from([1, 2, 5]))
    def test_monotone(self, world, one, two, few, many, number):
        """A later start or a larger limit never gives an earlier deadline."""
        calendar = world.calendar()
        one, two = sorted((world.moment(one), world.moment(two)))
        few, many = sorted(
            world.budget(budget, calendar, one) or 1 for budget in (few, many)
        )
        for unit, less, more in (
            ("work_hour", few / HOUR, many / HOUR),
            ("work_day", number, number + 1),
            ("calendar_day", number, number + 1),
            ("elapsed_hour", few / HOUR, many / HOUR),
        ):
            later = answer(worktime.deadline, unit, more, two, calendar)
            if later is None:
                continue
            for amount, start in ((less, one), (less, two), (more, one)):
                earlier = worktime.deadline(unit, amount, start, calendar)
                self.assertLessEqual(earlier, later)
                self.assertGreater(earlier, start)

    @cases(1200)
    @given(worlds, moments, budgets, st.integers(1, 5))
    def test_leave_never_brings_forward(self, world, start, budget, number):
        with_leaves, without = world.calendar(), world.calendar(leaves=())
        start = world.moment(start)
        seconds = world.budget(budget, with_leaves, start) or 1
        for unit, amount in (("work_hour", seconds / HOUR), ("work_day", number)):
            late = answer(worktime.deadline, unit, amount, start, with_leaves)
            if late is not None:
                early = worktime.deadline(unit, amount, start, without)
                self.assertLessEqual(early, late)

    @cases(500)
    @given(worlds)
    def test_intervals(self, world):
        """Disjoint, in order, no holes of no length; the input may be in any order."""
        calendar, strip = world.calendar(), world.strip()
        intervals = calendar.intervals
        for (_start, end), (start, _end) in pairwise(intervals):
            self.assertLess(end, start)
        total = sum(end - start for start, end in intervals)
        self.assertEqual(total, strip.worked.count(1))


WEEK = {
    (parity, weekday): [(540, 720), (780, 1080)]
    for parity in (0, 1)
    for weekday in range(5)
}


def office(tz="UTC", leaves=(), rows=None, first="2026-01-01", last="2026-12-31"):
    """Mondays to Fridays 9-12 and 13-18, or other rows, for a year."""
    start, end = at(f"{first}T00:00"), at(f"{last}T00:00")
    return Calendar.build(
        tz, wall_clock(tz, start, end, rows or WEEK), leaves, (start, end), "Office"
    )


NIGHTS = {
    (parity, weekday): rows
    for parity in (0, 1)
    for weekday, rows in enumerate(
        [[(1320, 1440)], *[[(0, 360), (1320, 1440)]] * 4, [(0, 360)]]
    )
}
ROUND_THE_CLOCK = {(p, weekday): [(0, 1440)] for p in (0, 1) for weekday in range(7)}


@tagged("complaint_worktime")
class TestExamples(BaseCase):
    def assert_deadline(self, expected, unit, amount, start, calendar, tz="UTC"):
        found = worktime.deadline(unit, amount, at(start, tz), calendar, tz)
        local = datetime.fromtimestamp(found, UTC).astimezone(ZoneInfo(tz))
        self.assertEqual(local.strftime("%Y-%m-%dT%H:%M:%S"), expected)

    def test_working_hours(self):
        calendar = office()
        for start, hours, expected in (
            # Monday 1 June 2026
            ("2026-06-01T09:00", 3, "2026-06-01T12:00:00"),  # ends with the shift
            ("2026-06-01T12:00", 5, "2026-06-01T18:00:00"),
            ("2026-06-01T12:30", 1 / 3600, "2026-06-01T13:00:01"),
            ("2026-06-01T17:45", 0.25, "2026-06-01T18:00:00"),
            ("2026-06-01T17:45", 0.5, "2026-06-02T09:15:00"),
            ("2026-06-05T18:00", 8, "2026-06-08T18:00:00"),  # over the weekend
            ("2026-06-06T11:11", 0.25, "2026-06-08T09:15:00"),
        ):
            self.assert_deadline(expected, "work_hour", hours, start, calendar)

    def test_working_days(self):
        """The day of the start never counts (C3)."""
        leaves = [(at("2026-06-03T00:00"), at("2026-06-04T00:00"))]
        calendar = office(leaves=leaves)
        for start, number, expected in (
            ("2026-06-01T00:00", 1, "2026-06-02T18:00:00"),
            ("2026-06-01T23:59:59", 1, "2026-06-02T18:00:00"),
            ("2026-06-02T00:00", 1, "2026-06-04T18:00:00"),  # the 3rd is a holiday
            ("2026-06-03T10:00", 1, "2026-06-04T18:00:00"),
            ("2026-06-05T08:00", 3, "2026-06-10T18:00:00"),
            ("2026-06-06T08:00", 1, "2026-06-08T18:00:00"),
        ):
            self.assert_deadline(expected, "work_day", number, start, calendar)

    def test_half_a_holiday_is_a_working_day(self):
        """It counts and closes at the regular hour: leaves never hasten a deadline."""
        leaves = [(at("2026-12-24T12:00"), at("2026-12-25T00:00"))]
        calendar = office(leaves=leaves)
        start = "2026-12-23T10:00"
        self.assert_deadline("2026-12-24T18:00:00", "work_day", 1, start, calendar)
        plan = worktime.plan_target("work_day", 1, at(start), calendar)
        self.assertEqual(plan.budget, 15 * HOUR)
        # A pause of no length in the free afternoon changes nothing.
        pause = at("2026-12-24T15:00")
        left = worktime.remaining("work_day", plan.budget, at(start), pause, calendar)
        self.assertEqual(left, 3 * HOUR)
        self.assertEqual(
            worktime.replan("work_day", left, pause, calendar), plan.deadline
        )

    def test_night_shift_belongs_to_its_first_day(self):
        """Friday's shift ends on Saturday; Saturday is no working day for it."""
        calendar = office(rows=NIGHTS)
        for start, number, expected in (
            ("2026-06-04T23:00", 1, "2026-06-06T06:00:00"),  # Thursday night
            ("2026-06-05T03:00", 1, "2026-06-06T06:00:00"),  # still Thursday's
            ("2026-06-05T06:00", 1, "2026-06-09T06:00:00"),  # Friday by now
            ("2026-06-06T05:59", 1, "2026-06-09T06:00:00"),
            ("2026-06-06T12:00", 1, "2026-06-09T06:00:00"),
        ):
            self.assert_deadline(expected, "work_day", number, start, calendar)
        # Gapless at midnight: 8 hours are one night.
        self.assert_deadline(
            "2026-06-05T06:00:00", "work_hour", 8, "2026-06-04T22:00", calendar
        )

    def test_round_the_clock_is_cut_at_midnight(self):
        zone = "Europe/Berlin"
        calendar = office(zone, rows=ROUND_THE_CLOCK)
        self.assertEqual(len(calendar.intervals), 1)
        for start, number, expected in (
            ("2026-06-05T13:00", 1, "2026-06-07T00:00:00"),
            ("2026-06-05T00:00", 2, "2026-06-08T00:00:00"),
            ("2026-10-24T13:00", 1, "2026-10-26T00:00:00"),  # a day of 25 hours
        ):
            self.assert_deadline(expected, "work_day", number, start, calendar, zone)

    def test_where_a_long_stretch_begins(self):
        """A second less than 24 hours is one night, 24 hours are cut at midnight."""
        noon = at("2026-06-05T12:00")  # a Friday, and Monday from 9 to 10
        after = (at("2026-06-08T09:00"), at("2026-06-08T10:00"))
        for length, expected in (
            (DAY - 1, ["2026-06-06T11:59:59", "2026-06-08T10:00:00"]),
            (DAY, ["2026-06-06T00:00:00", "2026-06-06T12:00:00"]),
        ):
            schedule = [(noon, noon + length), after]
            horizon = (noon - 3 * DAY, noon + 9 * DAY)
            calendar = Calendar.build("UTC", schedule, horizon=horizon)
            for number, deadline in enumerate(expected, 1):
                self.assert_deadline(
                    deadline, "work_day", number, "2026-06-04T12:00", calendar
                )

    def test_calendar_days(self):
        """24:00 of the day, also where clocks change, with or without a calendar."""
        for zone, start, number, expected in (
            ("Asia/Kathmandu", "2026-06-01T00:00", 1, "2026-06-03T00:00:00"),
            ("Asia/Kathmandu", "2026-06-01T23:59:59", 1, "2026-06-03T00:00:00"),
            ("Europe/Berlin", "2026-03-28T12:00", 1, "2026-03-30T00:00:00"),
            # Clocks jump from 00:00 to 01:00 on 24 April and on 29 March.
            ("Africa/Cairo", "2026-04-22T12:00", 1, "2026-04-24T01:00:00"),
            ("Atlantic/Azores", "2026-03-27T12:00", 1, "2026-03-29T01:00:00"),
        ):
            self.assert_deadline(expected, "calendar_day", number, start, None, zone)
        self.assert_deadline(
            "2026-06-16T00:00:00", "calendar_week", 2, "2026-06-01T09:00", office()
        )

    def test_first_midnight_of_two(self):
        """On the Azores 00:00 to 01:00 comes twice on 25 October."""
        zone = ZoneInfo("Atlantic/Azores")
        first = at("2026-10-25T00:00", "Atlantic/Azores")
        self.assertEqual(worktime.day_start(date(2026, 10, 25), zone), first)
        self.assertEqual(worktime.local_day(first - 1, zone), date(2026, 10, 24))
        self.assertEqual(worktime.local_day(first, zone), date(2026, 10, 25))
        following = worktime.day_start(date(2026, 10, 26), zone)
        self.assertEqual(following - first, 25 * HOUR)

    def test_days_where_clocks_turn_back_over_midnight(self):
        """Newfoundland went from 00:01 back to 23:01 until 2010: days never repeat."""
        zone = ZoneInfo("America/St_Johns")
        midnight = at("2010-11-07T00:00", "America/St_Johns")
        found = [
            worktime.local_day(midnight + step, zone) for step in range(-90, 7200, 30)
        ]
        self.assertEqual(found, sorted(found))
        self.assertEqual(found[2], date(2010, 11, 6))
        self.assertEqual(found[3], date(2010, 11, 7))

    def test_day_begins_inside_a_gap(self):
        """Toronto jumped from 23:30 to 00:30 in 1919: the day began with the jump."""
        zone = ZoneInfo("America/Toronto")
        begin = worktime.day_start(date(1919, 3, 31), zone)
        local = [datetime.fromtimestamp(begin - 1 + step, zone) for step in (0, 1)]
        self.assertEqual(
            [moment.strftime("%d %H:%M:%S") for moment in local],
            ["30 23:29:59", "31 00:30:00"],
        )

    def test_clock_set_back(self):
        calendar = office()
        now = at("2026-06-02T10:00")
        for unit in worktime.UNITS:
            self.assertEqual(worktime.spent(unit, now, now - HOUR, calendar), 0)

    def test_refused(self):
        calendar = office()
        start = at("2026-06-01T09:00")
        nan, infinite = float("nan"), float("inf")
        refused = [
            *(("work_hour", amount, "amount") for amount in (0, -1, nan, infinite)),
            *(("elapsed_hour", amount, "amount") for amount in (True, None, "8", 1e-5)),
            *(("calendar_day", amount, "amount") for amount in (0, -3)),
            ("work_day", 1.5, "fraction"),
            ("calendar_week", 0.5, "fraction"),
            ("elapsed_hour", 24 * 3653 + 1, "too_far"),
            ("work_hour", 1e300, "too_far"),
            ("calendar_week", 522, "too_far"),
            ("work_day", 4000, "too_far"),
            ("fortnight", 1, "unit"),
            ("work_day", 250, "horizon"),
            ("work_hour", 8 * 250, "horizon"),
        ]
        for unit, amount, reason in refused:
            with self.subTest(unit=unit, amount=amount):
                with self.assertRaises(DeadlineError) as caught:
                    worktime.plan_target(unit, amount, start, calendar)
                self.assertEqual(caught.exception.reason, reason)
                self.assertIsInstance(caught.exception, ValueError)

    def test_refused_without_means(self):
        start = at("2026-06-01T09:00")
        before = at("2025-06-01T09:00")
        calls = [
            ("no_calendar", worktime.plan_target, "work_hour", 1, start),
            ("no_calendar", worktime.spent, "work_day", start, start + 1),
            ("timezone", worktime.plan_target, "calendar_day", 1, start),
            ("timezone", worktime.plan_target, "calendar_day", 1, start, None, "X/Y"),
            ("timezone", Calendar.build, "../UTC", [(0, 1)]),
            ("empty", Calendar.build, "UTC", [(5, 5)]),
            ("unit", worktime.spent, "year", start, start),
            ("unit", worktime.replan, "year", 1, start),
            ("amount", worktime.replan, "elapsed_hour", 0, start),
            ("amount", worktime.replan, "work_hour", 0, start, office()),
            ("amount", worktime.plan, office(), start, 0),
            ("horizon", worktime.plan, office(), before, 60),
            ("horizon", worktime.measure, office(), before, start),
            ("horizon", worktime.deadline, "work_day", 1, before, office()),
            ("too_far", worktime.replan, "elapsed_hour", 3654 * DAY, start),
            ("moment", worktime.to_seconds, datetime(26, 1, 1)),
        ]
        for reason, function, *arguments in calls:
            with self.subTest(reason=reason, function=function, arguments=arguments):
                with self.assertRaises(DeadlineError) as caught:
                    function(*arguments)
                self.assertEqual(caught.exception.reason, reason)

    def test_all_on_leave(self):
        year = (at("2026-01-01T00:00"), at("2027-01-01T00:00"))
        calendar = office(leaves=[year])
        self.assertEqual(calendar.intervals, ())
        for unit in worktime.WORK_UNITS:
            with self.assertRaises(DeadlineError) as caught:
                worktime.plan_target(unit, 1, at("2026-06-01T09:00"), calendar)
            self.assertEqual(caught.exception.reason, "horizon")

    def test_immutable(self):
        calendar = office()
        with self.assertRaises(AttributeError):
            calendar.tz = "Asia/Tokyo"
        self.assertIsInstance(calendar.intervals, tuple)

    @cases(500)
    @given(st.integers(at("1900-01-01T00:00"), at("2199-12-31T23:59:59")))
    @example(0)
    def test_seconds_and_datetimes(self, seconds):
        moment = worktime.to_datetime(seconds)
        self.assertIsNone(moment.tzinfo)
        self.assertEqual(worktime.to_seconds(moment), seconds)
        self.assertEqual(worktime.to_seconds(moment.replace(microsecond=9)), seconds)
        with self.assertRaises(TypeError):
            worktime.to_seconds(moment.replace(tzinfo=UTC))
