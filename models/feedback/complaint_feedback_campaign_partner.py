from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # A campaign asks of every address whether anybody there declined: the few who did
    # are found without reading all contacts.
    _complaint_optout_idx = models.Index(
        "(email_normalized) WHERE complaint_feedback_optout"
    )
