"""How alike two texts are, and how to find alike ones among many; nothing of the ORM.

A text is taken apart into *features*: for Chinese and Japanese the characters and the
pairs of neighbouring ones, for words of other scripts pieces of four letters. A typing
error or another ending changes a few features only, and no list of words is needed for
any language.

Comparing with every complaint would take too long, and PostgreSQL's trigrams find short
Chinese texts badly and English ones slowly. Instead each text has a *sketch*: a few
words drawn from its features by chance, but by the same chance for every text. Two
texts draw the same word the more likely the more features they share, so an index over
the words of sketches finds the alike ones, and :func:`likeness` judges those that it
found. The month is part of each word: where hundreds say nearly the same, those of the
latest months are found without reading all the others.
"""

import hashlib
import itertools
import re
import struct
import unicodedata
import zlib
from functools import lru_cache

#: Characters of a text that count: what a complaint is about is said at its beginning.
LENGTH = 400
#: Words of a sketch, and features that each is drawn from. More words find texts that
#: are less alike; more features for each word find fewer that are not alike at all.
WORDS = 18
DRAWS = 3

_PIECE = 4
_MARKUP = re.compile(r"<[^<>]*>|&[a-z]+;|&#\d+;")
#: Runs of Chinese and Japanese characters, which are written without spaces, and words.
_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_LANES = struct.Struct(f">{WORDS * DRAWS}H")


def plain(*texts):
    """The beginning of texts without markup, fit for :func:`features`.

    :param texts: str, HTML or None
    """
    return "\n".join(
        _MARKUP.sub(" ", str(text)[: 4 * LENGTH])[:LENGTH] for text in texts if text
    )[:LENGTH]


def features(text):
    """What a plain text consists of, as a set of short strings."""
    found = set()
    for run in _RUN.findall(_fold(text)):
        if run[0] >= "\u3040":
            found.update(run)
            found.update(map("".join, itertools.pairwise(run)))
        elif len(run) > _PIECE:
            word = f" {run} "
            found.update(word[at : at + _PIECE] for at in range(len(word) - _PIECE + 1))
        elif len(run) > 2 or run.isdecimal():
            found.add(run)
    return found


def likeness(some, other):
    """How much two sets of features have in common: 0 nothing, 1 all of it."""
    if not some or not other:
        return 0.0
    return 2 * len(some & other) / (len(some) + len(other))


def period(day):
    """The month of a day as a number, so that the latest texts are looked at first.

    :param day: date or datetime
    """
    return 12 * day.year + day.month


def sketches(found, periods):
    """The words by which texts of each period that are like this one are found.

    :param set found: of :func:`features`
    :param periods: numbers of :func:`period`
    :return: list of str: words parted by spaces; all empty for no text
    """
    if not found:
        return ["" for _period in periods]
    lowest = list(map(min, zip(*map(_lanes, found), strict=True)))
    drawn = [lowest[at : at + DRAWS] for at in range(0, WORDS * DRAWS, DRAWS)]
    return [
        # The place is part of a word: the same one elsewhere means nothing.
        " ".join(
            f"{zlib.crc32(str((number, place, lots)).encode()):x}"
            for place, lots in enumerate(drawn)
        )
        for number in periods
    ]


@lru_cache(maxsize=50_000)
def _lanes(feature):
    """The lots of a feature, one for each draw."""
    return _LANES.unpack(hashlib.shake_128(feature.encode()).digest(_LANES.size))


def _fold(text):
    """Lower case, full width and accents made plain."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
