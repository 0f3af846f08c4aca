"""Names that follow from the period are shown in the language of whoever reads them."""

from odoo import SUPERUSER_ID, api
from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Empty the names of campaigns that nobody gave, and what follows from a missing
    address in the results by mail.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    campaigns = env["complaint.feedback.campaign"].search([("name", "!=", False)])
    by_itself = campaigns.browse()
    for lang, _name in env["res.lang"].get_installed():
        by_itself |= campaigns.with_context(lang=lang).filtered(
            lambda one: one.name == one._named_by_days()
        )
    by_itself.with_context(tracking_disable=True).write({"name": False})
    if column_exists(cr, "complaint_feedback_result", "problem"):
        cr.execute(
            "UPDATE complaint_feedback_result SET lacks_address = problem IS NOT NULL"
        )
        cr.execute("ALTER TABLE complaint_feedback_result DROP COLUMN problem")
