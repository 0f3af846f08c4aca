from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

LATENESS = [
    ("overdue", "Overdue"),
    ("near", "Due within a day"),
    ("ahead", "In time"),
]
#: A limit nearer than this is near; static/src/backend/time_left.js shows it in amber.
NEAR = timedelta(days=1)


class ComplaintCase(models.Model):
    """How late complaints are, to count and filter them by (I2).

    Depends on the present, so it is not stored: the database answers from the stored
    deadline when complaints are grouped by it.
    """

    _inherit = "complaint.case"

    lateness = fields.Selection(
        selection=LATENESS,
        compute="_compute_lateness",
        search="_search_lateness",
        groups="base.group_user",
        help="How near the next time limit is. Empty: no limit is running.",
    )

    @api.depends("next_deadline")
    def _compute_lateness(self):
        now = fields.Datetime.now()
        for case in self:
            deadline = case.next_deadline
            if not deadline:
                case.lateness = False
            elif deadline < now:
                case.lateness = "overdue"
            else:
                case.lateness = "near" if deadline < now + NEAR else "ahead"

    @api.model
    def _search_lateness(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        soon = now + NEAR
        domains = {
            "overdue": Domain("next_deadline", "<", now),
            "near": Domain("next_deadline", ">=", now)
            & Domain("next_deadline", "<", soon),
            "ahead": Domain("next_deadline", ">=", soon),
            False: Domain("next_deadline", "=", False),
        }
        return Domain.OR(domains[item] for item in value if item in domains)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "lateness":
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields["lateness"], "read")
        now = fields.Datetime.now()
        return SQL(
            """
            CASE WHEN %(deadline)s < %(now)s THEN 'overdue'
                 WHEN %(deadline)s < %(soon)s THEN 'near'
                 WHEN %(deadline)s IS NOT NULL THEN 'ahead'
            END
            """,
            deadline=super()._field_to_sql(alias, "next_deadline", query),
            now=now,
            soon=now + NEAR,
        )
