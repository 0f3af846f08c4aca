import xmlrpc.client

from odoo import api, models
from odoo.exceptions import AccessError

from ..intake.mail_gate import Gate


class MailThread(models.AbstractModel):
    """The gateway of all mail that comes in.

    What concerns complaints is kept until it stands in one (A1); mail of other models
    passes as it always did.
    """

    _inherit = "mail.thread"

    @api.model
    def message_process(
        self,
        model,
        message,
        custom_values=None,
        save_original=False,
        strip_attachments=False,
        thread_id=None,
    ):
        options = {
            "model": model,
            "custom_values": custom_values,
            "save_original": save_original,
            "strip_attachments": strip_attachments,
            "thread_id": thread_id,
        }
        if not Gate.of(self.env):
            raw = self._complaint_raw(message)
            mails = self.env["complaint.intake.failure"]
            gate = mails._gate(raw, options)
            if gate:
                if self.env.user.share:
                    raise AccessError(
                        self.env._("Only the mail gateway may hand over mail.")
                    )
                return mails._receive(gate)
            message = raw
        return super().message_process(message=message, **options)

    @api.model
    def _complaint_raw(self, message):
        if isinstance(message, xmlrpc.client.Binary):
            return bytes(message.data)
        return message.encode() if isinstance(message, str) else message

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        gate = Gate.of(self.env)
        cases = self.env["complaint.case"]
        if gate and gate.decision:
            return cases._mail_route_decided(gate, message_dict)
        routes = super().message_route(
            message, message_dict, model, thread_id, custom_values
        )
        if gate:
            routes = cases._mail_routes(gate, message_dict, routes)
        return routes

    @api.model
    def _detect_loop_headers(self, msg_dict):
        """What staff decided on, or what answers a person, is no loop."""
        gate = Gate.of(self.env)
        if gate and gate.decision:
            return False
        return super()._detect_loop_headers(msg_dict)

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        """Complaints have a limit of their own, which answers nobody."""
        if Gate.of(self.env):
            routes = [route for route in routes if route[0] != "complaint.case"]
        return super()._detect_loop_sender(message, message_dict, routes)
