from odoo import models


class ComplaintHoldingLetter(models.AbstractModel):
    _name = "report.complaint_management.complaint_holding"
    _inherit = ["report.complaint_management.complaint_letter"]
    _description = "Complaint Holding Letter"
