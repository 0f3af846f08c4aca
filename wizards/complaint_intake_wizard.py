from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintIntakeWizard(models.TransientModel):
    """Asks to which complaint held mail is added, or why it is discarded."""

    _name = "complaint.intake.wizard"
    _description = "Decision on Held Mail"

    mail_ids = fields.Many2many(
        comodel_name="complaint.intake.failure", string="Mails", required=True
    )
    operation = fields.Selection(
        selection=[("accept", "Add to a complaint"), ("discard", "Discard")],
        required=True,
    )
    case_id = fields.Many2one(comodel_name="complaint.case", string="Complaint")
    is_note = fields.Boolean(
        string="As an internal note",
        help="The customer does not see it, and nobody is notified.",
    )
    reason = fields.Text()

    def action_confirm(self):
        """Carry the decision out."""
        self.ensure_one()
        if self.operation == "accept":
            if not self.case_id:
                raise UserError(self.env._("Please choose the complaint."))
            self.mail_ids._accept_into(self.case_id, is_note=self.is_note)
            return self.case_id._get_records_action()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Please give a reason."))
        self.mail_ids._discard(self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
