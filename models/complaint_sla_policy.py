import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import calendars
from ..tools.worktime import DeadlineError
from .constants import HANDLING_MODES, NATURES, PRIORITIES


class ComplaintSlaPolicy(models.Model):
    """Which complaints a set of time limits applies to (C2, C3).

    Policies are tried in their order; the first whose conditions all hold is the one.
    An empty condition holds for every complaint.
    """

    _name = "complaint.sla.policy"
    _description = "Complaint Time Limit Policy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10,
        help="Policies are tried from the top. The first one that fits a complaint "
        "sets its time limits.",
    )
    note = fields.Text(
        translate=True, help="Why these limits: the rule or agreement behind them."
    )
    target_ids = fields.One2many(
        comodel_name="complaint.sla.target",
        inverse_name="policy_id",
        string="Time Limits",
        copy=True,
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Working Hours",
        check_company=True,
        ondelete="restrict",
        help="Limits in working hours or days run by these hours. Empty: those of the "
        "complaint's team, else of its company.",
    )

    # Conditions. Deleting what a condition names must not widen the policy to every
    # complaint: hence "restrict".
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Leave empty for a policy that serves all companies.",
    )
    team_ids = fields.Many2many(
        comodel_name="complaint.team",
        relation="complaint_sla_policy_team_rel",
        column1="policy_id",
        column2="team_id",
        string="Teams",
        ondelete="restrict",
        domain="[('company_id', 'in', (False, company_id))] if company_id else []",
    )
    category_ids = fields.Many2many(
        comodel_name="complaint.category",
        relation="complaint_sla_policy_category_rel",
        column1="policy_id",
        column2="category_id",
        string="Categories",
        ondelete="restrict",
        help="With everything below them.",
    )
    channel_ids = fields.Many2many(
        comodel_name="complaint.channel",
        relation="complaint_sla_policy_channel_rel",
        column1="policy_id",
        column2="channel_id",
        string="Channels",
        ondelete="restrict",
    )
    nature = fields.Selection(selection=NATURES)
    priority = fields.Selection(selection=PRIORITIES)
    handling_mode = fields.Selection(selection=HANDLING_MODES)
    date_from = fields.Date(
        string="Valid from",
        help="First day of receipt that the policy applies to, in the time zone of the "
        "complaint's working hours.",
    )
    date_to = fields.Date(string="Valid to", help="Last day of receipt, inclusive.")

    _valid_period = models.Constraint(
        "CHECK (date_to >= date_from)",
        "A policy must be valid to a day that is not before the day it is valid from.",
    )

    @api.constrains("calendar_id")
    def _check_calendar(self):
        for calendar in self.calendar_id:
            try:
                calendars.check_calendar(calendar)
            except DeadlineError as error:
                raise ValidationError(calendars.explain(self.env, error)) from error

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        clock = (
            self.env["complaint.sla.clock"]
            # sudo: also clocks of complaints that the manager may not see.
            .sudo()
            .search([("policy_id", "in", self.ids)], limit=1)
        )
        if clock:
            raise ValidationError(
                self.env._(
                    "“%(policy)s” has set time limits of complaints and belongs to "
                    "their history. Archive it, or give it a last day, instead of "
                    "deleting it.",
                    policy=clock.policy_id.name,
                )
            )

    def copy_data(self, default=None):
        return [
            vals | {"name": self.env._("%(policy)s (copy)", policy=policy.name)}
            for policy, vals in zip(self, super().copy_data(default), strict=True)
        ]

    # Matching ------------------------------------------------------------------------

    @api.model
    def _match_fields(self):
        """Names of the fields of a case that decide which policy it gets."""
        return {
            "company_id",
            "team_id",
            "category_id",
            "channel_id",
            "nature",
            "priority",
            "handling_mode",
            "date_received",
        }

    @api.model
    def _match(self, cases):
        """The policy of each case, in memory over all active policies (C2, C3, C6).

        Costs a fixed number of queries, however many cases and policies there are.

        :param cases: complaint.case, readable
        :return: {case: policy}, an empty policy where none applies
        """
        policies = self.search([("company_id", "in", [False, *cases.company_id.ids])])
        rules = [policy._rule() for policy in policies]
        found = {}
        matched = {}
        for case in cases:
            facts = self._facts(case)
            if facts not in found:
                found[facts] = next(
                    (policy for policy, fits in rules if fits(*facts)), self.browse()
                )
            matched[case] = found[facts]
        return matched

    @api.model
    def _facts(self, case):
        """What of a case policies look at, as a key."""
        path = case.category_id.parent_path or ""
        return (
            case.company_id.id,
            case.team_id.id,
            frozenset(int(part) for part in path.split("/") if part),
            case.channel_id.id,
            case.nature,
            case.priority,
            case.handling_mode,
            self._day_received(case),
        )

    @api.model
    def _day_received(self, case):
        """The local day on which a case was received, by the hours of its team."""
        calendar = case.team_id.calendar_id or case.company_id.resource_calendar_id
        zone = pytz.timezone(calendar.tz or "UTC")
        return pytz.utc.localize(case.date_received).astimezone(zone).date()

    def _rule(self):
        """The policy with a function that tells whether facts of a case fit it."""
        self.ensure_one()
        company, teams = self.company_id.id, set(self.team_ids.ids)
        categories, channels = set(self.category_ids.ids), set(self.channel_ids.ids)
        nature, priority, mode = self.nature, self.priority, self.handling_mode
        first, last = self.date_from, self.date_to

        def fits(
            case_company,
            team,
            path,
            channel,
            case_nature,
            case_priority,
            case_mode,
            day,
        ):
            return (
                (not company or company == case_company)
                and (not teams or team in teams)
                and (not categories or not categories.isdisjoint(path))
                and (not channels or channel in channels)
                and (not nature or nature == case_nature)
                and (not priority or priority == case_priority)
                and (not mode or mode == case_mode)
                and (not first or first <= day)
                and (not last or day <= last)
            )

        return self, fits

    def _calendar_for(self, case):
        """The working hours that limits of a case run by; may be empty."""
        return (
            self.calendar_id
            or case.team_id.calendar_id
            or case.company_id.resource_calendar_id
        )
