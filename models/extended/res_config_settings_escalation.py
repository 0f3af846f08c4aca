from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_quiet_from = fields.Float(
        related="company_id.complaint_quiet_from", readonly=False
    )
    complaint_quiet_to = fields.Float(
        related="company_id.complaint_quiet_to", readonly=False
    )
    complaint_acknowledge_hours = fields.Float(
        related="company_id.complaint_acknowledge_hours", readonly=False
    )
