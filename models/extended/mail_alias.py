from odoo import models

from ..intake.mail_gate import Gate


class MailAlias(models.Model):
    _inherit = "mail.alias"

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        """A complaint that failed is kept: its sender is not told to go away, and the
        address goes on working."""
        if Gate.of(self.env) and set_invalid:
            return None
        return super()._alias_bounce_incoming_email(
            message, message_dict, set_invalid=set_invalid
        )
