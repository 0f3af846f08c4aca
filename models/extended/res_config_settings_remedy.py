from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_remedy_from = fields.Selection(
        related="company_id.complaint_remedy_from", readonly=False, required=True
    )
    complaint_remedy_limit = fields.Monetary(
        related="company_id.complaint_remedy_limit", readonly=False
    )
    complaint_remedy_four_eyes = fields.Monetary(
        related="company_id.complaint_remedy_four_eyes", readonly=False
    )
    complaint_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of remedies"
    )
