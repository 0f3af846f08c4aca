from odoo import api, models


class ComplaintClocks(models.AbstractModel):
    """The time limits of a complaint on paper: an internal document (C5)."""

    _name = "report.complaint_management.complaint_clocks"
    _inherit = ["report.complaint_management.complaint_letter"]
    _description = "Time Limits of a Complaint"

    @api.model
    def _get_report_values(self, docids, data=None):
        """The complaints; customers may read theirs, but never this.

        :raise AccessError: for whoever may not read time limits or the complaint
        """
        self.env["complaint.sla.clock"].check_access("read")
        return super()._get_report_values(docids, data=data)
