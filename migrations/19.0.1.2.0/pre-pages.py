"""Lists of a complaint moved to pages that are read when they are opened."""

#: Views that added to those lists: loaded after the form, they would not fit it.
EMPTIED = [
    "complaint_case_view_form_classify",
    "complaint_case_view_form_desk",
    "complaint_case_view_form_story",
    "complaint_case_view_form_waiting",
]


def migrate(cr, version):
    """Empty the views until the upgrade has loaded them as they are now.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    cr.execute(
        "UPDATE ir_ui_view SET arch_db = jsonb_build_object('en_US', '<data/>') "
        "WHERE id IN (SELECT res_id FROM ir_model_data WHERE model = 'ir.ui.view' "
        "AND module = 'complaint_management' AND name = ANY(%s))",
        [EMPTIED],
    )
