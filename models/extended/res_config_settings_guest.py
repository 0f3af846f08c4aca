from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_guest_form = fields.Boolean(
        related="company_id.complaint_guest_form", readonly=False
    )
    complaint_guest_anonymous = fields.Boolean(
        related="company_id.complaint_guest_anonymous", readonly=False
    )
    complaint_guest_hourly = fields.Integer(
        related="company_id.complaint_guest_hourly", readonly=False
    )
    complaint_guest_mails_hourly = fields.Integer(
        related="company_id.complaint_guest_mails_hourly", readonly=False
    )
