from odoo import fields, models


class ComplaintReasonWizard(models.TransientModel):
    """Asks why a complaint that was recognised as a repeat is none."""

    _inherit = "complaint.reason.wizard"

    operation = fields.Selection(
        selection_add=[("not_repeat", "Not a repeat")],
        ondelete={"not_repeat": "cascade"},
    )
