from odoo import fields, models
from odoo.exceptions import UserError

from ..constants import OUTCOMES


class ComplaintAnswer(models.Model):
    """An answer as it was given, one for each round: kept, never edited (D4, E4).

    The case holds the answer of the present round. When the customer objects, a new
    one is written; this is where the earlier one stays readable for both sides.
    """

    _name = "complaint.answer"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Answer Given to a Complaint"
    _order = "case_id, round"
    _rec_name = "round"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    round = fields.Integer(required=True, readonly=True)
    answered_at = fields.Datetime(string="Answered on", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Done by", readonly=True)
    outcome = fields.Selection(selection=OUTCOMES, readonly=True)
    body = fields.Html(
        string="Answer", required=True, readonly=True, sanitize_attributes=True
    )
    findings = fields.Text(readonly=True, help="What was found on each allegation.")

    _once_a_round = models.UniqueIndex("(case_id, round)")

    def _refuse_change(self):
        raise UserError(
            self.env._("An answer that was given is a record and cannot be changed.")
        )
