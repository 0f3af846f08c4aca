import base64

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

EVIDENCE = "complaint.evidence"
#: Files of these are kept as they came: photos neither made smaller nor stripped of
#: when they were taken.
UNTOUCHED = {"complaint.case", "complaint.evidence.wizard", EVIDENCE}
#: In the context of the superuser: a file is being added to a piece of evidence.
FILING = "complaint_evidence_filing"
#: What a file is; writing what it is already changes nothing.
CONTENT = {"raw", "datas"}


class IrAttachment(models.Model):
    """Files of evidence cannot be changed, moved, published or removed, by nobody (D3).

    That holds from the moment they are added, before the piece is accepted, for
    administrators and for code with superuser rights.
    """

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        # A default in the context, which anybody may send, names a record as well.
        by_default = self.env.context.get("default_res_model")
        if any(vals.get("res_model", by_default) == EVIDENCE for vals in vals_list):
            self._check_filing()
        files = self
        if any(vals.get("res_model") in UNTOUCHED for vals in vals_list):
            files = self.with_context(image_no_postprocess=True)
        return super(IrAttachment, files).create(vals_list).with_env(self.env)

    def write(self, vals):
        if vals.get("res_model") == EVIDENCE:
            self._check_filing()
        for file in self._of_evidence():
            if file._is_changed_by(vals):
                self._refuse_change_of_evidence()
        return super().write(vals)

    def unlink(self):
        is_uninstalling = self.env.su and self.env.context.get(MODULE_UNINSTALL_FLAG)
        if not is_uninstalling and self._of_evidence():
            self._refuse_change_of_evidence()
        return super().unlink()

    def _of_evidence(self):
        # sudo: which record a file belongs to; nothing of it is told.
        return self.filtered(lambda file: file.sudo().res_model == EVIDENCE)

    def _check_filing(self):
        if not (self.env.su and self.env.context.get(FILING)):
            raise UserError(
                self.env._(
                    "Files are added to evidence with the button “Add files” only."
                )
            )

    def _is_changed_by(self, vals):
        # sudo: compares only.
        file = self.sudo()
        for name, value in vals.items():
            if name in CONTENT:
                given = base64.b64decode(value or b"") if name == "datas" else value
                if isinstance(given, str):
                    given = given.encode()
                if (given or b"") != (file.raw or b""):
                    return True
            elif name not in file._fields or (
                file._fields[name].convert_to_write(file[name], file) != value
            ):
                return True
        return False

    def _refuse_change_of_evidence(self):
        raise UserError(
            self.env._(
                "This file is evidence in a complaint. It cannot be changed, moved, "
                "published or removed."
            )
        )

    # Who looks ----------------------------------------------------------------------

    def _compute_raw(self):
        self._note_view_of_evidence()
        return super()._compute_raw()

    def _compute_datas(self):
        if not self.env.context.get("bin_size"):
            self._note_view_of_evidence()
        return super()._compute_datas()

    def _to_http_stream(self):
        # Odoo streams as the superuser what a user, or who has a link, may read.
        self.sudo(False)._note_view_of_evidence()
        return super()._to_http_stream()

    def _note_view_of_evidence(self):
        if self.env.su:
            return
        files = self._of_evidence()
        if files:
            # sudo: whose files they are, and that somebody looked.
            pieces = self.env[EVIDENCE].sudo().browse(files.sudo().mapped("res_id"))
            by_link = self.env.user._is_public()
            pieces.exists()._note_view(
                person=by_link and self.env._("Somebody with the customer's link")
            )
