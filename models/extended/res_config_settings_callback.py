from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_callback_when = fields.Selection(
        related="company_id.complaint_callback_when", readonly=False
    )
    complaint_callback_days = fields.Integer(
        related="company_id.complaint_callback_days", readonly=False
    )
