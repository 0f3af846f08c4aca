from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # What a customer bought in the months around a complaint, however long they have
    # been buying: Odoo's index by customer finds all orders of all years.
    _complaint_recovery_idx = models.Index(
        "(partner_id, date_order) WHERE state = 'sale'"
    )
