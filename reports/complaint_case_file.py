from odoo import api, models


class ComplaintCaseFile(models.AbstractModel):
    """The case file on paper: an internal document (D3, I4)."""

    _name = "report.complaint_management.complaint_case_file"
    _inherit = ["report.complaint_management.complaint_letter"]
    _description = "Case File"

    @api.model
    def _get_report_values(self, docids, data=None):
        """The complaints; customers may read theirs, but never this. Printing leaves a
        note in the complaint (H2).

        :raise AccessError: for whoever may not read evidence or the complaint
        """
        self.env["complaint.evidence"].check_access("read")
        values = super()._get_report_values(docids, data=data)
        note = self.env._("The case file was printed.")
        # In the name of who prints; auditors may not write otherwise.
        values["docs"]._message_log_batch(bodies=dict.fromkeys(docids, note))
        return values
