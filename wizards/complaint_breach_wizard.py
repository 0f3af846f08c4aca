from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintBreachWizard(models.TransientModel):
    """Asks why time limits of a complaint were missed (C6)."""

    _name = "complaint.breach.wizard"
    _description = "Reason of Missed Time Limits"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    open_clock_ids = fields.Many2many(
        comodel_name="complaint.sla.clock",
        compute="_compute_open_clock_ids",
    )
    clock_ids = fields.Many2many(
        comodel_name="complaint.sla.clock",
        string="Time Limits",
        compute="_compute_clock_ids",
        store=True,
        readonly=False,
        required=True,
        domain="[('id', 'in', open_clock_ids)]",
    )
    reason_id = fields.Many2one(comodel_name="complaint.breach.reason", required=True)
    needs_note = fields.Boolean(related="reason_id.needs_note")
    note = fields.Text(string="What happened")

    @api.depends("case_id")
    def _compute_open_clock_ids(self):
        for wizard in self:
            wizard.open_clock_ids = wizard.case_id.unexplained_clock_ids

    @api.depends("case_id")
    def _compute_clock_ids(self):
        for wizard in self:
            wizard.clock_ids = wizard.case_id.unexplained_clock_ids

    def action_confirm(self):
        """Put the reason on record."""
        self.ensure_one()
        note = (self.note or "").strip()
        if self.needs_note and not note:
            raise UserError(self.env._("Please say in a few words what happened."))
        self.case_id.check_access("write")
        self.case_id._explain_breaches(self.reason_id, note, self.clock_ids)
        return {"type": "ir.actions.act_window_close"}
