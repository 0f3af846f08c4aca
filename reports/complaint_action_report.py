from odoo import api, models


class ComplaintActionReport(models.AbstractModel):
    """The acceptance report of a corrective action (验收报告, E3, I4)."""

    _name = "report.complaint_management.complaint_action_report"
    _description = "Acceptance Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        """The corrective actions.

        :raise AccessError: for whoever may not read them
        """
        found = self.env["complaint.action"].browse(docids)
        found.check_access("read")
        return {
            "doc_ids": found.ids,
            "doc_model": found._name,
            # sudo: checked above; the template prints named fields only.
            "docs": found.sudo(),
        }
