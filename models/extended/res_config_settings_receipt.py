from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_backdate_days = fields.Integer(
        related="company_id.complaint_backdate_days", readonly=False
    )
