"""Surveys of campaigns have no complaint: no team's, and none of them is secret."""

from odoo import SUPERUSER_ID, api

#: {rule: what is put before its condition}
ADDED = {
    # Handlers see the surveys of complaints only.
    "complaint_feedback_rule_handler": "[('campaign_id', '=', False)]",
    "complaint_feedback_rule_confidential": "['|', ('case_id', '=', False)]",
    "complaint_feedback_rule_involved": "['|', ('case_id', '=', False)]",
}


def migrate(cr, version):
    """Rules stay as they were installed; the condition is added to what a company may
    have made of them.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, added in ADDED.items():
        rule = env.ref(f"complaint_management.{name}", raise_if_not_found=False)
        if rule and added[1:-1] not in rule.domain_force:
            rule.domain_force = f"{added} + {rule.domain_force.strip()}"
