from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintReceiptWizard(models.TransientModel):
    """Corrects when a complaint was received, and keeps the reason (C1)."""

    _name = "complaint.receipt.wizard"
    _description = "Correct the Date Received"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    date_received = fields.Datetime(string="Received on", required=True)
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Correct the date; open time limits follow."""
        self.ensure_one()
        self._check_span()
        self.case_id._correct_receipt(self.date_received, self.reason)
        return {"type": "ir.actions.act_window_close"}

    def _check_span(self):
        """Handlers correct by some days; more is a supervisor's to decide (C1)."""
        if self.date_received == self.case_id.date_received:
            raise UserError(
                self.env._("This is the date as it stands. Choose another one.")
            )
        if self.env.user.has_group("complaint_management.group_supervisor"):
            return
        # sudo: a setting of the company.
        days = self.case_id.company_id.sudo().complaint_backdate_days
        span = abs(self.case_id.date_received - self.date_received)
        if span > timedelta(days=days):
            raise UserError(
                self.env._(
                    "You may correct the date by %(days)s days. Ask a supervisor to "
                    "correct it by more.",
                    days=days,
                )
            )
