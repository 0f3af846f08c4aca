from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools import calendars, worktime
from ..constants import MILESTONES

#: Labels of worktime.UNITS (C3).
UNITS = [
    ("elapsed_hour", "hours"),
    ("work_hour", "working hours"),
    ("work_day", "working days"),
    ("calendar_day", "days"),
    ("calendar_week", "weeks"),
]
#: What a limit means; the rest is order on the screen.
_MEANING = {
    "policy_id",
    "milestone",
    "amount",
    "unit",
    "start_milestone",
    "is_statutory",
    "is_promised",
    "warn_percent",
}
_RANK = {milestone: rank for rank, (milestone, _label) in enumerate(MILESTONES)}


class ComplaintSlaTarget(models.Model):
    """A time limit of a policy: this milestone, within so much time (C1-C3)."""

    _name = "complaint.sla.target"
    _inherit = ["complaint.kept.mixin"]
    _description = "Complaint Time Limit"
    _order = "policy_id, sequence, id"

    policy_id = fields.Many2one(
        comodel_name="complaint.sla.policy",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    milestone = fields.Selection(
        selection=MILESTONES,
        required=True,
        help="What must have happened when the time is up.",
    )
    amount = fields.Float(
        string="Within",
        required=True,
        digits=(16, 4),
        help="Hours may be fractions: 0.25 is a quarter of an hour.",
    )
    unit = fields.Selection(
        selection=UNITS,
        required=True,
        default="elapsed_hour",
        help="Hours: on the wall.\n"
        "Working hours: while the office is open.\n"
        "Working days: until the close of business so many working days after the day "
        "it starts.\n"
        "Days and weeks: until midnight at the end of that day.",
    )
    limit_text = fields.Char(
        string="Limit", compute="_compute_limit_text", help="How people read it."
    )
    start_milestone = fields.Selection(
        selection=MILESTONES,
        string="Counted from",
        help="Empty: from when the complaint was received or reopened. Else from when "
        "this was reached.",
    )
    is_statutory = fields.Boolean(
        string="Statutory",
        help="Set by law or contract: nothing stops this limit while it runs.",  # C4
    )
    is_promised = fields.Boolean(
        string="Promised",
        help="The customer sees this date: in the acknowledgement and in the portal.",
    )
    warn_percent = fields.Integer(
        string="Warn at (%)",
        default=75,
        help="Share of the limit after which the handler is warned, measured in the "
        "limit's own time: a limit in working hours never warns at night. 0: no "
        "warning.",
    )

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "A time limit must be longer than zero."
    )
    _warn_share = models.Constraint(
        "CHECK (warn_percent BETWEEN 0 AND 99)",
        "A warning comes before the limit: choose between 1 and 99 percent, or 0 for "
        "no warning.",
    )
    _once_in_policy = models.UniqueIndex(
        "(policy_id, milestone, COALESCE(is_statutory, FALSE))",
        "A policy sets one limit for a milestone, and one statutory limit beside it. "
        "Change the one that is there.",
    )

    @api.depends("milestone", "amount", "unit")
    @api.depends_context("lang")
    def _compute_display_name(self):
        milestones = dict(self._fields["milestone"]._description_selection(self.env))
        for target in self:
            target.display_name = self.env._(
                "%(milestone)s: %(limit)s",
                milestone=milestones.get(target.milestone) or "",
                limit=target.limit_text or "",
            )

    @api.model
    def _limit_text(self, amount, unit):
        """A limit in words, such as “3 working days” or “15 minutes”."""
        if amount < 1:
            # Only hours have fractions. In minutes, people do not count "0.25 hours".
            minutes = f"{round(amount * 60, 1):g}"
            if unit == "work_hour":
                return self.env._("%(minutes)s working minutes", minutes=minutes)
            return self.env._("%(minutes)s minutes", minutes=minutes)
        if amount == 1:
            return {
                "elapsed_hour": self.env._("1 hour"),
                "work_hour": self.env._("1 working hour"),
                "work_day": self.env._("1 working day"),
                "calendar_day": self.env._("1 day"),
                "calendar_week": self.env._("1 week"),
            }[unit]
        units = dict(self._fields["unit"]._description_selection(self.env))
        return f"{amount:g} {units.get(unit) or ''}"

    @api.depends("amount", "unit")
    @api.depends_context("lang")
    def _compute_limit_text(self):
        for target in self:
            target.limit_text = bool(target.amount and target.unit) and (
                self._limit_text(target.amount, target.unit)
            )

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        # A policy that is being made, or a new version, has set nothing yet.
        targets._check_policy_unused()
        return targets

    def write(self, vals):
        if _MEANING.intersection(vals):
            self._check_policy_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_policy_unused()

    def _check_policy_unused(self):
        """Limits that complaints were held to are not changed afterwards (C6)."""
        used = self.policy_id._used()
        if used:
            raise UserError(
                self.env._(
                    "“%(policy)s” has set time limits of complaints. To change them, "
                    "make a new version of the policy: it applies from the day that "
                    "you choose, and earlier complaints keep what they were promised.",
                    policy=used[0].display_name,
                )
            )

    @api.constrains("amount", "unit")
    def _check_amount(self):
        for target in self:
            try:
                worktime.check_amount(target.unit, target.amount)
            except worktime.DeadlineError as error:
                raise ValidationError(calendars.explain(self.env, error)) from error

    @api.constrains("milestone", "start_milestone")
    def _check_start(self):
        for target in self.filtered("start_milestone"):
            if _RANK[target.start_milestone] >= _RANK[target.milestone]:
                raise ValidationError(
                    self.env._(
                        "A time limit counts from something that happens before its "
                        "milestone. Choose an earlier start, or leave it empty."
                    )
                )

    @api.constrains("unit", "policy_id")
    def _check_working_hours(self):
        """Refuse a limit in working time where it is known that there is none."""
        for target in self.filtered(lambda target: target.unit in worktime.WORK_UNITS):
            policy = target.policy_id
            calendar = policy.calendar_id
            if not calendar and policy.company_id and not policy.team_ids:
                # sudo: who edits policies need not read the company's hours.
                calendar = policy.company_id.sudo().resource_calendar_id
            if not calendar:
                continue  # decided by team or company of each complaint
            try:
                calendars.check_calendar(calendar)
            except worktime.DeadlineError as error:
                raise ValidationError(calendars.explain(self.env, error)) from error
