from odoo import models
from odoo.exceptions import UserError

#: What a signed report says of an allegation.
SIGNED = {"finding", "reason", "cause_id", "summary", "case_id"}


class ComplaintAllegation(models.Model):
    _inherit = "complaint.allegation"

    def write(self, vals):
        if SIGNED.intersection(vals):
            self._check_not_signed()
        return super().write(vals)

    def _check_not_signed(self):
        """Findings are part of the report: they change with it only."""
        # sudo: whether there is a report, whoever writes.
        for case in self.case_id.sudo():
            report = case._investigation()
            if report and report.state != "draft":
                raise UserError(
                    self.env._(
                        "%(complaint)s: the findings are part of the report that is "
                        "being signed or was signed. Have it sent back first.",
                        complaint=case.name,
                    )
                )
