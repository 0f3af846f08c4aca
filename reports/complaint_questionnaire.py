from odoo import api, models
from odoo.exceptions import UserError


class ComplaintQuestionnaire(models.AbstractModel):
    """The satisfaction survey on paper, for who does not answer on a screen (F1)."""

    _name = "report.complaint_management.complaint_questionnaire"
    _inherit = ["report.complaint_management.complaint_letter"]
    _description = "Satisfaction Questionnaire on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        """As for every letter; there must be something to ask.

        :raise UserError: when a complaint has no questionnaire
        """
        values = super()._get_report_values(docids, data=data)
        papers = {case.id: case._paper_survey() for case in values["docs"]}
        for case in values["docs"]:
            if not papers[case.id]:
                raise UserError(
                    self.env._(
                        "%(complaint)s has no questionnaire: it is archived, empty or "
                        "gone. Choose another one in Settings › Complaints, “When "
                        "customers are asked”.",
                        complaint=case.display_name,
                    )
                )
        return values | {"papers": papers}
