from odoo import fields, models


class ComplaintChannel(models.Model):
    """The way a complaint reached the company (A1)."""

    _name = "complaint.channel"
    _description = "Complaint Channel"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(
        help="Short word by which imports and other software name the channel.",
    )

    _code_unique = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL",
        "Another channel has this code already. Choose a different one.",
    )
