from odoo import fields, models
from odoo.exceptions import UserError

SET_ASIDE = {"set_aside_at", "set_aside_reason"}


class ComplaintEvidenceFile(models.Model):
    """A file of a piece of evidence, with its fingerprint (D3).

    The file is a copy of its own: what happens to the message that it came with does
    not touch it. The fingerprint is taken when it is added, and kept apart from it.
    """

    _name = "complaint.evidence.file"
    _inherit = ["complaint.append.only.mixin"]
    _description = "File of a Piece of Evidence"
    _order = "id"

    evidence_id = fields.Many2one(
        comodel_name="complaint.evidence",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    attachment_id = fields.Many2one(
        comodel_name="ir.attachment",
        string="Stored File",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    name = fields.Char(string="File Name", required=True, readonly=True)
    mimetype = fields.Char(string="File Type", readonly=True)
    size = fields.Integer(string="Bytes", readonly=True, aggregator=None)
    sha256 = fields.Char(
        string="Fingerprint (SHA-256)",
        required=True,
        readonly=True,
        index=True,
        help="Anybody can check it with sha256sum.",
    )
    origin = fields.Char(
        readonly=True, help="Where it was taken from: a message, an upload."
    )
    added_at = fields.Datetime(string="Added on", required=True, readonly=True)
    set_aside_at = fields.Datetime(string="Set aside on", readonly=True)
    set_aside_reason = fields.Char(string="Why set aside", readonly=True)

    def _may_change(self, vals):
        """Before the decision a wrong file is set aside, once; it is kept."""
        return (
            self.env.su
            and set(vals) <= SET_ASIDE
            and all(
                row.evidence_id.state == "draft" and not row.set_aside_at
                for row in self
            )
        )

    def _refuse_change(self):
        raise UserError(
            self.env._("A file of the evidence cannot be changed, replaced or removed.")
        )

    def _facts(self):
        """What the seal of the piece covers of it."""
        self.ensure_one()
        return {
            "name": self.name,
            "mimetype": self.mimetype or "",
            "size": self.size,
            "sha256": self.sha256,
            "added_at": self.added_at,
        }

    def _set_aside(self, reason):
        """Leave a file out that was added by mistake.

        :raise UserError: when the piece is sealed
        """
        self.ensure_one()
        self.evidence_id.check_access("write")
        if self.evidence_id.state != "draft":
            self.evidence_id._refuse_change()
        # sudo: written by this method only.
        self.sudo().write(
            {"set_aside_at": fields.Datetime.now(), "set_aside_reason": reason}
        )
        self.evidence_id._custody(
            "set_aside",
            self.env._("%(file)s: %(reason)s", file=self.name, reason=reason),
        )

    def action_set_aside(self):
        """Open the dialogue that asks why a file is left out."""
        self.ensure_one()
        return self.evidence_id._ask_custody("set_aside", file=self)

    def action_open(self):
        """Download the file; who is not of the team leaves a trace in the ledger."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }
