from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """Who may complain without an account, and how often (A1)."""

    _inherit = "res.company"

    complaint_guest_form = fields.Boolean(
        string="Complaints without an account",
        default=True,
        help="Whoever finds the public form may complain.",
    )
    complaint_guest_anonymous = fields.Boolean(
        string="Anonymous complaints",
        default=True,
        help="The form may be sent without name and contact. The complainant follows "
        "the complaint with its number and code.",
    )
    complaint_guest_hourly = fields.Integer(
        string="Complaints an hour",
        default=10,
        help="From one network address, and half as many with one e-mail address. "
        "0: no limit.",
    )
    complaint_guest_mails_hourly = fields.Integer(
        string="Automatic mails an hour",
        default=3,
        help="Confirmations to one e-mail address that was typed into the public form. "
        "Somebody else's mailbox is not to be flooded. 0: no limit.",
    )

    @api.constrains("complaint_guest_hourly", "complaint_guest_mails_hourly")
    def _check_complaint_guest_limits(self):
        for company in self:
            limits = (
                company.complaint_guest_hourly,
                company.complaint_guest_mails_hourly,
            )
            if any(not 0 <= limit <= 10000 for limit in limits):
                raise ValidationError(
                    self.env._("Limits an hour are numbers from 0 to 10,000.")
                )
