from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...tools import likeness, matching

#: Earlier complaints that are looked at for each way in which they can be alike, the
#: latest ones.
LOOKED_AT = 50
#: Of those with words of the sketch in common, so many are counted to find the closest,
#: from the latest month on.
COUNTED = 300
MONTHS = 12
#: How far back complaints are looked for (days).
SIMILAR_DAYS = 365
#: Shown on the form.
SHOWN = 5
#: Markup takes room: so much of a description is read to have the beginning of its
#: text.
READ_LENGTH = 4 * likeness.LENGTH
#: Columns of an earlier complaint that are compared.
COMPARED = SQL(
    "c.id, c.commercial_partner_id, c.email_normalized, c.phone, c.order_id, "
    "c.product_id, c.category_id, c.subject, left(c.description, %s), c.phase, "
    "c.closed_at, c.date_received, c.is_confidential",
    READ_LENGTH,
)
PHONE_KEY = SQL(
    "right(regexp_replace(c.phone, '[^0-9]', '', 'g'), %s)", matching.PHONE_DIGITS
)


class ComplaintCase(models.Model):
    """Complaints that look alike: found fast, explained, never shown to customers (A7).

    The database names the few that can be alike, by customer, address, number, order
    and sketch of the text; ``tools/matching.py`` judges them.
    """

    _inherit = "complaint.case"

    similar_key = fields.Char(
        # Not precomputed: whoever creates a case may not read it.
        compute="_compute_similar_key",
        store=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="Sketch of subject and beginning of the description, by which texts that "
        "are alike are found.",
    )
    distinct_case_ids = fields.Many2many(
        comodel_name="complaint.case",
        relation="complaint_case_distinct_rel",
        column1="case_id",
        column2="other_id",
        copy=False,
        groups=fields.NO_ACCESS,
        help="Complaints of which somebody said that they are about something else.",
    )
    similar_cases = fields.Json(
        compute="_compute_similar_cases",
        groups="base.group_user",
        help="Complaints that look like this one and that you may see.",
    )

    similar_typed = fields.Json(
        compute="_compute_similar_typed",
        groups="base.group_user",
        help="The same while the complaint is typed; once it is saved they are read "
        "apart from it.",
    )

    # Arrays and not trigrams: see benchmarks/README.md.
    _similar_key_idx = models.Index("USING gin (string_to_array(similar_key, ' '))")
    _phone_key_idx = models.Index(
        "((right(regexp_replace(phone, '[^0-9]', '', 'g'), 9)), date_received DESC)"
        " WHERE phone IS NOT NULL"
    )

    @api.depends("subject", "description", "date_received")
    def _compute_similar_key(self):
        for case in self:
            text = likeness.plain(case.subject, case.description)
            month = likeness.period(case.date_received or fields.Datetime.now())
            [case.similar_key] = likeness.sketches(likeness.features(text), [month])

    # What is asked ------------------------------------------------------------------

    @api.depends(
        "partner_id",
        "email_from",
        "phone",
        "order_id",
        "product_id",
        "subject",
        "description",
        "phase",
        "distinct_case_ids",
        "repeat_of_id",
    )
    @api.depends_context("uid", "lang", "tz")
    def _compute_similar_cases(self):
        for case in self:
            # sudo: facts of the case itself; what is found is filtered by rights.
            known = case.sudo()
            if known.phase == "closed" or not (known.subject or known.partner_id):
                case.similar_cases = []
                continue
            case.similar_cases = case._similar_shown(known._similar_judged())

    @api.depends("similar_cases")
    def _compute_similar_typed(self):
        for case in self:
            case.similar_typed = [] if case._origin else case.similar_cases

    def _similar_judged(self):
        """Complaints that look like this one, the most likely first.

        :return: list of (id, verdict), without those marked as something else
        """
        self.ensure_one()
        facts = self._similar_facts()
        itself = self._origin
        passed_over = {itself.id, *itself.distinct_case_ids.ids}
        # That one is named already.
        passed_over.add(itself.repeat_of_id.id)
        company = self.company_id or self.env.company
        [found] = self._similar_find([(company.id, facts)])
        judged = [
            (row.id, matching.judge(facts, row.facts))
            for row in found
            if row.id not in passed_over
        ]
        return sorted(
            (pair for pair in judged if pair[1].points >= matching.SHOWN_FROM),
            key=lambda pair: (-pair[1].points, -pair[0]),
        )

    def _similar_facts(self):
        """What is compared of the case, saved or being typed."""
        self.ensure_one()
        return matching.Facts(
            customer=self.partner_id.commercial_partner_id._origin.id or 0,
            email=self.email_normalized or "",
            phone=matching.phone_key(self.phone),
            order=self.order_id._origin.id or 0,
            product=self.product_id._origin.id or 0,
            category=self.category_id._origin.id or 0,
            features=frozenset(
                likeness.features(likeness.plain(self.subject, self.description))
            ),
        )

    # How they are found ---------------------------------------------------------------

    @api.model
    def _similar_find(self, asked, since=None):
        """Complaints that may be the same as those asked about, with one query.

        Rights are not looked at: callers filter what they show. Merged complaints are
        left out, the one that they were merged into stands for them.

        :param list asked: of (company id, matching.Facts); facts without features are
            not looked for by their text
        :param datetime since: UTC; received from then on, or still open
        :return: list of lists of Found, in the order of ``asked``
        """
        self.flush_model()
        now = fields.Datetime.now()
        since = since or fields.Datetime.subtract(now, days=SIMILAR_DAYS)
        months = [likeness.period(now) - back for back in range(MONTHS)]
        probes = [
            (
                number,
                company_id,
                facts.customer or None,
                facts.email or None,
                facts.phone or None,
                facts.order or None,
                *likeness.sketches(facts.features, months),
            )
            for number, (company_id, facts) in enumerate(asked)
        ]
        if not probes:
            return []
        found = [[] for _probe in probes]
        for number, *row in self.env.execute_query(_find_query(probes, since)):
            found[number].append(Found(row))
        return found

    # What is shown --------------------------------------------------------------------

    def _similar_shown(self, judged):
        """What the form shows of complaints that look alike: those the user may read.

        :param list judged: of (id, verdict), the most likely first
        :return: list of dict, plain values
        """
        readable = set(
            self.browse(id_ for id_, _v in judged)._filtered_access("read").ids
        )
        judged = [(id_, verdict) for id_, verdict in judged if id_ in readable][:SHOWN]
        cases = self.browse(id_ for id_, _verdict in judged)
        phases = dict(self._fields["phase"]._description_selection(self.env))
        return [
            {
                "id": case.id,
                "name": case.name,
                "subject": case.subject,
                "customer": case.partner_name or "",
                "received": case._day_received(),
                "phase": phases[case.phase],
                "is_likely": verdict.points >= matching.LIKELY_FROM,
                "points": verdict.points,
                "is_recorded": case.phase in ("answered", "closed"),
                "is_same_sender": verdict.reasons[0][0] in matching.SENDERS,
                "reasons": ", ".join(self._similar_reasons(verdict.reasons)),
            }
            for case, (_id, verdict) in zip(cases, judged, strict=True)
        ]

    def _day_received(self):
        """The day of receipt in the language and time zone of the user."""
        local = fields.Datetime.context_timestamp(self, self.date_received)
        return format_date(self.env, local.date())

    def _similar_reasons(self, reasons):
        words = {
            "customer": self.env._("same customer"),
            "email": self.env._("same e-mail"),
            "phone": self.env._("same phone"),
            "order": self.env._("same order"),
            "product": self.env._("same product"),
        }
        return [
            self.env._("%(share)s %% like text", share=number)
            if code == "text"
            else words[code]
            for code, number in reasons
        ]

    # Something else -------------------------------------------------------------------

    def action_similar_distinct(self, other_id):
        """Remember that another complaint is about something else (A7).

        :param int other_id: the other one
        """
        self.ensure_one()
        self.check_access("write")
        other = self.browse(other_id)
        other.check_access("read")
        if other == self:
            raise UserError(self.env._("Choose another complaint than this one."))
        self._mark_distinct(other)
        self._message_log(
            body=self.env._(
                "Not the same as %(complaint)s.", complaint=other.display_name
            )
        )
        return True

    def _mark_distinct(self, other):
        # sudo: nobody edits the table by hand; the callers checked the rights.
        self.sudo().distinct_case_ids = [(4, other.id)]
        other.sudo().distinct_case_ids = [(4, self.id)]


