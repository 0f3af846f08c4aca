from odoo import fields, models
from odoo.exceptions import UserError

from ..constants import MILESTONES


class ComplaintMilestone(models.Model):
    """A milestone that a case reached, once in a round (C1): a fact, never edited."""

    _name = "complaint.milestone"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Complaint Milestone"
    _order = "reached_at, id"
    _rec_name = "milestone"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    round = fields.Integer(required=True, readonly=True)
    milestone = fields.Selection(selection=MILESTONES, required=True, readonly=True)
    reached_at = fields.Datetime(required=True, readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Done by",
        readonly=True,
        help="Empty when the customer or a scheduled action did it.",
    )

    _once_a_round = models.UniqueIndex("(case_id, round, milestone)")

    def _refuse_change(self):
        raise UserError(self.env._("A milestone is a fact and cannot be changed."))
