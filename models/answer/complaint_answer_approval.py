from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintAnswerApproval(models.Model):
    """Somebody approved the wording of an answer, or gave it back (four eyes, E4).

    Lines are added, none is changed. Each names the fingerprint of the wording: an
    approval holds for that wording and no other.
    """

    _name = "complaint.answer.approval"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Approval of an Answer"
    _order = "case_id, id"
    _rec_name = "user_id"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    round = fields.Integer(required=True, readonly=True, aggregator=None)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Looked at by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    author_id = fields.Many2one(
        comodel_name="res.users", string="Author of the answer", readonly=True
    )
    decided_at = fields.Datetime(string="Decided on", required=True, readonly=True)
    verdict = fields.Selection(
        selection=[("approved", "Approved"), ("returned", "Sent back")],
        string="Result of the check",
        required=True,
        readonly=True,
    )
    reason = fields.Text(string="Why it was given back", readonly=True)
    fingerprint = fields.Char(
        string="Fingerprint of the wording",
        required=True,
        readonly=True,
        help="SHA-256 of outcome, answer and findings as they were looked at.",
    )

    def _refuse_change(self):
        raise UserError(
            self.env._("An approval is a record and cannot be changed or removed.")
        )
