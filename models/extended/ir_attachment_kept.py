from odoo import models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

#: What a file is.
CONTENT = {"checksum", "datas", "db_datas", "mimetype", "raw", "store_fname"}


class IrAttachment(models.Model):
    """Files that something on record is about stay as they are: the letter with which
    an answer went out (E4), and what a corrective action was accepted on (E3, H2)."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if CONTENT.intersection(vals):
            self._check_not_kept()
        return super().write(vals)

    def unlink(self):
        if not (self.env.su and self.env.context.get(MODULE_UNINSTALL_FLAG)):
            self._check_not_kept()
        return super().unlink()

    def _check_not_kept(self):
        # sudo: what they belong to; nothing of it is told.
        groups = self.sudo().grouped("res_model")
        self._check_no_answer(groups.get("complaint.case"))
        self._check_no_action(groups.get("complaint.action"))

    def _check_no_answer(self, files):
        # sudo: whether it went out with an answer; nothing of it is told.
        answers = self.env["complaint.answer"].sudo()
        if files and answers.search_count(
            [("message_id.attachment_ids", "in", files.ids)], limit=1
        ):
            raise UserError(
                self.env._(
                    "This letter went to the customer with an answer. It cannot be "
                    "changed or removed."
                )
            )

    def _check_no_action(self, files):
        # sudo: whether it is part of the history; nothing of it is told.
        entries = self.env["complaint.action.entry"].sudo()
        if files and entries.search_count(
            [("attachment_ids", "in", files.ids)], limit=1
        ):
            raise UserError(
                self.env._(
                    "This file is part of the history of a corrective action. It "
                    "cannot be changed or removed."
                )
            )
