from odoo import fields, models

from ..facts import AMONG


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_report_needed = fields.Selection(
        selection=AMONG,
        string="Signed report",
        required=True,
        default="major",
        help="Which complaints are answered only when an investigation report is "
        "signed by investigator, person in charge and supervisor.",
    )
