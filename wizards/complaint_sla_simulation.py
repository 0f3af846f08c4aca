from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.constants import MILESTONES, PHASE_MILESTONES
from ..models.sla.complaint_sla_clock import OF_CASES
from ..models.sla.complaint_sla_policy import COSTLY
from ..tools.calendars import CalendarBook
from ..tools.worktime import WORK_UNITS, DeadlineError

#: More complaints than this are not tried on at once: the latest ones are.
MAX_CASES = 20_000

#: What is read of a complaint, with one query.
_READ = [
    "company_id",
    "team_id",
    "category_id",
    "channel_id",
    "nature",
    "priority",
    "handling_mode",
    "date_received",
    "reopened_at",
    "round",
    "phase",
    "product_id",
    "partner_id",
    "order_id",
]
#: What the state of a real clock counts as.
_COUNTED_AS = {
    "met": "met",
    "breached": "breached",
    "running": "open",
    "paused": "open",
    "unplanned": "open",
    "cancelled": "other",
}


class Limit(NamedTuple):
    """A target as plain values: reading records a hundred thousand times is slow."""

    milestone: str
    amount: float
    unit: str
    start_milestone: str
    is_statutory: bool


class History(NamedTuple):
    """What happened to a complaint in its first round; moments in UTC."""

    received_at: datetime
    reached: dict
    over_at: datetime | None
    unknown: frozenset
    stops: list
    hours: tuple


