import subprocess
import sys
from datetime import timedelta

from odoo.tests import freeze_time, get_db_name, new_test_user, tagged
from odoo.tools import config, mute_logger

from .committed_common import PATIENCE, CommittedCommon
from .common import MODULE

MIXIN_LOGGER = f"odoo.addons.{MODULE}.models.complaint_due_mixin"
#: What another Odoo does; it says so when it is through.
JOB = """
env["complaint.sla.clock"]._cron_process_due()
env.cr.commit()
print("done")
"""


@tagged("post_install", "-at_install")
class TestTwoConnections(CommittedCommon):
    """Several connections at once, each with a transaction of its own."""

    def test_locked_rows_are_passed_over(self):
        with self.db.cursor() as other:
            other.execute(
                "SELECT id FROM complaint_sla_clock WHERE id = ANY(%s) FOR UPDATE",
                [self.clock_ids[:10]],
            )
            self._run()
            self.assertEqual(self._result(), ({"breached": 20, "running": 10}, 20, 20))
        self._run()
        self.assertEqual(self._result(), ({"breached": 30}, 30, 30))

    def test_three_at_once_announce_once(self):
        started = [self._in_thread(self._run) for _index in range(3)]
        for thread, errors in started:
            thread.join()
            self.assertFalse(errors)
        self._run()
        self.assertEqual(self._result(), ({"breached": 30}, 30, 30))

    @mute_logger("odoo.sql_db")
    def test_row_changed_since_the_transaction_began(self):
        with self.db.cursor() as cr:
            cr.execute("SELECT 1")  # the view of the database is fixed from here on
            with self.db.cursor() as other:
                other.execute(
                    "UPDATE complaint_sla_clock SET warn_percent = 1"
                    " WHERE id = ANY(%s)",
                    [self.clock_ids],
                )
            self._env(cr)["complaint.sla.clock"]._cron_process_due()
        self.assertEqual(self._result(), ({"breached": 30}, 30, 30))

    def test_rolled_back_in_the_middle(self):
        """What was not committed leaves nothing, and is done by the next run."""
        with self.db.cursor() as cr:
            clocks = self._env(cr)["complaint.sla.clock"].browse(self.clock_ids)
            clocks._process_events(self.now)
            clocks.env.flush_all()
            cr.rollback()
        self.assertEqual(self._result(), ({"running": 30}, 0, 0))
        self._run()
        self.assertEqual(self._result(), ({"breached": 30}, 30, 30))

    @mute_logger("odoo.sql_db", MIXIN_LOGGER)
    def test_connection_lost_in_the_middle(self):
        """The database ends the connection after the ledger, before the to-dos."""
        with self.db.cursor() as blocker:
            blocker.execute("LOCK TABLE mail_activity IN SHARE MODE")
            thread, errors = self._in_thread(self._run)
            [waiting] = self._wait_for_lock(blocker)
            blocker.execute("SELECT pg_terminate_backend(%s)", [waiting])
            thread.join(PATIENCE)
        self.assertFalse(thread.is_alive())
        self.assertEqual(len(errors), 1, "the job says that it failed")
        self.assertEqual(self._result(), ({"running": 30}, 0, 0))
        self._run()
        self.assertEqual(self._result(), ({"breached": 30}, 30, 30))


@tagged("post_install", "-at_install")
class TestTime(CommittedCommon):
    """Runs that are repeated, late, or in a past that was already lived through."""

    def _at(self, **delta):
        with freeze_time(self.now + timedelta(**delta)):
            self._run()

    def _moments(self):
        """{moment at which a clock counts as breached}, {kinds in the ledger}"""
        with self.db.cursor() as cr:
            clocks = self._env(cr)["complaint.sla.clock"].browse(self.clock_ids)
            kinds = {tuple(clock.event_ids.mapped("kind")) for clock in clocks}
            return set(clocks.mapped("breached_at")), kinds

    def test_run_twice(self):
        self._run()
        first = self._moments()
        self._run()
        self._at(minutes=5)
        self.assertEqual(self._result(), ({"breached": 30}, 30, 30))
        self.assertEqual(self._moments(), first)

    def test_late_by_three_days(self):
        self._at(days=3)
        self.assertEqual(self._result(), ({"breached": 30}, 30, 30))
        moments, kinds = self._moments()
        self.assertEqual(moments, {self.now - timedelta(hours=1)}, "not when noticed")
        self.assertEqual(kinds, {("started", "breached")}, "no belated warning")

    def test_computers_clock_set_back(self):
        self._run()
        first = self._moments()
        for delta in ({"days": -1}, {"hours": -1, "minutes": -10}, {"hours": 1}):
            self._at(**delta)
            self.assertEqual(self._result(), ({"breached": 30}, 30, 30))
            self.assertEqual(self._moments(), first)

    def test_computers_clock_set_back_between_warning_and_limit(self):
        # After 75 % of the hour; then a day back, then forward again.
        self._at(hours=-1, minutes=-10)
        self.assertEqual(self._result()[0], {"running": 30})
        self._at(days=-1)
        self._at(hours=-1, minutes=-8)
        self.assertEqual(self._moments(), ({False}, {("started", "warned")}))
        self.assertEqual(self._result()[1:], (30, 0))
        self._at()
        self.assertEqual(self._moments()[1], {("started", "warned", "breached")})
        self.assertEqual(self._result(), ({"breached": 30}, 30, 30))


