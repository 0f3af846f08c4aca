from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_autoclose_days = fields.Integer(
        related="company_id.complaint_autoclose_days", readonly=False
    )
    complaint_require_breach_reason = fields.Boolean(
        related="company_id.complaint_require_breach_reason", readonly=False
    )
    complaint_feedback_enabled = fields.Boolean(
        related="company_id.complaint_feedback_enabled", readonly=False
    )
    complaint_feedback_survey_id = fields.Many2one(
        related="company_id.complaint_feedback_survey_id", readonly=False
    )
    complaint_feedback_threshold_satisfied = fields.Float(
        related="company_id.complaint_feedback_threshold_satisfied", readonly=False
    )
    complaint_feedback_threshold_basic = fields.Float(
        related="company_id.complaint_feedback_threshold_basic", readonly=False
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
