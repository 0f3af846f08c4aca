from random import randint

from odoo import fields, models


class ComplaintTag(models.Model):
    _name = "complaint.tag"
    _description = "Complaint Tag"
    _order = "name, id"

    def _default_color(self):
        return randint(1, 11)

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    color = fields.Integer(default=lambda self: self._default_color())

    _name_unique = models.Constraint(
        "UNIQUE (name)", "There is a tag of this name already. Use that one."
    )
