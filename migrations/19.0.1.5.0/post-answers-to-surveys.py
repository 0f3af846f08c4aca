"""The results by mail put answers to surveys beside the surveys, not all answers."""

from psycopg2.extras import Json

from odoo import SUPERUSER_ID, api

TEMPLATE = "complaint_management.mail_template_feedback_result"
BEFORE, AFTER = "total['answered']", "total['replied']"


def migrate(cr, version):
    """Exchange that figure in the template, in each language; words that a company
    changed stay.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    template = env.ref(TEMPLATE, raise_if_not_found=False)
    if not template:
        return
    cr.execute("SELECT body_html FROM mail_template WHERE id = %s", [template.id])
    [bodies] = cr.fetchone()
    exchanged = {
        lang: body.replace(BEFORE, AFTER) for lang, body in (bodies or {}).items()
    }
    cr.execute(
        "UPDATE mail_template SET body_html = %s WHERE id = %s",
        [Json(exchanged), template.id],
    )
    template.invalidate_recordset(["body_html"])
