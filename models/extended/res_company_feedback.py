from odoo import fields, models


class ResCompany(models.Model):
    """How the company asks its customers after a complaint (F1, F2)."""

    _inherit = "res.company"

    complaint_feedback_enabled = fields.Boolean(
        string="Satisfaction surveys",
        default=True,
        help="Ask customers for their opinion after their complaint was closed.",
    )
    complaint_feedback_survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Questionnaire",
        domain=[("is_complaint_survey", "=", True)],
        ondelete="set null",
        help="A team may have its own. Empty: the shipped questionnaire.",
    )
    complaint_feedback_cooldown_days = fields.Integer(
        string="Rest between surveys (days)",
        default=14,
        help="Nobody gets two surveys within so many days. Zero: no rest.",
    )
    complaint_feedback_reminder_days = fields.Integer(
        string="Remind after (days)",
        default=5,
        help="Days from sending to the one reminder. Zero: no reminder.",
    )
    complaint_feedback_expiry_days = fields.Integer(
        string="Expires after (days)",
        default=21,
        help="Days from sending until answers are not accepted any more.",
    )
    complaint_feedback_threshold_satisfied = fields.Float(
        string="Satisfied from",
        digits=(4, 2),
        default=8.0,
        help="Scores of 1 to 10 from which a customer counts as satisfied.",
    )
    complaint_feedback_threshold_basic = fields.Float(
        string="Basically satisfied from",
        digits=(4, 2),
        default=6.0,
        help="Scores from which a customer counts as basically satisfied; below, as "
        "dissatisfied.",
    )

    _complaint_feedback_days = models.Constraint(
        "CHECK (complaint_feedback_cooldown_days >= 0"
        " AND complaint_feedback_reminder_days >= 0"
        " AND complaint_feedback_expiry_days > 0)",
        "Survey: days cannot be negative, and a survey stays open for at least a day.",
    )
    _complaint_feedback_thresholds = models.Constraint(
        "CHECK (complaint_feedback_threshold_basic >= 1"
        " AND complaint_feedback_threshold_satisfied <= 10"
        " AND complaint_feedback_threshold_basic"
        " < complaint_feedback_threshold_satisfied)",
        "Survey: the thresholds lie between 1 and 10, “basically satisfied” below "
        "“satisfied”.",
    )

    def _complaint_feedback_level(self, score):
        """Verdict for a score of 1 to 10, or False for zero (no answer)."""
        self.ensure_one()
        if not score:
            return False
        if score >= self.complaint_feedback_threshold_satisfied:
            return "satisfied"
        if score >= self.complaint_feedback_threshold_basic:
            return "basic"
        return "dissatisfied"
