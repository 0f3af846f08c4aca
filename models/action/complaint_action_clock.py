from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models

from ...tools.calendars import CalendarBook

#: Share of the time after which the owner is warned.
WARN_PERCENT = 75
_DAY = 86400


class ComplaintAction(models.Model):
    """The time limit of a corrective action: its own day, warned of and escalated by
    the ladder of the policy of its complaint (C2, C5)."""

    _inherit = "complaint.action"

    clock_ids = fields.One2many(
        comodel_name="complaint.sla.clock",
        inverse_name="action_id",
        string="Time Limits",
        readonly=True,
        groups="complaint_management.group_handler,complaint_management.group_auditor",
    )

    def _is_clocked(self):
        return self.state == "underway"

    def _is_told(self, rung):
        """A measure stays with its owner: who would take over a complaint is told."""
        return rung.do_notify or rung.do_reassign

    def _clocked_words(self):
        return {"number": self.number, "subject": self.name}

    def _why_told(self):
        return {
            "handler": self.env._("You own the corrective action."),
            "handler_manager": self.env._("Its owner reports to you."),
        }

    def _chain(self, recipient, named=None):
        """The head of the department is above an owner who reports to nobody."""
        chain = super()._chain(recipient, named)
        head = self.department_id.user_id
        if recipient == "handler_manager" and not self.user_id.complaint_manager_id:
            return [head, *chain]
        return chain

    # The clock ------------------------------------------------------------------------

    def _end_of(self, day, zone):
        """When a day ends, in UTC: until then it is in time."""
        midnight = datetime.combine(day + timedelta(days=1), time.min)
        local = pytz.timezone(zone).localize(midnight)
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _start_clock(self):
        """The limit runs from now until the end of the day."""
        self.ensure_one()
        # sudo: clocks are written by the system only; the owner sees no complaint.
        one = self.sudo()
        clocks = one.env["complaint.sla.clock"]
        plan = one._clock_plan(fields.Datetime.now())
        # Ones before were reached or given up: each try is a round of its own.
        tries = clocks.search_count([("action_id", "=", one.id)])
        clock = clocks.create(
            {**plan, "round": tries + 1, "case_id": one.case_id.id, "action_id": one.id}
        )
        clocks.env["complaint.sla.event"]._record("started", clock)
        one.due_at = plan["deadline"]

    def _clock_plan(self, started_at, clock=None):
        """Values of the clock; as the system."""
        case = self.case_id
        clocks = self.env["complaint.sla.clock"]
        calendar = case.sla_policy_id._calendar_for(case)
        zone = clocks._zone(case, calendar)
        deadline = self._end_of(self.deadline, zone)
        budget = int((deadline - started_at).total_seconds())
        plan = {
            "milestone": "action",
            "company_id": case.company_id.id,
            "policy_id": case.sla_policy_id.id,
            "calendar_id": calendar.id,
            "tz": zone,
            "unit": "calendar_day",
            "amount": round(budget / _DAY, 2),
            "warn_percent": WARN_PERCENT,
            "started_at": started_at,
            "resumed_at": False,
            "deadline": deadline,
            "budget": budget,
            "left": budget,
            "warn_at": started_at + timedelta(seconds=budget * WARN_PERCENT // 100),
            "warned_at": False,
            "state": "running",
        }
        limit = clock or clocks.new({**plan, "case_id": case.id})
        plan["next_event_at"] = clocks._first_event(
            CalendarBook(self.env), case, limit, plan, clock=clock
        )
        return plan

    def _running_clock(self):
        # sudo: as for the start.
        clocks = self.sudo().clock_ids
        return clocks.filtered(lambda clock: not clock.ended_at)[-1:]

    def _move_clock(self, why):
        """The day was moved: the ladder begins anew for the new deadline."""
        clock = self._running_clock()
        if not clock:
            return
        plan = self.sudo()._clock_plan(clock.started_at, clock)  # sudo: as above.
        clock.write(
            {
                **plan,
                "acknowledged_at": False,
                "acknowledged_until": False,
                "breached_at": False,
                "escalated_at": False,
                "escalated_to_id": False,
            }
        )
        clock.env["complaint.sla.event"]._record("replanned", clock, {clock: why})
        self.sudo().due_at = plan["deadline"]
        self.sudo()._clocks_alert(raise_new=False)

    def _reach_clock(self, at):
        clock = self._running_clock()
        clock._reach(dict.fromkeys(clock, at))
        self.sudo()._clocks_alert(raise_new=False)  # sudo: to-dos of others.

    def _cancel_clock(self):
        self._running_clock()._cancel()
        self.sudo()._clocks_alert(raise_new=False)  # sudo: as above.


class ComplaintSlaClock(models.Model):
    """A limit may be set on a corrective action, which runs while a complaint waits."""

    _inherit = "complaint.sla.clock"

    action_id = fields.Many2one(
        comodel_name="complaint.action",
        string="Corrective action",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    _one_per_limit = models.UniqueIndex(
        "(case_id, round, milestone, COALESCE(is_statutory, FALSE),"
        " COALESCE(action_id, 0)) WHERE state <> 'cancelled'"
    )
    _action_named = models.Constraint(
        "CHECK ((milestone = 'action') = (action_id IS NOT NULL))",
        "The limit of a corrective action belongs to one.",
    )

    def _compute_display_name(self):
        result = super()._compute_display_name()
        for clock in self.filtered("action_id"):
            # sudo: a title only.
            clock.display_name = f"{clock.display_name}: {clock.sudo().action_id.name}"
        return result

    def _subject(self):
        return self.action_id or super()._subject()

    def _pauses_of_the_case(self):
        pauses = super()._pauses_of_the_case()
        return pauses.browse() if self.action_id else pauses

    def _stops_before(self, at):
        return [] if self.action_id else super()._stops_before(at)
