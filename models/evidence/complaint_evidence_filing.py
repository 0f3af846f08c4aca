from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.fingerprint import fingerprint
from ..extended.ir_attachment_evidence import FILING


class ComplaintEvidence(models.Model):
    _inherit = "complaint.evidence"

    def _files_in_force(self):
        """The files that count: those set aside are kept, and count no more."""
        return self.file_ids.filtered(lambda row: not row.set_aside_at)

    def _add_files(self, files):
        """Add files to pieces that are not decided on; each gets its fingerprint.

        A fixed number of queries, however many there are. The caller has made sure that
        the user may read what the files were taken from.

        :param dict files: for each piece a list of dict with name, raw content,
            mimetype and origin
        :return: the rows
        :raise UserError: when a piece is sealed, or a file is empty
        """
        self.check_access("write")
        sealed = self.filtered(lambda piece: piece.state != "draft")
        if sealed:
            sealed._refuse_change()
        pairs = [(piece, file) for piece in self for file in files[piece]]
        for _piece, file in pairs:
            if not file["raw"]:
                raise UserError(
                    self.env._(
                        "“%(name)s” is empty and cannot be evidence.", name=file["name"]
                    )
                )
        attachments = self._file_copies(pairs)
        now = fields.Datetime.now()
        # sudo: rows are made by this method only.
        rows = (
            self.env["complaint.evidence.file"]
            .sudo()
            .create(
                [
                    {
                        "evidence_id": piece.id,
                        "attachment_id": attachment.id,
                        "name": attachment.name,
                        "mimetype": attachment.mimetype,
                        "size": len(file["raw"]),
                        "sha256": fingerprint(file["raw"]),
                        "origin": file.get("origin"),
                        "added_at": now,
                    }
                    for (piece, file), attachment in zip(
                        pairs, attachments, strict=True
                    )
                ]
            )
        )
        by_piece = rows.grouped("evidence_id")
        self._custody(
            "file_added",
            {
                piece: "\n".join(f"{row.name}: SHA-256 {row.sha256}" for row in added)
                for piece, added in by_piece.items()
            },
        )
        return rows.sudo(self.env.su)

    def _file_copies(self, pairs):
        """Copies of files that nobody can touch; they cannot run, either."""
        # sudo: files of evidence are made by this method only.
        files = self.env["ir.attachment"].sudo()
        return files.with_context(
            attachments_mime_plainxml=True, **{FILING: True}
        ).create(
            [
                {
                    "name": file["name"],
                    "raw": file["raw"],
                    "mimetype": file.get("mimetype"),
                    "res_model": self._name,
                    "res_id": piece.id,
                }
                for piece, file in pairs
            ]
        )
