"""When customers are asked is a list of touch-points, no setting."""

from odoo import SUPERUSER_ID, api
from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Companies that had chosen another delay after closing keep it, and what was asked
    before was asked after closing, by mail.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    cr.execute(
        "UPDATE complaint_feedback SET way = 'mail' "
        "WHERE state = 'answered' AND way IS NULL"
    )
    if not column_exists(cr, "res_company", "complaint_feedback_delay_days"):
        return
    cr.execute(
        """
        SELECT id, complaint_feedback_delay_days
          FROM res_company
         WHERE complaint_feedback_delay_days <> 1
           AND NOT EXISTS (SELECT FROM complaint_touchpoint
                            WHERE touchpoint = 'closed' AND company_id = res_company.id)
        """
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["complaint.touchpoint"].create(
        [
            {
                "touchpoint": "closed",
                "company_id": company,
                "delay_days": days,
                "sequence": 30,
            }
            for company, days in cr.fetchall()
        ]
    )
