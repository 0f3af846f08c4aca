from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_update_days = fields.Integer(
        related="company_id.complaint_update_days", readonly=False
    )
    complaint_show_balance = fields.Boolean(
        related="company_id.complaint_show_balance", readonly=False
    )
