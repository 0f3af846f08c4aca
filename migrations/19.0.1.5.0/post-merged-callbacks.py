"""Call-backs of complaints that were merged are done on the one that remains."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Move what was left behind, so that it is found and done once.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    waiting = env["complaint.callback"].search(
        [("state", "=", "open"), ("case_id.merged_into_id", "!=", False)]
    )
    remains = waiting.case_id.grouped(lambda case: case._merge_target())
    for target, cases in remains.items():
        cases._merge_move_callbacks(target)
