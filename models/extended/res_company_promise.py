from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """How often customers hear from the company while a complaint is worked on, and
    what handlers see of a customer (A8, D4)."""

    _inherit = "res.company"

    complaint_update_days = fields.Integer(
        string="Keep informed every (working days)",
        default=5,
        help="So many working days after acceptance, and after each message, the "
        "customer is promised the next one. 0: nothing is promised.",
    )
    complaint_show_balance = fields.Boolean(
        string="Handlers see what a customer owes",
        default=True,
        help="The sums of open invoices and credit notes are shown to handlers who "
        "may not read invoices themselves.",
    )

    @api.constrains("complaint_update_days")
    def _check_complaint_update_days(self):
        if any(not 0 <= company.complaint_update_days <= 365 for company in self):
            raise ValidationError(
                self.env._("Keep informed: give a number of days from 0 to 365.")
            )