class Found:
    """An earlier complaint, as read from the database."""

    __slots__ = ("closed_at", "facts", "id", "is_confidential", "phase", "received_at")

    def __init__(self, row):
        self.id, customer, email, phone, order, product, category, *text = row[:9]
        self.phase, self.closed_at, self.received_at, self.is_confidential = row[9:]
        self.facts = matching.Facts(
            customer=customer or 0,
            email=email or "",
            phone=matching.phone_key(phone),
            order=order or 0,
            product=product or 0,
            category=category or 0,
            features=frozenset(likeness.features(likeness.plain(*text))),
        )


def _find_query(probes, since):
    """One query for all probes. Each way of being alike has an index of its own; the
    fences (OFFSET 0) keep the planner from walking all complaints by date instead.

    :param list[tuple] probes: see ComplaintCase._similar_find
    """
    columns = list(map(list, zip(*probes, strict=True)))
    ways = [
        _way(SQL("c.commercial_partner_id = p.customer"), fence=False),
        _way(SQL("c.email_normalized = p.email")),
        _way(SQL("c.phone IS NOT NULL AND %s = p.phone", PHONE_KEY)),
        _way(SQL("c.order_id = p.matter")),
    ]
    if any(any(probe[-MONTHS:]) for probe in probes):
        ways.append(
            SQL(
                "(SELECT t.id FROM (%s LIMIT %s) t"
                " ORDER BY t.shared DESC, t.id DESC LIMIT %s)",
                SQL(" UNION ALL ").join(_month(back) for back in range(MONTHS)),
                COUNTED,
                LOOKED_AT,
            )
        )
    # Arrays, of which the planner knows how long they are: it would take records in
    # JSON for a hundred and compile the query, which takes longer than running it.
    return SQL(
        "SELECT p.n, %s FROM unnest(%s::int[], %s::int[], %s::int[], %s::text[],"
        " %s::text[], %s::int[], %s)"
        " AS p(n, company, customer, email, phone, matter, %s)"
        " CROSS JOIN LATERAL (%s) AS way"
        " JOIN complaint_case c ON c.id = way.id"
        " WHERE c.company_id = p.company AND c.active AND c.merged_into_id IS NULL"
        " AND (c.phase <> 'closed' OR c.date_received >= %s OR c.closed_at >= %s)",
        COMPARED,
        *columns[:-MONTHS],
        SQL(", ").join(SQL("%s::text[]", words) for words in columns[-MONTHS:]),
        SQL(", ").join(_words(back) for back in range(MONTHS)),
        SQL(" UNION ").join(ways),
        since,
        since,
    )


def _words(back):
    """Name of the column with the words of a month, so many back."""
    return SQL.identifier(f"words_{back}")


def _way(condition, fence=True):
    return SQL(
        "(SELECT s.id FROM (SELECT c.id, c.date_received FROM complaint_case c"
        " WHERE %s%s) s ORDER BY s.date_received DESC LIMIT %s)",
        condition,
        SQL(" OFFSET 0") if fence else SQL(),
        LOOKED_AT,
    )


def _month(back):
    """Complaints of a month with words of the sketch in common, and how many.

    Months are appended in their order until enough are found: the others are not read.
    """
    words = SQL("string_to_array(%s, ' ')", SQL.identifier("p", f"words_{back}"))
    return SQL(
        "SELECT s.id, cardinality(ARRAY("
        "SELECT unnest(string_to_array(s.similar_key, ' '))"
        " INTERSECT SELECT unnest(%s))) AS shared"
        " FROM (SELECT c.id, c.similar_key FROM complaint_case c"
        " WHERE string_to_array(c.similar_key, ' ') && %s OFFSET 0) s",
        words,
        words,
    )
