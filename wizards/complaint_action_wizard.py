from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintActionWizard(models.TransientModel):
    """One step of a corrective action, with what is to be said about it (E3)."""

    _name = "complaint.action.wizard"
    _description = "Step of a Corrective Action"

    action_id = fields.Many2one(
        comodel_name="complaint.action", required=True, readonly=True
    )
    operation = fields.Selection(
        selection=[
            ("progress", "Note progress"),
            ("done", "Report as done"),
            ("accept", "Accept the measure"),
            ("reject", "Do not accept the measure"),
            ("postpone", "Postpone the measure"),
            ("cancel", "Cancel the measure"),
            ("effective", "The measure was effective"),
            ("ineffective", "The measure was not effective"),
            ("recheck", "Check the effect again"),
        ],
        required=True,
        readonly=True,
    )
    text = fields.Text(string="What is there to say")
    progress = fields.Integer(string="Progress (%)")
    day = fields.Date(string="New day")
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        string="Files",
        bypass_search_access=True,
    )
    criteria = fields.Text(related="action_id.criteria", related_sudo=False)
    target = fields.Text(related="action_id.target", related_sudo=False)
    effect_text = fields.Text(related="action_id.effect_text", related_sudo=False)

    @api.model
    def default_get(self, fields_list):
        """What holds now is where the dialogue begins."""
        values = super().default_get(fields_list)
        one = self.env["complaint.action"].browse(values.get("action_id"))
        if one:
            one.check_access("read")
            values.setdefault("progress", one.progress)
            if values.get("operation") == "reject":
                values.setdefault("day", one.deadline)
        return values

    def action_confirm(self):
        """Take the step.

        :raise UserError: without a word, or when the step is not the user's to take
        """
        self.ensure_one()
        one = self.action_id
        one.check_access("read")
        if not (self.text or "").strip():
            raise UserError(self.env._("Please say something about it."))
        one._operations()[self.operation](
            self.text,
            day=self.day,
            files=self.attachment_ids,
            progress=self.progress,
        )
        return {"type": "ir.actions.act_window_close"}
