import threading
import time
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name
from odoo.tools import SQL

#: Longest wait for another connection, in seconds: loading Odoo takes most of it.
PATIENCE = 120


class CommittedCommon(BaseCase):
    """Complaints that are really committed, for several processes at once.

    One limit of an hour each, which passed an hour ago. Everything is removed again.
    """

    number = 30

    def setUp(self):
        super().setUp()
        self.db = db_connect(get_db_name())
        self.now = fields.Datetime.now()
        self.policy_id, self.case_ids, self.clock_ids = False, [], []
        self.addCleanup(self._remove)
        with self.db.cursor() as cr:
            env = self._env(cr)
            policy = env["complaint.sla.policy"].create(
                {
                    "name": "Committed",
                    "sequence": -100,
                    "target_ids": [(0, 0, {"milestone": "accepted", "amount": 1.0})],
                }
            )
            self.policy_id = policy.id
            cases = env["complaint.case"].create(self._values(env))
            self.case_ids, self.clock_ids = cases.ids, cases.clock_ids.ids
        self.assertEqual(len(self.clock_ids), self.number)

    def _values(self, env):
        return [
            {
                "subject": f"Committed {number}",
                "date_received": self.now - timedelta(hours=2),
                "user_id": env.ref("base.user_admin").id,
            }
            for number in range(self.number)
        ]

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"mail_notrack": True})

    def _remove(self):
        with self.db.cursor() as cr:
            env = self._env(cr)
            env["mail.activity"].with_context(active_test=False).search(
                [("res_model", "=", "complaint.case"), ("res_id", "in", self.case_ids)]
            ).unlink()
            env["complaint.case"].browse(self.case_ids).unlink()
            env["complaint.sla.policy"].browse(self.policy_id).unlink()

    def _run(self):
        with self.db.cursor() as cr:
            self._env(cr)["complaint.sla.clock"]._cron_process_due()

    def _result(self):
        """(clocks per state, to-dos, lines of the ledger that say breached)"""
        with self.db.cursor() as cr:
            env = self._env(cr)
            clocks = env["complaint.sla.clock"].browse(self.clock_ids)
            to_dos = env["mail.activity"].search_count(
                [("res_model", "=", "complaint.case"), ("res_id", "in", self.case_ids)]
            )
            lines = clocks.event_ids.filtered(lambda line: line.kind == "breached")
            states = {
                state: len(same) for state, same in clocks.grouped("state").items()
            }
            return states, to_dos, len(lines)

    def _in_thread(self, work):
        """Run something beside; errors are collected in the list returned."""
        errors = []

        def run():
            try:
                work()
            except Exception as error:
                errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread, errors

    def _wait_for_lock(self, blocker):
        """Wait until other connections wait for what a cursor has locked.

        :return: their process ids in the database server
        """
        return self._wait_for_connections(
            SQL("%s = ANY(pg_blocking_pids(pid))", blocker._cnx.get_backend_pid())
        )

    def _wait_until_gone(self, pid):
        """Wait until the database has noticed that a client died."""
        self._wait_for_connections(SQL("pid = %s", pid), there=False)

    def _wait_for_connections(self, condition, there=True):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with self.db.cursor() as cr:
                cr.execute(SQL("SELECT pid FROM pg_stat_activity WHERE %s", condition))
                found = [pid for (pid,) in cr.fetchall()]
            if bool(found) == there:
                return found
            time.sleep(0.1)
        raise AssertionError("What other connections should do has not happened.")
