from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintPauseWizard(models.TransientModel):
    """Asks why complaints wait, and until when (C4)."""

    _name = "complaint.pause.wizard"
    _description = "Pause Complaints"

    case_ids = fields.Many2many(
        comodel_name="complaint.case", string="Complaints", required=True
    )
    reason_id = fields.Many2one(
        comodel_name="complaint.pause.reason", string="Waits for", required=True
    )
    stops_clock = fields.Boolean(related="reason_id.stops_clock")
    ends_on_customer_message = fields.Boolean(
        related="reason_id.ends_on_customer_message"
    )
    needs_until = fields.Boolean(related="reason_id.needs_until")
    customer_reads = fields.Char(
        string="The customer reads", compute="_compute_customer_reads"
    )
    note = fields.Text()
    until = fields.Datetime(
        compute="_compute_until",
        store=True,
        readonly=False,
        help="At that time the complaint goes on by itself.",
    )

    @api.depends("reason_id")
    def _compute_customer_reads(self):
        for wizard in self:
            what = wizard.stops_clock and wizard.reason_id.customer_text
            wizard.customer_reads = what and self.env._(
                "We are waiting for %(what)s.", what=what
            )

    @api.depends("reason_id")
    def _compute_until(self):
        now = fields.Datetime.now()
        for wizard in self:
            days = wizard.reason_id.default_days
            wizard.until = days and fields.Datetime.add(now, days=days)

    def action_confirm(self):
        """Pause the complaints."""
        self.ensure_one()
        if self.needs_until and not self.until:
            raise UserError(
                self.env._(
                    "“%(reason)s” has an end: say until when.",
                    reason=self.reason_id.name,
                )
            )
        self.case_ids.check_access("write")
        self.case_ids._pause(self.reason_id, note=self.note, until=self.until)
        return {"type": "ir.actions.act_window_close"}
