from odoo import api, models
from odoo.exceptions import UserError


class ComplaintAllegation(models.Model):
    _inherit = "complaint.allegation"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidenced(self):
        """What sealed evidence refers to stays: its links are part of the seal (D3)."""
        # sudo: links, whoever may read the evidence.
        piece = (
            self.env["complaint.evidence"]
            .sudo()
            .search(
                [("allegation_ids", "in", self.ids), ("state", "!=", "draft")], limit=1
            )
        )
        if piece:
            raise UserError(
                self.env._(
                    "Sealed evidence refers to this allegation (%(evidence)s). Keep "
                    "it, and say in the finding what you think of it.",
                    evidence=piece.name,
                )
            )