@tagged("post_install", "-at_install")
class TestPoisoned(CommittedCommon):
    """One record that fails, among others, with everything committed."""

    @mute_logger(MIXIN_LOGGER)
    def test_others_go_on_and_the_manager_sees_it(self):
        poisoned = self.clock_ids[15]
        with self.db.cursor() as cr:
            cr.execute(
                "UPDATE complaint_sla_clock SET deadline = NULL WHERE id = %s",
                [poisoned],
            )
        with self.assertRaisesRegex(TypeError, "not supported between"):
            self._run()
        self.assertEqual(self._result(), ({"breached": 29, "running": 1}, 29, 29))
        self.assertEqual(self._seen_by_manager(), [poisoned])
        # It is put aside: the next run does not stumble over it.
        self._run()
        with self.db.cursor() as cr:
            cr.execute(
                "UPDATE complaint_sla_clock SET deadline = %s WHERE id = %s",
                [self.now - timedelta(hours=1), poisoned],
            )
        with freeze_time(self.now + timedelta(minutes=6)):
            self._run()
        self.assertEqual(self._result(), ({"breached": 30}, 30, 30))
        self.assertEqual(self._seen_by_manager(), [])

    def _seen_by_manager(self):
        """What the filter for trouble in the list of time limits shows a manager."""
        with self.db.cursor() as cr:
            env = self._env(cr)
            manager = new_test_user(
                env(context={"no_reset_password": True}),
                "reliable_manager",
                f"{MODULE}.group_manager",
            )
            clocks = env["complaint.sla.clock"].with_user(manager)
            troubled = clocks.search(
                [("event_failures", ">", 0), ("id", "in", self.clock_ids)]
            )
            self.assertTrue(all(troubled.mapped("event_error")))
            found = troubled.ids
            cr.rollback()
        return found


@tagged("post_install", "-at_install")
class TestTwoProcesses(CommittedCommon):
    """Real Odoo processes beside this one, more records than one batch."""

    number = 230

    def _start(self):
        process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "odoo", "shell", "-c", config["config"]),
                *("-d", get_db_name(), "--no-http", "--log-level=critical"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.addCleanup(self._end, process)
        process.stdin.write(JOB)
        process.stdin.close()
        return process

    def _end(self, process):
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        process.stdout.close()

    def _hold(self, cr, position):
        """Lock a complaint: the ledger of its clock then cannot be written."""
        cr.execute(
            "SELECT id FROM complaint_case WHERE id = %s FOR UPDATE",
            [self.case_ids[position]],
        )

    def test_killed_in_the_middle(self):
        """The second batch dies with its process, the first one is safe."""
        with self.db.cursor() as blocker:
            self._hold(blocker, -1)
            process = self._start()
            [waiting] = self._wait_for_lock(blocker)
            self.assertEqual(
                self._result(), ({"breached": 200, "running": 30}, 200, 200)
            )
            process.kill()
            process.wait(PATIENCE)
        self._wait_until_gone(waiting)
        self._run()
        self.assertEqual(self._result(), ({"breached": 230}, 230, 230))

    def test_two_at_once(self):
        """The second one does what the first one has not taken, and nothing else."""
        with self.db.cursor() as blocker:
            self._hold(blocker, 0)
            first = self._start()
            self._wait_for_lock(blocker)
            second = self._start()
            self.assertIn("done", second.stdout.read())
            # A batch of 200 is locked together with the row that tells there is more.
            self.assertEqual(self._result(), ({"breached": 29, "running": 201}, 29, 29))
        self.assertIn("done", first.stdout.read())
        self.assertEqual(self._result(), ({"breached": 230}, 230, 230))
