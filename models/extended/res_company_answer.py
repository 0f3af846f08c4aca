from odoo import fields, models

from ..facts import AMONG


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_answer_approval = fields.Selection(
        selection=AMONG,
        string="Four eyes on answers",
        required=True,
        default="major",
        help="Which answers a supervisor approves who did not write them.",
    )
