"""How likely two complaints are about the same matter, by rules that people can read.

Pure Python: two sets of facts in, points and reasons out. Who may see the other
complaint, and how the reasons are put in words, is the caller's.
"""

import re
from typing import NamedTuple

from . import likeness

#: What each thing in common adds to the points, of 100 at most.
SAME_CUSTOMER = 30
SAME_CONTACT = 25
SAME_ORDER = 30
SAME_PRODUCT = 20
SAME_TEXT = 50
#: On the same order, but about another thing.
OTHER_PRODUCT = -15
#: Both say enough to be compared, and have next to nothing in common.
OTHER_TEXT = -15

#: From so many points two complaints are shown as alike, and as most likely the same.
SHOWN_FROM = 50
LIKELY_FROM = 80
#: Texts less alike than this have words in common by chance.
LEAST_LIKENESS = 0.3
#: Below this they speak of something else, if they have so many features each.
MOST_UNLIKE = 0.2
ENOUGH_FEATURES = 25

#: Of a telephone number so many digits count: prefixes are written in many ways.
PHONE_DIGITS = 9
#: Shorter ones are extensions, which many people share.
LEAST_PHONE_DIGITS = 7


#: Reasons that mean the same complainant.
SENDERS = ("customer", "email", "phone")


class Facts(NamedTuple):
    """What is compared of a complaint; whatever is not known is empty."""

    customer: int = 0
    email: str = ""
    phone: str = ""
    order: int = 0
    product: int = 0
    category: int = 0
    features: frozenset = frozenset()


class Verdict(NamedTuple):
    """Points, and what they are for: (code, number) each."""

    points: int
    reasons: list


def judge(some, other):
    """Say how likely two complaints are the same.

    :param Facts some, other: of the two
    """
    reasons = []
    points = 0
    sender = same_sender(some, other)
    if sender:
        points += SAME_CUSTOMER if sender == "customer" else SAME_CONTACT
        reasons.append((sender, 0))
    if _same(some.order, other.order):
        points += SAME_ORDER
        reasons.append(("order", 0))
    if _same(some.product, other.product):
        points += SAME_PRODUCT
        reasons.append(("product", 0))
    elif some.product and other.product:
        points += OTHER_PRODUCT
    alike = likeness.likeness(some.features, other.features)
    if alike >= LEAST_LIKENESS:
        points += round(SAME_TEXT * alike)
        reasons.append(("text", round(100 * alike)))
    elif alike < MOST_UNLIKE and _say_enough(some, other):
        points += OTHER_TEXT
    return Verdict(max(min(points, 100), 0), reasons)


def same_sender(some, other):
    """By what two complaints have the same sender: customer, email, phone, or "".

    Two known customers are one or are not, whatever address they write from.
    """
    if some.customer and other.customer:
        return "customer" if some.customer == other.customer else ""
    if _same(some.email, other.email):
        return "email"
    return "phone" if _same(some.phone, other.phone) else ""


def repeats(new, earlier, is_other_kind=False):
    """What an earlier complaint was about as well: order, product, category, or "".

    The same order counts unless they name different things on it; the same category
    unless they name different orders or products. Of another kind, and in other words,
    it is another matter.

    :param Facts new, earlier: of complaints of whatever sender
    """
    if not same_sender(new, earlier):
        return ""
    other_product = _differ(new.product, earlier.product)
    alike = likeness.likeness(new.features, earlier.features)
    if is_other_kind and alike < LEAST_LIKENESS:
        return ""
    if _same(new.order, earlier.order) and not other_product:
        return "order"
    if _same(new.product, earlier.product):
        return "product"
    other_matter = other_product or _differ(new.order, earlier.order)
    if _same(new.category, earlier.category) and not other_matter:
        return "category"
    return ""


def phone_key(phone):
    """The digits of a telephone number that are compared; empty when too few."""
    digits = re.sub(r"[^0-9]", "", phone or "")
    return digits[-PHONE_DIGITS:] if len(digits) >= LEAST_PHONE_DIGITS else ""


def _say_enough(some, other):
    return min(len(some.features), len(other.features)) >= ENOUGH_FEATURES


def _same(some, other):
    return bool(some) and some == other


def _differ(some, other):
    return bool(some and other) and some != other
