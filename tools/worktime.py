"""Working-time arithmetic: when is it due, how much has been used (C3, C4).

Everything here is pure: integer POSIX seconds in UTC go in and come out, intervals
are half open ``[start, end)``, and nothing knows about the ORM. ``tools/calendars.py``
turns ``resource.calendar`` records into a :class:`Calendar`.

What a limit means, to the second:

``elapsed_hour``
    N hours on the wall. The working calendar is ignored.
``work_hour``
    N hours of working time. A start outside working time begins to count with the
    next working second; a limit that is used up exactly when a shift ends is due at
    the END of that shift, not at the start of the next one.
``work_day``
    The close of the N-th working day after the day of the start, which itself never
    counts. A working day is a day on which at least one second of work is left once
    leaves are taken off. It counts and closes by its regular hours, even when a leave
    covers a part of it: otherwise half a day off would bring a deadline forward.
``calendar_day``, ``calendar_week``
    24:00 local time of the N-th (7 x N-th) day after the day of the start. The
    working calendar is ignored.

Days are local days of the calendar's time zone. A stretch of uninterrupted scheduled
work shorter than 24 hours belongs, whole, to the day on which it begins: the night
shift from Friday 22:00 to Saturday 06:00 is Friday's, and somebody who starts at
Saturday 03:00 starts on Friday. Longer stretches (round-the-clock desks) are cut at
every midnight.

Pausing: a limit becomes a budget of seconds when it is planned (:func:`plan_target`).
:func:`spent` says how much of the budget a running period used, :func:`replan` turns
what is left into a new deadline. The seconds are seconds of working time for
``work_hour``, seconds of the regular hours of working days for ``work_day``, and plain
seconds for the others. These are integers that add up, so any number of pauses leaves
no drift, and a pause of no length changes nothing.

Whatever cannot be computed raises :class:`DeadlineError`; no function here ever answers
"no deadline".
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo

HOUR = 3600
DAY = 24 * HOUR

UNITS = ("elapsed_hour", "work_hour", "work_day", "calendar_day", "calendar_week")
#: Units that cannot be computed without a working calendar.
WORK_UNITS = ("work_hour", "work_day")

#: No deadline lies further than ten years after its start: beyond that a typing
#: mistake is likelier than an intention.
MAX_SPAN = 3653 * DAY

_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1)
# Dates outside these years are slips of the keyboard ("0026" for "2026").
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_SECONDS_OF = {"elapsed_hour": HOUR, "work_hour": HOUR}
_DAYS_OF = {"work_day": 1, "calendar_day": 1, "calendar_week": 7}

Interval = tuple[int, int]


class DeadlineError(ValueError):
    """A deadline that cannot be computed, with the reason as a code.

    ``reason`` is one of :data:`REASONS`, ``details`` holds what a message may name
    (``calendar``, ``unit``, ``amount``, ``tz`` ...). The text of the exception is
    for logs; ``tools.calendars.explain`` gives people a translated one.
    """

    REASONS: ClassVar = {
        "unit": "unknown unit",
        "amount": "the amount is not a positive number",
        "fraction": "the unit takes whole numbers only",
        "too_far": "no deadline within ten years of the start",
        "moment": "date outside the years 1900-2199",
        "timezone": "unknown or missing time zone",
        "no_calendar": "the unit needs a working calendar",
        "empty": "the calendar has no working hours",
        "flexible": "the calendar is flexible and has no fixed hours",
        "archived": "the calendar is archived",
        "unreadable": "the calendar's hours are not valid times of day",
        "horizon": "outside the period that was loaded",
    }

    def __init__(self, reason: str, **details):
        self.reason = reason
        self.details = details
        named = ", ".join(f"{key}={value!r}" for key, value in details.items())
        super().__init__(self.REASONS[reason] + (f" ({named})" if named else ""))


class Plan(NamedTuple):
    """A planned limit: ``deadline`` in POSIX seconds, ``budget`` in seconds."""

    deadline: int
    budget: int


# -- moments and days --------------------------------------------------------------


def to_seconds(moment: datetime) -> int:
    """POSIX seconds of a naive UTC datetime as Odoo stores it (microseconds cut).

    :raises TypeError: for an aware datetime, which would silently be misread.
    :raises DeadlineError: ``moment``, when the year cannot be meant.
    """
    if moment.tzinfo is not None:
        raise TypeError("a naive UTC datetime is expected")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise DeadlineError("moment", moment=moment)
    return (moment - _EPOCH) // _SECOND


def to_datetime(seconds: int) -> datetime:
    """The naive UTC datetime of POSIX seconds."""
    return _EPOCH + timedelta(seconds=seconds)


def zone_of(tz: str | None) -> ZoneInfo:
    """The time zone of a name such as ``Asia/Kathmandu``.

    :raises DeadlineError: ``timezone``.
    """
    try:
        return ZoneInfo(tz or "")
    except (ValueError, LookupError, OSError) as error:
        raise DeadlineError("timezone", tz=tz) from error


def local_day(moment: int, zone: ZoneInfo) -> date:
    """The local day that a moment lies in. Never decreases as time goes on."""
    day = datetime.fromtimestamp(moment, zone).date()
    following = day + timedelta(days=1)
    # Where clocks are set back just after midnight the old date shows up once more.
    return following if moment >= day_start(following, zone) else day


@lru_cache(maxsize=16384)
def day_start(day: date, zone: ZoneInfo) -> int:
    """The first moment of a local day: where 00:00 comes twice the first, where it is
    skipped the moment of the jump."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    moment = int(midnight.timestamp())
    if datetime.fromtimestamp(moment, zone).replace(tzinfo=None) == midnight.replace(
        tzinfo=None
    ):
        return moment
    # 00:00 lies in the gap: the day begins somewhere in the 24 hours before.
    seconds = range(moment - DAY, moment + 1)
    first = bisect_left(
        seconds, day, key=lambda second: datetime.fromtimestamp(second, zone).date()
    )
    return seconds[first]


