from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_triage_important = fields.Integer(
        related="company_id.complaint_triage_important", readonly=False
    )
    complaint_triage_urgent = fields.Integer(
        related="company_id.complaint_triage_urgent", readonly=False
    )
    complaint_triage_major = fields.Integer(
        related="company_id.complaint_triage_major", readonly=False
    )
