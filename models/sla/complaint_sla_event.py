from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .complaint_sla_target import UNITS

#: What can happen to a clock.
KINDS = [
    ("started", "Started"),
    ("paused", "Paused"),
    ("resumed", "Resumed"),
    ("replanned", "Planned anew"),
    ("warned", "Warned"),
    ("escalated", "Escalated"),
    ("acknowledged", "Acknowledged"),
    ("breached", "Limit passed"),
    ("met", "Reached in time"),
    ("late", "Reached after the limit"),
    ("cancelled", "No longer applies"),
    ("failed", "Deadline cannot be computed"),
    ("explained", "Reason given"),
]
#: Where a clock holds the moment at which it happened; else it is the present.
_MOMENT = {
    "started": "started_at",
    "resumed": "resumed_at",
    "breached": "breached_at",
    "met": "finished_at",
    "late": "finished_at",
}


class ComplaintSlaEvent(models.Model):
    """The ledger of the clocks: what happened to each, in order, for ever (C4, C5).

    Lines are only ever added, and only by :meth:`_record`. They disappear with the
    complaint itself.
    """

    _name = "complaint.sla.event"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Complaint Clock Ledger"
    _order = "id"
    _rec_name = "kind"

    clock_id = fields.Many2one(
        comodel_name="complaint.sla.clock",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    case_id = fields.Many2one(
        comodel_name="complaint.case",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    at = fields.Datetime(
        required=True,
        readonly=True,
        help="When it took effect (UTC). When it was written down is in “Created on”.",
    )
    deadline = fields.Datetime(
        readonly=True, help="The deadline that held once this had happened."
    )
    left = fields.Integer(
        string="Left (s)",
        readonly=True,
        aggregator=None,
        help="Seconds of the limit's own time that were not used when the clock was "
        "last stopped or set running.",
    )
    policy_id = fields.Many2one(
        comodel_name="complaint.sla.policy",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The policy, in the version that set the limit then.",
    )
    amount = fields.Float(
        string="Within", digits=(16, 4), readonly=True, aggregator=None
    )
    unit = fields.Selection(selection=UNITS, readonly=True)
    pause_id = fields.Many2one(
        comodel_name="complaint.pause",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Why the clock stopped, and whose doing it was.",
    )
    note = fields.Text(readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Done by",
        readonly=True,
        help="Empty when the scheduled action did it.",
    )

    # Whoever announces a limit writes this line in the same transaction: nothing is
    # announced twice, whatever runs twice.
    _announced_once = models.UniqueIndex(
        "(clock_id, kind, COALESCE(deadline, '-infinity'::timestamp)) "
        "WHERE kind IN ('warned', 'breached', 'met')"
    )

    def _refuse_change(self):
        raise UserError(
            self.env._("The ledger of time limits is a record and cannot be changed.")
        )

    @api.model
    def _record(self, kind, clocks, notes=None, moments=None, pauses=None):
        """Add one line for each clock, with one query for all of them.

        A line that is there already (the same announcement for the same deadline) is
        not added again; the caller then must not announce.

        :param str kind: one of KINDS
        :param clocks: complaint.sla.clock
        :param dict notes: {clock: text}
        :param dict moments: {clock: when it took effect, UTC}; by default what the
            clock holds for this kind of event, else the present
        :param dict pauses: {clock: complaint.pause} that stopped it
        :return: the clocks that got a line
        """
        if not clocks:
            return clocks
        clocks.flush_recordset()
        notes, moments, pauses = notes or {}, moments or {}, pauses or {}
        by_staff = not self.env.user.share and self.env.uid != SUPERUSER_ID
        moment = (
            SQL.identifier("clock", _MOMENT[kind]) if kind in _MOMENT else SQL("NULL")
        )
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO complaint_sla_event
                    (clock_id, case_id, kind, at, deadline, "left", policy_id, amount,
                     unit, pause_id, note, user_id,
                     create_uid, create_date, write_uid, write_date)
                SELECT clock.id, clock.case_id, %(kind)s,
                       COALESCE(line.at, %(moment)s, %(now)s), clock.deadline,
                       clock."left", clock.policy_id, clock.amount, clock.unit,
                       line.pause_id, line.note, %(user)s,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(ids)s, %(notes)s, %(moments)s, %(pauses)s)
                       WITH ORDINALITY
                       AS line(clock_id, note, at, pause_id, position)
                  JOIN complaint_sla_clock clock ON clock.id = line.clock_id
                 ORDER BY line.position
                    ON CONFLICT DO NOTHING
                RETURNING clock_id
                """,
                kind=kind,
                moment=moment,
                now=fields.Datetime.now(),
                user=self.env.uid if by_staff else None,
                uid=self.env.uid,
                ids=SQL("%s::int[]", list(clocks.ids)),
                notes=SQL("%s::text[]", [notes.get(clock) for clock in clocks]),
                moments=SQL(
                    "%s::timestamp[]", [moments.get(clock) for clock in clocks]
                ),
                pauses=SQL(
                    "%s::int[]",
                    [pauses[clock].id if clock in pauses else None for clock in clocks],
                ),
            )
        )
        clocks.invalidate_recordset(["event_ids"], flush=False)
        return clocks.browse(row[0] for row in rows)
