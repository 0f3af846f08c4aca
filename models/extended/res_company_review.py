from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """The customer's right to a review, and whom to turn to afterwards (D4)."""

    _inherit = "res.company"

    complaint_review_days = fields.Integer(
        string="Ask for a review within (days)",
        default=30,
        help="So many days after the answer, to the end of the last one, the customer "
        "may ask that somebody else reviews it. 0: no review is offered.",
    )
    complaint_review_limit_days = fields.Integer(
        string="Decide a review within (working days)",
        default=15,
        help="Working days of the team's calendar.",
    )
    complaint_external_body = fields.Text(
        string="External body",
        translate=True,
        help="Whom customers may turn to when the review does not satisfy them: name "
        "and address of the ombudsman, arbitration board or authority. The letter with "
        "the decision names it.",
    )

    @api.constrains("complaint_review_days", "complaint_review_limit_days")
    def _check_complaint_review(self):
        for company in self:
            if not 0 <= company.complaint_review_days <= 3650:
                raise ValidationError(
                    self.env._("Review: give a number of days from 0 to 3650.")
                )
            if not 1 <= company.complaint_review_limit_days <= 365:
                raise ValidationError(
                    self.env._(
                        "Deciding a review: give a number of working days, 1 to 365."
                    )
                )