class ComplaintSlaSimulation(models.TransientModel):
    """Tries a policy on past complaints before it is put to work (C2).

    Everything is computed in memory from when milestones were really reached and when
    complaints really waited; nothing of any complaint is changed.
    """

    _name = "complaint.sla.simulation"
    _description = "Try a Policy on Past Complaints"

    policy_id = fields.Many2one(
        comodel_name="complaint.sla.policy",
        required=True,
        ondelete="cascade",
        domain=[("active", "in", (True, False))],
    )
    date_from = fields.Date(
        string="Received from",
        required=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(days=365),
    )
    date_to = fields.Date(
        string="Received to",
        required=True,
        default=fields.Date.context_today,
        help="Last day of receipt, inclusive.",
    )
    is_done = fields.Boolean(readonly=True)
    is_cut = fields.Boolean(readonly=True)
    received_count = fields.Integer(string="Complaints received", readonly=True)
    fitting_count = fields.Integer(
        string="Fit the policy",
        readonly=True,
        help="Those that its conditions fit and that no policy above it takes. Its "
        "own period of validity is left out of account.",
    )
    taken_count = fields.Integer(
        string="Left to policies above",
        readonly=True,
        help="Its conditions fit them, too, but a policy above it takes them first.",
    )
    line_ids = fields.One2many(
        comodel_name="complaint.sla.simulation.line",
        inverse_name="simulation_id",
        readonly=True,
    )

    _period = models.Constraint(
        "CHECK (date_to >= date_from)", "The period ends before it begins."
    )

    def action_run(self):
        """Try the policy and show what would have happened."""
        self.ensure_one()
        self.policy_id.check_access("read")
        if not self.policy_id.target_ids:
            raise UserError(
                self.env._("This policy has no time limits yet. Add some, then try it.")
            )
        cases, is_cut = self._received()
        fitting, taken = self._fitting(cases)
        self.write(
            {
                "is_done": True,
                "is_cut": is_cut,
                "received_count": len(cases),
                "fitting_count": len(fitting),
                "taken_count": len(taken),
                "line_ids": [
                    Command.clear(),
                    *(Command.create(line) for line in self._outcomes(fitting)),
                ],
            }
        )
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_sla_simulation_action"
        )
        return action | {"res_id": self.id}

    # Which complaints ---------------------------------------------------------------

    def _received(self):
        """The complaints of the period, oldest first, and whether some were left out.

        Whoever asks must be allowed to see them.
        """
        companies = self.policy_id.company_id or self.env.companies
        cases = self.env["complaint.case"].search_fetch(
            [
                ("date_received", ">=", self._begin_of(self.date_from)),
                (
                    "date_received",
                    "<",
                    self._begin_of(self.date_to + timedelta(days=1)),
                ),
                ("company_id", "in", companies.ids),
            ],
            _READ,
            order="date_received desc, id desc",
            limit=MAX_CASES + 1,
        )
        # sudo: what policies look at, such as orders, managers need not be able to see.
        return cases[:MAX_CASES][::-1].sudo(), len(cases) > MAX_CASES

    def _begin_of(self, day):
        """The first moment of a day of the reader (UTC)."""
        local = self.env.tz.localize(datetime.combine(day, time.min))
        return local.astimezone(UTC).replace(tzinfo=None)

    def _fitting(self, cases):
        """Those that the policy would get, and those that policies above it take."""
        # sudo: the manager tries a policy on cases that count, seen or not.
        policy = self.policy_id.sudo()
        # A copy that is tried stands beside the policy that it may replace.
        above = policy._above().filtered(lambda other: other.sequence < policy.sequence)
        asked = {name for name in COSTLY if any((policy | above).mapped(name))}
        self._read_ahead(cases, asked)
        _policy, fits = policy._rule()
        others = [rule for _other, rule in (one._rule() for one in above)]
        day = policy.date_from or policy.date_to
        mine, taken = [], []
        for case in cases:
            facts = policy._facts(case, asked)
            if fits(facts._replace(day=day) if day else facts):
                is_taken = any(rule(facts) for rule in others)
                (taken if is_taken else mine).append(case.id)
        return cases.browse(mine), cases.browse(taken)

    @api.model
    def _read_ahead(self, cases, asked):
        """Read what policies look at with one query for each kind of record.

        Left to itself the cache would be filled by the thousand.
        """
        cases.category_id.fetch(["parent_path"])
        if "product_category_ids" in asked:
            cases.product_id.fetch(["product_tmpl_id"])
            cases.product_id.product_tmpl_id.fetch(["categ_id"])
            cases.product_id.product_tmpl_id.categ_id.fetch(["parent_path"])
        if "partner_tag_ids" in asked:
            partners = cases.partner_id
            partners.fetch(["commercial_partner_id", "category_id"])
            partners.commercial_partner_id.fetch(["category_id"])
        if asked & {"order_amount_min", "order_amount_max"}:
            cases.order_id.fetch(["amount_total", "currency_rate"])

    # What happened to them ----------------------------------------------------------

    def _histories(self, cases):
        """{case: History} of the first round, with one query for each kind of fact."""
        reached = defaultdict(dict)
        for row in (
            self.env["complaint.milestone"]
            .sudo()
            .search_fetch(
                [("case_id", "in", cases.ids), ("round", "=", 1), *OF_CASES],
                ["case_id", "milestone", "reached_at"],
                order="id",
            )
        ):
            reached[row.case_id.id][row.milestone] = row.reached_at
        stops = defaultdict(list)
        for pause in (
            self.env["complaint.pause"]
            .sudo()
            .search_fetch(
                [("case_id", "in", cases.ids), ("stops_clock", "=", True)],
                ["case_id", "started_at", "ended_at"],
                order="started_at, id",
            )
        ):
            stops[pause.case_id.id].append((pause.started_at, pause.ended_at or None))
        clocks = self.env["complaint.sla.clock"]
        # sudo: as above: figures only.
        policy = self.policy_id.sudo()
        hours, histories = {}, {}
        for case in cases:
            key = case.team_id, case.company_id
            if key not in hours:
                calendar = policy._calendar_for(case)
                hours[key] = calendar, case.company_id, clocks._zone(case, calendar)
            histories[case] = self._history(
                case, reached[case.id], stops[case.id], hours[key]
            )
        return histories

    @api.model
    def _history(self, case, reached, stops, hours):
        over_at, unknown = reached.get("closed"), frozenset()
        if case.round > 1:
            # Of the rounds between only the last one's beginning is on record.
            last = max(reached.values(), default=case.date_received)
            over_at = over_at or (case.reopened_at if case.round == 2 else last)
        else:
            # Brought in from an older register: nobody knows when it got there.
            unknown = frozenset(PHASE_MILESTONES[case.phase]) - reached.keys()
            if case.phase == "closed" and not over_at:
                unknown = frozenset(dict(MILESTONES)) - reached.keys()
        return History(case.date_received, reached, over_at, unknown, stops, hours)

    # What would have happened -------------------------------------------------------

    def _outcomes(self, cases):
        """The lines of the result, as values: one for each limit of the policy."""
        now = fields.Datetime.now()
        histories = self._histories(cases)
        limits = [
            Limit(
                target.milestone,
                target.amount,
                target.unit,
                target.start_milestone,
                target.is_statutory,
            )
            for target in self.policy_id.sudo().target_ids
        ]
        book = self._book(histories.values(), limits, now)
        real = self._real(cases)
        return [
            self._line(limit, *self._tried(book, limit, histories.values(), now))
            | {
                f"real_{name}_count": real[limit.milestone, limit.is_statutory][name]
                for name in ("met", "breached", "open", "other")
            }
            for limit in limits
        ]

    def _book(self, histories, limits, now):
        """A book that has read all working hours of the period at once."""
        book = CalendarBook(self.env)
        if any(limit.unit in WORK_UNITS for limit in limits):
            begin = min((past.received_at for past in histories), default=now)
            for calendar, company, _tz in {past.hours for past in histories}:
                try:
                    book.get(calendar, company, begin, now + timedelta(days=366))
                except DeadlineError:
                    continue  # counted with each limit that needs it
        return book

    @api.model
    def _tried(self, book, limit, histories, now):
        """Count how a limit would have ended, and which shares of it were used."""
        counts, shares = Counter(), []
        for past in histories:
            try:
                outcome, share = self._outcome(book, limit, past, now)
            except DeadlineError:
                outcome, share = "other", None
            if outcome:
                counts[outcome] += 1
            if share is not None and outcome != "other":
                shares.append(share)
        return counts, shares

    @api.model
    def _outcome(self, book, limit, past, now):
        """How a limit would have ended for one complaint.

        :return: (met, breached, open, other, or None where it would not have begun;
            the used share of the limit)
        """
        start = past.received_at
        if limit.start_milestone:
            start = past.reached.get(limit.start_milestone)
            if not start:
                return None, None
        if limit.milestone in past.unknown:
            return "other", None
        at = past.reached.get(limit.milestone)
        end = at or past.over_at or now
        clocks = self.env["complaint.sla.clock"]
        stops = () if limit.is_statutory else clocks._stops_until(past.stops, end)
        plan = clocks._simulated(book, limit, start, stops, past.hours)
        calendar, company, _tz = past.hours
        since = plan["resumed_at"] or start
        used = plan["budget"] - plan["left"]
        used += book.spent(limit.unit, since, end, calendar, company)
        share = used / plan["budget"] if plan["budget"] else None
        if plan["deadline"] < end:
            return "breached", share
        if at:
            return "met", share
        return ("other" if past.over_at else "open"), share

    @api.model
    def _line(self, limit, counts, shares):
        return {
            "milestone": limit.milestone,
            "limit": self.env["complaint.sla.target"]._limit_text(
                limit.amount, limit.unit
            ),
            "is_statutory": limit.is_statutory,
            "met_count": counts["met"],
            "breached_count": counts["breached"],
            "open_count": counts["open"],
            "other_count": counts["other"],
            "share_used": sum(shares) / len(shares) if shares else 0,
        }

    @api.model
    def _real(self, cases):
        """{(milestone, statutory): how the real limits of the first round ended}"""
        real = defaultdict(Counter)
        groups = (
            self.env["complaint.sla.clock"]
            .sudo()
            ._read_group(
                [("case_id", "in", cases.ids), ("round", "=", 1)],
                ["milestone", "is_statutory", "state"],
                ["__count"],
            )
        )
        for milestone, is_statutory, state, count in groups:
            real[milestone, bool(is_statutory)][_COUNTED_AS[state]] += count
        return real


