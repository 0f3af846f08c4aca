from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """How much mail is taken from one sender, and how large it may be (A1, A6)."""

    _inherit = "res.company"

    complaint_mail_limit_mb = fields.Integer(
        string="Largest mail (MB)",
        default=35,
        help="Larger mails are kept and wait for a person, who may take them all the "
        "same. Files grow by a third in a mail. 0: no limit.",
    )
    complaint_mail_hourly = fields.Integer(
        string="Mails of one sender per hour",
        default=20,
        help="What one sender writes beyond it within an hour is held. 0: no limit.",
    )
    complaint_mail_acknowledge_hourly = fields.Integer(
        string="Acknowledgements per address and hour",
        default=3,
        help="Further complaints by mail are registered without an automatic answer.",
    )

    @api.constrains(
        "complaint_mail_limit_mb",
        "complaint_mail_hourly",
        "complaint_mail_acknowledge_hourly",
    )
    def _check_complaint_mail(self):
        for company in self:
            limits = (
                company.complaint_mail_limit_mb,
                company.complaint_mail_hourly,
                company.complaint_mail_acknowledge_hourly,
            )
            if any(not 0 <= limit <= 10_000 for limit in limits):
                raise ValidationError(
                    self.env._("Limits of mail: give numbers from 0 to 10,000.")
                )
