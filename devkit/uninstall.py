"""Uninstall the add-on from a copy of the demo database and look for what is left.

Compares the database after uninstalling with the same one before the add-on was ever
installed: schema, and the rows of Odoo's own tables that an add-on leaves behind.
"""

import os

from . import databases, postgres, server
from .places import MODULE
from .ui import DevError, say

UNINSTALL = f"""
module = env["ir.module.module"].search([("name", "=", "{MODULE}")])
module.button_immediate_uninstall()
"""

#: What must be the same before and after, each as text rows.
SCHEMA = {
    "tables": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    "columns": "SELECT table_name || '.' || column_name"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "indexes": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": "SELECT conname FROM pg_constraint",
    "sequences": "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
}
#: Rows that name the add-on, its models or its fields: none may be left.
ROWS = {
    "external ids": f"SELECT name FROM ir_model_data WHERE module = '{MODULE}'",
    "models": "SELECT model FROM ir_model WHERE model LIKE 'complaint.%'",
    "fields": "SELECT model || '.' || name FROM ir_model_fields"
    " WHERE name ~ 'complaint' OR relation LIKE 'complaint.%'",
    "scheduled actions": "SELECT cron_name FROM ir_cron"
    " WHERE cron_name ILIKE '%complaint%'",
    "parameters": "SELECT key FROM ir_config_parameter WHERE key LIKE 'complaint%'",
    "attachments": "SELECT name FROM ir_attachment WHERE res_model LIKE 'complaint.%'"
    f" OR url LIKE '%{MODULE}%'",
    "messages": "SELECT id FROM mail_message WHERE model LIKE 'complaint.%'",
    "activities": "SELECT id FROM mail_activity WHERE res_model LIKE 'complaint.%'",
    "followers": "SELECT id FROM mail_followers WHERE res_model LIKE 'complaint.%'",
    "aliases": "SELECT alias_name FROM mail_alias a JOIN ir_model m"
    " ON m.id = a.alias_model_id WHERE m.model LIKE 'complaint.%'",
    "number sequences": "SELECT code FROM ir_sequence WHERE code LIKE 'complaint%'",
    "mail templates": "SELECT id FROM mail_template WHERE model LIKE 'complaint.%'",
    "filters": "SELECT name FROM ir_filters WHERE model_id LIKE 'complaint.%'",
}


def passes():
    """Uninstall from a copy of the demo template; show everything that is left."""
    before = databases.ensure_base(demo=True)
    after = f"uninstall-{os.getpid()}"
    databases.copy(databases.ensure_module(demo=True), after)
    try:
        server.run_odoo(
            f"Uninstalling {MODULE}", after, "shell", "--no-http", script=UNINSTALL
        )
        left = leftovers(before, after)
    except DevError as error:
        left = [str(error)]
    finally:
        databases.drop(after)
    for line in left:
        say(f"    left behind: {line}")
    return not left


def leftovers(before, after):
    """Return what the second database has of ours, as lines of text."""
    left = []
    for title, query in SCHEMA.items():
        new = rows(after, query) - rows(before, query)
        left += [f"{title}: {name}" for name in sorted(new)]
    for title, query in ROWS.items():
        left += [f"{title}: {name}" for name in sorted(rows(after, query))]
    return left


def rows(database, query):
    """Return a query's first column as a set of texts."""
    return set(postgres.query(query, database=database).splitlines())
