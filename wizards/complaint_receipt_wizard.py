from odoo import fields, models


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
    date_received = fields.Datetime(string="Received", required=True)
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Correct the date; open time limits follow."""
        self.ensure_one()
        self.case_id._correct_receipt(self.date_received, self.reason)
        return {"type": "ir.actions.act_window_close"}