# -- intervals ---------------------------------------------------------------------


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Sort intervals and join those that overlap or touch; empty ones vanish."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            if end > joined[-1][1]:
                joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def subtract(intervals: list[Interval], holes: list[Interval]) -> list[Interval]:
    """``intervals`` without ``holes``; both merged, as is the result."""
    left: list[Interval] = []
    first = 0
    for start, end in intervals:
        while first < len(holes) and holes[first][1] <= start:
            first += 1
        kept_from = start
        index = first
        while index < len(holes) and holes[index][0] < end:
            if kept_from < holes[index][0]:
                left.append((kept_from, holes[index][0]))
            kept_from = holes[index][1]
            index += 1
        if kept_from < end:
            left.append((kept_from, end))
    return left


class _Track:
    """Disjoint intervals in order with running totals: both ways in O(log n)."""

    __slots__ = ("ends", "starts", "totals")

    def __init__(self, intervals: list[Interval]):
        self.starts = [start for start, _end in intervals]
        self.ends = [end for _start, end in intervals]
        # totals[i]: seconds in the first i intervals
        self.totals = [0, *accumulate(end - start for start, end in intervals)]

    def until(self, moment: int) -> int:
        """Seconds of the track before a moment."""
        begun = bisect_right(self.starts, moment)
        if not begun:
            return 0
        last = begun - 1
        return self.totals[last] + min(moment, self.ends[last]) - self.starts[last]

    def reach(self, total: int) -> int | None:
        """The first moment before which the track has ``total`` (> 0) seconds."""
        if total > self.totals[-1]:
            return None
        last = bisect_left(self.totals, total) - 1
        return self.starts[last] + total - self.totals[last]


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Working time in a period, ready to plan and measure in. Made by :meth:`build`.

    ``start`` and ``end`` bound the period it can answer for; asking for anything
    outside raises ``DeadlineError('horizon')``. ``work`` is the time that is worked,
    ``days`` the regular hours of the days on which anything is worked.
    """

    name: str
    tz: str
    start: int
    end: int
    work: _Track
    days: _Track
    # One entry per working day: from when on a start falls on that day or a later one,
    # and when it closes.
    day_opens: tuple[int, ...]
    day_closes: tuple[int, ...]

    @classmethod
    def build(
        cls,
        tz: str,
        schedule: Iterable[Interval],
        leaves: Iterable[Interval] = (),
        horizon: Interval | None = None,
        name: str = "",
    ) -> Calendar:
        """Make a calendar from scheduled hours and leaves, in any order, overlapping
        or not.

        :param tz: name of the zone whose days and midnights count.
        :param horizon: the period the calendar answers for; by default from the first
            scheduled second to the last. Give the schedule for :data:`MARGIN` more on
            either side, so that shifts which cross the edge are seen whole.
        :raises DeadlineError: ``empty``, ``timezone``.
        """
        zone = zone_of(tz)
        schedule = merge(schedule)
        if not schedule:
            raise DeadlineError("empty", calendar=name)
        work = _Track(subtract(schedule, merge(leaves)))
        hours: list[Interval] = []
        opens: list[int] = []
        closes: list[int] = []
        for opening, pieces in _regular_days(schedule, zone):
            if work.until(pieces[-1][1]) > work.until(pieces[0][0]):
                hours += pieces
                opens.append(opening)
                closes.append(pieces[-1][1])
        start, end = horizon or (schedule[0][0], schedule[-1][1])
        return cls(
            name=name,
            tz=tz,
            start=start,
            end=end,
            work=work,
            days=_Track(hours),
            day_opens=tuple(opens),
            day_closes=tuple(closes),
        )

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The time that is worked: disjoint, in order, without holes of no length."""
        return tuple(zip(self.work.starts, self.work.ends, strict=True))


