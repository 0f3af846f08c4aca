import math
from datetime import date
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools import calendars
from ...tools.worktime import DeadlineError
from ..constants import HANDLING_MODES, NATURES, PRIORITIES
from ..facts import order_amount, path_of, tags_of, within

#: Conditions whose facts cost queries of their own.
COSTLY = (
    "product_category_ids",
    "partner_tag_ids",
    "order_amount_min",
    "order_amount_max",
)
#: What narrows a policy down; without any it takes every complaint of its company.
CONDITIONS = (
    *COSTLY,
    "team_ids",
    "category_ids",
    "channel_ids",
    "nature",
    "priority",
    "handling_mode",
    "date_from",
    "date_to",
)


class Facts(NamedTuple):
    """What of a case policies look at; ids, words, a local day and an amount."""

    company: int
    team: int
    path: frozenset
    channel: int
    product_path: frozenset
    tags: frozenset
    amount: float | None
    nature: str
    priority: str
    mode: str
    day: date


class ComplaintSlaPolicy(models.Model):
    """Which complaints a set of time limits applies to (C2, C3).

    Policies are tried in their order; the first whose conditions all hold is the one.
    An empty condition holds for every complaint.
    """

    _name = "complaint.sla.policy"
    _inherit = ["complaint.kept.mixin"]
    _description = "Complaint Time Limit Policy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    is_draft = fields.Boolean(
        string="Draft",
        copy=False,
        help="A draft sets no limits. It can be tried on past complaints.",
    )
    shadow_id = fields.Many2one(
        comodel_name="complaint.sla.policy",
        string="Hidden by",
        compute="_compute_shadow_id",
        help="A policy above this one that fits every complaint: none gets here.",
    )
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
    product_category_ids = fields.Many2many(
        comodel_name="product.category",
        relation="complaint_sla_policy_product_category_rel",
        column1="policy_id",
        column2="category_id",
        string="Product Categories",
        ondelete="restrict",
        help="Of the product complained of, with everything below them.",
    )
    partner_tag_ids = fields.Many2many(
        comodel_name="res.partner.category",
        relation="complaint_sla_policy_partner_tag_rel",
        column1="policy_id",
        column2="tag_id",
        string="Customer Tags",
        ondelete="restrict",
        help="Any of them, on the complainant or the complainant's company: such as "
        "the customer's tier.",
    )
    order_amount_min = fields.Float(
        string="Order from",
        digits=(16, 2),
        help="Total of the sales order, in the currency of the complaint's company, "
        "inclusive. 0: any.",
    )
    order_amount_max = fields.Float(
        string="Order to",
        digits=(16, 2),
        help="Total of the sales order, in the currency of the complaint's company, "
        "inclusive. 0: any.",
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

    _order_amounts = models.Constraint(
        "CHECK (order_amount_min >= 0 AND order_amount_max >= 0 AND "
        "(order_amount_max = 0 OR order_amount_max >= order_amount_min))",
        "Order value: give amounts of zero or more, the larger one last.",
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
        used = self._used()
        if used:
            raise ValidationError(
                self.env._(
                    "“%(policy)s” has set time limits of complaints and belongs to "
                    "their history. Archive it, or give it a last day, instead of "
                    "deleting it.",
                    policy=used[0].display_name,
                )
            )

    @api.depends("sequence", "company_id", "is_draft", "date_to")
    def _compute_shadow_id(self):
        for policy in self:
            policy.shadow_id = policy._above().filtered(
                lambda other, policy=policy: (
                    other.company_id in (policy.company_id, other.company_id.browse())
                    and not any(other[name] for name in CONDITIONS)
                )
            )[:1]

    def _above(self):
        """Policies in force that are tried before this one, in their order."""
        self.ensure_one()
        domain = Domain("is_draft", "=", False)
        if self.company_id:
            domain &= Domain("company_id", "in", [False, self.company_id.id])
        return self.search(domain).filtered(
            lambda other: (
                (other.sequence, other.id)
                < (self.sequence, self._origin.id or math.inf)
            )
        )

    def action_put_into_force(self):
        """Let a draft set limits from now on; complaints under way keep theirs.

        :raise UserError: when it has no limits
        """
        self.check_access("write")
        for policy in self:
            if not policy.target_ids:
                raise UserError(
                    self.env._(
                        "“%(policy)s” has no time limits yet. Add some first.",
                        policy=policy.display_name,
                    )
                )
        self.is_draft = False
        return True

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" in (default or {}):
            return vals_list
        return [
            vals | {"name": self.env._("%(policy)s (copy)", policy=policy.name)}
            for policy, vals in zip(self, vals_list, strict=True)
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
            "product_id",
            "partner_id",
            "order_id",
        }

    @api.model
    def _match(self, cases):
        """The policy of each case, in memory over all active policies (C2, C3, C6).

        Costs a fixed number of queries, however many cases and policies there are.

        :param cases: complaint.case, readable
        :return: {case: policy}, an empty policy where none applies
        """
        policies = self.search(
            [
                ("company_id", "in", [False, *cases.company_id.ids]),
                ("is_draft", "=", False),
            ]
        )
        rules = [policy._rule() for policy in policies]
        # What no policy asks for is not read: that spares the queries.
        asked = {name for name in COSTLY if any(policy[name] for policy in policies)}
        found = {}
        matched = {}
        for case in cases:
            facts = self._facts(case, asked)
            if facts not in found:
                found[facts] = next(
                    (policy for policy, fits in rules if fits(facts)), self.browse()
                )
            matched[case] = found[facts]
        return matched

    @api.model
    def _facts(self, case, asked):
        """What of a case policies look at.

        :param set asked: which of the costly conditions any policy has
        """
        product_path = tags = ()
        amount = None
        if "product_category_ids" in asked:
            product_path = path_of(case.product_id.categ_id)
        if "partner_tag_ids" in asked:
            tags = tags_of(case.partner_id)
        if asked & {"order_amount_min", "order_amount_max"}:
            amount = order_amount(case.order_id, case.company_id)
        return Facts(
            company=case.company_id.id,
            team=case.team_id.id,
            path=frozenset(path_of(case.category_id)),
            channel=case.channel_id.id,
            product_path=frozenset(product_path),
            tags=frozenset(tags),
            amount=amount,
            nature=case.nature,
            priority=case.priority,
            mode=case.handling_mode,
            day=self._day_received(case),
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
        products = set(self.product_category_ids.ids)
        tags = set(self.partner_tag_ids.ids)
        least, most = self.order_amount_min, self.order_amount_max
        nature, priority, mode = self.nature, self.priority, self.handling_mode
        first, last = self.date_from, self.date_to

        def fits(facts):
            return (
                (not company or company == facts.company)
                and (not teams or facts.team in teams)
                and (not categories or not categories.isdisjoint(facts.path))
                and (not channels or facts.channel in channels)
                and (not products or not products.isdisjoint(facts.product_path))
                and (not tags or not tags.isdisjoint(facts.tags))
                and (not nature or nature == facts.nature)
                and (not priority or priority == facts.priority)
                and (not mode or mode == facts.mode)
                and (not first or first <= facts.day)
                and (not last or facts.day <= last)
                and within(facts.amount, least, most)
            )

        return self, fits

    def _calendar_for(self, case):
        """The working hours that limits of a case run by; may be empty."""
        return (
            self.calendar_id
            or case.team_id.calendar_id
            or case.company_id.resource_calendar_id
        )
