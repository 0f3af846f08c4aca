"""Dates and times written as text, read by a format.

The formats are those of ``strptime``, but the result does not depend on the language
that the server was started with: month names and AM/PM are English everywhere.
Knows nothing of Odoo.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

#: A format of this name reads ISO 8601, with or without an offset.
ISO = "iso"
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
#: Two-digit years up to this one belong to this century.
PIVOT = 69

_TOKENS = {
    "%Y": r"(?P<year>\d{4})",
    "%y": r"(?P<short_year>\d{2})",
    "%m": r"(?P<month>\d{1,2})",
    "%b": r"(?P<name>[a-z]{3,9})\.?",
    "%B": r"(?P<name>[a-z]{3,9})\.?",
    "%d": r"(?P<day>\d{1,2})",
    "%H": r"(?P<hour>\d{1,2})",
    "%I": r"(?P<hour>\d{1,2})",
    "%M": r"(?P<minute>\d{2})",
    "%S": r"(?P<second>\d{2})(?:\.\d+)?",
    "%p": r"(?P<half>[ap])\.?m\.?",
    "%z": r"(?P<offset>z|[+-]\d{2}:?\d{2})",
    "%%": "%",
}


def check_format(text):
    """Refuse a format that :func:`parse` could not read anything by.

    :raise ValueError: naming the part that is not understood
    """
    if text != ISO:
        _pattern(text)


def parse(text, formats):
    """Read a date, a time, or both; the first format that fits decides.

    What the text does not say is 1900-01-01 and 00:00:00.

    :param str text: surrounding blanks and upper or lower case do not matter
    :param list[str] formats: formats of ``strptime``, or ``"iso"``
    :return: datetime, naive unless the text has an offset; None when no format fits
    """
    text = " ".join(text.split())
    for fmt in formats:
        try:
            found = datetime.fromisoformat(text) if fmt == ISO else _read(text, fmt)
        except ValueError:
            continue
        if found:
            return found
    return None


def to_utc(moment, tz):
    """Return the naive UTC datetime of a moment of the wall clock in a zone.

    An hour that comes twice when clocks go back counts as the first one; one that is
    skipped when they go forward counts as the time that clocks then showed.

    :param datetime moment: with an offset of its own, the zone is not used
    :param str tz: name of a time zone
    :raise OverflowError: at the ends of the calendar
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(tz))
    return moment.astimezone(UTC).replace(tzinfo=None)


def is_swapped(one, other):
    """Whether two dates differ by nothing but day and month changing places."""
    return one != other and (one.year, one.month, one.day) == (
        other.year,
        other.day,
        other.month,
    )


@lru_cache(maxsize=256)
def _pattern(fmt):
    parts, used = [], set()
    for piece in re.split(r"(%.?|\s+)", fmt):
        if piece in _TOKENS:
            group = re.search(r"\?P<(\w+)>", _TOKENS[piece])
            if group and group[1] in used:
                raise ValueError(piece)
            used.add(group and group[1])
            parts.append(_TOKENS[piece])
        elif piece.startswith("%"):
            raise ValueError(piece)
        else:
            parts.append(r"\s?" if piece.isspace() else re.escape(piece))
    return re.compile("".join(parts), re.IGNORECASE | re.ASCII)


def _read(text, fmt):
    match = _pattern(fmt).fullmatch(text)
    if not match:
        return None
    found = match.groupdict()
    moment = datetime(
        _year(found),
        _month(found),
        int(found.get("day") or 1),
        _hour(found),
        int(found.get("minute") or 0),
        int(found.get("second") or 0),
    )
    offset = found.get("offset")
    if offset:
        zone = datetime.strptime(offset.upper(), "%z").tzinfo
        moment = moment.replace(tzinfo=zone)
    return moment


def _year(found):
    if found.get("short_year"):
        year = int(found["short_year"])
        return year + (2000 if year < PIVOT else 1900)
    return int(found.get("year") or 1900)


def _month(found):
    name = found.get("name")
    if not name:
        return int(found.get("month") or 1)
    # "Sept" is as good as "Sep", "September" or "Sep."
    months = [full for full in MONTHS if full.startswith(name.lower())]
    return MONTHS.index(months[0]) + 1 if months else 0


def _hour(found):
    hour = int(found.get("hour") or 0)
    if not found.get("half"):
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if found["half"].lower() == "p" else 0)
