from fractions import Fraction
from math import comb

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.satisfaction import FEW, mean, net_promoters, rounded, share

answers = st.integers(1, 400)
scores = st.lists(st.integers(100, 1000), min_size=1, max_size=60)


@st.composite
def shares(draw):
    number = draw(answers)
    return draw(st.integers(0, number)), number


@st.composite
def verdicts(draw):
    return tuple(draw(st.integers(0, 120)) for _kind in range(3))


@tagged("post_install", "-at_install")
class TestSatisfactionFigures(BaseCase):
    """What few answers can say."""

    def test_of_nothing_there_is_nothing(self):
        self.assertIsNone(share(0, 0))
        self.assertIsNone(net_promoters(0, 0, 0))
        self.assertIsNone(mean(0, 0))
        self.assertIsNone(rounded(None))

    def test_known_values(self):
        # Wilson's interval as published tables give it.
        for hits, number, low, high in (
            (0, 10, 0, 0.2775),
            (10, 10, 0.7225, 1),
            (7, 10, 0.3968, 0.8922),
            (15, 148, 0.0624, 0.1605),
            (81, 263, 0.2553, 0.3662),
        ):
            found = share(hits, number)
            self.assertEqual(found.value, Fraction(hits, number))
            self.assertAlmostEqual(float(found.low), low, places=4)
            self.assertAlmostEqual(float(found.high), high, places=4)
        self.assertEqual(net_promoters(3, 1, 4).value, 50)
        self.assertEqual(net_promoters(0, 4, 4).value, -100)
        self.assertEqual(mean(Fraction(1675, 100), 2).value, Fraction(67, 8))

    def test_what_cannot_be(self):
        for wrong in (
            lambda: share(3, 2),
            lambda: share(-1, 2),
            lambda: share(0, -1),
            lambda: net_promoters(2, 2, 3),
            lambda: mean(0, 2),
            lambda: mean(21, 2),
        ):
            with self.assertRaises(ValueError):
                wrong()

    def test_rounded_once(self):
        self.assertEqual(rounded(Fraction(1, 8), 2), 0.13)
        self.assertEqual(rounded(Fraction(-5, 2)), -3)
        self.assertEqual(rounded(Fraction(5, 2)), 3)
        # By floats 1.005 is a little less than it is.
        self.assertEqual(rounded(Fraction("1.005"), 2), 1.01)
        # In two steps 0.4449 would become 0.5.
        self.assertEqual(rounded(Fraction("0.4449")), 0)

    @given(st.fractions(-1000, 1000), st.integers(0, 4))
    def test_rounding_goes_to_the_nearest(self, number, digits):
        near = Fraction(str(rounded(number, digits)))
        self.assertLessEqual(abs(near - number), Fraction(1, 2 * 10**digits))
        self.assertEqual(rounded(-number, digits), -rounded(number, digits))

    @given(shares())
    def test_bounds_enclose_the_share(self, given_share):
        found = share(*given_share)
        self.assertTrue(0 <= found.low <= found.value <= found.high <= 1)
        self.assertLess(found.low, found.high)
        self.assertEqual(found.is_of_few, given_share[1] < FEW)

    @given(shares())
    def test_turned_round(self, given_share):
        hits, number = given_share
        one, other = share(hits, number), share(number - hits, number)
        self.assertAlmostEqual(float(one.low), float(1 - other.high), places=12)
        self.assertAlmostEqual(float(one.high), float(1 - other.low), places=12)

    @given(shares(), st.integers(2, 9))
    def test_more_answers_say_more(self, given_share, times):
        hits, number = given_share
        few, many = share(hits, number), share(hits * times, number * times)
        self.assertEqual(few.value, many.value)
        self.assertLess(many.high - many.low, few.high - few.low)

    @given(shares())
    def test_bounds_are_where_the_test_turns(self, given_share):
        """A bound is the share that is just not refuted: Wilson's own definition."""
        found = share(*given_share)
        hits, number = given_share
        for bound in (found.low, found.high):
            if 0 < bound < 1:
                distance = (Fraction(hits, number) - bound) ** 2
                allowed = Fraction("1.959964") ** 2 * bound * (1 - bound) / number
                self.assertAlmostEqual(float(distance), float(allowed), places=9)

    def test_holds_as_often_as_it_says(self):
        """By counting all samples: right in about 95 of 100, for every true share."""
        for number in (5, 10, 30):
            rates = []
            for true in (Fraction(tenth, 20) for tenth in range(2, 19)):
                rate = sum(
                    comb(number, hits) * true**hits * (1 - true) ** (number - hits)
                    for hits in range(number + 1)
                    if share(hits, number).low <= true <= share(hits, number).high
                )
                rates.append(float(rate))
            self.assertGreater(min(rates), 0.85)
            self.assertGreater(sum(rates) / len(rates), 0.94)

    @given(scores)
    def test_mean_is_of_the_answers(self, hundredths):
        total = Fraction(sum(hundredths), 100)
        found = mean(total, len(hundredths))
        self.assertEqual(found.value * len(hundredths), total)
        self.assertTrue(1 <= found.low <= found.value <= found.high <= 10)
        # At least as wide as what the answers vary by, never of no width.
        self.assertGreater(found.high - found.low, 0)
        square = sum((Fraction(one, 100) - found.value) ** 2 for one in hundredths)
        self.assertLessEqual(
            square / len(hundredths), (10 - found.value) * (found.value - 1)
        )

    @given(scores)
    def test_order_and_grouping_do_not_matter(self, hundredths):
        one = sum((Fraction(number, 100) for number in hundredths), Fraction())
        other = Fraction(sum(sorted(hundredths)), 100)
        self.assertEqual(mean(one, len(hundredths)), mean(other, len(hundredths)))

    @given(verdicts())
    def test_net_promoters(self, counted):
        promoters, passives, detractors = counted
        number = sum(counted)
        found = net_promoters(promoters, detractors, number)
        if not number:
            self.assertIsNone(found)
            return
        self.assertTrue(-100 <= found.low <= found.value <= found.high <= 100)
        turned = net_promoters(detractors, promoters, number)
        self.assertEqual(found.value, -turned.value)
        self.assertAlmostEqual(float(found.low), float(-turned.high), places=9)
        alike = mean(Fraction(10 * promoters + 5 * passives), number, least=0, most=10)
        self.assertEqual((found.value + 100) / 20, alike.value)
        self.assertAlmostEqual(float((found.low + 100) / 20), float(alike.low), 9)
