"""Answers without a complaint, as those on site, are seen by whose team they rate."""

from lxml import etree

from odoo import SUPERUSER_ID, api
from odoo.tools import file_open

SECURITY = "complaint_management/security"
CHANGED = {
    "complaint_feedback_rule_confidential": "complaint_rules.xml",
    "complaint_feedback_rule_handler": "complaint_rules.xml",
    "complaint_feedback_rule_involved": "complaint_conflict_rules.xml",
}


def migrate(cr, version):
    """Bring the rules up to date, which an update of the app leaves as they are.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, path in CHANGED.items():
        with file_open(f"{SECURITY}/{path}", "rb") as file:
            tree = etree.parse(file)
        [domain] = tree.xpath(f"//record[@id='{name}']/field[@name='domain_force']")
        rule = env.ref(f"complaint_management.{name}", raise_if_not_found=False)
        if rule:
            rule.domain_force = domain.text
