from odoo import models

from .complaint_evidence_sealing import MOVING


class ComplaintEvidence(models.Model):
    _inherit = "complaint.evidence"

    def _move_to_case(self, case):
        """Take evidence along to another complaint; reference and seal stay."""
        for source, pieces in self.grouped("case_id").items():
            pieces.with_context(**{MOVING: True}).write({"case_id": case.id})
            pieces._custody(
                "moved",
                self.env._(
                    "From %(complaint)s to %(target)s",
                    complaint=source.name,
                    target=case.sudo().name,
                ),
            )
