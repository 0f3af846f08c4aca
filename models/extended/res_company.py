from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_autoclose_days = fields.Integer(
        string="Close after silence (days)",
        default=14,
        help="An answered complaint is closed so many days after the last message "
        "between customer and company. 0: never by itself.",
    )

    complaint_require_breach_reason = fields.Boolean(
        string="Ask why limits were missed",
        default=True,
        help="Handlers close a complaint only after saying why time limits were "
        "missed.",
    )

    @api.constrains("complaint_autoclose_days")
    def _check_complaint_autoclose_days(self):
        if any(not 0 <= company.complaint_autoclose_days <= 3650 for company in self):
            raise ValidationError(
                self.env._("Close after silence: give a number of days from 0 to 3650.")
            )
