from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_evidence_check_days = fields.Integer(
        related="company_id.complaint_evidence_check_days", readonly=False
    )
