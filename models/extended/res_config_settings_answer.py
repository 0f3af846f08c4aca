from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_answer_approval = fields.Selection(
        related="company_id.complaint_answer_approval", readonly=False
    )
