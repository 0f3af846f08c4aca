"""The yardstick for ``tools/worktime.py``: working time counted second by second.

Written on purpose in another way than the code it checks: a period is a strip with one
byte for each second, 1 where work is scheduled; leaves and pauses wipe bytes out; sums
are counts of bytes, deadlines are positions of the n-th byte. Time zones are only ever
asked for the local time of a UTC moment, never the other way round. No line here is
shared with the add-on.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SLOT = 900  # offsets and their changes are multiples of a quarter of an hour
HOUR = 3600
DAY = 86400


@lru_cache(maxsize=256)
def offsets(tz, start, end):
    """Stretches ``(start, end, UTC offset)`` of a period, in seconds."""
    zone = ZoneInfo(tz)
    stretches = []
    for slot in range(start, end, SLOT):
        local = datetime.fromtimestamp(slot, UTC).astimezone(zone)
        offset = round(local.utcoffset().total_seconds())
        if stretches and stretches[-1][2] == offset:
            stretches[-1][1] = slot + SLOT
        else:
            stretches.append([slot, slot + SLOT, offset])
    return [tuple(stretch) for stretch in stretches]


@lru_cache(maxsize=256)
def dates(tz, start, end):
    """The local date of each slot of a period; a date that was reached stays."""
    found = []
    for first, last, offset in offsets(tz, start, end):
        for slot in range(first, last, SLOT):
            day = (datetime(1970, 1, 1) + timedelta(seconds=slot + offset)).date()
            found.append(max(day, found[-1]) if found else day)
    return found


def week_parity(day: date) -> int:
    """Odoo's first (0) and second (1) week: parity of whole weeks since year 1."""
    return (day.toordinal() - 1) // 7 % 2


def wall_clock(tz, start, end, rows):
    """Pieces of work in a period, from rows of wall-clock times: a second is worked
    when the clock on the wall shows a time within a row of that day.

    ``rows``: ``{(week parity, weekday): [(from minute, to minute), ...]}``
    """
    pieces = []
    for first, last, offset in offsets(tz, start, end):
        local_first = first + offset
        local_last = last + offset
        for ordinal in range(local_first // DAY, (local_last - 1) // DAY + 1):
            day = date(1970, 1, 1) + timedelta(days=ordinal)
            for begin, finish in rows.get((week_parity(day), day.weekday()), ()):
                low = max(ordinal * DAY + begin * 60, local_first)
                high = min(ordinal * DAY + finish * 60, local_last)
                if low < high:
                    pieces.append((low - offset, high - offset))
    return pieces


@lru_cache(maxsize=16)
def _memory(use, length):
    return bytearray(length)


@lru_cache(maxsize=4)
def _plain(value, length):
    return memoryview(bytes([value]) * length)


class Strip:
    """A period of a calendar, second by second.

    One at a time: the next strip of the same length uses the same memory, as getting
    megabytes from the system took longer than counting in them.
    """

    def __init__(self, tz, start, end, pieces, leaves=()):
        self.tz, self.start, self.end = tz, start, end
        self.length = end - start
        self.scheduled = self._copy("scheduled", _plain(0, self.length))
        for low, high in pieces:
            self._fill(self.scheduled, low, high, 1)
        self.worked = self._copy("worked", self.scheduled)
        for low, high in leaves:
            self._fill(self.worked, low, high, 0)

    def _copy(self, use, original):
        copy = _memory(use, self.length)
        memoryview(copy)[:] = original
        return copy

    def _fill(self, strip, low, high, value):
        low = max(low, self.start) - self.start
        high = min(high, self.end) - self.start
        if low < high:
            plain = _plain(value, self.length)
            memoryview(strip)[low:high] = plain[: high - low]

    def without(self, strip, pauses):
        """A copy of a strip on which the pauses do not count."""
        running = self._copy("running", strip)
        for low, high in pauses:
            self._fill(running, low, high, 0)
        return running

    def count(self, strip, low, high):
        """Seconds that count from ``low`` to ``high``."""
        return strip.count(1, max(0, low - self.start), max(0, high - self.start))

    def nth(self, strip, start, number):
        """The moment at which the ``number``-th second that counts has passed, or
        None when the period has fewer."""
        at = start - self.start
        for step in (4 * HOUR, 240, 1):
            while at < len(strip):
                found = strip.count(1, at, at + step)
                # Before the last step stop short of the second that is looked for.
                if found >= number:
                    break
                number -= found
                at += step
        return None if at >= len(strip) else self.start + at + 1

    # -- days ----------------------------------------------------------------------

    def date_at(self, moment):
        days = dates(self.tz, self.start, self.end)
        return days[min((moment - self.start) // SLOT, len(days) - 1)]

    def regular_days(self):
        """``{date: [(from, to), ...]}`` of the scheduled hours, leaves or not."""
        days = {}
        at = self.scheduled.find(1)
        while at >= 0:
            stop = self.scheduled.find(0, at)
            stop = len(self.scheduled) if stop < 0 else stop
            low, high = self.start + at, self.start + stop
            if stop - at < DAY:
                days.setdefault(self.date_at(low), []).append((low, high))
            else:
                while low < high:
                    day = self.date_at(low)
                    cut = low
                    while cut < high and self.date_at(cut) == day:
                        cut = cut // SLOT * SLOT + SLOT
                    days.setdefault(day, []).append((low, min(cut, high)))
                    low = min(cut, high)
            at = self.scheduled.find(1, stop)
        return days

    def working_days(self):
        """The regular days of which a second is left to work."""
        return {
            day: pieces
            for day, pieces in self.regular_days().items()
            if any(self.count(self.worked, *piece) for piece in pieces)
        }

    def day_strip(self):
        """The regular hours of working days."""
        strip = self._copy("days", _plain(0, self.length))
        for pieces in self.working_days().values():
            for low, high in pieces:
                self._fill(strip, low, high, 1)
        return strip

    def day_of_start(self, moment):
        for day, pieces in self.regular_days().items():
            if any(low <= moment < high for low, high in pieces):
                return day
        return self.date_at(moment)

    def close_of_day(self, start, number):
        """The close of the ``number``-th working day after the day of the start, or
        None when the period has fewer."""
        today = self.day_of_start(start)
        days = self.working_days()
        later = sorted(day for day in days if day > today)
        if len(later) < number:
            return None
        return max(high for _low, high in days[later[number - 1]])

    def end_of_calendar_day(self, start, number):
        """24:00 of the ``number``-th day after the day of the start."""
        target = self.date_at(start) + timedelta(days=number)
        days = dates(self.tz, self.start, self.end)
        for index, day in enumerate(days):
            if day > target:
                return self.start + index * SLOT
        return None
