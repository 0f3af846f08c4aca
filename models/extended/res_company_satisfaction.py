from odoo import fields, models


class ResCompany(models.Model):
    """How satisfied customers are to be, and who is told how satisfied they are."""

    _inherit = "res.company"

    complaint_satisfaction_target = fields.Float(
        string="Satisfaction target (%)",
        digits=(5, 2),
        default=85.0,
        help="Share of the customers who are to be satisfied or basically satisfied.",
    )
    complaint_satisfaction_mail = fields.Boolean(
        string="Results by mail each month",
        default=True,
        help="Team leaders get the figures of their teams, managers those of all.",
    )
    complaint_satisfaction_mail_day = fields.Integer(
        string="Results by mail on day",
        default=3,
        help="From 1 to 5: on which day the results of the month before are sent.",
    )
    complaint_public_summary = fields.Boolean(
        string="Public page “What you told us”",
        help="Shows everybody how many customers answered, how satisfied they are, "
        "what complaints were about and what you changed. No names, no comments.",
    )

    _complaint_satisfaction_target = models.Constraint(
        "CHECK (complaint_satisfaction_target BETWEEN 0 AND 100)",
        "The satisfaction target is a percentage from 0 to 100.",
    )
    _complaint_satisfaction_mail_day = models.Constraint(
        "CHECK (complaint_satisfaction_mail_day BETWEEN 1 AND 5)",
        "Results are sent on one of the days 1 to 5 of the month.",
    )
