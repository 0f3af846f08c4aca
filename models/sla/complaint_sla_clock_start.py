from odoo import api, models
from odoo.models import LOG_ACCESS_COLUMNS
from odoo.tools import SQL

from ...tools.calendars import CalendarBook


class ComplaintSlaClock(models.Model):
    """How clocks start: any number of them with two statements (C1).

    A complaint brings five of them and five lines of the ledger, so most rows that a
    new complaint costs are written here. The ORM would take as long for them as for
    everything else together, for nothing: nobody has read these rows yet, all values
    are known, and most clocks that start together share them.
    """

    _inherit = "complaint.sla.clock"

    @api.model
    def _start(self, wanted):
        """Start clocks: one statement for them, one for their ledger (C1).

        :param list wanted: (case, target, start in UTC)
        :return: the clocks; those without a deadline are ``unplanned`` and tell why
        """
        if not wanted:
            return self.browse()
        plans, lines = self._plan_together(wanted)
        clocks = self._insert(list(plans.values()), lines)
        self.env["complaint.sla.event"]._record("started", clocks)
        unplanned = [plan["state"] == "unplanned" for plan in plans.values()]
        self.browse(
            clock.id
            for clock, (_case, number) in zip(clocks, lines, strict=True)
            if unplanned[number]
        )._note_problems()
        return clocks

    @api.model
    def _plan_together(self, wanted):
        """Plan each limit once for all cases for which it comes to the same.

        :return: {what decides: values of clocks}, [(case, number of the plan)]
        """
        book = CalendarBook(self.env)
        cases = dict.fromkeys(case for case, _target, _started_at in wanted)
        stops = self._stops(cases)
        # What of a case decides, beside the limit and its start.
        hours = {
            case: (
                case.company_id.id,
                case.team_id.calendar_id.id,
                tuple(stops[case]),
            )
            for case in cases
        }
        plans, numbers, lines = {}, {}, []
        for case, target, started_at in wanted:
            key = (target.id, started_at, hours[case])
            if key not in plans:
                numbers[key] = len(plans)
                plans[key] = self._frozen(case, target) | self._planned(
                    book, case, target, started_at, stops[case]
                )
            lines.append((case, numbers[key]))
        return plans, lines

    @api.model
    def _foresee(self, wanted):
        """What will be due next on cases whose clocks are yet to start.

        :param list wanted: as for :meth:`_start`
        :return: {case: (deadline in UTC, milestone)}
        """
        plans, lines = self._plan_together(wanted)
        plans = list(plans.values())
        earliest = {}
        for case, number in lines:
            plan = plans[number]
            deadline = plan["state"] == "running" and plan["deadline"]
            if deadline and (case not in earliest or deadline < earliest[case][0]):
                earliest[case] = (deadline, plan["milestone"])
        return earliest

    @api.model
    def _insert(self, plans, lines):
        """Write clocks as the ORM would, without making a record of each value.

        :param list plans: values that clocks share
        :param list lines: (case, index of the plan)
        :return: the clocks, in the order of the lines
        """
        defaults = self._add_missing_default_values({})
        plans = [defaults | plan for plan in plans]
        columns = [
            field
            for field in self._fields.values()
            if field.column_type
            and field.store
            and field.name not in ("id", "case_id", "round", *LOG_ACCESS_COLUMNS)
            and any(field.name in plan for plan in plans)
        ]
        names = SQL(", ").join(SQL.identifier(field.name) for field in columns)
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO complaint_sla_clock
                    (case_id, round, %(names)s,
                     create_uid, create_date, write_uid, write_date)
                SELECT line.case_id, line.round, %(values)s,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(cases)s, %(rounds)s, %(numbers)s) WITH ORDINALITY
                       AS line(case_id, round, number, position)
                  JOIN (VALUES %(plans)s) AS plan(number, %(names)s)
                    ON plan.number = line.number
                 ORDER BY line.position
                RETURNING id
                """,
                names=names,
                values=SQL(", ").join(
                    SQL(
                        "plan.%s::%s",
                        SQL.identifier(field.name),
                        SQL(field.column_type[1]),
                    )
                    for field in columns
                ),
                uid=self.env.uid,
                now=self.env.cr.now(),
                cases=[case.id for case, _number in lines],
                rounds=[case.round for case, _number in lines],
                numbers=[number for _case, number in lines],
                plans=SQL(", ").join(
                    (number, *(self._column(field, plan) for field in columns))
                    for number, plan in enumerate(plans)
                ),
            )
        )
        self._tell_cases({case.id for case, _number in lines})
        return self.browse(row[0] for row in rows)

    @api.model
    def _column(self, field, values):
        return field.convert_to_column_insert(values.get(field.name), self, values)

    @api.model
    def _tell_cases(self, case_ids):
        """What is known of the cases and depends on their clocks is computed anew.

        The ORM does not know of the new rows: whatever else holds clocks or depends on
        them has to be told here as well.
        """
        cases = self.env["complaint.case"].browse(case_ids)
        cases.invalidate_recordset(["clock_ids"], flush=False)
        cases.modified(["clock_ids"])
