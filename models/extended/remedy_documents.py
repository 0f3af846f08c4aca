from odoo import models


class ComplaintRemedyDocument(models.AbstractModel):
    """A document that may carry out a remedy: once it is cancelled or deleted, it does
    not any more (E2)."""

    _name = "complaint.remedy.document"
    _description = "Complaint: document that carries out a remedy"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "cancel":
            self.env["complaint.remedy"]._of_documents(self)._document_undone()
        elif vals.get("state") == "posted":
            # Accounting may have put something right before it was posted again.
            self.env["complaint.remedy"]._of_documents(self)._cost_anew()
        return result

    def unlink(self):
        remedies = self.env["complaint.remedy"]._of_documents(self)
        result = super().unlink()
        remedies._document_undone()
        return result


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "complaint.remedy.document"]


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "complaint.remedy.document"]
