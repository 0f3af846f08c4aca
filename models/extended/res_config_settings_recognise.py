from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_repeat_days = fields.Integer(
        related="company_id.complaint_repeat_days", readonly=False
    )
    complaint_cluster_days = fields.Integer(
        related="company_id.complaint_cluster_days", readonly=False
    )
    complaint_cluster_customers = fields.Integer(
        related="company_id.complaint_cluster_customers", readonly=False
    )
