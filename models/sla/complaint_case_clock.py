from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.calendars import explain
from ...tools.worktime import DeadlineError
from ..constants import MILESTONES, PHASE_MILESTONES
from ..searching import yes_or_no
from .complaint_sla_clock import OF_CASES, WAITING


class ComplaintCase(models.Model):
    """Time limits of a complaint: which apply, and what is due next (C1-C5).

    The rest of the case calls a handful of hooks here, always with many cases at once:
    :meth:`_clocks_start`, :meth:`_clocks_rematch`, :meth:`_clocks_reach`,
    :meth:`_clocks_cancel` and :meth:`_clocks_history`.
    """

    _inherit = "complaint.case"

    sla_policy_id = fields.Many2one(
        comodel_name="complaint.sla.policy",
        string="Time Limit Policy",
        compute="_compute_sla_policy_id",
        store=True,
        precompute=True,
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="The policy that set the time limits of the present round.",
    )
    clock_ids = fields.One2many(
        comodel_name="complaint.sla.clock",
        inverse_name="case_id",
        string="Time Limits",
        domain=OF_CASES,
        readonly=True,
        groups="base.group_user",
    )
    next_deadline = fields.Datetime(
        compute="_compute_next_deadline",
        store=True,
        precompute=True,
        index="btree_not_null",
        groups="base.group_user",
        help="The earliest time limit that is not yet reached, passed or not.",
    )
    next_milestone = fields.Selection(
        selection=MILESTONES,
        string="Next Limit",
        compute="_compute_next_deadline",
        store=True,
        precompute=True,
        groups="base.group_user",
    )
    is_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        groups="base.group_user",
    )
    clock_problem = fields.Text(
        string="Time Limit Problem",
        compute="_compute_clock_problem",
        groups="base.group_user",
        help="Why a time limit has no deadline, and what to do about it.",
    )

    def _compute_sla_policy_id(self):
        """Known before a case is written; afterwards :meth:`_clocks_match` decides."""
        self.sla_policy_id = False
        policies = self.env["complaint.sla.policy"]._match(self._foreseeable())
        for case, policy in policies.items():
            case.sla_policy_id = policy

    @api.depends("clock_ids.deadline", "clock_ids.state", "clock_ids.ended_at")
    def _compute_next_deadline(self):
        # Asked of the database, as only one clock of many is of interest.
        clocks = self.env["complaint.sla.clock"]
        earliest = clocks._earliest(self._origin.ids)
        foreseen = clocks._foresee(self._foreseeable()._clocks_to_start())
        for case in self:
            case.next_deadline, case.next_milestone = (
                foreseen.get(case) or earliest.get(case._origin.id) or (False, False)
            )

    def _foreseeable(self):
        """Cases that are about to be written (not forms that somebody is filling in).

        What their clocks will say is put into the row at once: changing a row that was
        just written costs as much again.
        """
        if not self.env.context.get("complaint_registering"):
            return self.browse()
        return self.filtered(
            lambda case: not case._origin and case.company_id and case.date_received
        )

    @api.depends("next_deadline")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for case in self:
            case.is_overdue = bool(case.next_deadline) and case.next_deadline < now

    @api.model
    def _search_is_overdue(self, operator, value):
        overdue = Domain("next_deadline", "<", fields.Datetime.now())
        return yes_or_no(operator, value, overdue)

    @api.depends("clock_ids.problem", "clock_ids.state", "clock_ids.ended_at")
    def _compute_clock_problem(self):
        for case in self:
            unplanned = case.clock_ids.filtered(
                lambda clock: clock.state == "unplanned" and clock.problem
            )
            case.clock_problem = "\n".join(
                dict.fromkeys(
                    f"{clock.display_name}: {clock.problem}" for clock in unplanned
                )
            )

    # Hooks ------------------------------------------------------------------------

    @api.model
    def _clock_match_fields(self):
        """Names of the fields whose change can change the time limits."""
        return self.env["complaint.sla.policy"]._match_fields()

    def _clocks_start(self):
        """Start the limits of the present round, by the policy that fits now (C1).

        Costs a fixed number of queries, however many cases there are.
        """
        # sudo: whoever registers a complaint (a customer too) starts its clocks,
        # nobody writes them by hand.
        cases = self.sudo()
        cases._clocks_match()
        self.env["complaint.sla.clock"].sudo()._start(cases._clocks_to_start())

    def _clocks_to_start(self):
        """Limits that run from the beginning of the present round.

        :return: list of (case, target, start in UTC)
        """
        from_start = {
            policy: policy.target_ids.filtered(
                lambda target: not target.start_milestone
            )
            for policy in self.sla_policy_id
        }
        return [
            (case, target, start_at)
            for case in self.filtered("sla_policy_id")
            for start_at in [case._clock_start_at()]
            for target in from_start[case.sla_policy_id]
        ]

    def _clocks_rematch(self):
        """Choose the policy again after a change of what policies look at (C3).

        Limits not yet reached are planned anew from their own start, with what was
        used of them; those that were met or breached stay as they are, unless the
        start itself was wrong. What no longer applies is cancelled.
        """
        # sudo: see _clocks_start.
        cases = self.sudo().filtered(lambda case: case.phase != "closed")
        targets = cases._clocks_match()
        clocks = cases._clocks_present()
        start, replan, cancel = [], {}, []
        for case in cases:
            held = {
                (clock.milestone, clock.is_statutory): clock for clock in clocks[case]
            }
            for target in targets[case]:
                clock = held.pop((target.milestone, target.is_statutory), None)
                started_at = case._clock_started_at(target)
                if not started_at:
                    cancel += clock.ids if clock else []
                elif clock:
                    replan[clock] = (case, target, started_at)
                elif not case[f"{target.milestone}_at"]:
                    start.append((case, target, started_at))
            cancel += [clock.id for clock in held.values()]
        model = self.env["complaint.sla.clock"].sudo()
        model.browse(cancel)._cancel()
        model.browse(clock.id for clock in replan)._pass_unnoticed(
            {clock: started_at for clock, (_c, _t, started_at) in replan.items()}
        )
        model._replan(
            {
                clock: wanted
                for clock, wanted in replan.items()
                # Another start overrules what was concluded from the wrong one.
                if clock.started_at != wanted[2]
                or (clock.state in WAITING and not clock.finished_at)
            },
            note=self.env.context.get("complaint_replan_note"),
        )
        model._start(start)
        cases._clocks_alert(raise_new=False)

    def _clocks_reach(self, milestones):
        """Milestones were reached: meet or breach their clocks, start those that
        count from them (C1).

        :param milestones: complaint.milestone, of any cases and rounds
        """
        # sudo: see _clocks_start; milestones are read by handlers only.
        milestones = milestones.sudo()
        self._clocks_start_from(milestones)
        reached = {
            (row.case_id.id, row.round, row.milestone): row.reached_at
            for row in milestones
        }
        clocks = (
            self.env["complaint.sla.clock"]
            .sudo()
            .search(
                [
                    ("case_id", "in", milestones.case_id.ids),
                    ("milestone", "in", list(set(milestones.mapped("milestone")))),
                    ("finished_at", "=", False),
                    ("state", "in", (*WAITING, "breached")),
                ]
            )
        )
        moments = {}
        for clock in clocks:
            at = reached.get((clock.case_id.id, clock.round, clock.milestone))
            if at:
                moments[clock] = at
        clocks = clocks.browse(clock.id for clock in moments)
        clocks._reach(moments)
        clocks.filtered(
            lambda clock: clock.warned_at or clock.state == "breached"
        ).case_id._clocks_alert(raise_new=False)

    def _clocks_cancel(self):
        """The round is over: whatever still runs is cancelled."""
        # sudo: see _clocks_start.
        clocks = (
            self.env["complaint.sla.clock"]
            .sudo()
            .search([("case_id", "in", self.ids), ("ended_at", "=", False), *OF_CASES])
        )
        clocks._cancel(judge=not self._is_history())
        clocks.case_id._clocks_alert(raise_new=False)

    def _clocks_history(self):
        """Cases brought in from an older register: limits that passed then were
        breached then, and nobody is told now (C6)."""
        # sudo: see _clocks_start.
        clocks = (
            self.env["complaint.sla.clock"]
            .sudo()
            .search([("case_id", "in", self.ids), ("state", "=", "running"), *OF_CASES])
        )
        # By its phase the case has reached these, nobody knows when: not judged.
        unknown = clocks.filtered(
            lambda clock: clock.milestone in PHASE_MILESTONES[clock.case_id.phase]
        )
        unknown._cancel(judge=False)
        now = fields.Datetime.now()
        passed = (clocks - unknown).filtered(lambda clock: clock.deadline < now)
        passed._pass(quiet=True)

    # How the hooks find out -------------------------------------------------------

    def _clocks_match(self):
        """Freeze the policy that fits on each case.

        :return: {case: its targets}
        """
        # sudo: policies hold for cases of users who may not read them.
        policies = self.env["complaint.sla.policy"].sudo()._match(self)
        changed = defaultdict(list)
        for case, policy in policies.items():
            if case.sla_policy_id != policy:
                changed[policy].append(case.id)
        for policy, ids in changed.items():
            self.browse(ids).sla_policy_id = policy
        return {case: policy.target_ids for case, policy in policies.items()}

    def _clock_started_at(self, target):
        """When a limit of the present round starts (UTC); False: not yet."""
        self.ensure_one()
        if target.start_milestone:
            return self[f"{target.start_milestone}_at"]
        return self._clock_start_at()

    def _clocks_present(self):
        """{case: its clocks of the present round that were not cancelled}"""
        clocks = self.env["complaint.sla.clock"].search(
            [("case_id", "in", self.ids), ("state", "!=", "cancelled"), *OF_CASES]
        )
        present = defaultdict(clocks.browse)
        clocks = clocks.filtered(lambda clock: clock.round == clock.case_id.round)
        present.update(clocks.grouped("case_id"))
        return present

    @api.model
    def _clocks_start_from(self, milestones):
        """Start the limits that count from these milestones of the present round."""
        rows = milestones.filtered(lambda row: row.round == row.case_id.round)
        wanted = [
            (row.case_id, target, row.reached_at)
            for row in rows
            for target in row.case_id.sla_policy_id.target_ids
            if target.start_milestone == row.milestone
        ]
        if not wanted:
            return
        present = rows.case_id._clocks_present()
        held = {
            (clock.case_id, clock.milestone, clock.is_statutory)
            for clocks in present.values()
            for clock in clocks
        }
        # sudo: clocks are written by the case only, by nobody's hand.
        self.env["complaint.sla.clock"].sudo()._start(
            [
                (case, target, at)
                for case, target, at in wanted
                if (case, target.milestone, target.is_statutory) not in held
            ]
        )

    # For the customer -------------------------------------------------------------

    def _clock_promises(self, first_round=False):
        """Dates promised to the customer in the present round, earliest first (A6).

        For templates, which may be shown to the customer: plain values only.

        :param bool first_round: those that held when the complaint was received
        :return: list of dict: milestone (name), label, deadline (UTC), tz, state,
            reached_at (UTC or False)
        """
        self.ensure_one()
        # sudo: customers cannot read clocks; the caller checked whose case it is.
        wanted = 1 if first_round else self.sudo().round
        clocks = self.sudo().clock_ids.filtered(
            lambda clock: (
                clock.round == wanted
                and clock.is_promised
                and clock.deadline
                and clock.state != "cancelled"
            )
        )
        # "You hear from us for the first time" after the answer promises nothing.
        ends = [c.deadline for c in clocks if c.milestone in ("resolved", "answered")]
        clocks = clocks.filtered(
            lambda clock: (
                clock.milestone != "first_reply"
                or clock.deadline <= min(ends, default=clock.deadline)
            )
        )
        labels = dict(clocks._fields["milestone"]._description_selection(self.env))
        return [
            {
                "milestone": clock.milestone,
                "label": labels[clock.milestone],
                "deadline": clock.deadline,
                "tz": clock.tz,
                "state": clock.state,
                "reached_at": clock.finished_at,
            }
            for clock in clocks.sorted(lambda clock: (clock.deadline, clock.id))
        ]

    # What is promised outside of policies ---------------------------------------------

    def _plan_work_days(self, days, start, book):
        """When so many working days of the team's calendar are over.

        Working days that cannot be counted are no reason to promise nothing: then
        calendar days count.

        :param datetime start: naive UTC
        :param book: CalendarBook, shared by whoever plans for many
        :return: (when, naive UTC; why calendar days were counted, or False)
        """
        self.ensure_one()
        calendar = self.sla_policy_id._calendar_for(self)
        zone = calendar.tz or self.company_id.partner_id.tz or "UTC"
        plan = (days, start, calendar, self.company_id, zone)
        try:
            return book.plan("work_day", *plan)[0], False
        except DeadlineError as error:
            return book.plan("calendar_day", *plan)[0], explain(self.env, error)
