from odoo import models


class ComplaintCase(models.Model):
    """The satisfaction survey on paper (F1)."""

    _inherit = "complaint.case"

    def _letter_file_name(self, kind):
        if kind == "questionnaire":
            number = self.name.replace("/", "-")
            return self.env._("Questionnaire on complaint %(number)s", number=number)
        return super()._letter_file_name(kind)

    def _paper_survey(self):
        """The questionnaire that is printed for the complaint: the one in which an
        answer would be recorded. Empty where there is none. As superuser.
        """
        self.ensure_one()
        feedbacks = self.feedback_ids
        mine = self._closing_surveys()[:1]
        if not mine or mine.state == "cancelled":
            values = {
                "case_id": self.id,
                "company_id": self.company_id.id,
                "team_id": self.team_id.id,
                "touchpoint": "closed",
                "state": "planned",
            }
            mine = feedbacks.new(values)
        return mine._recording_survey()
