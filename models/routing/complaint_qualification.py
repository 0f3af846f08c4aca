from odoo import api, fields, models

from ..searching import yes_or_no


class ComplaintQualification(models.Model):
    """What a person is qualified to handle, and until when (G4)."""

    _name = "complaint.qualification"
    _description = "Qualification of a Handler"
    _order = "user_id, category_id"
    _rec_name = "category_id"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("share", "=", False)],
    )
    category_id = fields.Many2one(
        comodel_name="complaint.category",
        required=True,
        index=True,
        ondelete="cascade",
        help="With everything below it.",
    )
    date_from = fields.Date(string="Valid from")
    date_to = fields.Date(
        string="Valid until", help="Last day, inclusive. Empty: without end."
    )
    note = fields.Char(help="Training, certificate or examination behind it.")
    is_valid = fields.Boolean(
        string="Valid today", compute="_compute_is_valid", search="_search_is_valid"
    )

    _period = models.Constraint(
        "CHECK (date_to >= date_from)",
        "A qualification must be valid until a day that is not before its first.",
    )
    _once = models.Constraint(
        "UNIQUE (user_id, category_id, date_from)",
        "This person has this qualification already. Change that one.",
    )

    @api.depends("date_from", "date_to")
    def _compute_is_valid(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.is_valid = line._is_valid_on(today)

    def _is_valid_on(self, day):
        self.ensure_one()
        return (not self.date_from or self.date_from <= day) and (
            not self.date_to or day <= self.date_to
        )

    @api.model
    def _search_is_valid(self, operator, value):
        today = fields.Date.context_today(self)
        valid = fields.Domain("date_from", "=", False) | fields.Domain(
            "date_from", "<=", today
        )
        valid &= fields.Domain("date_to", "=", False) | fields.Domain(
            "date_to", ">=", today
        )
        return yes_or_no(operator, value, valid)


class ComplaintCategory(models.Model):
    _inherit = "complaint.category"

    needs_qualification = fields.Boolean(
        groups="base.group_user",
        help="Complaints of this category, and of those below it, are assigned "
        "automatically to people only who are qualified for it.",
    )
