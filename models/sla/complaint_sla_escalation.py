from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import calendars, ladder, worktime
from ..constants import CLOCKED
from .complaint_sla_target import UNITS

TIMINGS = [
    ("share", "Share of the limit"),
    ("before", "Before the limit"),
    ("after", "After the limit"),
]
RECIPIENTS = [
    ("handler", "Handler"),
    ("handler_manager", "Handler's manager"),
    ("leader", "Team leader"),
    ("leader_manager", "Team leader's manager"),
    ("user", "Named person"),
]
#: What decides when a rung is climbed.
_TIMING_FIELDS = {
    "active",
    "at_percent",
    "milestone",
    "offset_amount",
    "offset_unit",
    "policy_id",
    "timing",
}


class ComplaintSlaEscalation(models.Model):
    """A rung of a policy's ladder: when, who, what (C5).

    Rungs are climbed by the clock's scheduled action; each is climbed once for a
    deadline, which the ledger guarantees.
    """

    _name = "complaint.sla.escalation"
    _description = "Complaint Escalation"
    _order = "policy_id, sequence, id"

    policy_id = fields.Many2one(
        comodel_name="complaint.sla.policy",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    milestone = fields.Selection(
        selection=CLOCKED,
        string="Limit",
        help="Empty: every limit of the policy.",
    )

    # When
    timing = fields.Selection(
        selection=TIMINGS,
        string="When",
        required=True,
        default="share",
        help="Share of the limit: measured in the limit's own time, a limit in working "
        "hours never escalates at night.\n"
        "Before or after the limit: in the time chosen here. What would lie before the "
        "start of a limit does not apply to it.",
    )
    at_percent = fields.Integer(
        string="Share (%)",
        default=100,
        aggregator=None,
        help="100: at the limit.",
    )
    offset_amount = fields.Float(
        string="Time", default=1.0, digits=(16, 4), aggregator=None
    )
    offset_unit = fields.Selection(
        selection=UNITS,
        string="Unit",
        required=True,
        default="work_hour",
        help="Working time runs by the working hours of the limit. A working day ends "
        "at the close of business.",
    )
    effective_from = fields.Datetime(
        readonly=True,
        copy=False,
        help="Set when the rung is changed while limits are running: it is not climbed "
        "for moments that were past by then.",
    )

    # Who
    recipient = fields.Selection(
        selection=RECIPIENTS,
        string="Who",
        required=True,
        default="leader",
        help="Where there is no such person, or who must not see the complaint, the "
        "next one up is told; for an absent person the deputy.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
    )

    # What
    do_notify = fields.Boolean(
        string="Mail",
        default=True,
        help="In the next mail that sums up what the person must know; not in quiet "
        "hours.",
    )
    do_activity = fields.Boolean(string="To-do", help="Gets a to-do on the complaint.")
    do_reassign = fields.Boolean(
        string="Hand over", help="The person becomes the handler of the complaint."
    )
    do_raise_priority = fields.Boolean(
        string="Raise priority", help="By one step, up to urgent."
    )

    _share_valid = models.Constraint(
        "CHECK (timing <> 'share' OR at_percent BETWEEN 1 AND 100)",
        "Escalate at a share of the limit between 1 and 100 percent. To escalate "
        "later, choose “After the limit”.",
    )
    _person_named = models.Constraint(
        "CHECK (recipient <> 'user' OR user_id IS NOT NULL)",
        "Name the person to escalate to.",
    )
    _does_something = models.Constraint(
        "CHECK (COALESCE(do_notify, FALSE) OR COALESCE(do_activity, FALSE)"
        " OR COALESCE(do_reassign, FALSE) OR COALESCE(do_raise_priority, FALSE))",
        "An escalation must do something: mail, to-do, hand over or raise the "
        "priority.",
    )

    @api.depends(
        "timing", "at_percent", "offset_amount", "offset_unit", "recipient", "user_id"
    )
    @api.depends_context("lang")
    def _compute_display_name(self):
        recipients = dict(self._fields["recipient"]._description_selection(self.env))
        for rung in self:
            # sudo: a name, nothing else.
            who = rung.recipient == "user" and rung.user_id.sudo().name
            rung.display_name = self.env._(
                "%(when)s: %(who)s",
                when=rung._when_text(),
                who=who or recipients.get(rung.recipient) or "",
            )

    def _when_text(self):
        """When the rung is climbed, such as “1 working day after the limit”."""
        self.ensure_one()
        if self.timing == "share":
            if self.at_percent == 100:
                return self.env._("At the limit")
            return self.env._("At %(percent)s %%", percent=self.at_percent)
        span = self.env["complaint.sla.target"]._limit_text(
            self.offset_amount, self.offset_unit
        )
        if self.timing == "before":
            return self.env._("%(span)s before the limit", span=span)
        return self.env._("%(span)s after the limit", span=span)

    @api.constrains("timing", "offset_amount", "offset_unit")
    def _check_offset(self):
        for rung in self.filtered(lambda rung: rung.timing != "share"):
            if rung.timing == "before" and rung.offset_unit not in ladder.BACK_UNITS:
                raise ValidationError(
                    self.env._(
                        "Before a limit, escalate so many hours or working hours ahead."
                    )
                )
            try:
                worktime.check_amount(rung.offset_unit, rung.offset_amount)
            except worktime.DeadlineError as error:
                raise ValidationError(calendars.explain(self.env, error)) from error

    @api.model_create_multi
    def create(self, vals_list):
        rungs = super().create(vals_list)
        rungs._take_effect()
        return rungs

    def write(self, vals):
        result = super().write(vals)
        if _TIMING_FIELDS.intersection(vals):
            self._take_effect()
        return result

    def _take_effect(self):
        """Have running clocks look at the ladder again; what is past stays past."""
        # sudo: also clocks of complaints that the manager may not see.
        policies = self.policy_id.sudo()._with_open_clocks()
        rungs = self.filtered(lambda rung: rung.policy_id in policies)
        if rungs:
            rungs.write({"effective_from": fields.Datetime.now()})
            policies._wake_clocks()

    # When ---------------------------------------------------------------------------

    def _applies_to(self, clock, moment):
        """Whether the rung counts for a clock whose moment is known (UTC).

        A ladder that is built while clocks are running tells nobody about moments
        that were past by then.
        """
        self.ensure_one()
        changed = self.effective_from
        return not changed or moment >= changed or clock.create_date >= changed

    def _moment(self, book, plan, unit, calendar, company, tz):
        """When the rung is to be climbed (naive UTC); None where it does not apply.

        :param CalendarBook book: shared by the whole batch
        :param plan: of the clock: started_at, resumed_at, budget, left, deadline
        :param str unit: of the limit
        :raises DeadlineError: when working time cannot be counted
        """
        self.ensure_one()
        deadline = plan["deadline"]
        if self.timing == "share":
            return self._share_moment(book, plan, unit, calendar, company)
        if self.timing == "after":
            return book.plan(
                self.offset_unit, self.offset_amount, deadline, calendar, company, tz
            )[0]
        moment = ladder.go_back(
            book, self.offset_unit, self.offset_amount, deadline, calendar, company
        )
        return moment if moment >= plan["started_at"] else None

    def _share_moment(self, book, plan, unit, calendar, company):
        if self.at_percent == 100:
            return plan["deadline"]
        start = plan["resumed_at"] or plan["started_at"]
        used = plan["budget"] - plan["left"]
        share = plan["budget"] * self.at_percent // 100 - used
        if share <= 0:
            # Used up before the clock last began to run.
            return start
        if unit in worktime.WORK_UNITS:
            return book.replan(unit, share, start, calendar, company)
        return start + timedelta(seconds=share)

    def _early_moment(self, book, case, limit, plan):
        """As :meth:`_moment`, for a clock that is being planned; None when it cannot
        be computed (the scheduled action tells)."""
        calendar = limit.policy_id._calendar_for(case)
        plan = {"resumed_at": False, **plan}
        zone = self.env["complaint.sla.clock"]._zone(case, calendar)
        try:
            return self._moment(book, plan, limit.unit, calendar, case.company_id, zone)
        except worktime.DeadlineError:
            return None
