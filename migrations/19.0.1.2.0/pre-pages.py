"""Lists of a complaint moved to pages that are read when they are opened, and buttons
of its form changed their names."""


def migrate(cr, version):
    """Empty our views that add to the form until they are loaded as they are now.

    The form is loaded before them: as they were, they would not fit it any more.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    cr.execute(
        """
        UPDATE ir_ui_view
           SET arch_db = jsonb_build_object('en_US', '<data/>')
         WHERE id IN (SELECT res_id FROM ir_model_data
                       WHERE model = 'ir.ui.view' AND module = 'complaint_management')
           AND inherit_id IN (SELECT res_id FROM ir_model_data
                               WHERE model = 'ir.ui.view'
                                 AND module = 'complaint_management'
                                 AND name = 'complaint_case_view_form')
        """
    )
