from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ComplaintSlaPolicy(models.Model):
    _inherit = "complaint.sla.policy"

    update_days = fields.Integer(
        string="Keep informed every (working days)",
        help="So many working days after acceptance, and after each message, the "
        "customer is promised the next one. 0: as the company says.",
    )

    @api.constrains("update_days")
    def _check_update_days(self):
        if any(not 0 <= policy.update_days <= 365 for policy in self):
            raise ValidationError(
                self.env._("Keep informed: give a number of days from 0 to 365.")
            )
