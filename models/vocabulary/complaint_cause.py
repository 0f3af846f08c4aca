from odoo import fields, models


class ComplaintCause(models.Model):
    """Why it happened (G2): the root cause that a finding names."""

    _name = "complaint.cause"
    _description = "Complaint Root Cause"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True)
