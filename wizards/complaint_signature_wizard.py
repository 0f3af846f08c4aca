from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintSignatureWizard(models.TransientModel):
    """Asks for the signature under a report, or why it is sent back (D1)."""

    _name = "complaint.signature.wizard"
    _description = "Sign a Report"

    investigation_id = fields.Many2one(
        comodel_name="complaint.investigation", required=True, readonly=True
    )
    operation = fields.Selection(
        selection=[("sign", "Sign"), ("revise", "Open it again")],
        required=True,
        readonly=True,
        default="sign",
    )
    full_name = fields.Char(
        default=lambda self: self.env.user.name,
        readonly=True,
        help="What is proposed as a signature.",
    )
    image = fields.Binary(string="Signature", attachment=False)
    reason = fields.Text(string="What is to be worked over")

    def action_sign(self):
        """Sign the report.

        :raise UserError: without a signature
        """
        self.ensure_one()
        if not self.image:
            raise UserError(self.env._("Please sign first."))
        self.investigation_id._sign(self.image)
        return {"type": "ir.actions.act_window_close"}

    def action_send_back(self):
        """Send the report back, with the reason."""
        self.ensure_one()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Please say what is to be worked over."))
        if self.operation == "revise":
            self.investigation_id._revise(reason)
        else:
            self.investigation_id._send_back(reason)
        return {"type": "ir.actions.act_window_close"}
