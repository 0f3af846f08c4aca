from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_mail_limit_mb = fields.Integer(
        related="company_id.complaint_mail_limit_mb", readonly=False
    )
    complaint_mail_hourly = fields.Integer(
        related="company_id.complaint_mail_hourly", readonly=False
    )
    complaint_mail_acknowledge_hourly = fields.Integer(
        related="company_id.complaint_mail_acknowledge_hourly", readonly=False
    )
