import base64
import io
import zipfile

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.evidence.complaint_case_evidence_list import ONLY
from ..tools.uploads import clean_name

#: What one export may hold, so that the server's memory holds it, too.
MAX_MEGABYTES = 200


class ComplaintEvidenceExport(models.TransientModel):
    """Gives out copies of evidence with their fingerprints, and keeps to whom (D3).

    The archive holds the files and ``SHA256SUMS``: ``sha256sum -c SHA256SUMS`` compares
    them, whoever has them. The list of evidence with its custody lies beside.
    """

    _name = "complaint.evidence.export"
    _description = "Give out Copies of Evidence"

    evidence_ids = fields.Many2many(comodel_name="complaint.evidence", required=True)
    recipient = fields.Char(string="To whom")
    purpose = fields.Char(string="What for")
    file = fields.Binary(string="Archive", readonly=True, attachment=False)
    file_name = fields.Char(string="Name of the archive", readonly=True)

    def action_export(self):
        """Make the archive, and write down who gets it."""
        self.ensure_one()
        self.evidence_ids.check_access("read")
        recipient = (self.recipient or "").strip()
        purpose = (self.purpose or "").strip()
        if not recipient or not purpose:
            raise UserError(self.env._("Please say who gets the copies, and what for."))
        if not self.evidence_ids.file_ids:
            raise UserError(self.env._("There are no files to give out."))
        size = sum(self.evidence_ids._files_in_force().mapped("size"))
        if size > MAX_MEGABYTES * 1024 * 1024:
            raise UserError(
                self.env._(
                    "Together these files are larger than %(size)s MB. Choose fewer "
                    "pieces at a time.",
                    size=MAX_MEGABYTES,
                )
            )
        self.evidence_ids._custody(
            "exported",
            self.env._(
                "To %(recipient)s, for: %(purpose)s",
                recipient=recipient,
                purpose=purpose,
            ),
        )
        case = self.evidence_ids.case_id[:1]
        self.file = base64.b64encode(self._archive())
        self.file_name = f"{case.name.replace('/', '-')}.zip"
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "name": self.env._("Copies of Evidence"),
        }

    def _archive(self):
        stream, sums = io.BytesIO(), []
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for piece in self.evidence_ids:
                folder = piece.name.replace("/", "-")
                for row in piece._files_in_force():
                    # The position: two files of a piece may have the same name.
                    path = f"{folder}/{row.id}-{clean_name(row.name) or 'file'}"
                    # sudo: the export is written down as such, not as a view.
                    archive.writestr(path, row.sudo().attachment_id.raw or b"")
                    sums.append(f"{row.sha256}  {path}\n")
            archive.writestr("SHA256SUMS", "".join(sums))
            archive.writestr("evidence.pdf", self._list())
        return stream.getvalue()

    def _list(self):
        # sudo: printing for a body outside is part of the export.
        content, _kind = (
            self.env["ir.actions.report"]
            .sudo()
            # Nothing of pieces that are not given out.
            .with_context(**{ONLY: self.evidence_ids.ids})
            ._render_qweb_pdf(
                "complaint_management.complaint_evidence_list",
                self.evidence_ids.case_id.ids,
            )
        )
        return content
