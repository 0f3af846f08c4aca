import hashlib
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL

#: Why a customer is not asked who would be, but for the sample.
SAMPLED_OUT = "sampled_out"
#: Digits of a place in the draw that a share is compared with: finer than anybody.
DIGITS = 12


class Person(NamedTuple):
    """A customer served in the period, and why they are not asked (empty: asked)."""

    partner_id: int
    email: str
    order_id: int
    reason: str


class ComplaintFeedbackCampaign(models.Model):
    """Who is asked, and why others are not (F2): one query, however many customers."""

    _inherit = "complaint.feedback.campaign"

    @api.model
    def _reason_labels(self):
        """{reason: words} of everything that keeps a customer from being asked."""
        feedback = self.env["complaint.feedback"]
        labels = dict(
            feedback._fields["cancel_reason"]._description_selection(self.env)
        )
        return labels | {SAMPLED_OUT: self.env._("Not in the sample")}

    def _people(self, after=0, limit=None):
        """The customers of the period, in the order of their ids.

        The sample is not drawn yet: see :meth:`_drawn`.

        :param int after: only customers with a greater id
        :param int limit: at most so many of them, in all
        :return: list of Person; its last one is the furthest that was looked at
        """
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(self._people_query(after, limit))
        return [Person(*(value or "" for value in row)) for row in rows]

    def _people_query(self, after, limit):
        company = self.company_id
        rest = company.complaint_feedback_cooldown_days
        since = fields.Datetime.now() - timedelta(days=rest) if rest else None
        return SQL(
            """
            WITH served AS (%(served)s),
            staff AS (
                SELECT partner.id, partner.email_normalized
                  FROM res_users person
                  JOIN res_partner partner ON partner.id = person.partner_id
                 WHERE person.active AND NOT person.share
                 UNION
                SELECT partner.id, partner.email_normalized
                  FROM res_company company
                  JOIN res_partner partner ON partner.id = company.partner_id
            ),
            judged AS (
                SELECT partner.id,
                       partner.email_normalized AS email,
                       CASE
                       WHEN NOT partner.active THEN 'archived'
                       WHEN COALESCE(TRIM(partner.email), '') = '' THEN 'no_email'
                       WHEN partner.email_normalized IS NULL THEN 'invalid_email'
                       WHEN partner.complaint_feedback_optout
                         OR commercial.complaint_feedback_optout
                         OR EXISTS (
                            SELECT FROM res_partner same
                             WHERE same.email_normalized = partner.email_normalized
                               AND same.complaint_feedback_optout)
                         OR EXISTS (
                            SELECT FROM complaint_feedback declined
                             WHERE declined.email = partner.email_normalized
                               AND declined.opted_out_at IS NOT NULL)
                         OR EXISTS (
                            SELECT FROM mail_blacklist blacklist
                             WHERE blacklist.email = partner.email_normalized
                               AND blacklist.active)
                       THEN 'opted_out'
                       WHEN EXISTS (SELECT FROM staff WHERE staff.id = partner.id)
                         OR EXISTS (
                            SELECT FROM staff
                             WHERE staff.email_normalized = partner.email_normalized)
                       THEN 'staff'
                       WHEN EXISTS (
                            SELECT FROM complaint_feedback present
                             WHERE present.campaign_id = %(campaign)s
                               AND present.email = partner.email_normalized)
                       THEN 'duplicate'
                       WHEN EXISTS (
                            SELECT FROM complaint_feedback recent
                             WHERE recent.email = partner.email_normalized
                               AND recent.sent_at > %(since)s
                               AND recent.state <> 'cancelled')
                         -- Also in the portal or by telephone, without being asked.
                         OR EXISTS (
                            SELECT FROM complaint_feedback recent
                             WHERE recent.email = partner.email_normalized
                               AND recent.answered_at > %(since)s)
                       THEN 'cooldown'
                       END AS reason
                  FROM served
                  JOIN res_partner partner ON partner.id = served.partner_id
                  LEFT JOIN res_partner commercial
                    ON commercial.id = partner.commercial_partner_id
            )
            SELECT judged.id,
                   judged.email,
                   latest.id,
                   CASE WHEN reason IS NULL
                         AND ROW_NUMBER() OVER (
                             PARTITION BY email, reason IS NULL ORDER BY judged.id) > 1
                        THEN 'duplicate'
                        ELSE reason
                   END
              FROM judged
              LEFT JOIN LATERAL (
                   SELECT sale.id
                     FROM sale_order sale
                    WHERE sale.partner_id = judged.id
                      AND %(sale)s
                    ORDER BY sale.date_order DESC, sale.id DESC
                    LIMIT 1
                   ) latest ON TRUE
             ORDER BY judged.id
            """,
            served=self._served_query(after, limit),
            campaign=self.id or 0,
            since=since,
            sale=self._sale_condition(),
        )

    def _served_query(self, after, limit):
        """Ids of the customers of the period, each once, as SQL."""
        few = SQL("LIMIT %s", limit) if limit else SQL()
        parts = []
        if self.with_orders:
            parts.append(
                SQL(
                    "(SELECT DISTINCT sale.partner_id FROM sale_order sale"
                    " WHERE sale.partner_id > %s AND %s AND %s"
                    " ORDER BY sale.partner_id %s)",
                    after,
                    self._sale_condition(),
                    self._tag_condition(SQL("sale.partner_id")),
                    few,
                )
            )
        if self.with_complaints:
            parts.append(
                SQL(
                    "(SELECT DISTINCT complaint.partner_id"
                    " FROM complaint_case complaint"
                    " WHERE complaint.partner_id > %s AND %s AND %s"
                    " ORDER BY complaint.partner_id %s)",
                    after,
                    self._complaint_condition(),
                    self._tag_condition(SQL("complaint.partner_id")),
                    few,
                )
            )
        return SQL(
            "SELECT partner_id FROM (%s) both_sources ORDER BY partner_id %s",
            SQL(" UNION ").join(parts),
            few,
        )

    def _sale_condition(self):
        begin, end = self._period_utc()
        return SQL(
            "sale.state = 'sale' AND sale.company_id = %s"
            " AND sale.date_order >= %s AND sale.date_order < %s",
            self.company_id.id,
            begin,
            end,
        )

    def _complaint_condition(self):
        begin, end = self._period_utc()
        condition = SQL(
            "complaint.company_id = %s AND complaint.active"
            " AND complaint.closed_at >= %s AND complaint.closed_at < %s"
            # Who may see the preview need not know of these.
            " AND complaint.is_confidential IS NOT TRUE"
            # Told of twice, or taken back: nothing was done about these.
            " AND COALESCE(complaint.outcome, '') NOT IN ('merged', 'withdrawn')",
            self.company_id.id,
            begin,
            end,
        )
        if self.team_ids:
            condition = SQL(
                "%s AND complaint.team_id IN %s", condition, tuple(self.team_ids.ids)
            )
        if self.category_ids:
            below = self.env["complaint.category"].with_context(active_test=False)
            below = below.search([("id", "child_of", self.category_ids.ids)])
            condition = SQL(
                "%s AND complaint.category_id IN %s", condition, tuple(below.ids)
            )
        return condition

    def _tag_condition(self, column):
        if not self.partner_tag_ids:
            return SQL("TRUE")
        below = self.env["res.partner.category"].with_context(active_test=False)
        below = below.search([("id", "child_of", self.partner_tag_ids.ids)])
        return SQL(
            "EXISTS (SELECT FROM res_partner tagged"
            " JOIN res_partner_res_partner_category_rel tag"
            " ON tag.partner_id IN (tagged.id, tagged.commercial_partner_id)"
            " WHERE tagged.id = %s AND tag.category_id IN %s)",
            column,
            tuple(below.ids),
        )

    def _period_utc(self):
        """Begin and end (not included) of the period, naive UTC."""
        return (
            self._midnight(self.date_from),
            self._midnight(self.date_to + timedelta(days=1)),
        )

    def _midnight(self, day):
        """The moment (naive UTC) at which a day begins where the company is."""
        company = self.company_id
        zone = company.resource_calendar_id.tz or company.partner_id.tz or "UTC"
        begin = datetime.combine(day, time.min, ZoneInfo(zone))
        return begin.astimezone(UTC).replace(tzinfo=None)

    # The sample --------------------------------------------------------------------

    def _place(self, email):
        """Place of an address in the draw: text, the smaller, the sooner chosen."""
        return hashlib.sha256(f"{self.seed}:{email}".encode()).hexdigest()

    def _find_threshold(self, people):
        """The last place that is in the sample, of all customers of the period.

        :param people: list of Person, needed for a number only
        """
        self.ensure_one()
        if self.sample == "percent":
            share = int(16**DIGITS * self.sample_percent / 100)
            return f"{share:0{DIGITS}x}" if share < 16**DIGITS else "g"
        if self.sample == "number":
            places = sorted(
                self._place(person.email) for person in people if not person.reason
            )
            if len(places) > self.sample_number:
                return places[self.sample_number - 1]
        return "g"  # behind every hexadecimal digit

    def _drawn(self, people, threshold):
        """The same people; those who are not in the sample with that as the reason."""
        return [
            person._replace(reason=SAMPLED_OUT)
            if not person.reason and self._place(person.email) > threshold
            else person
            for person in people
        ]

    def _preview(self):
        """Who would be asked now, and who not: (list of Person, {reason: number}).

        The same people as when it is started, as long as nothing changes.
        """
        self.ensure_one()
        people = self._people()
        people = self._drawn(people, self._find_threshold(people))
        counts = Counter(person.reason for person in people if person.reason)
        return people, dict(counts)
