from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.effect import Effect

SCOPES = [
    ("category", "Category"),
    ("cause", "Root cause"),
    ("product", "Product"),
    ("all", "All complaints"),
]
#: Weeks of complaints that are compared, unless the plan says otherwise.
WEEKS = 8


class ComplaintAction(models.Model):
    """Whether it worked: complaints about the same thing in equally long times before
    it was put in hand and after it was accepted, with the numbers (E3).

    The complaint for which it was planned does not count: there is no measure without
    one, so that it would make the time before look worse than the one after, whatever
    was done.
    """

    _inherit = "complaint.action"

    needs_check = fields.Boolean(
        string="Check the effect",
        compute="_compute_needs_check",
        store=True,
        precompute=True,
        readonly=False,
        help="Some weeks after it was accepted, complaints before and after are "
        "compared.",
    )
    check_weeks = fields.Integer(
        string="Weeks compared",
        default=WEEKS,
        aggregator=None,
        help="So many weeks before it was put in hand, against as many after it was "
        "accepted.",
    )
    scope = fields.Selection(
        selection=SCOPES,
        string="Complaints compared",
        compute="_compute_scope",
        store=True,
        precompute=True,
        readonly=False,
        help="Which complaints it should make fewer. By product: against orders of the "
        "product, else against all orders.",
    )
    category_id = fields.Many2one(
        comodel_name="complaint.category",
        compute="_compute_of_allegation",
        store=True,
        precompute=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    cause_id = fields.Many2one(
        comodel_name="complaint.cause",
        string="Root Cause",
        compute="_compute_of_allegation",
        store=True,
        precompute=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_of_allegation",
        store=True,
        precompute=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    check_on = fields.Date(
        string="Effect check due on",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="From this day on there are enough weeks to compare.",
    )
    counted_at = fields.Datetime(string="Counted on", readonly=True, copy=False)
    before_from = fields.Date(readonly=True, copy=False)
    before_to = fields.Date(string="Before until", readonly=True, copy=False)
    before_count = fields.Integer(
        string="Complaints before",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Without the complaint for which the measure was planned.",
    )
    is_cause_left_out = fields.Boolean(
        string="Its own complaint left out",
        readonly=True,
        copy=False,
        help="The complaint for which the measure was planned was received in the time "
        "before, and is not counted.",
    )
    before_orders = fields.Integer(
        string="Orders before", readonly=True, copy=False, aggregator=None
    )
    after_from = fields.Date(readonly=True, copy=False)
    after_to = fields.Date(string="After until", readonly=True, copy=False)
    after_count = fields.Integer(
        string="Complaints after", readonly=True, copy=False, aggregator=None
    )
    after_orders = fields.Integer(
        string="Orders after", readonly=True, copy=False, aggregator=None
    )
    after_unknown = fields.Integer(
        string="Without a root cause yet",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Complaints of the time after, of which nobody knows the cause yet: they "
        "are not among those that are compared by cause.",
    )
    before_rate = fields.Char(
        string="Before, per 100 orders", compute="_compute_effect_text"
    )
    after_rate = fields.Char(
        string="After, per 100 orders", compute="_compute_effect_text"
    )
    effect_verdict = fields.Text(
        string="What the numbers say", compute="_compute_effect_text"
    )
    effect_text = fields.Text(
        string="The numbers and what they say", compute="_compute_effect_text"
    )
    judged_at = fields.Datetime(string="Effect judged on", readonly=True, copy=False)
    judged_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Judged by",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    origin_id = fields.Many2one(
        comodel_name="complaint.action",
        string="Follows up",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The measure that was not effective.",
    )
    followup_ids = fields.One2many(
        comodel_name="complaint.action",
        inverse_name="origin_id",
        string="Followed up by",
    )

    _weeks = models.Constraint(
        "CHECK (NOT needs_check OR check_weeks BETWEEN 1 AND 104)",
        "Compare between 1 and 104 weeks.",
    )

    # What is compared -----------------------------------------------------------------

    @api.depends("kind")
    def _compute_needs_check(self):
        for one in self:
            one.needs_check = one.kind != "accountability"

    @api.depends("allegation_id", "case_id")
    def _compute_of_allegation(self):
        for one in self:
            # sudo: handlers choose; whoever reads sees but the names.
            line, case = one.sudo().allegation_id, one.sudo().case_id
            one.category_id = line.category_id or case.category_id or one.category_id
            one.cause_id = line.cause_id or one.cause_id
            one.product_id = line.product_id or case.product_id or one.product_id

    @api.depends("allegation_id", "case_id")
    def _compute_scope(self):
        for one in self:
            if not one.scope or one.state == "draft":
                one.scope = (
                    ("category" if one.category_id else "")
                    or ("product" if one.product_id else "")
                    or ("cause" if one.cause_id else "")
                    or "all"
                )

    @api.constrains("scope", "category_id", "cause_id", "product_id", "needs_check")
    def _check_scope(self):
        for one in self:
            if not one.needs_check or one.scope == "all":
                continue
            if not one.scope or not one[f"{one.scope}_id"]:
                raise ValidationError(
                    self.env._(
                        "“%(measure)s”: choose the category, cause or product whose "
                        "complaints are compared.",
                        measure=one.name,
                    )
                )

    def _complaints_domain(self):
        """Complaints that the measure should make fewer; merged ones count once."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id) & Domain(
            "outcome", "not in", ["merged"]
        )
        if self.scope == "category":
            return domain & (
                Domain("category_id", "child_of", self.category_id.id)
                | Domain("allegation_ids.category_id", "child_of", self.category_id.id)
            )
        if self.scope == "cause":
            return domain & Domain("allegation_ids.cause_id", "=", self.cause_id.id)
        if self.scope == "product":
            return domain & (
                Domain("product_id", "=", self.product_id.id)
                | Domain("allegation_ids.product_id", "=", self.product_id.id)
            )
        return domain

    def _orders_domain(self):
        """Orders that complaints are measured against: confirmed, with a price."""
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "=", "sale")
            & Domain("amount_total", ">", 0)
        )
        if self.scope == "product":
            domain &= Domain("order_line.product_id", "=", self.product_id.id)
        return domain

    # Counting -------------------------------------------------------------------------

    def _count(self):
        """Count both times, up to now if the second one is not over yet.

        Both are equally long, in whole days of the company's time zone: the first ends
        before the day on which it was put in hand, the second begins on the day after
        it was accepted. The complaint of the measure is not counted.

        :raise UserError: on the day on which it was accepted
        """
        self.ensure_one()
        today = self._day(fields.Datetime.now())
        after_from = self._day(self.accepted_at) + timedelta(days=1)
        days = min(self.check_weeks * 7, (today - after_from).days)
        if days < 1:
            raise UserError(
                self.env._(
                    "“%(measure)s” was only just accepted: there is nothing to compare "
                    "yet.",
                    measure=self.name,
                )
            )
        before_to = self._day(self.started_at) - timedelta(days=1)
        before_from = before_to - timedelta(days=days - 1)
        after_to = after_from + timedelta(days=days - 1)
        before = self._counted(before_from, before_to)
        own = self._is_own_counted(before_from, before_to)
        after = self._counted(after_from, after_to)
        self._set(
            counted_at=fields.Datetime.now(),
            before_from=before_from,
            before_to=before_to,
            before_count=before[0] - own,
            is_cause_left_out=own,
            before_orders=before[1],
            after_from=after_from,
            after_to=after_to,
            after_count=after[0],
            after_orders=after[1],
            after_unknown=after[2],
        )

    def _zone(self):
        return self.sudo().company_id.partner_id.tz or "UTC"  # sudo: a time zone.

    def _day(self, moment):
        """The day of a moment (naive UTC) where the company is."""
        local = self.with_context(tz=self._zone())
        return fields.Datetime.context_timestamp(local, moment).date()

    def _times(self, first, last):
        """The beginning of a day and the end of another, naive UTC."""
        before = first - timedelta(days=1)
        return self._end_of(before, self._zone()), self._end_of(last, self._zone())

    def _is_own_counted(self, first, last):
        """Whether the complaint of the measure is among those of a time."""
        begin, end = self._times(first, last)
        # sudo: a date, and whether it is about the same thing.
        case = self.case_id.sudo().with_context(active_test=False)
        if not case or not begin <= case.date_received < end:
            return False
        mine = self._complaints_domain() & Domain("id", "=", case.id)
        return bool(case.search_count(mine, limit=1))

    def _counted(self, first, last):
        """From the beginning of a day to the end of another.

        :return: (complaints, orders, complaints whose cause is still to be found)
        """
        begin, end = self._times(first, last)
        # sudo: numbers only, of all complaints and orders of the company. Archived
        # complaints were complaints as well.
        cases = self.env["complaint.case"].sudo().with_context(active_test=False)
        orders = self.env["sale.order"].sudo()
        received = Domain("date_received", ">=", begin) & Domain(
            "date_received", "<", end
        )
        unknown = 0
        if self.scope == "cause":
            every = Domain("company_id", "=", self.company_id.id)
            found = Domain("allegation_ids.cause_id", "!=", False)
            unknown = cases.search_count(every & received & ~found)
        return (
            cases.search_count(self._complaints_domain() & received),
            orders.search_count(
                self._orders_domain()
                & Domain("date_order", ">=", begin)
                & Domain("date_order", "<", end)
            ),
            unknown,
        )

    def _effect(self):
        """The numbers as counted, to reckon with."""
        self.ensure_one()
        return Effect(
            self.before_count, self.after_count, self.before_orders, self.after_orders
        )

    @api.depends("counted_at")
    @api.depends_context("lang")
    def _compute_effect_text(self):
        for one in self:
            rates = one._effect().rates() if one.counted_at else None
            verdict = one._effect_verdict_words() if one.counted_at else False
            one.before_rate, one.after_rate = (
                [f"{rate:.2f}" for rate in rates] if rates else ["–", "–"]
            )
            one.effect_verdict = verdict
            one.effect_text = one.counted_at and "\n".join(
                [*one._effect_times_words(), verdict]
            )

    def _effect_times_words(self):
        """Both times with their numbers: two lines."""
        effect = self._effect()
        rates = effect.rates() or (None, None)
        return [
            self.env._(
                "Before, %(times)s",
                times=self._time_words(
                    self.before_from, self.before_to, effect[0], effect[2], rates[0]
                ),
            ),
            self.env._(
                "After, %(times)s",
                times=self._time_words(
                    self.after_from, self.after_to, effect[1], effect[3], rates[1]
                ),
            ),
        ]

    def _effect_verdict_words(self):
        """What changed, and whether it may be chance."""
        effect = self._effect()
        lines = []
        change = effect.change()
        chance = f"{100 * effect.chance():.1f}"
        words = {
            "few": self.env._("These are too few complaints to tell anything by them."),
            "more": self.env._("Complaints have not become fewer."),
            "fewer": self.env._(
                "Chance hardly explains it: if nothing had changed, so few complaints "
                "would come about in %(chance)s %% of cases.",
                chance=chance,
            ),
            "maybe": self.env._(
                "Chance does not explain it well: if nothing had changed, so few "
                "complaints would come about in %(chance)s %% of cases.",
                chance=chance,
            ),
            "same": self.env._(
                "That may well be chance: if nothing had changed, so few complaints "
                "would come about in %(chance)s %% of cases.",
                chance=chance,
            ),
        }
        if change is not None:
            lines.append(
                self.env._("Change: %(percent)s %%", percent=f"{100 * change:+.0f}")
            )
        lines.append(words[effect.verdict()])
        if self.is_cause_left_out:
            lines.append(
                self.env._(
                    "The complaint for which the measure was planned is not counted: "
                    "with it, every measure would look better."
                )
            )
        if self.after_unknown:
            lines.append(
                self.env._(
                    "The root cause of %(number)s complaints of the time after is "
                    "still to be found: there may be more.",
                    number=self.after_unknown,
                )
            )
        return "\n".join(lines)

    def _time_words(self, first, last, complaints, orders, rate):
        values = {
            "first": format_date(self.env, first),
            "last": format_date(self.env, last),
            "complaints": complaints,
            "orders": orders,
        }
        if rate is None:
            return self.env._(
                "%(first)s to %(last)s: complaints %(complaints)s, orders %(orders)s",
                **values,
            )
        return self.env._(
            "%(first)s to %(last)s: complaints %(complaints)s, orders %(orders)s "
            "(%(rate)s per 100 orders)",
            rate=f"{rate:.2f}",
            **values,
        )
