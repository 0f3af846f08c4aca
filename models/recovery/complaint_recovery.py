from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..constants import NATURES, OUTCOMES
from .worth import IS_COUNTED, ORDERS, worth

#: Days after the complaint within which an order says that the customer stayed.
SHORT, LONG = 90, 180
#: Days before it in which an order says that they were a customer.
BEFORE = 365


def after(days):
    """The moment until which an order counts, this moment included; UTC."""
    return SQL("c.date_received + make_interval(days => %s)", days)


#: Which order is whose depends on the complaints that the reader may read.
WHO = ("uid", "allowed_company_ids")


class Came(NamedTuple):
    """What the complaints of a customer came to, in one currency."""

    currency: models.BaseModel
    cases: int
    #: of them, how many are 180 days old, and after how many of these they bought
    over: int
    again: int
    #: money, untaxed; each order once, as in the rows
    cost: float
    revenue: float


class ComplaintRecovery(models.Model):
    """Whether customers stay after a complaint, and what that cost: one row for each
    complaint of a known customer, merged and archived ones left out.

    An order counts when the customer (with all people of their company) confirmed it
    with the same company after the complaint was received and not more than 90 or 180
    times 24 hours later; not when it cost nothing or carried out a remedy. Moments are
    in UTC; money is untaxed, in the currency of the company, at the rate of the order.

    Money belongs to one complaint only, the latest one before the order: if any window
    holds the order, that one does. So sums add up whatever rows are grouped by, and the
    sentences about a customer are such a sum. Whether somebody bought again is asked of
    each complaint alone: there, an order may be after several of them. What an order is
    worth: see :func:`.worth.worth`.

    "The latest" is one that the reader may read: a complaint that is hidden from them
    takes no revenue away, which would tell that it is there. Nothing is stored: how far
    a window has run is asked when somebody looks. The orders are added up for whoever
    may read the complaint, also where they may not open the orders.
    """

    _name = "complaint.recovery"
    _description = "Service Recovery"
    _auto = False
    _order = "date_received desc, id desc"
    _rec_name = "case_id"
    _depends = {
        "account.move": ["move_type"],
        "account.move.line": [
            "balance",
            "currency_id",
            "display_type",
            "parent_state",
            "price_subtotal",
        ],
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
        "complaint.remedy": ["document_id", "document_model", "state"],
        "res.company": ["currency_id"],
        "res.partner": ["commercial_partner_id"],
        "sale.order": [
            "amount_untaxed",
            "company_id",
            "currency_id",
            "currency_rate",
            "date_order",
            "partner_id",
            "state",
        ],
        "sale.order.line": ["order_id", "price_subtotal"],
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
    over_90 = fields.Integer(
        string="90 days over",
        readonly=True,
        help="Of so many complaints is the share that bought again within 90 days. "
        "Revenue is of all complaints, so far: also of those that are in no share yet.",
    )
    over_180 = fields.Integer(
        string="180 days over",
        readonly=True,
        help="Of so many complaints is the share that bought again within 180 days. "
        "Revenue is of all complaints, so far: also of those that are in no share yet.",
    )
    bought_again_90 = fields.Float(
        string="Bought again within 90 days",
        readonly=True,
        aggregator="avg",
        # A file of rows cannot tell "not yet" from "no".
        exportable=False,
        help="Share of the complaints after which the customer bought again. Those "
        "whose 90 days are not over are left out: who has not bought yet still may. "
        "An order after several complaints counts for each of them here, and whether "
        "it was paid back is not asked.",
    )
    bought_again_180 = fields.Float(
        string="Bought again within 180 days",
        readonly=True,
        aggregator="avg",
        exportable=False,
        help="Share of the complaints after which the customer bought again. Those "
        "whose 180 days are not over are left out: who has not bought yet still may. "
        "An order after several complaints counts for each of them here, and whether "
        "it was paid back is not asked.",
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
        depends_context=WHO,
        help="Untaxed, of the orders within 90 days after the complaint, so far, less "
        "credit notes; coupons of remedies are not deducted, being a cost. Each order "
        "counts once: for the latest complaint before it.",
    )
    revenue_180 = fields.Monetary(
        string="Revenue kept, 180 days",
        readonly=True,
        depends_context=WHO,
        help="Untaxed, of the orders within 180 days after the complaint, so far, less "
        "credit notes; coupons of remedies are not deducted, being a cost. Each order "
        "counts once: for the latest complaint before it.",
    )
    net = fields.Monetary(
        string="Revenue kept less remedies",
        readonly=True,
        depends_context=WHO,
        help="Revenue kept, 180 days, less the cost of remedies. What a remedy paid "
        "back of such an order is deducted once, as that cost.",
    )

    @property
    def _table_query(self):
        # One look at the orders around each complaint; a row that is not asked for
        # costs nothing, since the look follows the complaints that are left.
        is_its = SQL(
            "s.date_order > c.date_received AND s.date_order <= least(%s, later.at)",
            after(LONG),
        )
        return SQL(
            """
            SELECT c.id, c.id AS case_id, c.company_id, company.currency_id,
                   c.commercial_partner_id, c.date_received, c.category_id,
                   c.product_id, c.team_id, c.user_id, c.nature, c.outcome,
                   c.remedy_cost,
                   bought.orders_before, bought.bought_again_at,
                   bought.revenue_90, bought.revenue_180,
                   bought.revenue_and_paid_back - coalesce(c.remedy_cost, 0) AS net,
                   %(short)s < %(now)s AS is_over_90,
                   %(long)s < %(now)s AS is_over_180,
                   (%(short)s < %(now)s)::int AS over_90,
                   (%(long)s < %(now)s)::int AS over_180,
                   CASE WHEN %(short)s < %(now)s THEN
                       (coalesce(bought.bought_again_at <= %(short)s, FALSE))::int
                   END AS bought_again_90,
                   CASE WHEN %(long)s < %(now)s THEN
                       (bought.bought_again_at IS NOT NULL)::int
                   END AS bought_again_180
              FROM complaint_case c
              JOIN res_company company ON company.id = c.company_id
              LEFT JOIN LATERAL %(later)s later ON TRUE
              LEFT JOIN LATERAL (
                    SELECT count(*) FILTER (
                               WHERE o.amount_untaxed > 0
                                 AND o.date_order <= c.date_received
                           ) AS orders_before,
                           min(o.date_order) FILTER (
                               WHERE o.amount_untaxed > 0
                                 AND o.date_order > c.date_received
                           ) AS bought_again_at,
                           coalesce(sum(o.worth[1]) FILTER (
                               WHERE o.date_order <= %(short)s
                           ), 0) AS revenue_90,
                           coalesce(sum(o.worth[1]), 0) AS revenue_180,
                           coalesce(sum(o.worth[2]), 0) AS revenue_and_paid_back
                      FROM (
                            SELECT s.date_order, s.amount_untaxed,
                                   %(worth)s AS worth
                              FROM %(orders)s
                             WHERE %(is_counted)s
                               AND s.date_order >= %(before)s
                               AND s.date_order <= %(long)s
                            OFFSET 0  -- the worth is found once, not for each sum
                           ) o
                   ) bought ON TRUE
             WHERE c.active
               AND c.commercial_partner_id IS NOT NULL
               AND c.outcome IS DISTINCT FROM 'merged'
            """,
            now=fields.Datetime.now(),
            later=self._later(),
            orders=ORDERS,
            is_counted=IS_COUNTED,
            worth=worth(self.env, is_its),
            before=after(-BEFORE),
            short=after(SHORT),
            long=after(LONG),
        )

    def _later(self):
        """When the customer of a complaint ``c`` complained next; from then on orders
        belong to that complaint.

        :return: SQL of one row: at
        """
        cases = self.env["complaint.case"].with_context(active_test=False)
        query = cases._search([("active", "=", True), ("outcome", "!=", "merged")])
        query.order = None
        for column in ("commercial_partner_id", "company_id"):
            query.add_where(
                SQL(
                    "%s = %s",
                    SQL.identifier(query.table, column),
                    SQL.identifier("c", column),
                )
            )
        received, number = (
            SQL.identifier(query.table, column) for column in ("date_received", "id")
        )
        query.add_where(
            SQL("(%s, %s) > (c.date_received, c.id)", received, number),
        )
        return SQL("(%s)", query.select(SQL("min(%s) AS at", received)))

    @api.readonly
    def action_view_case(self):
        """Open the complaint."""
        self.ensure_one()
        return self.case_id._get_records_action()

    @api.model
    def _of_customers(self, partners):
        """What complaints of customers came to, as far as the user may read them.

        One query, whatever there is.

        :param partners: commercial partners
        :return: {id of the partner: list of Came}
        """
        groups = self._read_group(
            [("commercial_partner_id", "in", partners.ids)],
            ["commercial_partner_id", "currency_id"],
            [
                "__count",
                "bought_again_180:count",
                "bought_again_180:sum",
                "remedy_cost:sum",
                "revenue_180:sum",
            ],
        )
        came = {}
        for partner, currency, cases, over, again, cost, revenue in groups:
            came.setdefault(partner.id, []).append(
                Came(currency, cases, over, round(again or 0), cost or 0, revenue or 0)
            )
        return came
