"""Answers without a complaint, as those on site, are seen by whose team they rate."""

from lxml import etree

from odoo import SUPERUSER_ID, api
from odoo.tools import file_open

RULES = "complaint_management/security/complaint_rules.xml"
CHANGED = ("complaint_feedback_rule_confidential", "complaint_feedback_rule_handler")


def migrate(cr, version):
    """Bring the rules up to date, which an update of the app leaves as they are.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    with file_open(RULES, "rb") as file:
        tree = etree.parse(file)
    for name in CHANGED:
        [domain] = tree.xpath(f"//record[@id='{name}']/field[@name='domain_force']")
        rule = env.ref(f"complaint_management.{name}", raise_if_not_found=False)
        if rule:
            rule.domain_force = domain.text
