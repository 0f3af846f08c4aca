import hashlib
import hmac
import re
import subprocess
import sys
import threading
import time
from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, get_db_name, tagged
from odoo.tools import config

from ..models.webhook.complaint_webhook_sending import MAX_ATTEMPTS
from .committed_common import PATIENCE, CommittedCommon
from .common import MODULE
from .test_webhook import WebhookCommon
from .webhook_common import SECRET, ReceiverCommon

JOB = """
env["complaint.webhook.delivery"]._cron_process_due()
env.cr.commit()
print("done")
"""


@tagged("post_install", "-at_install")
class TestSending(ReceiverCommon, WebhookCommon):
    """Events reach a real web service, once or again."""

    def setUp(self):
        super().setUp()
        self.company.complaint_webhook_private = True
        self.hook = self._hook(url=self.url)
        # A little later: whatever is queued by then is due.
        self.now = fields.Datetime.now() + timedelta(minutes=2)

    def _run(self, **later):
        """Run the scheduled action as the scheduler does, so long after now."""
        job = self.env.ref(f"{MODULE}.ir_cron_webhook")
        with (
            freeze_time(self.now + timedelta(**later)),
            self.enter_registry_test_mode(),
        ):
            self.assertTrue(job.method_direct_trigger(), "the job itself is healthy")
        self.env.invalidate_all()

    def _delivery(self, case):
        return self.deliveries.search([("case_id", "=", case.id)])

    def test_sent_and_signed(self):
        case = self._case()
        self._run()
        delivery = self._delivery(case)
        self.assertEqual(self.events(), [("received", case.name)])
        self.assertEqual(
            (
                delivery.state,
                delivery.status_code,
                delivery.response,
                delivery.attempts,
            ),
            ("sent", 200, "thanks", 1),
        )
        [(headers, body, path)] = self.taken
        self.assertEqual(path, "/hook?team=1")
        self.assertEqual(body.decode(), delivery.payload)
        self.assertEqual(headers["X-Complaint-Event"], "received")
        self.assertEqual(headers["X-Complaint-Event-Id"], delivery.event_id)
        stamp, signature = re.fullmatch(
            r"t=(\d+),v1=([0-9a-f]{64})", headers["X-Complaint-Signature"]
        ).groups()
        self.assertAlmostEqual(int(stamp), self.now.timestamp(), delta=86400)
        expected = hmac.new(
            SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256
        ).hexdigest()
        self.assertEqual(signature, expected)
        self._run(hours=1)
        self.assertEqual(len(self.taken), 1, "once")

    def test_again_after_a_while(self):
        self.answers = {0: (500, {}, b"oops"), 1: (503, {}, b"")}
        case = self._case()
        delivery = self._delivery(case)
        self._run()
        self.assertEqual(
            (
                delivery.state,
                delivery.status_code,
                delivery.response,
                delivery.attempts,
            ),
            ("waiting", 500, "oops", 1),
        )
        self.assertIn("status 500", delivery.problem)
        self.assertEqual(delivery.next_event_at - self.now, timedelta(minutes=5))
        self.assertEqual(self.hook.failing_since, self.now)
        self._run(minutes=4)
        self.assertEqual(len(self.taken), 1)
        self._run(minutes=6)
        self.assertEqual(delivery.next_event_at - self.now, timedelta(minutes=16))
        self._run(minutes=16)
        self.assertEqual((delivery.state, delivery.attempts), ("sent", 3))
        self.assertFalse(delivery.problem)
        self.assertFalse(self.hook.failing_since)
        self.assertEqual(len(set(self.event_ids())), 1, "the same event")
        stamps = {headers["X-Complaint-Signature"] for headers, *_ in self.taken}
        self.assertEqual(len(stamps), 3, "signed anew each time")

    def test_given_up_and_sent_again_by_hand(self):
        self.answers = dict.fromkeys(range(1 + MAX_ATTEMPTS), (400, {}, b"no"))
        self.answers[1] = (200, {}, b"")
        self.hook.pause_after_days = 30
        delivery = self._delivery(self._case())
        self._run()
        self._case()
        for day in range(MAX_ATTEMPTS + 2):
            self._run(days=day, minutes=1)
        self.assertEqual((delivery.state, delivery.attempts), ("failed", MAX_ATTEMPTS))
        self.assertEqual(len(self.taken), 1 + MAX_ATTEMPTS, "another was welcome")
        self.assertFalse(self.hook.paused_at)
        self.assertFalse(delivery.next_event_at)
        delivery.with_user(self.manager).action_send_again()
        self._run(days=1)
        self.assertEqual(delivery.state, "sent")
        self.assertEqual(len(set(self.event_ids())), 2)

    def test_poison_does_not_stop_the_others(self):
        self.answers = {1: (500, {}, b"")}
        cases = [self._case() for _index in range(4)]
        self._run()
        states = [self._delivery(case).state for case in cases]
        self.assertEqual(states, ["sent", "waiting", "sent", "sent"])

    def test_redirect_is_refused(self):
        self.answers = {0: (307, {"Location": self.url}, b"")}
        delivery = self._delivery(self._case())
        self._run()
        self.assertEqual(delivery.status_code, 307)
        self.assertIn("Redirects are not followed", delivery.problem)
        self.assertEqual(len(self.taken), 1)

    def test_silent_side_is_asked_once_a_round(self):
        over = threading.Event()
        self.addCleanup(over.set)
        self.answers = {0: lambda handler: handler.connection.shutdown(2)}
        other = self._hook(name="Thereafter", url=self.url, on_received=True)
        cases = [self._case() for _index in range(3)]
        own = self.deliveries.search([("webhook_id", "=", self.hook.id)], order="id")
        self._run()
        self.assertEqual(own.mapped("attempts"), [1, 0, 0])
        self.assertIn("cannot be reached", own[0].problem)
        self.assertEqual(set(own.mapped("state")), {"waiting"})
        theirs = self.deliveries.search([("webhook_id", "=", other.id)])
        self.assertEqual(theirs.mapped("state"), ["sent"] * 3, "others go on")
        self._run(minutes=6)
        self.assertEqual(set(own.mapped("state")), {"sent"}, "nothing is lost")
        self.assertEqual(own.case_id, self.env["complaint.case"].union(*cases))

    def test_dead_side_is_paused_and_somebody_told(self):
        self.manager.lang = "zh_CN"
        self.server.shutdown()
        self.server.server_close()
        delivery = self._delivery(self._case())
        for hours in (0, 1, 30, 70, 100):
            self._run(hours=hours)
        self.assertTrue(self.hook.paused_at)
        [to_do] = self.hook.activity_ids
        self.assertEqual(to_do.user_id, self.manager)
        self.assertRegex(to_do.summary, "[\u4e00-\u9fff]")
        self.assertFalse(delivery.next_event_at)
        self.assertRegex(
            delivery.problem, "[\u4e00-\u9fff]", "in the language of who looks"
        )
        later = self._delivery(self._case())
        self._run(hours=101)
        self.assertEqual((later.state, later.attempts), ("waiting", 0), "kept")
        self.hook.with_user(self.manager).action_resume()
        self.assertFalse(self.hook.paused_at)
        self.assertFalse(self.hook.activity_ids)
        self.assertTrue(later.next_event_at)

    def test_became_confidential_on_the_way(self):
        case = self._case()
        case.is_confidential = True
        self._run()
        self.assertFalse(self.taken)
        self.assertEqual(self._delivery(case).state, "dropped")

    def test_archived_on_the_way(self):
        case = self._case()
        self.hook.active = False
        self._run()
        self.assertFalse(self.taken)
        self.assertEqual(self._delivery(case).state, "dropped")

    def test_own_network_forbidden_on_the_way(self):
        case = self._case()
        self.company.complaint_webhook_private = False
        self._run()
        self.assertFalse(self.taken)
        self.assertIn("https://", self._delivery(case).problem)

    def test_test(self):
        self.hook.with_user(self.manager).action_send_test()
        self._run()
        self.assertEqual(self.events(), [("test", None)])


