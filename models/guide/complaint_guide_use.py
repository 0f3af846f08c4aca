from odoo import fields, models


class ComplaintGuideUse(models.Model):
    """That a guide was used: a row each time, so that nobody waits for a counter."""

    _name = "complaint.guide.use"
    _description = "Use of a Guide"
    _order = "id desc"
    _rec_name = "guide_id"

    guide_id = fields.Many2one(
        comodel_name="complaint.guide",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        groups="base.group_system",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Used by",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
