"""To-dos to approve a remedy end with it: those that were made before know of none."""

from odoo import SUPERUSER_ID, api

TO_APPROVE = "complaint_management.mail_activity_type_remedy"


def migrate(cr, version):
    """Tie them to the one remedy of their complaint that waits, and end those for which
    none waits any more. Of several that wait, nobody can tell which was meant.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    kind = env.ref(TO_APPROVE, raise_if_not_found=False)
    if not kind:
        return
    to_dos = env["mail.activity"].search(
        [
            ("activity_type_id", "=", kind.id),
            ("res_model", "=", "complaint.case"),
            ("complaint_remedy_id", "=", False),
            # What somebody made by hand is theirs to end.
            ("automated", "=", True),
        ]
    )
    waiting = env["complaint.remedy"].search(
        [("state", "=", "proposed"), ("case_id", "in", to_dos.mapped("res_id"))]
    )
    of_case = waiting.grouped(lambda remedy: remedy.case_id.id)
    for case_id, about in to_dos.grouped("res_id").items():
        remedies = of_case.get(case_id, waiting.browse())
        if not remedies:
            about.unlink()
        elif len(remedies) == 1:
            about.complaint_remedy_id = remedies
