from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty


class ComplaintReasonWizard(models.TransientModel):
    """Asks why something is decided about a complaint."""

    _name = "complaint.reason.wizard"
    _description = "Reason of a Decision on Complaints"

    case_ids = fields.Many2many(
        comodel_name="complaint.case", string="Complaints", required=True
    )
    operation = fields.Selection(
        selection=[
            ("refuse", "Refuse"),
            ("withdraw", "Withdraw"),
            ("reopen", "Reopen"),
            ("review", "Record a request for review"),
            ("return_answer", "Give the answer back"),
        ],
        required=True,
    )
    reason = fields.Html(required=True, sanitize_attributes=True)

    def action_confirm(self):
        """Carry the decision out with its reason."""
        self.ensure_one()
        if is_html_empty(self.reason):
            raise UserError(self.env._("Please give a reason."))
        self.case_ids.check_access("write")
        self.case_ids._reason_operations()[self.operation](self.reason)
        return self._done()

    def _done(self):
        """Close the dialogue; say so when a refusal waits for approval."""
        close = {"type": "ir.actions.act_window_close"}
        waiting = self.case_ids.filtered(lambda case: case.approval_state == "needed")
        if self.operation != "refuse" or not waiting:
            return close
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": self.env._(
                    "The refusal waits until somebody else approves it. Then press "
                    "“Send answer”."
                ),
                "next": close,
            },
        }
