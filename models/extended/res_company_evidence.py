from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_evidence_check_days = fields.Integer(
        string="Compare evidence every (days)",
        default=30,
        help="How often stored evidence is compared with its fingerprints. 0: never.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "complaint_evidence_check_days" in vals:
            # sudo: whoever sets it need not read evidence.
            pieces = self.env["complaint.evidence"].sudo()
            pieces.search([("company_id", "in", self.ids)])._plan_check(
                fields.Datetime.now()
            )
        return result

    @api.constrains("complaint_evidence_check_days")
    def _check_complaint_evidence(self):
        if any(not 0 <= it.complaint_evidence_check_days <= 3650 for it in self):
            raise ValidationError(
                self.env._("Evidence: give a number of days from 0 to 3650.")
            )
