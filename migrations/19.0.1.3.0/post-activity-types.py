"""Not only complaints have time limits."""


def migrate(cr, version):
    """Open the to-dos about limits to everything that has some.

    They are data that companies may change, so an upgrade leaves them alone.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    cr.execute(
        """
        UPDATE mail_activity_type
           SET res_model = NULL
         WHERE res_model = 'complaint.case'
           AND id IN (SELECT res_id FROM ir_model_data
                       WHERE model = 'mail.activity.type'
                         AND module = 'complaint_management'
                         AND name IN ('mail_activity_type_deadline',
                                      'mail_activity_type_escalation'))
        """
    )
