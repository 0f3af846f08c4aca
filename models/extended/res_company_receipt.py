from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_backdate_days = fields.Integer(
        string="Backdate receipt by (days)",
        default=30,
        help="Handlers may correct the date received of a complaint that is taken up "
        "by so many days, supervisors by any number. 0: supervisors only.",
    )

    @api.constrains("complaint_backdate_days")
    def _check_complaint_backdate(self):
        if any(not 0 <= company.complaint_backdate_days <= 3650 for company in self):
            raise ValidationError(
                self.env._("Date received: give a number of days from 0 to 3650.")
            )
