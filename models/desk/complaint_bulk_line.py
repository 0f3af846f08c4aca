from odoo import fields, models


class ComplaintBulkLine(models.Model):
    """One complaint of a piece of work on many: whether it is done, else why not."""

    _name = "complaint.bulk.line"
    _description = "Complaint in Work on Many"
    _order = "id"
    _rec_name = "case_id"

    bulk_id = fields.Many2one(
        comodel_name="complaint.bulk",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    state = fields.Selection(
        selection=[("ready", "Ready"), ("done", "Done"), ("left", "Left")],
        required=True,
        readonly=True,
        default="ready",
    )
    reason = fields.Text(string="Why not", readonly=True)

    _ready_idx = models.Index("(bulk_id, id) WHERE state = 'ready'")

    def action_open(self):
        """Open the complaint."""
        self.ensure_one()
        return self.case_id._get_records_action()