class ComplaintSlaSimulationLine(models.TransientModel):
    """What would have become of one limit, beside what became of it."""

    _name = "complaint.sla.simulation.line"
    _description = "Outcome of a Policy That Is Tried"

    simulation_id = fields.Many2one(
        comodel_name="complaint.sla.simulation", required=True, ondelete="cascade"
    )
    milestone = fields.Selection(selection=MILESTONES, readonly=True)
    limit = fields.Char(string="Within", readonly=True)
    is_statutory = fields.Boolean(string="Statutory", readonly=True)
    met_count = fields.Integer(string="Met", readonly=True)
    breached_count = fields.Integer(string="Breached", readonly=True)
    open_count = fields.Integer(string="Open", readonly=True)
    other_count = fields.Integer(
        string="Not judged",
        readonly=True,
        help="The complaint ended before, nobody knows when it got there, or no "
        "deadline can be computed.",
    )
    met_share = fields.Float(
        string="Met %",
        compute="_compute_shares",
        help="Of those that were met or breached.",
    )
    share_used = fields.Float(
        string="Used (avg)",
        readonly=True,
        help="Share of the limit that was used, up to the milestone or until now.",
    )
    real_met_count = fields.Integer(string="Was met", readonly=True)
    real_breached_count = fields.Integer(string="Was missed", readonly=True)
    real_open_count = fields.Integer(string="Was open", readonly=True)
    real_other_count = fields.Integer(string="Was not judged", readonly=True)
    real_met_share = fields.Float(
        string="Was met %",
        compute="_compute_shares",
        help="Of those whose limit for this milestone was met or breached, by "
        "whichever policy set it.",
    )

    @api.depends("met_count", "breached_count", "real_met_count", "real_breached_count")
    def _compute_shares(self):
        for line in self:
            judged = line.met_count + line.breached_count
            line.met_share = line.met_count / judged if judged else 0
            judged = line.real_met_count + line.real_breached_count
            line.real_met_share = line.real_met_count / judged if judged else 0
