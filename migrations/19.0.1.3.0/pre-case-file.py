"""Chapters of the case file have other numbers."""


def migrate(cr, version):
    """Forget the translations of the case file; they are loaded anew with the upgrade.

    Odoo would keep those of headings that look alike: “6. Answers given” in the
    reader's language for “7. Answers given”.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    cr.execute(
        """
        UPDATE ir_ui_view
           SET arch_db = jsonb_build_object('en_US', arch_db->'en_US')
         WHERE id IN (SELECT res_id FROM ir_model_data
                       WHERE model = 'ir.ui.view'
                         AND module = 'complaint_management'
                         AND name LIKE 'complaint_case_file%')
        """
    )
