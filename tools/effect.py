"""Whether complaints have become fewer, and how likely chance alone explains it (E3).

Counts of complaints are small. An average of them says little by itself: what is asked
is how probable so few complaints afterwards would be if nothing had changed.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import NamedTuple

#: With fewer complaints than this, before and after together, nothing can be told.
ENOUGH = 5
#: Probabilities up to which chance is hardly, or not likely, the explanation.
HARDLY, UNLIKELY = 0.05, 0.2


class Effect(NamedTuple):
    """Complaints before and after a change, and what they were measured against."""

    before: int
    after: int
    #: orders in the same time; equal numbers where only time is compared
    exposed_before: int
    exposed_after: int

    @property
    def is_by_orders(self):
        """Whether there were orders on both sides to measure complaints against."""
        return self.exposed_before > 0 and self.exposed_after > 0

    def rates(self):
        """Complaints for each 100 orders (before, after); None without orders."""
        if not self.is_by_orders:
            return None
        return (
            100 * self.before / self.exposed_before,
            100 * self.after / self.exposed_after,
        )

    def change(self):
        """How much the rate changed, -1 to infinity: -0.5 is half of it.

        :return: None where there was no complaint before
        """
        if not self.before:
            return None
        if not self.is_by_orders:
            return self.after / self.before - 1
        before, after = self.rates()
        return after / before - 1

    def chance(self):
        """The probability of so few complaints afterwards if nothing had changed.

        Exact: all complaints being equally likely on either side by their exposure,
        the number afterwards is binomial. Computed with integers and rounded once.
        """
        total = self.before + self.after
        share = Fraction(1, 2)
        if self.is_by_orders:
            share = Fraction(
                self.exposed_after, self.exposed_before + self.exposed_after
            )
        hit, miss = share.numerator, share.denominator - share.numerator
        ways = sum(
            comb(total, number) * hit**number * miss ** (total - number)
            for number in range(self.after + 1)
        )
        return float(Fraction(ways, share.denominator**total))

    def verdict(self):
        """What the numbers say: ``few`` (too few to tell), ``fewer`` (hardly chance),
        ``maybe`` (probably fewer), ``same`` (no clear difference), ``more``."""
        if self.before + self.after < ENOUGH:
            return "few"
        change = self.change()
        if change is None or change > 0:
            return "more"
        chance = self.chance()
        if chance <= HARDLY:
            return "fewer"
        return "maybe" if chance <= UNLIKELY else "same"
