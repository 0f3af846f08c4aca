from odoo import api, fields, models

from ..models.feedback.complaint_callback import RESULTS
from ..models.feedback.complaint_callback_entry import CALL_WAYS
from ..models.feedback.complaint_callback_way import SUPERVISOR


class ComplaintCallbackWizard(models.TransientModel):
    """One step of a call-back, with what is to be said about it (F3)."""

    _name = "complaint.callback.wizard"
    _inherit = ["complaint.step.wizard"]
    _description = "Step of a Call-back"
    _step_of = "callback_id"

    callback_id = fields.Many2one(
        comodel_name="complaint.callback",
        string="Call-back",
        required=True,
        readonly=True,
    )
    operation = fields.Selection(
        selection=[
            ("attempt", "Note an attempt"),
            ("close", "End the call-back"),
            ("handover", "Hand over the call-back"),
            ("reopen", "Reopen the complaint"),
            ("cancel", "Cancel the call-back"),
        ],
        required=True,
        readonly=True,
    )
    at = fields.Datetime(string="When", default=lambda self: fields.Datetime.now())
    way = fields.Selection(
        selection=CALL_WAYS, string="By which way", default="phone", required=True
    )
    is_reached = fields.Boolean(string="Customer reached")
    result = fields.Selection(
        # The complaint is reopened by its own button.
        selection=[pair for pair in RESULTS if pair[0] != "reopened"],
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="New person",
        domain="[('id', 'in', allowed_user_ids)]",
    )
    allowed_user_ids = fields.Many2many(
        comodel_name="res.users", compute="_compute_allowed_user_ids"
    )

    @api.depends("callback_id", "operation")
    def _compute_allowed_user_ids(self):
        for wizard in self:
            wizard.allowed_user_ids = wizard._allowed_users()

    def _allowed_users(self):
        users = self.env["res.users"]
        if self.operation != "handover" or not self.callback_id:
            return users
        # sudo: who works in the department is no secret to those who do.
        people = users.sudo().search(
            [("all_group_ids", "in", self.env.ref(SUPERVISOR).ids)]
        )
        return people.filtered(self.callback_id._may_go_to)

    @api.constrains("callback_id")
    def _check_callback(self):
        # What is computed and stored is computed by the system.
        self.sudo(False).callback_id.check_access("read")

    def _hints(self):
        return {
            "attempt": self.env._("Whom you spoke to, and what was said ..."),
            "close": self.env._("What the customer said, and what was agreed ..."),
            "handover": self.env._("Why somebody else calls, and what to know ..."),
            "reopen": self.env._("What is not settled, in the customer's words ..."),
            "cancel": self.env._("Why nobody needs to call ..."),
        }

    def _step_details(self):
        return {
            "at": self.at,
            "way": self.way,
            "is_reached": self.is_reached,
            "result": self.result,
            "person": self.user_id,
        }