#: How much more schedule than its horizon a calendar must see on either side: a day's
#: hours end less than two days after its midnight, and telling a long stretch from a
#: short one takes another 24 hours.
MARGIN = 3 * DAY


def _regular_days(
    schedule: list[Interval], zone: ZoneInfo
) -> Iterator[tuple[int, list[Interval]]]:
    """Group scheduled hours by the day they belong to, in order: for each day the
    moment from which a start counts as being on it (or later), and its hours."""
    days: dict[date, list[Interval]] = {}
    for day, start, end in _dated(schedule, zone):
        days.setdefault(day, []).append((start, end))
    previous_end = None
    for day, pieces in days.items():
        opening = day_start(day, zone)
        if previous_end is not None:
            # The night shift of the day before may reach into this day's morning.
            opening = max(opening, previous_end)
        yield opening, pieces
        previous_end = pieces[-1][1]


def _dated(schedule: list[Interval], zone: ZoneInfo) -> Iterator[tuple[date, int, int]]:
    for start, end in schedule:
        day = local_day(start, zone)
        piece_start = start
        if end - start >= DAY:
            while (midnight := day_start(day + timedelta(days=1), zone)) < end:
                yield day, piece_start, midnight
                piece_start = midnight
                day = local_day(midnight, zone)
        yield day, piece_start, end


# -- planning and measuring --------------------------------------------------------


def plan(calendar: Calendar, start: int, budget: int) -> int:
    """When ``budget`` seconds of working time are used up, counting from ``start``.

    :raises DeadlineError: ``amount`` for a budget that is not positive, ``horizon``.
    """
    return _plan(calendar, calendar.work, start, budget)


def measure(calendar: Calendar, start: int, end: int) -> int:
    """Seconds of working time from ``start`` to ``end``; 0 when ``end`` is earlier.

    :raises DeadlineError: ``horizon``.
    """
    return _measure(calendar, calendar.work, start, end)


def plan_elapsed(start: int, budget: int) -> int:
    """``start`` plus ``budget`` seconds.

    :raises DeadlineError: ``amount`` for a budget that is not positive.
    """
    if budget <= 0:
        raise DeadlineError("amount", amount=budget)
    return start + budget


def measure_elapsed(start: int, end: int) -> int:
    """Seconds from ``start`` to ``end``; 0 when ``end`` is earlier (a clock that was
    set back must not give time back)."""
    return max(0, end - start)


def _plan(calendar: Calendar, track: _Track, start: int, budget: int) -> int:
    if budget <= 0:
        raise DeadlineError("amount", amount=budget)
    if not calendar.start <= start <= calendar.end:
        raise DeadlineError("horizon", calendar=calendar.name)
    moment = track.reach(track.until(start) + budget)
    if moment is None or moment > calendar.end:
        raise DeadlineError("horizon", calendar=calendar.name)
    return moment


def _measure(calendar: Calendar, track: _Track, start: int, end: int) -> int:
    if end <= start:
        return 0
    if start < calendar.start or end > calendar.end:
        raise DeadlineError("horizon", calendar=calendar.name)
    return track.until(end) - track.until(start)


def _close_of_day(calendar: Calendar, start: int, count: int) -> int:
    """The close of the ``count``-th working day after the day ``start`` lies in."""
    if not calendar.start <= start <= calendar.end:
        raise DeadlineError("horizon", calendar=calendar.name)
    # Days that opened by now include today, which does not count.
    index = bisect_right(calendar.day_opens, start) + count - 1
    closes = calendar.day_closes
    if index >= len(closes) or closes[index] > calendar.end:
        raise DeadlineError("horizon", calendar=calendar.name)
    return closes[index]


# -- limits ------------------------------------------------------------------------


