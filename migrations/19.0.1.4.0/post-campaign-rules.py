"""Surveys of campaigns belong to no team, and are not everybody's for that."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Handlers see the surveys of complaints; the rule is kept as it is installed, so
    that the condition is added to what a company may have made of it.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    rule = env.ref(
        "complaint_management.complaint_feedback_rule_handler",
        raise_if_not_found=False,
    )
    if rule and "campaign_id" not in rule.domain_force:
        domain = rule.domain_force.strip()
        rule.domain_force = f"[('campaign_id', '=', False)] + {domain}"
