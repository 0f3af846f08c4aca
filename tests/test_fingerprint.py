import unittest
from datetime import UTC, date, datetime
from hashlib import sha256

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.complaint_management.tools.fingerprint import (
    BEGINNING,
    canonical,
    fingerprint,
    first_break,
    linked,
)

FACTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.datetimes() | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
ROWS = st.lists(
    st.dictionaries(st.text(max_size=5), FACTS, max_size=3), min_size=1, max_size=5
)
#: The same examples in each run; a machine under load is slow in making them up.
STEADY = settings(
    derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def chain(rows):
    kept, previous = [], BEGINNING
    for facts in rows:
        previous = linked(previous, facts)
        kept.append((facts, previous))
    return kept


class TestFingerprint(unittest.TestCase):
    def test_anybody_can_check_it(self):
        self.assertEqual(
            fingerprint("投诉".encode()), sha256("投诉".encode()).hexdigest()
        )

    def test_order_of_names_does_not_matter(self):
        self.assertEqual(canonical({"a": 1, "b": [2]}), canonical({"b": [2], "a": 1}))
        self.assertEqual(canonical({"at": date(2026, 3, 1)}), b'{"at":"2026-03-01"}')

    def test_what_could_be_written_in_two_ways_is_refused(self):
        aware = datetime(2026, 3, 1, tzinfo=UTC)
        for value in (0.1, aware, {1: "a"}, {"a"}, b"a"):
            with self.subTest(value=value), self.assertRaises(TypeError):
                canonical({"value": value})

    @STEADY
    @given(ROWS)
    def test_whole_chain(self, rows):
        self.assertIsNone(first_break(chain(rows)))

    @STEADY
    @given(ROWS, st.data())
    def test_each_change_is_found_where_it_was_made(self, rows, data):
        kept = chain(rows)
        at = data.draw(st.integers(0, len(kept) - 1))
        facts = {**rows[at], "one more": data.draw(FACTS)}
        changed = [*kept]
        changed[at] = (facts, kept[at][1])
        self.assertEqual(first_break(changed), at)

    @STEADY
    @given(ROWS.filter(lambda rows: len(rows) > 1), st.data())
    def test_removing_a_row_breaks_the_next(self, rows, data):
        kept = chain(rows)
        at = data.draw(st.integers(0, len(kept) - 2))
        self.assertEqual(first_break(kept[:at] + kept[at + 1 :]), at)
