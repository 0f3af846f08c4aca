"""Moments that lie before a deadline, for the ladder of escalation (C5).

Planning goes forward in time; a rung "two working hours before the limit" goes back.
"""

from __future__ import annotations

from datetime import timedelta

from . import worktime
from .worktime import DAY, MAX_SPAN, DeadlineError, to_datetime, to_seconds

#: Units in which a rung may lie before a limit.
BACK_UNITS = ("elapsed_hour", "work_hour")


def go_back(book, unit, amount, deadline, calendar=None, company=None):
    """The moment from which exactly so much time passes until a deadline.

    :param CalendarBook book: where working hours are read
    :param str unit: one of BACK_UNITS
    :param float amount: hours
    :param datetime deadline: naive UTC, like the result
    :raises DeadlineError: ``unit``, ``amount``, ``too_far``, and as CalendarBook.get
    """
    if unit not in BACK_UNITS:
        raise DeadlineError("unit", unit=unit)
    seconds = worktime.check_amount(unit, amount)
    if unit == "elapsed_hour":
        return deadline - timedelta(seconds=seconds)
    end = to_seconds(deadline)
    span = 14 * DAY
    while span < 2 * MAX_SPAN:
        begin = end - span
        page = book.get(calendar, company, to_datetime(begin), deadline)
        if worktime.measure(page, begin, end) >= seconds:
            total = page.work.until(end) - seconds
            # The first moment is asked for; at the very start of what was read nothing
            # lies before it.
            moment = page.work.reach(total) if total > 0 else page.work.starts[0]
            return to_datetime(moment)
        span *= 2
    raise DeadlineError("too_far")
