"""The key of a form sent in the portal serves every door now."""


def migrate(cr, version):
    """Rename the column; its old index goes, the new one is made with the model.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    cr.execute(
        "SELECT 1 FROM information_schema.columns WHERE table_name = 'complaint_case' "
        "AND column_name = 'portal_request' AND table_schema = current_schema"
    )
    if cr.rowcount:
        cr.execute("DROP INDEX IF EXISTS complaint_case_portal_request_unique")
        cr.execute(
            "ALTER TABLE complaint_case RENAME COLUMN portal_request TO request_key"
        )