def check_amount(unit: str, amount: float) -> int:
    """What an amount of a unit comes to: seconds for hours, days for days and weeks.

    Hours may be fractions and are rounded to the second; days and weeks are whole.

    :raises DeadlineError: ``unit``, ``amount`` (not a positive number), ``fraction``,
        ``too_far`` (more than ten years).
    """
    if unit not in UNITS:
        raise DeadlineError("unit", unit=unit)
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        raise DeadlineError("amount", unit=unit, amount=amount)
    if not math.isfinite(amount) or amount <= 0:
        raise DeadlineError("amount", unit=unit, amount=amount)
    size = HOUR if unit in _SECONDS_OF else DAY * _DAYS_OF[unit]
    if amount * size > MAX_SPAN:
        raise DeadlineError("too_far", unit=unit, amount=amount)
    if unit in _SECONDS_OF:
        quantity = round(amount * HOUR)
        if not quantity:
            raise DeadlineError("amount", unit=unit, amount=amount)
        return quantity
    if amount != int(amount):
        raise DeadlineError("fraction", unit=unit, amount=amount)
    return int(amount) * _DAYS_OF[unit]


def plan_target(
    unit: str,
    amount: float,
    start: int,
    calendar: Calendar | None = None,
    tz: str | None = None,
) -> Plan:
    """Plan a limit of ``amount`` ``unit`` from ``start``: its deadline, and the budget
    of seconds to keep for pausing (C3, C4).

    :param calendar: needed for working units, else only a source of the time zone.
    :param tz: the zone whose midnights end calendar days and weeks; by default the
        calendar's. Working days always follow the calendar's own.
    :raises DeadlineError: as :func:`check_amount`; ``no_calendar``, ``timezone``,
        ``horizon``, ``too_far``.
    """
    quantity = check_amount(unit, amount)
    if unit == "elapsed_hour":
        return Plan(start + quantity, quantity)
    if unit == "work_hour":
        return Plan(replan(unit, quantity, start, calendar), quantity)
    if unit == "work_day":
        end = _near(start, _close_of_day(_needed(calendar), start, quantity))
        return Plan(end, spent(unit, start, end, calendar))
    zone = zone_of(tz or (calendar.tz if calendar else None))
    day = local_day(start, zone) + timedelta(days=quantity + 1)
    end = day_start(day, zone)
    return Plan(end, end - start)


def deadline(
    unit: str,
    amount: float,
    start: int,
    calendar: Calendar | None = None,
    tz: str | None = None,
) -> int:
    """The deadline of :func:`plan_target` alone."""
    return plan_target(unit, amount, start, calendar, tz).deadline


def spent(unit: str, start: int, now: int, calendar: Calendar | None = None) -> int:
    """Seconds of the budget that a clock running from ``start`` to ``now`` used (C4);
    0 when ``now`` is earlier.

    :raises DeadlineError: ``unit``, ``no_calendar``, ``horizon``.
    """
    track = _track(unit, calendar)
    if track is None:
        return measure_elapsed(start, now)
    return _measure(calendar, track, start, now)


def remaining(
    unit: str, budget: int, start: int, now: int, calendar: Calendar | None = None
) -> int:
    """What is left of a budget that has been running from ``start`` to ``now``; zero
    or negative once it is used up. Errors as :func:`spent`."""
    return budget - spent(unit, start, now, calendar)


def replan(
    unit: str, left: int, resume_at: int, calendar: Calendar | None = None
) -> int:
    """The new deadline of a clock that resumes at ``resume_at`` with ``left`` seconds
    of its budget (C4).

    :raises DeadlineError: ``amount`` when nothing is left (such a clock is breached, it
        has no deadline to come), ``unit``, ``no_calendar``, ``horizon``, ``too_far``.
    """
    track = _track(unit, calendar)
    if track is None:
        return _near(resume_at, plan_elapsed(resume_at, left))
    return _near(resume_at, _plan(calendar, track, resume_at, left))


def _track(unit: str, calendar: Calendar | None) -> _Track | None:
    """The time a unit counts in; None where every second counts."""
    if unit not in UNITS:
        raise DeadlineError("unit", unit=unit)
    if unit == "work_hour":
        return _needed(calendar).work
    if unit == "work_day":
        return _needed(calendar).days
    return None


def _needed(calendar: Calendar | None) -> Calendar:
    if calendar is None:
        raise DeadlineError("no_calendar")
    return calendar


def _near(start: int, moment: int) -> int:
    # Here and not in the loader: the answer must not depend on how much happens to be
    # loaded.
    if moment - start > MAX_SPAN:
        raise DeadlineError("too_far")
    return moment
