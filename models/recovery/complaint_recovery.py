from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..constants import NATURES, OUTCOMES

#: Days after the complaint within which an order says that the customer stayed.
SHORT, LONG = 90, 180
#: Days before it in which an order says that they were a customer.
BEFORE = 365

#: Orders of the customer of a complaint ``c``: of all their people, in the company of
#: the complaint, confirmed.
ORDERS = SQL(
    "res_partner p JOIN sale_order s ON s.partner_id = p.id AND s.state = 'sale'"
)
#: Which of them count as bought. What a remedy gave does not, nor what costs nothing.
IS_BOUGHT = SQL(
    """
    p.commercial_partner_id = c.commercial_partner_id
    AND s.company_id = c.company_id
    AND s.amount_untaxed > 0
    AND NOT EXISTS (
        SELECT FROM complaint_remedy r
         WHERE r.document_model = 'sale.order' AND r.document_id = s.id
    )
    """
)
#: What an order is worth: untaxed, in the company's currency, at the order's rate.
WORTH = SQL("s.amount_untaxed / coalesce(nullif(s.currency_rate, 0), 1)")


def after(days):
    """The moment until which an order counts, this moment included; UTC."""
    return SQL("c.date_received + make_interval(days => %s)", days)


def within(days):
    """Whether an order was confirmed after the complaint, within so many days."""
    return SQL("s.date_order > c.date_received AND s.date_order <= %s", after(days))


class Came(NamedTuple):
    """What the complaints of a customer came to, in one currency."""

    currency: models.BaseModel
    cases: int
    #: of them, how many are 180 days old, and after how many of these they bought
    over: int
    again: int
    #: money, untaxed; each order once
    cost: float
    revenue: float


