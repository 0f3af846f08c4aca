from odoo import api, models
from odoo.exceptions import UserError


class ComplaintLetter(models.AbstractModel):
    """What the letters have in common: who may print them, and what they see."""

    _name = "report.complaint_management.complaint_letter"
    _description = "Complaint Letter"

    @api.model
    def _get_report_values(self, docids, data=None):
        """The complaints that the letters are written about (I4).

        Whoever prints needs access to the complaint, but not to all that it names,
        such as the sales order.

        :raise AccessError: when the user may not read a complaint
        """
        cases = self.env["complaint.case"].browse(docids)
        cases.check_access("read")
        return {
            "doc_ids": cases.ids,
            "doc_model": cases._name,
            # sudo: checked above; the templates print named fields only.
            "docs": cases.sudo(),
        }


class ComplaintAcknowledgement(models.AbstractModel):
    _name = "report.complaint_management.complaint_acknowledgement"
    _inherit = ["report.complaint_management.complaint_letter"]
    _description = "Complaint Acknowledgement Letter"


class ComplaintResolution(models.AbstractModel):
    _name = "report.complaint_management.complaint_resolution"
    _inherit = ["report.complaint_management.complaint_letter"]
    _description = "Complaint Resolution Letter"

    @api.model
    def _get_report_values(self, docids, data=None):
        """As for every letter; there must be an answer to print (E4).

        :raise UserError: when a complaint has no answer, or when customers ask for
            one that was not sent to them yet
        """
        values = super()._get_report_values(docids, data=data)
        is_customer = self.env.user.share
        for case in values["docs"]:
            if not case._letter_answer() or (is_customer and case._letter_is_draft()):
                raise UserError(
                    self.env._(
                        "%(complaint)s has no answer yet. Write the answer to the "
                        "customer first, then print the letter.",
                        complaint=case.display_name,
                    )
                )
        return values
