import hashlib
import hmac
import time

from odoo import models
from odoo.tools import SQL

from ...tools import outbound
from ..complaint_due_mixin import RETRY_FIRST, RETRY_LONGEST

#: After so many attempts, about two days, an event that the other side does not want
#: is given up until somebody sends it again by hand.
MAX_ATTEMPTS = 10
USER_AGENT = "complaint-management-webhook/1"


class ComplaintWebhookDelivery(models.Model):
    """How an event is sent: signed, once a time, again after a while.

    A failure of the other side is no failure of ours: it is kept with the event, the
    scheduled action goes on and stays healthy.
    """

    _inherit = "complaint.webhook.delivery"

    def _process_event(self, now):
        self.ensure_one()
        hook = self.webhook_id
        # What went wrong is told to whoever looks after the hook.
        lang = hook.user_id.lang or hook.company_id.partner_id.lang
        self, hook = self.with_context(lang=lang), hook.with_context(lang=lang)
        if self.state != "waiting" or hook.paused_at:
            self.next_event_at = False
            return
        if not self._is_wanted():
            self.write({"state": "dropped", "next_event_at": False})
            return
        try:
            status, text = self._send()
        except outbound.OutboundError as error:
            self._note_failure(now, 0, "", hook._problem_words(error))
            # Who does not answer would hold everything up, event by event.
            self._postpone_others(now)
            return
        if 200 <= status < 300:
            self._note_success(now, status, text)
        else:
            self._note_failure(now, status, text, self._status_words(status))

    def _is_wanted(self):
        """Whether the hook may still be told: it may be archived by now, the complaint
        have become confidential (H1)."""
        hook = self.webhook_id
        return hook.active and (
            hook.include_confidential or not self.case_id.is_confidential
        )

    # Out ------------------------------------------------------------------------------

    def _send(self):
        """:return: (HTTP status, beginning of the response)"""
        body = self.payload.encode()
        return outbound.post(
            self.webhook_id.url,
            body,
            {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": USER_AGENT,
                "X-Complaint-Event": self.event,
                "X-Complaint-Event-Id": self.event_id,
                "X-Complaint-Signature": self._signature(body, int(time.time())),
            },
            allow_private=self.webhook_id._may_reach_private(),
        )

    def _signature(self, body, timestamp):
        """What proves that we sent this, and when: docs/webhooks.md tells how to check.

        :param bytes body: exactly as it is sent
        :param int timestamp: seconds since 1970
        """
        signed = hmac.new(
            self.webhook_id.secret.encode(),
            b"%d.%s" % (timestamp, body),
            hashlib.sha256,
        )
        return f"t={timestamp},v1={signed.hexdigest()}"

    # What became of it ----------------------------------------------------------------

    def _note_success(self, now, status, text):
        self.write(
            {
                "state": "sent",
                "attempts": self.attempts + 1,
                "attempted_at": now,
                "status_code": status,
                "response": text,
                "problem": False,
                "failing_since": False,
                "next_event_at": False,
            }
        )
        if self.webhook_id.failing_since:
            self.webhook_id.failing_since = False

    def _note_failure(self, now, status, text, problem):
        hook, attempts = self.webhook_id, self.attempts + 1
        hook._note_failing(now)
        failing_since = self.failing_since or now
        # As long as nothing at all is taken the event is not to blame: then the hook
        # is paused one day.
        is_over = attempts >= MAX_ATTEMPTS and hook.failing_since > failing_since
        wait = min(RETRY_FIRST * 2 ** (attempts - 1), RETRY_LONGEST)
        self.write(
            {
                "state": "failed" if is_over else "waiting",
                "attempts": attempts,
                "attempted_at": now,
                "status_code": status,
                "response": text,
                "problem": problem,
                "failing_since": failing_since,
                "next_event_at": False if is_over or hook.paused_at else now + wait,
            }
        )

    def _status_words(self, status):
        if 300 <= status < 400:
            return self.env._(
                "The other side sent us elsewhere (%(status)s). Redirects are not "
                "followed: correct the address.",
                status=status,
            )
        return self.env._(
            "The other side answered with status %(status)s.", status=status
        )

    def _postpone_others(self, now):
        """What else waits for the same computer comes after this one."""
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                """
                UPDATE complaint_webhook_delivery
                   SET next_event_at = %(when)s
                 WHERE id IN (
                    SELECT id FROM complaint_webhook_delivery
                     WHERE webhook_id = %(hook)s AND state = 'waiting'
                       AND next_event_at < %(when)s AND id != %(id)s
                       FOR NO KEY UPDATE SKIP LOCKED
                 )
                RETURNING id
                """,
                # Seen again when this one is, unless it is given up or waits for long.
                when=now + RETRY_FIRST,
                hook=self.webhook_id.id,
                id=self.id,
            )
        )
        self.invalidate_model(["next_event_at"], flush=False)
