"""Quiet hours: when may a person be written to (C5).

Pure: naive UTC datetimes go in and come out, nothing knows about the ORM.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from .worktime import DeadlineError, day_start, to_datetime, zone_of

#: Nobody is kept waiting longer for a working day: where none comes for so long, every
#: day is one.
MAX_DAYS = 31

_HOUR = timedelta(hours=1)


def next_loud(
    moment: datetime,
    quiet_from: float,
    quiet_to: float,
    tz: str | None,
    works: Callable[[date], bool] = lambda _day: True,
) -> datetime:
    """The first moment, from ``moment`` on, at which a person may be written to.

    Quiet are the hours from ``quiet_from`` to ``quiet_to`` on the person's wall clock
    (they may reach over midnight; equal hours: none), and days on which nobody works.

    :param moment: naive UTC
    :param quiet_from: hours after midnight, such as 20.5 for 20:30
    :param quiet_to: likewise; the first loud moment
    :param tz: the person's time zone; a missing or unknown one counts as UTC
    :param works: whether a day, as the person's calendar shows it, is a working day
    :return: naive UTC; ``moment`` itself when it is loud
    """
    try:
        zone = zone_of(tz)
    except DeadlineError:
        zone = ZoneInfo("UTC")
    latest = moment + timedelta(days=MAX_DAYS)
    found, later = moment, _step(moment, quiet_from, quiet_to, zone, works)
    while later > found:
        if later > latest:
            return next_loud(moment, quiet_from, quiet_to, zone.key)
        found, later = later, _step(later, quiet_from, quiet_to, zone, works)
    return found


def _step(moment, quiet_from, quiet_to, zone, works):
    """Where to look next; the moment itself when it is loud."""
    local = moment.replace(tzinfo=UTC).astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    since = local.replace(tzinfo=None) - midnight.replace(tzinfo=None)
    tomorrow = to_datetime(day_start(local.date() + timedelta(days=1), zone))
    if not works(local.date()):
        return tomorrow
    # 24:00 is 0:00; all day long would be never, and counts as no quiet hours.
    begin, end = (quiet_from % 24) * _HOUR, (quiet_to % 24) * _HOUR
    if begin == end:
        return moment
    if begin > end and since >= begin:
        return tomorrow
    if since < end and (begin > end or since >= begin):
        # On the wall clock, with the offset of the moment where an hour comes twice.
        wall = midnight.replace(tzinfo=None) + end
        ends_at = wall.replace(tzinfo=zone, fold=local.fold)
        return ends_at.astimezone(UTC).replace(tzinfo=None)
    return moment
