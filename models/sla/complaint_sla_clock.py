from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.calendars import CalendarBook, explain
from ...tools.worktime import DeadlineError
from ..constants import CLOCKED
from ..searching import yes_or_no
from .complaint_sla_target import UNITS

STATES = [
    ("unplanned", "No deadline"),
    ("running", "Running"),
    ("paused", "Paused"),
    ("met", "Met"),
    ("breached", "Breached"),
    ("cancelled", "Cancelled"),
]
#: States in which the milestone is still awaited and the limit not yet passed.
WAITING = ("unplanned", "running", "paused")

#: The clocks of complaints themselves, not of what else has limits.
OF_CASES = [("milestone", "!=", "action")]

#: How long until a deadline that could not be computed is tried again.
RETRY_PLAN = timedelta(minutes=15)


class ComplaintSlaClock(models.Model):
    """A time limit at work on one complaint (C1-C5).

    What the limit was when the clock started is copied here: editing a policy never
    moves a clock. Only the system writes clocks; what happened to one is in its ledger.
    """

    _name = "complaint.sla.clock"
    _inherit = ["complaint.due.mixin"]
    _description = "Complaint Clock"
    _order = "deadline, id"

    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    round = fields.Integer(required=True, readonly=True, default=1)
    company_id = fields.Many2one(
        related="case_id.company_id", store=True, precompute=True, index=True
    )
    team_id = fields.Many2one(related="case_id.team_id", string="Team")
    user_id = fields.Many2one(related="case_id.user_id", string="Handler")
    policy_id = fields.Many2one(
        comodel_name="complaint.sla.policy",
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    target_id = fields.Many2one(
        comodel_name="complaint.sla.target",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    # The limit as it was when the clock started
    milestone = fields.Selection(selection=CLOCKED, required=True, readonly=True)
    amount = fields.Float(
        string="Within", digits=(16, 4), readonly=True, aggregator="avg"
    )
    unit = fields.Selection(selection=UNITS, required=True, readonly=True)
    is_statutory = fields.Boolean(string="Statutory", readonly=True)
    is_promised = fields.Boolean(string="Promised", readonly=True)
    warn_percent = fields.Integer(string="Warn at (%)", readonly=True, aggregator=None)
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Working Hours",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    tz = fields.Char(
        string="Time Zone",
        readonly=True,
        help="Whose midnights end days and weeks, and in which people read the dates.",
    )

    # When; all in UTC
    started_at = fields.Datetime(string="Started", required=True, readonly=True)
    deadline = fields.Datetime(readonly=True)
    warn_at = fields.Datetime(string="Warning", readonly=True)
    budget = fields.Integer(
        string="Budget (s)",
        readonly=True,
        aggregator=None,
        help="The limit in seconds of its own time: working time for working units.",
    )
    resumed_at = fields.Datetime(
        string="Resumed",
        readonly=True,
        help="When the clock last began to run again after a pause.",
    )
    left = fields.Integer(
        string="Left at Start (s)",
        readonly=True,
        aggregator=None,
        help="Seconds of the budget not yet used when the clock last began to run, or "
        "was stopped.",
    )
    warned_at = fields.Datetime(
        string="Warned", readonly=True, help="When the handler was warned."
    )
    breached_at = fields.Datetime(
        string="Breached",
        readonly=True,
        help="When the limit passed, whenever that was noticed.",
    )
    finished_at = fields.Datetime(
        string="Reached",
        readonly=True,
        help="When the milestone was reached, in time or not.",
    )
    ended_at = fields.Datetime(
        string="Ended",
        readonly=True,
        help="When the clock stopped to matter: milestone reached, limit no longer "
        "applicable, complaint closed or reopened.",
    )
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="unplanned", index=True
    )
    problem = fields.Text(
        readonly=True, help="Why there is no deadline, and what to do about it."
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    event_ids = fields.One2many(
        comodel_name="complaint.sla.event",
        inverse_name="clock_id",
        string="Ledger",
        readonly=True,
    )

    _open_deadline_idx = models.Index("(deadline) WHERE ended_at IS NULL")
    _one_per_limit = models.UniqueIndex(
        "(case_id, round, milestone, COALESCE(is_statutory, FALSE)) "
        "WHERE state <> 'cancelled'"
    )

    @api.depends("case_id.name", "milestone")
    @api.depends_context("lang", "clock_of_case")
    def _compute_display_name(self):
        milestones = dict(self._fields["milestone"]._description_selection(self.env))
        # Where the complaint is plain to see its number need not be repeated.
        numbered = not self.env.context.get("clock_of_case")
        for clock in self:
            number = clock.case_id.name if numbered else ""
            clock.display_name = " · ".join(
                filter(None, [number, milestones.get(clock.milestone)])
            )

    @api.depends("deadline", "ended_at", "state")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for clock in self:
            clock.is_overdue = (
                clock.state in ("running", "breached")
                and not clock.ended_at
                and bool(clock.deadline)
                and clock.deadline < now
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        overdue = Domain(
            [
                ("state", "in", ("running", "breached")),
                ("ended_at", "=", False),
                ("deadline", "<", fields.Datetime.now()),
            ]
        )
        return yes_or_no(operator, value, overdue)

    @api.model
    def _earliest(self, case_ids):
        """What is due next on cases: {case id: (deadline in UTC, milestone)}.

        Limits that have passed count until their milestone is reached; one query.
        """
        if not case_ids:
            return {}
        self.flush_model(["case_id", "deadline", "ended_at", "milestone", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (case_id) case_id, deadline, milestone
                  FROM complaint_sla_clock
                 WHERE case_id = ANY(%s) AND deadline IS NOT NULL
                   AND ended_at IS NULL AND state IN ('running', 'breached')
                   AND milestone <> 'action'
                 ORDER BY case_id, deadline, id
                """,
                list(case_ids),
            )
        )
        return {case_id: (deadline, name) for case_id, deadline, name in rows}

    # What it is set on ------------------------------------------------------------

    def _subject(self):
        """The record that a clock is set on, a ``complaint.clocked.mixin``.

        Extended by what has limits of its own; the complaint by default.
        """
        self.ensure_one()
        return self.case_id

    def _by_subject(self):
        """The clocks by the model of what they are set on.

        :return: list of (records of one model, their clocks)
        """
        models_of = defaultdict(list)
        for clock in self:
            models_of[clock._subject()._name].append(clock)
        return [
            (
                self.env[name].browse(
                    dict.fromkeys(clock._subject().id for clock in clocks)
                ),
                self.browse(clock.id for clock in clocks),
            )
            for name, clocks in models_of.items()
        ]

    def _alert(self, raise_new=True):
        """Bring the to-dos about these limits up to date (C5)."""
        for subjects, _clocks in self._by_subject():
            subjects._clocks_alert(raise_new=raise_new)

    def _seen_by(self, person):
        """The clocks of what a person may see."""
        seen = self.browse()
        for subjects, clocks in self._by_subject():
            theirs = subjects._seen_by(person)
            seen |= clocks.filtered(lambda clock, seen=theirs: clock._subject() in seen)
        return seen

    # Starting and planning --------------------------------------------------------

    def _note_problems(self):
        unplanned = self.filtered(lambda clock: clock.state == "unplanned")
        self.env["complaint.sla.event"]._record(
            "failed", unplanned, {clock: clock.problem for clock in unplanned}
        )

    @api.model
    def _frozen(self, case, target):
        """What a clock copies from its target: later edits do not reach it (C6)."""
        calendar = target.policy_id._calendar_for(case)
        return {
            # Given, though computed: that spares the ORM precomputing it.
            "company_id": case.company_id.id,
            "policy_id": target.policy_id.id,
            "target_id": target.id,
            "milestone": target.milestone,
            "amount": target.amount,
            "unit": target.unit,
            "is_statutory": target.is_statutory,
            "is_promised": target.is_promised,
            "warn_percent": target.warn_percent,
            # Kept also where the unit ignores it: its zone ends calendar days.
            "calendar_id": calendar.id,
            "tz": self._zone(case, calendar),
        }

    @api.model
    def _zone(self, case, calendar):
        return calendar.tz or case.company_id.partner_id.tz or "UTC"

    @api.model
    def _planned(self, book, case, limit, started_at, stops, clock=None):
        """The deadline and all that follows from it, as values.

        :param CalendarBook book: shared by the whole batch
        :param limit: a target or a clock: amount, unit, is_statutory, warn_percent
        :param datetime started_at: UTC
        :param list stops: (from, to) when the clocks of the case stood still
        :param clock: the clock, when there is one already
        """
        calendar = limit.policy_id._calendar_for(case)
        company = case.company_id
        plan = {"started_at": started_at, "problem": False, "warned_at": False}
        try:
            plan |= self._simulated(
                book,
                limit,
                started_at,
                () if limit.is_statutory else stops,
                (calendar, company, self._zone(case, calendar)),
            )
            if clock and clock._is_warned_about(limit, plan):
                plan["warned_at"] = clock.warned_at
                plan["warn_at"] = clock.warn_at
            elif plan["deadline"]:
                plan["warn_at"] = self._warning(book, limit, plan, calendar, company)
            if plan["deadline"]:
                plan["next_event_at"] = self._first_event(
                    book, case, limit, plan, clock=clock
                )
        except DeadlineError as error:
            return {
                "started_at": started_at,
                "resumed_at": False,
                "deadline": False,
                "warn_at": False,
                "warned_at": False,
                "budget": 0,
                "left": 0,
                "state": "unplanned",
                "problem": explain(self.env, error),
                "next_event_at": fields.Datetime.now() + RETRY_PLAN,
            }
        return plan

    @api.model
    def _simulated(self, book, limit, started_at, stops, hours):
        """Let a limit run from its start over all pauses so far (C4).

        :param tuple hours: calendar, company and time zone
        :return: values; the limit may turn out to have passed before a pause
        """
        calendar, company, tz = hours
        unit = limit.unit
        deadline, budget = book.plan(
            unit, limit.amount, started_at, calendar, company, tz
        )
        since, left, state = started_at, budget, "running"
        for stopped_at, end in stops:
            if end and end <= since:
                continue
            begin = max(stopped_at, since)
            if deadline < begin:
                break
            used = book.spent(unit, since, begin, calendar, company)
            left = max(left - used, 0)
            if not end:
                deadline, state = False, "paused"
                break
            since = end
            deadline = self._due(book, unit, left, since, calendar, company)
        return {
            "resumed_at": since != started_at and since,
            "deadline": deadline,
            "budget": budget,
            "left": left,
            "state": state,
            "warn_at": False,
            "next_event_at": False,
        }

    @api.model
    def _due(self, book, unit, seconds, since, calendar, company):
        """When so many seconds of a limit's own time will have passed (UTC)."""
        if seconds <= 0:
            return since
        return book.replan(unit, seconds, since, calendar, company)

    @api.model
    def _warning(self, book, limit, plan, calendar, company):
        """When to warn: a share of the budget, in the limit's own time (C5)."""
        share = plan["budget"] * limit.warn_percent // 100
        return bool(share) and self._share_at(
            book, limit.unit, share, plan, calendar, company
        )

    @api.model
    def _share_at(self, book, unit, seconds, plan, calendar, company):
        """When a running clock will have used so much of its budget (UTC).

        :param int seconds: of the limit's own time, counted from its start
        :param dict plan: budget, left, started_at, resumed_at. What was used up before
            the clock last began to run is reached at that moment.
        """
        used = plan["budget"] - plan["left"]
        since = plan["resumed_at"] or plan["started_at"]
        return self._due(book, unit, seconds - used, since, calendar, company)

    def _is_warned_about(self, limit, plan):
        """Whether people were warned about this very limit already."""
        self.ensure_one()
        if not self.warned_at or plan["deadline"] != self.deadline:
            return False
        # While paused there is no deadline to compare: then it is the limit itself.
        return bool(plan["deadline"]) or (
            (self.amount, self.unit, self.started_at)
            == (limit.amount, limit.unit, plan["started_at"])
        )

    def _replan(self, wanted, note=None):
        """Plan clocks anew by other targets or from another start (C3, C6).

        What was used stays used, measured in the new limit's own time over the periods
        in which the clock ran. A milestone that was reached already is judged by the
        new deadline. Clocks whose limit does not change are left alone.

        :param dict wanted: {clock: (case, target, start in UTC)}
        :param str note: why; by default the policy is named
        """
        book = CalendarBook(self.env)
        stops = self._stops({case for case, _target, _started_at in wanted.values()})
        values, notes = {}, {}
        for clock, (case, target, started_at) in wanted.items():
            new = self._frozen(case, target) | clock._replanned(
                book, case, target, started_at, stops[case]
            )
            changed = clock._changes(new)
            if changed.keys() - {"next_event_at"}:
                values[clock] = changed
                notes[clock] = note or target.policy_id.display_name
        self._write_each(values)
        changed = self.browse(clock.id for clock in values)
        events = self.env["complaint.sla.event"]
        events._record("replanned", changed, notes)
        changed._note_problems()
        judged = changed.filtered(lambda clock: "state" in values[clock])
        events._record("met", judged.filtered(lambda clock: clock.state == "met"))
        breached = judged.filtered(lambda clock: clock.state == "breached")
        events._record("breached", breached)
        events._record("late", breached)
        return changed

    def _replanned(self, book, case, limit, started_at, stops):
        """Values of a clock that is planned anew, and judged if it is over."""
        self.ensure_one()
        at = self.finished_at
        if at:
            stops = self._stops_until(stops, at)
        plan = self._planned(book, case, limit, started_at, stops, clock=self)
        if plan["state"] == "unplanned":
            return plan
        plan["breached_at"] = False
        if at:
            late = plan["deadline"] < at
            plan |= {
                "state": "breached" if late else "met",
                "breached_at": late and plan["deadline"],
                "next_event_at": False,
            }
        if plan["state"] != "breached" and self.breach_reason_id:
            plan |= {"breach_reason_id": False, "breach_note": False}
        return plan

    @api.model
    def _stops_until(self, stops, at):
        """The times in which a clock stood still before its milestone was reached."""
        return [(begin, min(end or at, at)) for begin, end in stops if begin < at]

    def _changes(self, values):
        """The part of ``values`` that differs from what the clock holds."""
        self.ensure_one()
        held = self.read(list(values), load=False)[0]
        return {name: value for name, value in values.items() if held[name] != value}

    # Reaching, passing, ending ----------------------------------------------------

    def _reach(self, moments):
        """The milestone of these clocks was reached (C1).

        Reached while paused is reached in time: a limit that passed before the pause
        was breached then (C4).

        :param dict moments: {clock: when, UTC}
        """
        self._heal()
        book = CalendarBook(self.env)
        outcome = defaultdict(list)
        values = {}
        for clock in self:
            at = moments[clock]
            ended = {"finished_at": at, "ended_at": at}
            if clock.state == "unplanned":
                # Judged by the job as soon as there is a deadline.
                values[clock] = ended
                continue
            ended["next_event_at"] = False
            if clock.state == "breached":
                outcome["late"].append(clock.id)
            elif clock.state == "running" and clock.deadline < at:
                ended |= {"state": "breached", "breached_at": clock.deadline}
                outcome["breached"].append(clock.id)
                outcome["late"].append(clock.id)
            else:
                if clock.state == "paused":
                    resumed = clock._resumed(book, at)
                    if resumed["state"] == "running":
                        ended = resumed | ended
                ended["state"] = "met"
                outcome["met"].append(clock.id)
            values[clock] = ended
        self._write_each(values)
        for kind in ("breached", "late", "met"):
            self.env["complaint.sla.event"]._record(kind, self.browse(outcome[kind]))

    def _heal(self):
        """Plan those without a deadline; those that still have none say why."""
        unplanned = self.filtered(lambda clock: clock.state == "unplanned")
        if not unplanned:
            return
        book = CalendarBook(self.env)
        stops = self._stops(unplanned.case_id)
        values = {}
        for clock in unplanned:
            case = clock.case_id
            # Somebody may have put right the calendar, or chosen another.
            calendar = clock.policy_id._calendar_for(case)
            case_stops = stops[case]
            if clock.finished_at:
                case_stops = self._stops_until(case_stops, clock.finished_at)
            values[clock] = {
                "calendar_id": calendar.id,
                "tz": self._zone(case, calendar),
                **self._planned(book, case, clock, clock.started_at, case_stops),
            }
        self._write_each(values)
        healed = unplanned.filtered(lambda clock: clock.state != "unplanned")
        self.env["complaint.sla.event"]._record("replanned", healed)
        reached = healed.filtered("finished_at")
        reached._reach({clock: clock.finished_at for clock in reached})

    def _cancel(self, judge=True):
        """The case is closed or starts anew, or the limit no longer applies.

        :param bool judge: whether a limit that has passed unnoticed counts as breached
        """
        now = fields.Datetime.now()
        # A milestone that was reached waits for its deadline only to be judged.
        waiting = self.filtered(
            lambda clock: clock.state in WAITING and not clock.finished_at
        )
        if judge:
            waiting -= waiting._pass_unnoticed()
        waiting.write({"state": "cancelled", "ended_at": now, "next_event_at": False})
        self.env["complaint.sla.event"]._record("cancelled", waiting)
        passed = self.filtered(lambda clock: clock.state == "breached")
        passed.filtered(lambda clock: not clock.ended_at).write(
            {"ended_at": now, "next_event_at": False}
        )

    def _pass_unnoticed(self, starts=None):
        """Limits that have passed, though the job has not been here yet, are breached.

        :param dict starts: {clock: when it should have started}; those that did not
            start then are left alone
        :return: these clocks
        """
        now = fields.Datetime.now()
        passed = self.filtered(
            lambda clock: (
                clock.state == "running"
                and not clock.finished_at
                and clock.deadline < now
                and (not starts or starts[clock] == clock.started_at)
            )
        )
        passed._pass()._alert()
        return passed

    @api.model
    def _write_each(self, values):
        """Write values of their own to many clocks; equal values are written together.

        The updates reach the database as one statement for each set of fields.

        :param dict values: {clock: {field: value}}
        """
        groups = defaultdict(list)
        for clock, vals in values.items():
            groups[tuple(sorted(vals.items(), key=lambda item: item[0]))].append(
                clock.id
            )
        for vals, ids in groups.items():
            self.browse(ids).write(dict(vals))
