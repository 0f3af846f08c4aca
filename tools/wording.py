"""Finding words in what people write, in languages with and without spaces.

Plain Python: categories and classification rules look for words by it (B4).
"""

from __future__ import annotations

import re
from typing import NamedTuple

KEYWORD_SEPARATOR = re.compile(r"[,;\n，；、]")
#: Scripts written without spaces: kana, and the ideographs of Chinese and Japanese.
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
#: Stands where a phrase was cut out: what is left and right of it makes no new phrase.
CUT = " \0 "


class Needle(NamedTuple):
    """A keyword as it is looked for in a folded text."""

    text: str
    #: as somebody wrote it, to be shown
    written: str


def fold(text):
    """Lower case, words parted by one space, nothing else but letters and digits."""
    return " ".join(WORD.findall((text or "").casefold()))


def haystack(text):
    """A text made ready for :func:`first_found` and its like."""
    return f" {fold(text)} "


def needles(keywords):
    """The keywords of a list as they are looked for in a :func:`haystack`.

    :param str keywords: words or phrases, parted by commas or line breaks; a * at the
        end stands for any ending
    :return: list of Needle
    """
    found = []
    for keyword in KEYWORD_SEPARATOR.split(keywords or ""):
        folded = fold(keyword)
        if folded:
            # Chinese and Japanese do not part words by spaces.
            start = "" if CJK.match(folded[0]) else " "
            open_end = keyword.strip().endswith("*") or CJK.match(folded[-1])
            written = " ".join(keyword.split()).rstrip("*")
            found.append(Needle(f"{start}{folded}{'' if open_end else ' '}", written))
    return found


def words_found(hay, wanted):
    """What of some needles stands in a text, as it was written, in their order."""
    return [needle.written for needle in wanted if needle.text in hay]


def without(hay, phrases):
    """A text without some phrases: what they say does not count."""
    for needle in phrases:
        if needle.text in hay:
            hay = hay.replace(needle.text, CUT)
    return hay
