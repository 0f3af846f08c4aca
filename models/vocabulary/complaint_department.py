from odoo import fields, models


class ComplaintDepartment(models.Model):
    """A department of the company, as complaints know it: who changes what went wrong
    (E3). It need not work with complaints itself."""

    _name = "complaint.department"
    _description = "Department in Charge"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Head",
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Sees the corrective actions of the department, and is told when one is "
        "late.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Leave empty for a department of all companies.",
    )
