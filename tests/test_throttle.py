import threading

from odoo import SUPERUSER_ID, api
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, freeze_time, get_db_name, tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestThrottle(ComplaintCommon):
    """What is let through, and what is not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.throttle = cls.env["complaint.throttle"]

    def tries(self, number, key="somebody", scope="test", limit=5, seconds=60):
        """How many of so many attempts are let through."""
        return sum(
            self.throttle._hit(scope, key, limit=limit, seconds=seconds)
            for _index in range(number)
        )

    def test_limit_per_scope_and_key(self):
        with freeze_time("2026-03-02 10:00:00"):
            self.assertEqual(self.tries(8), 5)
            self.assertEqual(self.tries(8, key="other"), 5)
            self.assertEqual(self.tries(8, scope="other"), 5)
            self.assertEqual(self.tries(8, limit=3, seconds=3600), 3)
            self.assertEqual(self.tries(1), 0)

    def test_no_limit(self):
        self.assertEqual(self.tries(20, limit=0), 20)
        self.assertFalse(self.throttle.search([]))

    def test_no_double_portion_around_the_turn_of_a_window(self):
        with freeze_time("2026-03-02 10:00:59"):
            self.assertEqual(self.tries(9), 5)
        with freeze_time("2026-03-02 10:01:01"):
            self.assertEqual(self.tries(9), 0)
        with freeze_time("2026-03-02 10:01:30"):
            self.assertEqual(self.tries(9), 2)
        with freeze_time("2026-03-02 10:03:00"):
            self.assertEqual(self.tries(9), 5)

    def test_who_keeps_trying_gets_through_at_the_pace_of_the_limit(self):
        through = 0
        for minute in range(60):
            with freeze_time(f"2026-03-02 10:{minute:02}:00"):
                through += self.tries(3, limit=6, seconds=600)
        # Six in ten minutes: 36 in an hour, give or take a window.
        self.assertTrue(30 <= through <= 42, through)

    def test_keys_are_not_kept(self):
        self.tries(1, key="192.0.2.77")
        self.tries(1, key="ann@acme.example.com")
        rows = self.throttle.search([])
        self.assertEqual(len(rows), 2)
        for row in rows:
            self.assertRegex(row.key_hash, r"^[0-9a-f]{64}$")
            self.assertNotIn("192.0.2.77", str(row.read()))
        # The hash depends on the scope: one person cannot be followed through them.
        self.tries(1, key="192.0.2.77", scope="other")
        self.assertEqual(len(set(self.throttle.search([]).mapped("key_hash"))), 3)

    def test_addresses(self):
        key = self.throttle._address_key
        self.assertEqual(key("2001:db8::1"), key("2001:db8::ffff:1"))
        self.assertNotEqual(key("2001:db8::1"), key("2001:db8:0:1::1"))
        self.assertEqual(key("::ffff:192.0.2.1"), "192.0.2.1")
        self.assertNotEqual(key("192.0.2.1"), key("192.0.2.2"))
        self.assertEqual(key("unix:"), "unix:")
        self.assertEqual(key(None), "")

    def test_old_rows_go(self):
        with freeze_time("2026-03-02 10:00:00"):
            self.tries(1)
        with freeze_time("2026-03-02 10:01:59"):
            self.assertEqual(self.throttle._gc_windows(), (0, 0))
            self.tries(1, key="new")
        with freeze_time("2026-03-02 10:02:01"):
            self.assertEqual(self.throttle._gc_windows(), (1, 0))
        self.assertEqual(len(self.throttle.search([])), 1)

    def test_nobody_reads_or_writes_it(self):
        for user in (self.manager, self.auditor, self.customer):
            throttle = self.throttle.with_user(user)
            for operation in ("read", "write", "create", "unlink"):
                self.assertFalse(throttle.has_access(operation))
            # Counting needs no rights.
            self.assertTrue(throttle._hit("test", user.login, limit=1, seconds=60))


@tagged("post_install", "-at_install")
class TestThrottleCommitted(BaseCase):
    """With connections of its own, as in production."""

    def setUp(self):
        super().setUp()
        self.db = db_connect(get_db_name())
        self.addCleanup(self._remove)

    def _remove(self):
        with self.db.cursor() as cr:
            cr.execute("DELETE FROM complaint_throttle WHERE scope = 'committed'")

    def _hit(self, cr):
        throttle = api.Environment(cr, SUPERUSER_ID, {})["complaint.throttle"]
        return throttle._hit("committed", "somebody", limit=10, seconds=86400)

    def test_counts_though_the_request_fails(self):
        for _index in range(10):
            with self.db.cursor() as cr:
                self.assertTrue(self._hit(cr))
                cr.rollback()
        with self.db.cursor() as cr:
            self.assertFalse(self._hit(cr))

    def test_many_at_once(self):
        """Neither more nor fewer than the limit, whoever counts at the same time."""
        verdicts = []
        start = threading.Barrier(8)

        def work():
            with self.db.cursor() as cr:
                # As in a request that has read already: its view is fixed.
                cr.execute("SELECT 1")
                start.wait()
                verdicts.extend(self._hit(cr) for _index in range(5))

        threads = [threading.Thread(target=work) for _index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(len(verdicts), 40)
        self.assertEqual(sum(verdicts), 10)
