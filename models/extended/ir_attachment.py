from odoo import models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _has_attachments_ownership(self, attachment_tokens):
        """Files that a customer handed in stay with the complaint (D3).

        Odoo lets whoever sent a file take it back. Before its message is posted that
        is so here, too.
        """
        # sudo: which record a file belongs to; nothing of it is told.
        is_on_record = "complaint.case" in self.sudo().exists().mapped("res_model")
        if is_on_record and not self.env.user._is_internal():
            return False
        return super()._has_attachments_ownership(attachment_tokens)
