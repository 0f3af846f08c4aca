from odoo import api, fields, models
from odoo.tools import SQL


class ComplaintCluster(models.Model):
    """Products about which several customers complain at the same time (field 6).

    Read-only and never stored: counted when somebody looks, among the complaints that
    they may see, within the company's number of days. A candidate for one cause behind
    several complaints.
    """

    _name = "complaint.cluster"
    _description = "Cluster of Complaints"
    _auto = False
    _order = "customer_count desc, last_at desc, id"
    _rec_name = "product_id"
    _depends = {
        "complaint.case": [
            "category_id",
            "commercial_partner_id",
            "company_id",
            "date_received",
            "outcome",
            "product_id",
        ],
        "res.company": ["complaint_cluster_customers", "complaint_cluster_days"],
    }

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    customer_count = fields.Integer(string="Customers", readonly=True)
    case_count = fields.Integer(string="Complaints", readonly=True)
    category_id = fields.Many2one(
        comodel_name="complaint.category",
        string="Most often",
        readonly=True,
        help="The category named most often.",
    )
    first_at = fields.Datetime(string="First", readonly=True)
    last_at = fields.Datetime(string="Last", readonly=True)

    @property
    def _table_query(self):
        # By the rules of who looks: what they may not read is not counted.
        cases = self.env["complaint.case"]
        # sudo: handlers need not read companies.
        days = max(self.env.companies.sudo().mapped("complaint_cluster_days"))
        since = fields.Datetime.subtract(fields.Datetime.now(), days=days)
        query = cases._search(
            [
                ("product_id", "!=", False),
                ("outcome", "!=", "merged"),
                ("date_received", ">=", since),
            ]
        )
        return SQL(
            """
            SELECT min(c.id) AS id, c.company_id, c.product_id,
                   count(DISTINCT coalesce(c.commercial_partner_id, -c.id))
                       AS customer_count,
                   count(*) AS case_count,
                   mode() WITHIN GROUP (ORDER BY c.category_id) AS category_id,
                   min(c.date_received) AS first_at, max(c.date_received) AS last_at
              FROM complaint_case c
              JOIN res_company o ON o.id = c.company_id
             WHERE c.id IN %s
               AND c.date_received >= now() AT TIME ZONE 'UTC'
                   - make_interval(days => o.complaint_cluster_days)
             GROUP BY c.company_id, c.product_id, o.complaint_cluster_customers
            HAVING count(DISTINCT coalesce(c.commercial_partner_id, -c.id))
                   >= greatest(o.complaint_cluster_customers, 2)
            """,
            query.subselect(),
        )

    @api.readonly
    def action_view_cases(self):
        """Open the complaints of the cluster."""
        self.ensure_one()
        cases = self.env["complaint.case"]
        return cases._desk_action(
            "complaint_case_action",
            name=self.product_id.display_name,
            domain=[
                ("product_id", "=", self.product_id.id),
                ("company_id", "=", self.company_id.id),
                ("outcome", "!=", "merged"),
                ("date_received", ">=", self.first_at),
            ],
            context={"create": False},
        )

    @api.model
    def _of_products(self, products):
        """Clusters of products in the companies at work, with one query.

        :return: {product: clusters}
        """
        clusters = self.search(
            [
                ("product_id", "in", products.ids),
                ("company_id", "in", self.env.companies.ids),
            ]
        )
        return clusters.grouped("product_id")

    def _hint(self):
        """In words what a cluster is; False where there is none."""
        cluster = self.sorted("customer_count")[-1:]
        if not cluster:
            return False
        # sudo: handlers need not read companies.
        days = cluster.company_id.sudo().complaint_cluster_days
        return self.env._(
            "%(customers)s customers complained about this product within %(days)s "
            "days",
            customers=cluster.customer_count,
            days=days,
        )


class ComplaintCase(models.Model):
    """The hint that others complain about the same product at the moment."""

    _inherit = "complaint.case"

    cluster_hint = fields.Char(
        compute="_compute_cluster_hint",
        groups="base.group_user",
        help="Whether several customers complain about the product at the moment.",
    )

    @api.depends("product_id")
    @api.depends_context("uid", "lang")
    def _compute_cluster_hint(self):
        clusters = self.env["complaint.cluster"]._of_products(self.product_id._origin)
        for case in self:
            found = clusters.get(case.product_id._origin, self.env["complaint.cluster"])
            found = found.filtered(
                lambda row, case=case: row.company_id == case.company_id
            )
            case.cluster_hint = case.phase != "closed" and found._hint()

    @api.readonly
    def action_view_cluster(self):
        """Open the complaints about the same product of these days."""
        self.ensure_one()
        return self.product_id.action_view_complaint_cluster()
