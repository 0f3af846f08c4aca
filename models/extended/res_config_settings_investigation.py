from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_report_needed = fields.Selection(
        related="company_id.complaint_report_needed", readonly=False
    )
