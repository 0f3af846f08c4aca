from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_autoclose_days = fields.Integer(
        related="company_id.complaint_autoclose_days", readonly=False
    )
    complaint_require_breach_reason = fields.Boolean(
        related="company_id.complaint_require_breach_reason", readonly=False
    )
    complaint_feedback_cooldown_days = fields.Integer(
        related="company_id.complaint_feedback_cooldown_days", readonly=False
    )
    complaint_feedback_reminder_days = fields.Integer(
        related="company_id.complaint_feedback_reminder_days", readonly=False
    )
    complaint_feedback_expiry_days = fields.Integer(
        related="company_id.complaint_feedback_expiry_days", readonly=False
    )
