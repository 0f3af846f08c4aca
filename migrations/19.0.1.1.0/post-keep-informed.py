"""Complaints that were taken up before updates were promised get their promise now."""

from odoo import SUPERUSER_ID, api

#: Complaints at a time: their count is not known.
BATCH = 1000


def migrate(cr, version):
    """Promise the next update of every complaint under way, counted from today."""
    if not version:
        return
    cases = api.Environment(cr, SUPERUSER_ID, {})["complaint.case"]
    under_way = cases.search(
        [("phase", "in", ("accepted", "investigating", "resolving"))]
    )
    for start in range(0, len(under_way), BATCH):
        under_way[start : start + BATCH]._promises_follow()
