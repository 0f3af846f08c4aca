from odoo import api, fields, models
from odoo.exceptions import UserError

#: What may still be written: how the pause ended, and the scheduled action's notes.
_OPEN_FIELDS = {
    "ended_at",
    "ended_by_id",
    "end_note",
    "next_event_at",
    "event_failures",
    "event_error",
}


class ComplaintPause(models.Model):
    """A time in which a complaint waits for somebody, with who and why (C4).

    Written by the case alone (``_pause``, ``_resume``). A pause that ended is a fact:
    its clocks have been planned by it.
    """

    _name = "complaint.pause"
    _inherit = ["complaint.due.mixin", "complaint.kept.mixin"]
    _description = "Complaint Pause"
    _order = "started_at, id"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    reason_id = fields.Many2one(
        comodel_name="complaint.pause.reason",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    stops_clock = fields.Boolean(
        string="Stops time limits",
        readonly=True,
        help="As the reason said when the pause began.",
    )
    note = fields.Text(readonly=True)
    started_at = fields.Datetime(string="From", required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Paused by",
        readonly=True,
        help="Empty when nobody of the staff did it.",
    )
    until = fields.Datetime(
        string="Planned until",
        readonly=True,
        help="When the complaint goes on by itself, if not before.",
    )
    ended_at = fields.Datetime(string="To", readonly=True)
    ended_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Resumed by",
        readonly=True,
        help="Empty when it ended by itself: as planned, or by the customer's message.",
    )
    end_note = fields.Text(string="Why it ended", readonly=True)

    _one_open = models.UniqueIndex(
        "(case_id) WHERE ended_at IS NULL",
        "Somebody else paused this complaint just now. Reload the page.",
    )
    _in_order = models.Constraint(
        "CHECK (ended_at >= started_at)", "A pause cannot end before it begins."
    )
    _planned_in_order = models.Constraint(
        "CHECK (until >= started_at)",
        "The planned end of a pause lies before its beginning.",
    )

    @api.depends("reason_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for pause in self:
            pause.display_name = pause.reason_id.display_name

    def write(self, vals):
        if vals.keys() - _OPEN_FIELDS or (
            "ended_at" in vals and any(pause.ended_at for pause in self)
        ):
            self._refuse_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse_change()

    def _refuse_change(self):
        raise UserError(
            self.env._("Pauses are a record of what happened and cannot be changed.")
        )

    def _end(self, at):
        """When a pause that is ended at a moment was over: as planned, or then."""
        self.ensure_one()
        return max(self.started_at, min(at, self.until or at))

    def _process_events(self, now):
        """The planned end has come: the complaint goes on from that moment (C4)."""
        open_pauses = self.filtered(lambda pause: not pause.ended_at)
        (self - open_pauses).write({"next_event_at": False})
        cases = open_pauses.case_id
        cases._resume(note=self.env._("The planned end has come."), at=now)
        cases._alert_wait_over()
