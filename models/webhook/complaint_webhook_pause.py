from datetime import timedelta

from odoo import models


class ComplaintWebhook(models.Model):
    """A hook whose other side is dead is paused, and somebody told."""

    _inherit = "complaint.webhook"

    def _note_failing(self, now):
        self.ensure_one()
        if not self.failing_since:
            self.failing_since = now
        elif now - self.failing_since >= timedelta(days=self.pause_after_days):
            self._pause(now)

    def _pause(self, now):
        """Stop sending; events are kept until somebody has it resumed."""
        self.paused_at = now
        self.env["complaint.webhook.delivery"].search(
            [("webhook_id", "=", self.id), ("state", "=", "waiting")]
        ).write({"next_event_at": False})
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("The other side of this webhook does not answer"),
            note=self.env._(
                "Nothing was taken for %(days)s days, so sending is paused. Put the "
                "other side right, then press “Resume”: what happened meanwhile is "
                "sent then.",
                days=self.pause_after_days,
            ),
            user_id=(self.user_id or self.env.ref("base.user_admin")).id,
        )
