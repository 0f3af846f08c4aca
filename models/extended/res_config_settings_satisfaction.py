from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_satisfaction_target = fields.Float(
        related="company_id.complaint_satisfaction_target", readonly=False
    )
    complaint_satisfaction_mail = fields.Boolean(
        related="company_id.complaint_satisfaction_mail", readonly=False
    )
    complaint_satisfaction_mail_day = fields.Integer(
        related="company_id.complaint_satisfaction_mail_day", readonly=False
    )
    complaint_public_summary = fields.Boolean(
        related="company_id.complaint_public_summary", readonly=False
    )
