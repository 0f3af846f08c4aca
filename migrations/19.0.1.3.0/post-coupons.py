"""Coupons are followed until they are used up."""


def migrate(cr, version):
    """Have those that were given before be looked at as well.

    :param cr: cursor of the database that is upgraded
    :param str version: installed before
    """
    cr.execute(
        """
        UPDATE complaint_remedy
           SET next_event_at = now() AT TIME ZONE 'UTC'
         WHERE kind = 'coupon' AND state = 'executed' AND next_event_at IS NULL
        """
    )
