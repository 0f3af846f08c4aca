from odoo import api, models


class ComplaintEvidenceList(models.AbstractModel):
    """The list of evidence on paper, with fingerprints and custody (D3, I4)."""

    _name = "report.complaint_management.complaint_evidence_list"
    _inherit = ["report.complaint_management.complaint_letter"]
    _description = "List of Evidence"

    @api.model
    def _get_report_values(self, docids, data=None):
        """The complaints; customers may read theirs, but never this.

        :raise AccessError: for whoever may not read evidence or the complaint
        """
        self.env["complaint.evidence"].check_access("read")
        return super()._get_report_values(docids, data=data)
