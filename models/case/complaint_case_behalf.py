from odoo import fields, models

RELATIONS = [
    ("family", "Family member"),
    ("guardian", "Guardian or custodian"),
    ("lawyer", "Lawyer"),
    ("employee", "Employee of the organisation"),
    ("association", "Consumer association"),
    ("other", "Other"),
]


class ComplaintCase(models.Model):
    """Who speaks for whom, and with what authority (A3)."""

    _inherit = "complaint.case"

    behalf_name = fields.Char(
        string="For whom",
        groups="base.group_user",
        help="The person for whom the complainant speaks.",
    )
    behalf_relation = fields.Selection(
        selection=RELATIONS, string="Relation", groups="base.group_user"
    )
    behalf_authority = fields.Text(
        string="Authority",
        groups="base.group_user",
        help="How the complainant says to be authorised.",
    )
    behalf_attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        relation="complaint_case_authority_rel",
        column1="case_id",
        column2="attachment_id",
        string="Proof of authority",
        groups="base.group_user",
        copy=False,
        # Which they are is known with the complaint; their content is checked when it
        # is read. Otherwise all files of the database would be looked through.
        bypass_search_access=True,
    )
    behalf_checked = fields.Boolean(
        string="Authority checked",
        tracking=True,
        copy=False,
        groups="base.group_user",
        help="Somebody looked at the proof and is satisfied.",
    )
