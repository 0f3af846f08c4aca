from odoo import fields, models

HANDLERS = "complaint_management.group_handler,complaint_management.group_auditor"


class ResUsers(models.Model):
    """How much a person handles, and what of (A5, G4)."""

    _inherit = "res.users"

    complaint_max_open = fields.Integer(
        string="At most open",
        groups=HANDLERS,
        help="With so many complaints in work this person gets no more automatically. "
        "0: as the team says.",
    )
    complaint_qualification_ids = fields.One2many(
        comodel_name="complaint.qualification",
        inverse_name="user_id",
        string="Qualifications",
        groups=HANDLERS,
    )

    _complaint_max_open_positive = models.Constraint(
        "CHECK (complaint_max_open >= 0)",
        "At most open: give a number of zero or more.",
    )
