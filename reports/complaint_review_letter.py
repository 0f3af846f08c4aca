from odoo import api, models
from odoo.exceptions import UserError


class ComplaintReviewLetter(models.AbstractModel):
    _name = "report.complaint_management.complaint_review_decision"
    _inherit = ["report.complaint_management.complaint_letter"]
    _description = "Complaint Review Decision"

    @api.model
    def _get_report_values(self, docids, data=None):
        """As for every letter; the review must be decided.

        :raise UserError: when a complaint has no decided review
        """
        values = super()._get_report_values(docids, data=data)
        for case in values["docs"]:
            if not case._letter_review():
                raise UserError(
                    self.env._(
                        "%(complaint)s has no decided review. Decide it first, then "
                        "print the letter.",
                        complaint=case.display_name,
                    )
                )
        return values
