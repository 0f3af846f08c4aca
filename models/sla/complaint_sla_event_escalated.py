from odoo import api, fields, models
from odoo.tools import SQL


class ComplaintSlaEvent(models.Model):
    """Escalations in the ledger: which rung, and who was told (C5)."""

    _inherit = "complaint.sla.event"

    escalation_id = fields.Many2one(
        comodel_name="complaint.sla.escalation",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The rung of the ladder that was climbed.",
    )
    recipient_id = fields.Many2one(
        comodel_name="res.users",
        string="Told",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    # As for warnings: whoever climbs a rung writes this line in the same transaction.
    _climbed_once = models.UniqueIndex(
        "(clock_id, escalation_id, COALESCE(deadline, '-infinity'::timestamp)) "
        "WHERE kind = 'escalated'"
    )

    @api.model
    def _record_escalated(self, steps):
        """Add one line for each rung climbed, with one query for all of them.

        :param list steps: of Step, in the order in which they are taken
        :return: those of the steps that were not on record yet for the same deadline
        """
        clocks = self.env["complaint.sla.clock"].browse(step.clock.id for step in steps)
        clocks.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO complaint_sla_event
                    (clock_id, case_id, kind, at, deadline, "left", policy_id, amount,
                     unit, escalation_id, recipient_id, note,
                     create_uid, create_date, write_uid, write_date)
                SELECT clock.id, clock.case_id, 'escalated', %(now)s, clock.deadline,
                       clock."left", clock.policy_id, clock.amount, clock.unit,
                       line.rung_id, line.person_id, line.note,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(clocks)s, %(rungs)s, %(people)s, %(notes)s)
                       WITH ORDINALITY
                       AS line(clock_id, rung_id, person_id, note, position)
                  JOIN complaint_sla_clock clock ON clock.id = line.clock_id
                 ORDER BY line.position
                    ON CONFLICT DO NOTHING
                RETURNING clock_id, escalation_id
                """,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                clocks=SQL("%s::int[]", [step.clock.id for step in steps]),
                rungs=SQL("%s::int[]", [step.rung.id for step in steps]),
                people=SQL("%s::int[]", [step.person.id for step in steps]),
                notes=SQL("%s::text[]", [self._step_note(step) for step in steps]),
            )
        )
        clocks.invalidate_recordset(["event_ids"], flush=False)
        recorded = set(rows)
        return [step for step in steps if (step.clock.id, step.rung.id) in recorded]

    @api.model
    def _step_note(self, step):
        """The rung in words, with whom it was meant for if somebody else was told."""
        if not step.meant:
            return step.rung.display_name
        return self.env._(
            "%(rung)s (instead of %(person)s)",
            rung=step.rung.display_name,
            person=step.meant.name,
        )
