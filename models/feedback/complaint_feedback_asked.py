from odoo import models


class ComplaintFeedback(models.Model):
    """Figures ask for surveys by the day on which the customer was asked."""

    _inherit = "complaint.feedback"

    _asked_idx = models.Index("(company_id, COALESCE(sent_at, answered_at))")
