from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_remedy_from = fields.Selection(
        selection=[
            ("received", "At any time"),
            ("accepted", "Once the complaint is accepted"),
            ("resolving", "Once the investigation is over"),
        ],
        string="Remedies are given",
        required=True,
        default="accepted",
        help="From when on remedies are offered and carried out. They can be proposed "
        "and approved before.",
    )
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
