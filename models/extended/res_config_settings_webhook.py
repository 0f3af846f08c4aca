from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_webhook_private = fields.Boolean(
        related="company_id.complaint_webhook_private", readonly=False
    )
