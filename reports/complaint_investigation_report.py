from odoo import api, models


class ComplaintInvestigationReport(models.AbstractModel):
    """The investigation report on paper, with its signatures (D1, I4)."""

    _name = "report.complaint_management.complaint_investigation_report"
    _description = "Investigation Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        """The investigations.

        :raise AccessError: for whoever may not read them
        """
        found = self.env["complaint.investigation"].browse(docids)
        found.check_access("read")
        return {
            "doc_ids": found.ids,
            "doc_model": found._name,
            # sudo: checked above; the template prints named fields only.
            "docs": found.sudo(),
        }