class ComplaintRecovery(models.Model):
    """Whether customers stay after a complaint, and what that cost: one row for each
    complaint of a known customer, merged and archived ones left out.

    An order counts when the customer (with all people of their company) confirmed it
    with the same company after the complaint was received and not more than 90 or 180
    times 24 hours later; not when it cost nothing or carried out a remedy. Moments are
    in UTC; money is untaxed, in the currency of the company, at the rate of the order.

    An order in the windows of several complaints counts for each of them: sums over
    complaints of the same customer may hold it twice. Nothing is stored: how far a
    window has run is asked when somebody looks. The orders are added up for whoever may
    read the complaint, also where they may not open the orders.
    """

    _name = "complaint.recovery"
    _description = "Service Recovery"
    _auto = False
    _order = "date_received desc, id desc"
    _rec_name = "case_id"
    _depends = {
        "complaint.case": [
            "active",
            "category_id",
            "commercial_partner_id",
            "company_id",
            "date_received",
            "nature",
            "outcome",
            "product_id",
            "remedy_cost",
            "team_id",
            "user_id",
        ],
        "complaint.remedy": ["document_id", "document_model"],
        "res.company": ["currency_id"],
        "res.partner": ["commercial_partner_id"],
        "sale.order": [
            "amount_untaxed",
            "company_id",
            "currency_rate",
            "date_order",
            "partner_id",
            "state",
        ],
    }

    case_id = fields.Many2one(
        comodel_name="complaint.case", string="Complaint", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    date_received = fields.Datetime(string="Received on", readonly=True)
    category_id = fields.Many2one(comodel_name="complaint.category", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    team_id = fields.Many2one(comodel_name="complaint.team", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Handler", readonly=True)
    nature = fields.Selection(selection=NATURES, readonly=True)
    outcome = fields.Selection(selection=OUTCOMES, readonly=True)

    # Before and after
    orders_before = fields.Integer(
        string="Orders in the year before",
        readonly=True,
        aggregator="avg",
        help="Confirmed orders in the 365 days before the complaint was received.",
    )
    bought_again_at = fields.Datetime(
        string="Bought again on",
        readonly=True,
        help="The first order after the complaint, within 180 days. Free replacements "
        "do not count.",
    )
    is_over_90 = fields.Boolean(
        string="90 days are over",
        readonly=True,
    )
    is_over_180 = fields.Boolean(
        string="180 days are over",
        readonly=True,
    )
    bought_again_90 = fields.Float(
        string="Bought again within 90 days",
        readonly=True,
        aggregator="avg",
        help="Share of the complaints after which the customer bought again. Those "
        "whose 90 days are not over are left out: who has not bought yet still may.",
    )
    bought_again_180 = fields.Float(
        string="Bought again within 180 days",
        readonly=True,
        aggregator="avg",
        help="Share of the complaints after which the customer bought again. Those "
        "whose 180 days are not over are left out: who has not bought yet still may.",
    )

    # Money
    remedy_cost = fields.Monetary(
        string="Cost of remedies",
        readonly=True,
        help="Net, of what was carried out, in company currency.",
    )
    revenue_90 = fields.Monetary(
        string="Revenue kept, 90 days",
        readonly=True,
        help="Untaxed, of the orders within 90 days after the complaint, so far. An "
        "order after several complaints counts for each of them.",
    )
    revenue_180 = fields.Monetary(
        string="Revenue kept, 180 days",
        readonly=True,
        help="Untaxed, of the orders within 180 days after the complaint, so far. An "
        "order after several complaints counts for each of them.",
    )
    net = fields.Monetary(
        string="Revenue kept less remedies",
        readonly=True,
        help="Revenue of the 180 days after the complaint, so far, less the cost of "
        "remedies.",
    )

    @property
    def _table_query(self):
        # One look at the orders around each complaint; a row that is not asked for
        # costs nothing, since the look follows the complaints that are left.
        return SQL(
            """
            SELECT c.id, c.id AS case_id, c.company_id, company.currency_id,
                   c.commercial_partner_id, c.date_received, c.category_id,
                   c.product_id, c.team_id, c.user_id, c.nature, c.outcome,
                   c.remedy_cost,
                   bought.orders_before, bought.bought_again_at,
                   bought.revenue_90, bought.revenue_180,
                   bought.revenue_180 - coalesce(c.remedy_cost, 0) AS net,
                   %(short)s < %(now)s AS is_over_90,
                   %(long)s < %(now)s AS is_over_180,
                   CASE WHEN %(short)s < %(now)s THEN
                       (coalesce(bought.bought_again_at <= %(short)s, FALSE))::int
                   END AS bought_again_90,
                   CASE WHEN %(long)s < %(now)s THEN
                       (bought.bought_again_at IS NOT NULL)::int
                   END AS bought_again_180
              FROM complaint_case c
              JOIN res_company company ON company.id = c.company_id
              LEFT JOIN LATERAL (
                    SELECT count(*) FILTER (WHERE s.date_order <= c.date_received)
                               AS orders_before,
                           min(s.date_order) FILTER (WHERE %(in_long)s)
                               AS bought_again_at,
                           coalesce(sum(%(worth)s) FILTER (WHERE %(in_short)s), 0)
                               AS revenue_90,
                           coalesce(sum(%(worth)s) FILTER (WHERE %(in_long)s), 0)
                               AS revenue_180
                      FROM %(orders)s
                     WHERE %(is_bought)s
                       AND s.date_order >= %(before)s
                       AND s.date_order <= %(long)s
                   ) bought ON TRUE
             WHERE c.active
               AND c.commercial_partner_id IS NOT NULL
               AND c.outcome IS DISTINCT FROM 'merged'
            """,
            now=fields.Datetime.now(),
            orders=ORDERS,
            is_bought=IS_BOUGHT,
            worth=WORTH,
            before=after(-BEFORE),
            short=after(SHORT),
            long=after(LONG),
            in_short=within(SHORT),
            in_long=within(LONG),
        )

    @api.readonly
    def action_view_case(self):
        """Open the complaint."""
        self.ensure_one()
        return self.case_id._get_records_action()

    @api.model
    def _of_customers(self, partners):
        """What complaints of customers came to, as far as the user may read them.

        Unlike a sum over the rows, each order is counted once. Two queries, whatever
        there is.

        :param partners: commercial partners
        :return: {id of the partner: list of Came}
        """
        domain = [("commercial_partner_id", "in", partners.ids)]
        groups = self._read_group(
            domain,
            ["commercial_partner_id", "currency_id"],
            [
                "__count",
                "bought_again_180:count",
                "bought_again_180:sum",
                "remedy_cost:sum",
            ],
        )
        revenue = self._revenue_of_customers(domain)
        came = {}
        for partner, currency, cases, over, again, cost in groups:
            came.setdefault(partner.id, []).append(
                Came(
                    currency,
                    cases,
                    over,
                    round(again or 0),
                    cost or 0,
                    revenue.get((partner.id, currency.id), 0),
                )
            )
        return came

    def _revenue_of_customers(self, domain):
        """:return: {(id of the partner, id of the currency): untaxed revenue}"""
        needed = ("commercial_partner_id", "company_id", "currency_id", "date_received")
        seen = self._search(domain).subselect(
            *(SQL.identifier(self._table, name) for name in needed)
        )
        # First which complaints the user may read: PostgreSQL cannot guess that they
        # are few, and would look at the orders around all complaints.
        rows = self.env.execute_query(
            SQL(
                """
                WITH c AS MATERIALIZED %(seen)s
                SELECT kept.customer, kept.currency, sum(kept.worth)
                  FROM (
                        SELECT DISTINCT c.commercial_partner_id AS customer,
                               c.currency_id AS currency, s.id, %(worth)s AS worth
                          FROM c JOIN (%(orders)s) ON %(is_bought)s AND %(in_long)s
                       ) kept
                 GROUP BY kept.customer, kept.currency
                """,
                seen=seen,
                orders=ORDERS,
                is_bought=IS_BOUGHT,
                in_long=within(LONG),
                worth=WORTH,
            )
        )
        return {(customer, currency): amount for customer, currency, amount in rows}
