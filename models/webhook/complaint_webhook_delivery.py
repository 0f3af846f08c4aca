import json
import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .complaint_webhook import MANAGERS

STATES = [
    ("waiting", "Waiting"),
    ("sent", "Sent"),
    ("failed", "Failed"),
    ("dropped", "Not needed any more"),
]
EVENT_LABELS = [
    ("received", "Received"),
    ("accepted", "Accepted"),
    ("answered", "Answered"),
    ("closed", "Closed"),
    ("reopened", "Reopened"),
    ("message", "Message"),
    ("test", "Test"),
]
#: Days for which deliveries are kept: done ones, and those that failed.
KEEP_DONE, KEEP_FAILED = 30, 90
CLEAN_AT_ONCE = 10000


class ComplaintWebhookDelivery(models.Model):
    """One event on its way to other software: the queue of the webhooks.

    Written in the transaction of the event, with what there was to say then. How it
    is sent stands in complaint_webhook_sending.py.
    """

    _name = "complaint.webhook.delivery"
    _inherit = ["complaint.due.mixin"]
    _description = "Webhook Delivery"
    _order = "id desc"
    _rec_name = "event_id"
    #: Each one waits for another computer.
    _due_at_once = 1

    webhook_id = fields.Many2one(
        comodel_name="complaint.webhook",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    event = fields.Selection(selection=EVENT_LABELS, required=True, readonly=True)
    event_id = fields.Char(
        string="Event Number",
        required=True,
        readonly=True,
        help="The same however often it is sent: the other side knows by it what it "
        "has already.",
    )
    payload = fields.Text(string="Content", required=True, readonly=True)
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="waiting", index=True
    )
    attempts = fields.Integer(readonly=True, aggregator=None)
    attempted_at = fields.Datetime(string="Last attempt", readonly=True)
    failing_since = fields.Datetime(readonly=True)
    status_code = fields.Integer(
        string="HTTP Status",
        readonly=True,
        aggregator=None,
        help="Of the last response; 0: there was none.",
    )
    response = fields.Text(readonly=True, help="Beginning of the last response.")
    problem = fields.Text(readonly=True, help="Why the last attempt failed.")

    _event_unique = models.UniqueIndex("(event_id)")

    # Queueing -------------------------------------------------------------------------

    @api.model
    def _queue(self, event, told):
        """Write down what hooks must be told; one query for all of them.

        :param str event: one of EVENTS
        :param list told: (hook, case, what to say) each
        """
        return self._enqueue(
            [(hook, case.id, event, content) for hook, case, content in told]
        )

    @api.model
    def _queue_test(self, hooks):
        return self._enqueue([(hook, False, "test", {}) for hook in hooks])

    @api.model
    def _enqueue(self, rows):
        now = fields.Datetime.now()
        deliveries = self.create(
            [
                {
                    "webhook_id": hook.id,
                    "company_id": hook.company_id.id,
                    "case_id": case_id,
                    "event": event,
                    "next_event_at": False if hook.paused_at else now,
                    **self._envelope(event, content, now),
                }
                for hook, case_id, event, content in rows
            ]
        )
        if deliveries:
            self._wake_up()
        return deliveries

    @api.model
    def _envelope(self, event, content, now):
        """Number and content of an event, as the other side reads it."""
        event_id = str(uuid.uuid4())
        payload = {
            "event_id": event_id,
            "event": event,
            "occurred_at": f"{now.isoformat()}+00:00",
            **content,
        }
        return {
            "event_id": event_id,
            "payload": json.dumps(payload, ensure_ascii=False, indent=1),
        }

    @api.model
    def _wake_up(self):
        """Have the scheduled action run soon after the transaction is through."""
        job = self.env.ref(
            "complaint_management.ir_cron_webhook", raise_if_not_found=False
        )
        if job:
            # sudo: whoever works on a case cannot start jobs.
            job.sudo()._trigger()

    # Buttons --------------------------------------------------------------------------

    def action_send_again(self):
        """Send once more, under the same event number; for managers."""
        self.check_access("read")
        if not self.env.user.has_group(MANAGERS):
            raise AccessError(self.env._("Only managers may send again."))
        # sudo: deliveries are written by the system only.
        self.sudo().filtered(lambda one: one.state != "dropped")._put_back()
        return True

    def _put_back(self):
        """Into the queue, as if for the first time."""
        now = fields.Datetime.now()
        for is_paused, deliveries in self.grouped(
            lambda one: bool(one.webhook_id.paused_at)
        ).items():
            deliveries.write(
                {
                    "state": "waiting",
                    "attempts": 0,
                    "problem": False,
                    "failing_since": False,
                    "event_failures": 0,
                    "event_error": False,
                    "next_event_at": False if is_paused else now,
                }
            )
        if self:
            self._wake_up()

    @api.readonly
    def action_view_case(self):
        """Open the complaint."""
        self.ensure_one()
        return self.case_id._get_records_action()

    # Keeping --------------------------------------------------------------------------

    @api.autovacuum
    def _gc_old(self):
        """What was delivered is not kept for ever: it names complaints (H3)."""
        now = fields.Datetime.now()
        for states, days in (
            (("sent", "dropped"), KEEP_DONE),
            (("failed",), KEEP_FAILED),
        ):
            self.search(
                [
                    ("state", "in", states),
                    ("write_date", "<", fields.Datetime.subtract(now, days=days)),
                ],
                limit=CLEAN_AT_ONCE,
            ).unlink()
