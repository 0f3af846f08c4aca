from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_report_needed = fields.Selection(
        selection=[
            ("none", "No complaint"),
            ("major", "Major ones and those of a committee"),
            ("all", "Every complaint"),
        ],
        string="Signed report",
        required=True,
        default="major",
        help="Which complaints are answered only when an investigation report is "
        "signed by investigator, person in charge and supervisor.",
    )
