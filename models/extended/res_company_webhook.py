from odoo import fields, models


class ResCompany(models.Model):
    """Whether webhooks may reach the own network (I1)."""

    _inherit = "res.company"

    complaint_webhook_private = fields.Boolean(
        string="Webhooks into the own network",
        groups="base.group_system",
        help="Webhooks may lead to private addresses and by plain http. Whoever sets "
        "one up can then reach computers that only this server should reach.",
    )
