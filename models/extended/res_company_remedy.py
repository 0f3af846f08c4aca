from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_remedy_limit = fields.Monetary(
        string="Supervisors approve remedies up to",
        default=500,
        help="In company currency. Above it a manager approves.",
    )
    complaint_remedy_four_eyes = fields.Monetary(
        string="Own proposals up to",
        default=0,
        help="In company currency. Above it nobody approves what they proposed.",
    )
