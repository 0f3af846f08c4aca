from odoo import models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

#: What a file is.
CONTENT = {"checksum", "datas", "db_datas", "mimetype", "raw", "store_fname"}


class IrAttachment(models.Model):
    """The letter with which an answer went out stays as it was sent (E4, H2)."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if CONTENT.intersection(vals):
            self._check_no_answer()
        return super().write(vals)

    def unlink(self):
        if not (self.env.su and self.env.context.get(MODULE_UNINSTALL_FLAG)):
            self._check_no_answer()
        return super().unlink()

    def _check_no_answer(self):
        # sudo: whether it went out with an answer; nothing of it is told.
        files = self.sudo().filtered(lambda file: file.res_model == "complaint.case")
        if not files:
            return
        answers = self.env["complaint.answer"].sudo()  # sudo: as above.
        if answers.search_count(
            [("message_id.attachment_ids", "in", files.ids)], limit=1
        ):
            raise UserError(
                self.env._(
                    "This letter went to the customer with an answer. It cannot be "
                    "changed or removed."
                )
            )
