from odoo import fields, models

METHODS = [
    ("direct", "Direct: seen or tested"),
    ("indirect", "Indirect: third party, carrier, bank, records"),
    ("cross", "Cross-check of sources"),
    ("technical", "Technical: measurement, log files, expert"),
]
RESULTS = [
    ("confirmed", "Confirmed"),
    ("refuted", "Refuted"),
    ("open", "Remains open"),
]


class ComplaintVerification(models.Model):
    """How a statement was verified: what was compared with what, the result (D2)."""

    _name = "complaint.verification"
    _inherit = ["complaint.investigation.part"]
    _description = "Verification of a Statement"
    _order = "id"
    _rec_name = "statement"

    case_id = fields.Many2one(related="investigation_id.case_id")
    statement = fields.Char(string="What was verified", required=True)
    method = fields.Selection(
        selection=METHODS,
        string="How it was verified",
        required=True,
        default="direct",
    )
    compared = fields.Text(string="What was compared with what")
    evidence_ids = fields.Many2many(
        comodel_name="complaint.evidence",
        relation="complaint_verification_evidence_rel",
        column1="verification_id",
        column2="evidence_id",
        string="By the evidence",
        domain="[('case_id', '=', case_id), ('state', '!=', 'rejected')]",
    )
    result = fields.Selection(selection=RESULTS)
    note = fields.Text(string="Result in detail")

    def _facts(self):
        self.ensure_one()
        return {
            "statement": self.statement,
            "method": self.method,
            "compared": self.compared or "",
            "evidence": self.evidence_ids.sorted("id").mapped("name"),
            "result": self.result or "",
            "note": self.note or "",
        }
