from odoo import fields, models


class ComplaintBreachReason(models.Model):
    """Why time limits are missed: the vocabulary of the Pareto (C6)."""

    _name = "complaint.breach.reason"
    _description = "Reason of a Missed Time Limit"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(help="Short name for imports and reports.")
    needs_note = fields.Boolean(
        string="Ask what happened",
        help="Whoever chooses this reason must also say in words what happened.",
    )

    _code_unique = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "This code is taken by another reason."
    )
