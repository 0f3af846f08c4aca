from odoo import models

from ..intake.mail_gate import Gate


class MailAlias(models.Model):
    _inherit = "mail.alias"

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        """A complaint that failed is kept: its sender is not told to go away, and the
        address goes on working. No machine and no mailing list is told anything."""
        gate = Gate.of(self.env)
        if gate and (set_invalid or gate.sketch.kind):
            return None
        return super()._alias_bounce_incoming_email(
            message, message_dict, set_invalid=set_invalid
        )
