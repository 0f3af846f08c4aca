"""Fingerprints: how a record shows that it was not changed since (D3, H2).

Pure Python, knows nothing of the ORM. A fingerprint is the SHA-256 of bytes, as 64
lower-case hexadecimal digits, so that anybody can check it with ``sha256sum``. Facts
become bytes in one way only (:func:`canonical`); rows that follow each other are
linked, each with the fingerprint of the one before, so that none can be changed,
removed or put in between without a break.
"""

import hashlib
import json
from datetime import date, datetime

#: What the first row of a chain is linked to.
BEGINNING = "0" * 64


def canonical(facts):
    """Return facts as bytes, the same for the same facts.

    :param facts: what JSON can say, with dates and naive UTC datetimes; no floats,
        which do not survive a database unchanged
    :raise TypeError: for anything else
    """
    return json.dumps(
        _plain(facts), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def fingerprint(content):
    """Return the SHA-256 of bytes in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def linked(previous, facts):
    """Return the fingerprint of a row that follows another.

    :param str previous: fingerprint of the row before; BEGINNING for the first
    :param facts: what the row tells, see :func:`canonical`
    """
    return fingerprint(previous.encode() + b"\n" + canonical(facts))


def first_break(rows):
    """Return the position of the first row that does not follow from those before.

    :param rows: pairs of facts and the fingerprint kept with them, oldest first
    :return: position from 0; None when the chain is whole
    """
    previous = BEGINNING
    for position, (facts, kept) in enumerate(rows):
        if linked(previous, facts) != kept:
            return position
        previous = kept
    return None


def _plain(value):
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, datetime):
        if value.tzinfo:
            raise TypeError("A datetime must be naive and in UTC.")
        return value.isoformat(timespec="microseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("Facts are named by texts.")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    raise TypeError(f"No one way to write a {type(value).__name__}.")
