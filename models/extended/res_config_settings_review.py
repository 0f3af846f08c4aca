from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_review_days = fields.Integer(
        related="company_id.complaint_review_days", readonly=False
    )
    complaint_review_limit_days = fields.Integer(
        related="company_id.complaint_review_limit_days", readonly=False
    )
    complaint_external_body = fields.Text(
        related="company_id.complaint_external_body", readonly=False
    )