@tagged("post_install", "-at_install")
class TestKilled(ReceiverCommon, CommittedCommon):
    """Events that are really committed, and processes that die."""

    number = 2

    def setUp(self):
        super().setUp()
        with self.db.cursor() as cr:
            env = self._env(cr)
            company = env.ref("base.main_company")
            company.complaint_webhook_private = True
            hook = env["complaint.webhook"].create(
                {"name": "Killed", "url": self.url, "secret_new": SECRET}
            )
            self.hook_id = hook.id
            env["complaint.case"].browse(self.case_ids)._notify_outside("received")

    def _remove(self):
        with self.db.cursor() as cr:
            env = self._env(cr)
            env["complaint.webhook"].browse(self.hook_id).unlink()
            env.ref("base.main_company").complaint_webhook_private = False
        return super()._remove()

    def _states(self):
        with self.db.cursor() as cr:
            hook = self._env(cr)["complaint.webhook"].browse(self.hook_id)
            deliveries = hook.env["complaint.webhook.delivery"].search(
                [("webhook_id", "=", hook.id)], order="id"
            )
            return deliveries.mapped("state")

    def _send(self):
        with self.db.cursor() as cr:
            self._env(cr)["complaint.webhook.delivery"]._cron_process_due()

    def test_killed_before_the_answer(self):
        over = threading.Event()
        self.addCleanup(over.set)
        self.answers = {0: lambda _handler: over.wait(PATIENCE)}
        process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "odoo", "shell", "-c", config["config"]),
                *("-d", get_db_name(), "--no-http", "--log-level=critical"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            process.stdin.write(JOB)
            process.stdin.close()
            self.assertTrue(self.arrived.wait(PATIENCE))
        finally:
            process.kill()
            process.wait(PATIENCE)
        over.set()
        end = time.monotonic() + PATIENCE
        while self._states() != ["sent", "sent"] and time.monotonic() < end:
            # The database notices after a moment that its client is gone.
            self._send()
            time.sleep(0.1)
        self.assertEqual(self._states(), ["sent", "sent"])
        ids = self.event_ids()
        self.assertEqual(len(ids), 3)
        self.assertEqual(len(set(ids)), 2, "the one that was cut off came again")

    def test_two_at_once_send_each_once(self):
        started = [self._in_thread(self._send) for _index in range(2)]
        for thread, errors in started:
            thread.join(PATIENCE)
            self.assertFalse(errors)
        self._send()
        self.assertEqual(self._states(), ["sent", "sent"])
        self.assertEqual(len(self.taken), 2)
