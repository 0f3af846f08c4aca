from odoo import models


class ComplaintSlaClock(models.Model):
    """How clocks stop and go on, and keep what was used (C4)."""

    _inherit = "complaint.sla.clock"
