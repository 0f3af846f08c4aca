from fractions import Fraction
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.effect import ENOUGH, Effect

STEADY = settings(
    derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

counts = st.integers(0, 60)
orders = st.integers(1, 5000)


@tagged("post_install", "-at_install")
class TestEffect(BaseCase):
    """How much fewer complaints there are, and whether chance explains it (E3)."""

    def test_known_values(self):
        effect = Effect(9, 0, 0, 0)
        self.assertEqual(effect.chance(), 0.5**9)
        self.assertEqual(effect.change(), -1)
        self.assertEqual(effect.verdict(), "fewer")
        self.assertEqual(Effect(5, 5, 100, 200).change(), -0.5)
        self.assertEqual(Effect(2, 2, 10, 10).verdict(), "few")
        self.assertEqual(Effect(0, 7, 10, 10).verdict(), "more")
        self.assertEqual(Effect(6, 5, 100, 100).verdict(), "same")
        self.assertEqual(Effect(12, 6, 100, 100).verdict(), "maybe")

    @STEADY
    @given(st.integers(0, 7), st.integers(0, 7), st.integers(1, 4), st.integers(1, 4))
    def test_chance_is_what_counting_gives(self, before, after, exposed, later):
        """By brute force: each complaint falls on either side by the exposure."""
        total, share = before + after, Fraction(later, exposed + later)
        ways = sum(
            share ** sum(sides) * (1 - share) ** (total - sum(sides))
            for sides in product((0, 1), repeat=total)
            if sum(sides) <= after
        )
        found = Effect(before, after, exposed, later).chance()
        self.assertAlmostEqual(found, float(ways), places=12)

    @STEADY
    @given(counts, counts, orders, orders)
    def test_chance_is_a_probability(self, before, after, exposed, later):
        effect = Effect(before, after, exposed, later)
        self.assertGreaterEqual(effect.chance(), 0)
        self.assertLessEqual(effect.chance(), 1)
        if before + after >= ENOUGH and effect.verdict() == "fewer":
            self.assertLess(effect.change(), 0)

    @STEADY
    @given(counts, counts, orders, orders)
    def test_fewer_afterwards_is_less_like_chance(self, before, after, exposed, later):
        """Of the same number of complaints, fewer on the side after is rarer."""
        if not after:
            return
        chance = Effect(before, after, exposed, later).chance()
        fewer = Effect(before + 1, after - 1, exposed, later).chance()
        self.assertLessEqual(fewer, chance)

    @STEADY
    @given(counts, counts, orders, orders)
    def test_scale_of_orders_does_not_matter(self, before, after, exposed, later):
        small = Effect(before, after, exposed, later)
        large = Effect(before, after, exposed * 7, later * 7)
        self.assertEqual(small.chance(), large.chance())
        self.assertEqual(small.verdict(), large.verdict())
