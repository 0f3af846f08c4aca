"""The one place that turns ``resource.calendar`` records into working time (C3).

:class:`CalendarBook` is what models use: it speaks naive UTC datetimes as Odoo stores
them, reads each calendar once however many cases ask, reads further when a deadline
lies beyond what it has, and answers the same whoever asks: any user, the scheduled
action, another company. The arithmetic itself is in ``tools/worktime.py``.

What is put right on the way in:

- Odoo ends a shift "at 24:00" one microsecond early, which would leave a hole between
  adjoining shifts.
- A leave that ends at 23:59:59 (or any ..:59, as people in other time zones enter it)
  leaves a hole of one second.
- A shift that starts at 00:00 starts with the day, also when 00:00 comes twice.
- In a superuser's eyes the leaves of every company count: here only those of the
  calendar's company do (of the case's company when the calendar is shared or belongs to
  its parent), and those of no company.

Hours that fall into the hour skipped or repeated by a change to or from summer time
are read as Odoo reads them: in standard time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pytz import timezone

from odoo import SUPERUSER_ID

from . import worktime
from .worktime import DAY, MARGIN, MAX_SPAN, DeadlineError, to_datetime, to_seconds

#: What is read first around a start: most limits end within it.
_BEFORE, _AHEAD = 7 * DAY, 91 * DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def check_calendar(calendar):
    """Refuse a ``resource.calendar`` that no deadline can be computed with; for the
    moment when somebody chooses it. Records not yet saved may be checked as well.

    :raises DeadlineError: ``no_calendar``, ``archived``, ``flexible``, ``empty``,
        ``timezone``, ``unreadable``.
    """
    if not calendar:
        raise DeadlineError("no_calendar")
    # sudo: whoever picks or inherits the calendar need not be allowed to read it.
    calendar = calendar.sudo()
    if not calendar.active:
        raise DeadlineError("archived", calendar=calendar.name)
    _check_hours(calendar)


def _check_hours(calendar):
    if calendar.flexible_hours:
        raise DeadlineError("flexible", calendar=calendar.name)
    worktime.zone_of(calendar.tz)
    shifts = calendar.attendance_ids.filtered(lambda shift: shift._is_work_period())
    if not any(shift.hour_from < shift.hour_to for shift in shifts):
        raise DeadlineError("empty", calendar=calendar.name)
    for shift in shifts:
        # Odoo rounds hours to minutes and fails on what comes to 60 of them.
        ends = (shift.hour_from, shift.hour_to)
        if any(hour != 24 and not _is_time_of_day(hour) for hour in ends):
            raise DeadlineError("unreadable", calendar=calendar.name)


def _is_time_of_day(hour):
    return 0 <= hour < 24 and round((hour % 1) * 60) < 60


def load(calendars, start_dt, end_dt, company=None):
    """Read calendars for a period: ``{calendar id: worktime.Calendar}``.

    The number of queries depends on the number of calendars alone.

    :param start_dt: naive UTC datetime; ``end_dt`` likewise.
    :param company: whose leaves count where a calendar belongs to no company.
    :raises DeadlineError: ``empty``, ``flexible``, ``unreadable``, ``timezone``,
        ``moment``.
    """
    book = CalendarBook(calendars.env)
    start, end = to_seconds(start_dt), to_seconds(end_dt)
    return {
        calendar.id: book._page(calendar, company, start, end) for calendar in calendars
    }


class CalendarBook:
    """Plans and measures with ``resource.calendar`` records.

    Make one for a piece of work (a create, a batch of a scheduled action), use it for
    all its records and drop it: it does not notice calendars edited meanwhile.

    ``calendar`` may be empty for the units that ignore it. ``company`` is the company
    of the case: its leaves count where the calendar belongs to no company.
    """

    def __init__(self, env):
        # Superuser without context: portal users cannot read calendars, record rules
        # hide leaves of companies not switched on, and a context key of another module
        # may change the time zone. The result must not depend on any of it.
        self._env = env(user=SUPERUSER_ID, context={}, su=True)
        self._pages = {}

    def get(self, calendar, company=None, start_dt=None, end_dt=None):
        """The :class:`worktime.Calendar` of a record, covering at least ``start_dt``
        to ``end_dt`` (naive UTC; default: now, and three months on).

        :raises DeadlineError: ``no_calendar``, and as :func:`load`.
        """
        start = to_seconds(start_dt or datetime.now(UTC).replace(tzinfo=None))
        end = to_seconds(end_dt) if end_dt else start + _AHEAD
        return self._page(calendar, company, start, end)

    def plan(self, unit, amount, start_dt, calendar=None, company=None, tz=None):
        """Plan a limit: ``(deadline, budget)`` as naive UTC datetime and seconds; see
        :func:`worktime.plan_target` for the meaning of units and time zone (C3).

        :raises DeadlineError: ``unit``, ``amount``, ``fraction``, ``too_far``,
            ``moment``, ``timezone``, ``no_calendar``, and as :func:`load`.
        """
        worktime.check_amount(unit, amount)
        start = to_seconds(start_dt)
        if unit in worktime.WORK_UNITS:
            deadline, budget = self._solve(
                calendar,
                company,
                start,
                lambda page: worktime.plan_target(unit, amount, start, page),
            )
        else:
            tz = tz or (calendar and self._mine(calendar).tz)
            deadline, budget = worktime.plan_target(unit, amount, start, tz=tz)
        return to_datetime(deadline), budget

    def spent(self, unit, start_dt, now_dt, calendar=None, company=None):
        """Seconds of its budget that a clock running from ``start_dt`` to ``now_dt``
        has used (C4); 0 when ``now_dt`` is earlier.

        :raises DeadlineError: ``unit``, ``moment``, ``no_calendar``, and as
            :func:`load`.
        """
        start, now = to_seconds(start_dt), to_seconds(now_dt)
        page = None
        if unit in worktime.WORK_UNITS:
            page = self._page(calendar, company, start, max(start, now))
        return worktime.spent(unit, start, now, page)

    def replan(self, unit, left, resume_dt, calendar=None, company=None):
        """The deadline (naive UTC) of a clock that resumes at ``resume_dt`` with
        ``left`` seconds of its budget (C4).

        :raises DeadlineError: ``amount`` when nothing is left, ``unit``, ``too_far``,
            ``moment``, ``no_calendar``, and as :func:`load`.
        """
        resume_at = to_seconds(resume_dt)
        if unit in worktime.WORK_UNITS:
            deadline = self._solve(
                calendar,
                company,
                resume_at,
                lambda page: worktime.replan(unit, left, resume_at, page),
            )
        else:
            deadline = worktime.replan(unit, left, resume_at)
        return to_datetime(deadline)

    # -- reading -------------------------------------------------------------------

    def _mine(self, calendar):
        """The calendar with our own rights and context (of a form: what is saved)."""
        return calendar._origin.with_env(self._env)

    def _solve(self, calendar, company, start, compute):
        """Compute with the calendar, reading further for as long as that helps."""
        limit = start + MAX_SPAN
        page = self._page(calendar, company, start, start)
        while True:
            try:
                return compute(page)
            except DeadlineError as error:
                if error.reason != "horizon":
                    raise
                if page.end >= limit:
                    name = page.name
                    raise DeadlineError("too_far", calendar=name) from error
            # Each reading at least doubles the length: ten years take six.
            page = self._page(calendar, company, start, min(limit, page.end + _AHEAD))

    def _companies(self, calendar, company):
        """Ids of the companies whose leaves count: the calendar's; the case's when the
        calendar is shared; both when the case's is a branch of the calendar's."""
        owner = calendar.company_id
        company = company and company.with_env(self._env)
        if company and (not owner or owner in company.parent_ids):
            return tuple(sorted({*owner.ids, *company.ids}))
        return tuple(owner.ids)

    def _page(self, calendar, company, start, end):
        if not calendar:
            raise DeadlineError("no_calendar")
        calendar = self._mine(calendar)
        companies = self._companies(calendar, company)
        key = (calendar.id, companies)
        page = self._pages.get(key)
        if page and page.start <= start and end <= page.end:
            return page
        first, last = start - _BEFORE, max(end + DAY, start + _AHEAD)
        if page:
            # Grow by at least the length so far, so that cases in any order of time
            # cause few readings.
            length = page.end - page.start
            first = page.start if start >= page.start else min(first, start - length)
            last = page.end if end <= page.end else max(last, page.end + length)
        page = self._pages[key] = _read(calendar, companies, first, last)
        return page


def _read(calendar, companies, start, end):
    """Read working hours, and leaves of companies (ids), from ``start`` to ``end`` in
    POSIX seconds."""
    _check_hours(calendar)
    zone = timezone(calendar.tz)
    first = _EPOCH + timedelta(seconds=start - MARGIN)
    last = _EPOCH + timedelta(seconds=end + MARGIN)
    shifts = calendar._attendance_intervals_batch(first, last, tz=zone)[False]
    leaves = calendar._leave_intervals_batch(
        first,
        last,
        domain=[
            # A domain replaces the default filter on the type: repeat it.
            ("time_type", "=", "leave"),
            ("company_id", "in", [False, *companies]),
        ],
        tz=zone,
    )[False]
    return worktime.Calendar.build(
        calendar.tz,
        [_shift_seconds(*shift, calendar.tz) for shift in shifts],
        [_leave_seconds(*leave) for leave in leaves],
        horizon=(start, end),
        name=calendar.name,
    )


def _shift_seconds(start, end, _attendance, tz):
    begin = _seconds(start)
    if not (start.hour or start.minute or start.second):
        begin = worktime.day_start(start.date(), worktime.zone_of(tz))
    # 24:00 arrives as 23:59:59.999999
    return begin, _seconds(end + timedelta(microseconds=1))


def _leave_seconds(start, end, _leave):
    finish = _seconds(end)
    return _seconds(start), finish + 1 if finish % 60 == 59 else finish


def _seconds(moment):
    return (moment - _EPOCH) // _SECOND


def explain(env, error):
    """The translated message of a :class:`DeadlineError`, telling what to do."""
    messages = {
        "unit": env._("This time limit has an unknown unit."),
        "amount": env._("A time limit must be longer than zero."),
        "fraction": env._(
            "Days and weeks must be whole numbers. Use hours for shorter time limits."
        ),
        "too_far": env._(
            "The deadline would be more than ten years away. Choose a shorter time "
            "limit, or check the working hours and leaves of the calendar."
        ),
        "moment": env._("The date lies outside the years 1900 to 2199. Correct it."),
        "timezone": env._(
            "The time zone is missing or unknown. Choose one on the working schedule."
        ),
        "no_calendar": env._(
            "This time limit counts working time, but there is no working schedule. "
            "Choose one on the policy, the team or the company."
        ),
        "empty": env._(
            "The working schedule %(calendar)s has no working hours. Add some, or "
            "choose another schedule.",
            calendar=error.details.get("calendar") or "",
        ),
        "flexible": env._(
            "The working schedule %(calendar)s is flexible and has no fixed hours to "
            "count. Choose a schedule with fixed hours.",
            calendar=error.details.get("calendar") or "",
        ),
        "archived": env._(
            "The working schedule %(calendar)s is archived. Choose another one.",
            calendar=error.details.get("calendar") or "",
        ),
        "unreadable": env._(
            "The working schedule %(calendar)s has hours that are no times of day. "
            "Enter them as hours and minutes from 00:00 to 24:00.",
            calendar=error.details.get("calendar") or "",
        ),
        "horizon": env._("The deadline could not be computed. Try again."),
    }
    return messages[error.reason]
