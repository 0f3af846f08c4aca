from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

KINDS = [
    ("manual", "By hand"),
    ("routing", "Assigned automatically"),
    ("escalation", "Escalated"),
    ("conflict", "Conflict of interest"),
]
#: Numbers the assignments of round robin. A sequence of the database is shared by all
#: transactions and waits for none: two intakes at the same time draw different numbers.
TURNS = "complaint_handover_turn"


class ComplaintHandover(models.Model):
    """Who handed a complaint to whom, when and why (A5): only ever added to.

    The first owner stands in the first line as the one it came from; a complaint
    without a line has had one owner, or none.
    """

    _name = "complaint.handover"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Hand-over of a Complaint"
    _order = "handed_at desc, id desc"
    _rec_name = "case_id"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    handed_at = fields.Datetime(
        string="When", required=True, readonly=True, default=fields.Datetime.now
    )
    from_user_id = fields.Many2one(
        comodel_name="res.users",
        string="From",
        readonly=True,
        ondelete="restrict",
        help="Empty: nobody had taken it up.",
    )
    to_user_id = fields.Many2one(
        comodel_name="res.users",
        string="To",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        comodel_name="complaint.team",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="By",
        readonly=True,
        ondelete="restrict",
        help="Who did it. Empty: the system.",
    )
    kind = fields.Selection(
        selection=KINDS, string="How", required=True, readonly=True, default="manual"
    )
    note = fields.Text(string="Why", readonly=True)
    turn = fields.Integer(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Number of the turn, where the team takes turns.",
    )

    _turn_idx = models.Index("(turn) WHERE turn > 0")

    def init(self):
        # Owned by the column: it goes with it when the add-on is uninstalled.
        self.env.cr.execute(
            SQL(
                "CREATE SEQUENCE IF NOT EXISTS %s OWNED BY %s",
                SQL.identifier(TURNS),
                SQL.identifier(self._table, "turn"),
            )
        )
        return super().init()

    def _refuse_change(self):
        raise UserError(self.env._("A hand-over is a fact and cannot be changed."))

    def _draw_turns(self, number):
        """Draw the numbers of so many turns: distinct, ascending; one query."""
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", TURNS, number)
        )
        return [turn for (turn,) in rows]

    def _turns_since(self, first):
        """[(turn, team id, user id)] on record from a number on; one query."""
        self.flush_model(["turn", "team_id", "to_user_id"])
        return self.env.execute_query(
            SQL(
                "SELECT turn, team_id, to_user_id FROM complaint_handover"
                " WHERE turn > 0 AND turn >= %s",
                first,
            )
        )
