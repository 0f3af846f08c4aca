"""What few answers can say: shares, net promoter score and means with an interval.

A share of seven answers is not a fact about all customers. Each figure therefore knows
of how many answers it is, and between which bounds the figure of all customers lies
with a confidence of 95 %, if those who answered are like those who did not. Nothing is
ever made of no answers: that is ``None``, not zero.

All three figures are means of values between two ends, and one method serves them:
Wilson's score interval (E. B. Wilson, Probable Inference, the Law of Succession, and
Statistical Inference, JASA 22, 1927, pp. 209-212) on the mean brought to 0 to 1. For
yes and no it is exactly that. Values between the ends vary no more than yes and no
with the same mean (Bhatia and Davis, A Better Bound on the Variance, American
Mathematical Monthly 107, 2000, pp. 353-357), so that for them it is on the safe side:
rather too wide than too narrow, never beyond the scale, and never of no width because
three customers happened to say the same.

Knows nothing of Odoo.
"""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import NamedTuple

#: Of fewer answers than this, the interval is shown beside the figure.
FEW = 30
#: Two-sided quantile of the normal distribution for 95 %, as a decimal fraction.
Z = Fraction(1959964, 1000000)


class Figure(NamedTuple):
    """A figure, the bounds of its interval, and of how many answers it is."""

    value: Fraction
    low: Fraction
    high: Fraction
    answers: int

    @property
    def is_of_few(self):
        """Whether it is to be told with its interval."""
        return self.answers < FEW

    def rounded(self, digits=0):
        """(value, low, high) as floats, each rounded once, halves away from zero."""
        return tuple(
            rounded(number, digits) for number in (self.value, self.low, self.high)
        )


def share(hits, answers):
    """The share of those answers, 0 to 1; exact.

    :return: Figure, or None where nothing was answered
    """
    return _between(Fraction(hits), answers, 0, 1)


def net_promoters(promoters, detractors, answers):
    """The net promoter score: share of promoters less share of detractors, -100 to 100.

    :param int answers: promoters, detractors and those in between
    :return: Figure, or None where nothing was answered
    """
    if promoters + detractors > answers:
        raise ValueError("more promoters and detractors than answers")
    return _between(Fraction(100 * (promoters - detractors)), answers, -100, 100)


def mean(total, answers, least=1, most=10):
    """The mean of answers on a scale.

    :param total: their sum; give a Fraction, an int or decimal text to keep it exact
    :return: Figure, or None where nothing was answered
    """
    return _between(Fraction(total), answers, least, most)


def rounded(number, digits=0):
    """An exact number as a float, rounded once, halves away from zero; None stays."""
    if number is None:
        return None
    scaled = abs(Fraction(number)) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = -1 if number < 0 else 1
    return float(Fraction(sign * whole, 10**digits))


def _between(total, answers, least, most):
    if answers < 0:
        raise ValueError("a negative number of answers")
    if not answers:
        return None
    value = total / answers
    if not least <= value <= most:
        raise ValueError(f"{float(value)} is not between {least} and {most}")
    width = most - least
    low, high = _wilson((value - least) / width, answers)
    return Figure(value, least + width * low, least + width * high, answers)


def _wilson(share, answers):
    """Bounds for a share between 0 and 1, which they enclose."""
    square = Z * Z
    middle = share + square / (2 * answers)
    spread = share * (1 - share) / answers + square / (4 * answers * answers)
    half = Z * Fraction(sqrt(spread))
    whole = 1 + square / answers
    # The root is rounded: at the ends the bound is the end itself.
    low = max((middle - half) / whole, Fraction(0)) if share else Fraction(0)
    high = min((middle + half) / whole, Fraction(1)) if share < 1 else Fraction(1)
    return min(low, share), max(high, share)
