from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """When people are left in peace, and how long an acknowledgement lasts (C5)."""

    _inherit = "res.company"

    complaint_quiet_from = fields.Float(
        string="Quiet from",
        default=20.0,
        digits=(4, 2),
        help="Nobody gets mail about escalated complaints between these hours of the "
        "own time zone, nor on days on which the team does not work. It is delivered "
        "at the end of the quiet hours. Equal hours: none are quiet.",
    )
    complaint_quiet_to = fields.Float(string="Quiet to", default=7.0, digits=(4, 2))
    complaint_acknowledge_hours = fields.Float(
        string="Acknowledged for (hours)",
        default=24.0,
        digits=(6, 2),
        help="For so long an acknowledged escalation does not go to the next person. "
        "0: acknowledging does not hold it up.",
    )

    @api.constrains("complaint_quiet_from", "complaint_quiet_to")
    def _check_complaint_quiet_hours(self):
        for company in self:
            hours = (company.complaint_quiet_from, company.complaint_quiet_to)
            if any(not 0 <= hour <= 24 for hour in hours):
                raise ValidationError(
                    self.env._("Quiet hours: give times of day from 0:00 to 24:00.")
                )

    @api.constrains("complaint_acknowledge_hours")
    def _check_complaint_acknowledge_hours(self):
        if any(not 0 <= company.complaint_acknowledge_hours <= 720 for company in self):
            raise ValidationError(
                self.env._(
                    "An acknowledgement lasts for a number of hours from 0 to 720."
                )
            )
