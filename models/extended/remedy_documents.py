from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        """A credit note that is cancelled does not carry out its remedy (E2)."""
        result = super().write(vals)
        if vals.get("state") == "cancel":
            self.env["complaint.remedy"]._of_documents(self)._document_undone()
        return result

    def unlink(self):
        remedies = self.env["complaint.remedy"]._of_documents(self)
        result = super().unlink()
        remedies._document_undone()
        return result


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        """An order that is cancelled does not carry out its remedy (E2)."""
        result = super().write(vals)
        if vals.get("state") == "cancel":
            self.env["complaint.remedy"]._of_documents(self)._document_undone()
        return result

    def unlink(self):
        remedies = self.env["complaint.remedy"]._of_documents(self)
        result = super().unlink()
        remedies._document_undone()
        return result
