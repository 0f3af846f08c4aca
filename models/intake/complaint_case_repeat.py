from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ...tools import likeness, matching

MATCHES = [
    ("order", "Same order"),
    ("product", "Same product"),
    ("category", "Same category"),
    ("person", "Decided by a person"),
]
#: Which match says most.
_RANK = ("order", "product", "category")
#: What the proposal on the form depends on.
LOOKED_AT = (
    "partner_id",
    "email_from",
    "phone",
    "order_id",
    "product_id",
    "category_id",
)


class ComplaintCase(models.Model):
    """Repeat complaints (重复投诉): same customer about the same matter (A7, B2)."""

    _inherit = "complaint.case"

    repeat_of_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Repeats (stored)",
        index="btree_not_null",
        copy=False,
        readonly=True,
        ondelete="set null",
        # Names a complaint that not everybody may see who sees this one.
        groups=fields.NO_ACCESS,
    )
    repeat_match = fields.Selection(
        selection=MATCHES,
        string="Recognised by",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )
    repeat_case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Repeats",
        compute="_compute_repeat_case_id",
        inverse="_inverse_repeat_case_id",
        domain="[('commercial_partner_id', '=', commercial_partner_id),"
        " ('id', '!=', id)]",
        groups="base.group_user",
        help="The earlier complaint about the same matter, if you may see it.",
    )
    repeat_reason = fields.Char(
        string="Why it is a repeat",
        compute="_compute_repeat_reason",
        groups="base.group_user",
    )
    customer_case_number = fields.Integer(
        string="Complaint number of the customer",
        compute="_compute_customer_case_number",
        groups="base.group_user",
        help="The how many-th complaint of the customer within the company's number of "
        "days, up to this one.",
    )
    customer_case_ordinal = fields.Char(
        string="The how many-th",
        compute="_compute_customer_case_number",
        groups="base.group_user",
    )
    customer_case_span = fields.Char(
        string="Within",
        compute="_compute_customer_case_number",
        groups="base.group_user",
    )

    # Computed -------------------------------------------------------------------------

    @api.depends("repeat_of_id")
    @api.depends_context("uid")
    def _compute_repeat_case_id(self):
        for case in self:
            # sudo: the pointer is hidden; what it points to is shown by rights.
            earlier = case.browse(case.sudo().repeat_of_id.ids)
            # Most point to none: then nobody's rights are looked up.
            case.repeat_case_id = earlier and earlier._filtered_access("read")

    def _inverse_repeat_case_id(self):
        for case in self:
            earlier = case.repeat_case_id
            # sudo: as above; who points must see what is pointed to.
            hidden = case.sudo().repeat_of_id - earlier
            if (
                not earlier
                and hidden
                and not hidden.with_env(self.env).has_access("read")
            ):
                continue
            case._set_repeat(earlier)

    @api.depends("repeat_of_id", "repeat_match")
    @api.depends_context("uid", "lang", "tz")
    def _compute_repeat_reason(self):
        words = {
            "order": self.env._("Same customer, same order"),
            "product": self.env._("Same customer, same product"),
            "category": self.env._("Same customer, same category"),
            "person": self.env._("Same matter, says a person"),
        }
        for case in self:
            # sudo: only words come out; the earlier one is named to its readers only.
            known = case.sudo()
            match = known.repeat_match
            earlier = case.repeat_case_id
            if not match or not (known.repeat_of_id or earlier):
                case.repeat_reason = False
            elif not earlier:
                case.repeat_reason = words[match]
            else:
                case.repeat_reason = self.env._(
                    "%(reason)s as %(number)s of %(date)s",
                    reason=words[match],
                    number=earlier.name,
                    date=earlier._day_received(),
                )

    @api.depends("partner_id", "date_received", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_customer_case_number(self):
        # sudo: handlers need not read companies.
        days = {case: case.company_id.sudo().complaint_repeat_days for case in self}
        earlier = self._customer_window(days)
        for case in self:
            number = len(earlier[case]) + 1 if days[case] else 0
            case.customer_case_number = number
            case.customer_case_ordinal = self.env._("No. %(number)s", number=number)
            case.customer_case_span = self.env._("in %(days)s days", days=days[case])

    def _customer_window(self, days):
        """Earlier complaints of the same customers that the user may see; one query.

        :param dict days: how far back, for each case
        :return: {case: ids of those within so many days before it}
        """
        spans = {
            case: (fields.Datetime.subtract(end, days=days[case]), end)
            for case in self
            for end in [case.date_received or fields.Datetime.now()]
        }
        others = self.browse()
        if spans:
            others = others.search_fetch(
                [
                    (
                        "commercial_partner_id",
                        "in",
                        self.partner_id.commercial_partner_id.ids,
                    ),
                    (
                        "date_received",
                        ">=",
                        min(begin for begin, _end in spans.values()),
                    ),
                    ("date_received", "<=", max(end for _begin, end in spans.values())),
                    ("outcome", "!=", "merged"),
                ],
                ["commercial_partner_id", "company_id", "date_received"],
            )
        by_customer = others.grouped("commercial_partner_id")
        return {
            case: [
                other.id
                for other in by_customer.get(
                    case.partner_id.commercial_partner_id._origin, ()
                )
                if other != case._origin
                and other.company_id == case.company_id
                and begin <= other.date_received <= end
            ]
            for case, (begin, end) in spans.items()
        }

    # At the door ----------------------------------------------------------------------

    @api.model
    def _intake_recognise(self, vals_list):
        """Recognise repeats among complaints that come in (A7, B2).

        Sets ``nature`` to "repeat" where nothing else is given; guests, who may have
        typed anybody's address, are left to staff. Costs a fixed number of queries,
        however many complaints.

        :param list[dict] vals_list: values of complaint.case, with the partner and the
            category that the rules propose
        :return: list of (earlier id, match) or None, for :meth:`_intake_repeats`
        """
        self._complete_company(vals_list)
        earlier = self._repeats_of(
            [(vals["company_id"], facts) for vals, facts in self._vals_facts(vals_list)]
        )
        for vals, repeat in zip(vals_list, earlier, strict=True):
            # The dates promised to a guest must not tell that the address is known.
            if repeat and not vals.get("is_guest"):
                vals.setdefault("nature", "repeat")
        return earlier

    def _intake_repeats(self, earlier):
        """Keep on record which complaints repeat which, and why.

        :param list earlier: of :meth:`_intake_recognise`, in the order of ``self``
        """
        # sudo: whoever registers it, a customer too; nobody writes the pointer by hand.
        cases = self.sudo()
        repeats = {
            case: repeat for case, repeat in zip(cases, earlier, strict=True) if repeat
        }
        for case, (earlier_id, match) in repeats.items():
            case.repeat_of_id = earlier_id
            case.repeat_match = match

    @api.model
    def _vals_facts(self, vals_list):
        """(vals, matching.Facts) of complaints to be created."""
        # sudo: whose customer a contact is, for doors that may not read contacts.
        partners = self.env["res.partner"].sudo()
        partners = partners.browse({vals.get("partner_id") or 0 for vals in vals_list})
        customers = {
            partner.id: partner.commercial_partner_id.id
            for partner in partners.filtered("id")
        }
        return [
            (
                vals,
                matching.Facts(
                    customer=customers.get(vals.get("partner_id")) or 0,
                    email=email_normalize(vals.get("email_from") or "") or "",
                    phone=matching.phone_key(vals.get("phone")),
                    order=vals.get("order_id") or 0,
                    product=vals.get("product_id") or 0,
                    category=vals.get("category_id") or 0,
                    features=frozenset(
                        likeness.features(
                            likeness.plain(vals.get("subject"), vals.get("description"))
                        )
                    ),
                ),
            )
            for vals in vals_list
        ]

    @api.model
    def _repeats_of(self, asked):
        """The earlier complaint that each one repeats, with one query.

        Within the company's number of days, or still open. Confidential ones are never
        pointed at.

        :param list asked: of (company id, matching.Facts)
        :return: list of (id, match) or None
        """
        # sudo: settings of companies.
        companies = self.env["res.company"].sudo().browse({id_ for id_, _f in asked})
        days = {company.id: company.complaint_repeat_days for company in companies}
        if not any(days.values()):
            return [None] * len(asked)
        now = fields.Datetime.now()
        since = fields.Datetime.subtract(now, days=max(days.values()))
        found = self._similar_find(
            [(id_, facts._replace(features=frozenset())) for id_, facts in asked],
            since=since,
        )
        return [
            self._repeat_among(
                facts, rows, fields.Datetime.subtract(now, days=days[company_id])
            )
            if days[company_id]
            else None
            for (company_id, facts), rows in zip(asked, found, strict=True)
        ]

    @api.model
    def _repeat_among(self, facts, rows, since):
        """The earlier complaint that says most, by its words among equals, then the
        latest."""
        best = None
        for row in rows:
            ended = row.closed_at or row.received_at
            if row.is_confidential or (row.phase == "closed" and ended < since):
                continue
            other_kind = self._is_other_kind(facts.category, row.facts.category)
            match = matching.repeats(facts, row.facts, other_kind)
            if not match:
                continue
            alike = likeness.likeness(facts.features, row.facts.features)
            rank = (-_RANK.index(match), alike, row.received_at, row.id)
            if best is None or rank > best[0]:
                best = rank, row.id, match
        return best and best[1:]

    @api.model
    def _is_other_kind(self, category_id, other_id):
        """Whether two categories belong to different main categories: a rude driver is
        something else than a leak."""
        if not (category_id and other_id):
            return False
        # sudo: where categories stand in the tree, whoever registers.
        pair = self.env["complaint.category"].sudo().browse((category_id, other_id))
        roots = {(one.parent_path or "").split("/")[0] for one in pair}
        return len(roots) > 1

    # At the desk ----------------------------------------------------------------------

    @api.onchange(*LOOKED_AT)
    def _onchange_propose_repeat(self):
        """Propose the same while a complaint is typed in; the person decides."""
        if self._origin:
            return
        company = self.company_id or self.env.company
        # sudo: facts of what is being typed; what is found is filtered by rights.
        facts = self.sudo()._similar_facts()
        [repeat] = self._repeats_of([(company.id, facts)])
        earlier = self.browse(repeat and repeat[0])._filtered_access("read")
        if earlier:
            self.repeat_case_id = earlier
            self.repeat_match = repeat[1]
            if self.nature == "general":
                self.nature = "repeat"
        elif self.repeat_case_id:
            self.repeat_case_id = False
            self.repeat_match = False
            if self.nature == "repeat":
                self.nature = "general"

    @api.onchange("repeat_case_id")
    def _onchange_repeat_case_id(self):
        if self.repeat_case_id and self.nature == "general":
            self.nature = "repeat"

    def action_mark_repeat(self, earlier_id):
        """A person says that the complaint repeats an earlier one.

        :param int earlier_id: that one
        """
        self.ensure_one()
        self.check_access("write")
        earlier = self.browse(earlier_id)
        earlier.check_access("read")
        self._set_repeat(earlier)
        if self.nature not in ("major", "repeat"):
            self.nature = "repeat"
        self._message_log(
            body=self.env._(
                "Repeats %(complaint)s: %(reason)s.",
                complaint=earlier.display_name,
                reason=self.repeat_reason,
            )
        )
        return True

    def _set_repeat(self, earlier):
        """Point to the earlier complaint, or to none.

        :raise UserError: when it is no earlier complaint of the same customer
        """
        self.ensure_one()
        if earlier:
            earlier.check_access("read")
            self._check_repeat(earlier)
        # sudo: facts to compare; none of them is shown.
        facts, other = self.sudo(), earlier.sudo()
        match = earlier and (
            matching.repeats(facts._similar_facts(), other._similar_facts()) or "person"
        )
        # sudo: nobody writes the pointer by hand.
        self.sudo().write({"repeat_of_id": earlier.id, "repeat_match": match})

    def _check_repeat(self, earlier):
        if self.phase == "closed":
            raise UserError(
                self.env._(
                    "%(complaint)s is closed: what it was is on record.",
                    complaint=self.display_name,
                )
            )
        # sudo: facts to compare; none of them is shown.
        facts = self.sudo()._similar_facts()
        if not matching.same_sender(facts, earlier.sudo()._similar_facts()):
            raise UserError(
                self.env._(
                    "%(complaint)s is of another customer. A repeat is a complaint of "
                    "the same customer about the same matter.",
                    complaint=earlier.display_name,
                )
            )
        # sudo: the chain may lead through complaints that the user may not see.
        while earlier:
            if earlier == self:
                raise UserError(
                    self.env._("A complaint cannot repeat itself. Choose another one.")
                )
            earlier = earlier.sudo().repeat_of_id

    def _merge_move_lines(self, target):
        """What repeated a merged complaint repeats the one that remains."""
        result = super()._merge_move_lines(target)
        # sudo: the pointer is hidden.
        cases = self.sudo()
        pointing = cases.search([("repeat_of_id", "in", cases.ids)])
        (pointing - target.sudo()).write({"repeat_of_id": target.id})
        if target.sudo().repeat_of_id in cases:
            target.sudo().write({"repeat_of_id": False, "repeat_match": False})
        return result

    # Taken back -----------------------------------------------------------------------

    def _take_back_repeat(self, reason):
        """A person says that it is no repeat, and why; it is not proposed again."""
        for case in self:
            # sudo: the pointer is hidden.
            earlier = case.sudo().repeat_of_id
            case._log_reason(self.env._("Not a repeat"), reason)
            if earlier:
                case._mark_distinct(earlier)
            case._set_repeat(case.browse())
            if case.nature == "repeat":
                case.nature = "general"

    def _reason_operations(self):
        return super()._reason_operations() | {"not_repeat": self._take_back_repeat}

    @api.readonly
    def action_view_repeated(self):
        """Open the earlier complaint that this one repeats."""
        self.ensure_one()
        return self.repeat_case_id._get_records_action()

    @api.readonly
    def action_view_customer_window(self):
        """Open the earlier complaints of the customer within the number of days."""
        self.ensure_one()
        # sudo: as above.
        days = self.company_id.sudo().complaint_repeat_days
        return self._desk_action(
            "complaint_case_action",
            name=self.env._("Complaints of the customer in %(days)s days", days=days),
            domain=[("id", "in", self._customer_window({self: days})[self])],
            context={"create": False},
        )
