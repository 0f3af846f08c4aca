"""How often somebody may do something in the portal within an hour.

Nobody who complains in earnest notices them; a program that runs wild does.
"""

from odoo.http import request

WITHIN = 3600


def is_over(what, case=None):
    """Count an attempt of whoever makes the request.

    Call it after all other checks: mistakes do not count, and neither do complaints
    that the reader may not see. Employees are not held up.

    :param str what: complaint, message or files
    :param case: the complaint it is about; who holds its link is counted by it
    :return: whether that is too often
    """
    user = request.env.user
    if user._is_internal():
        return False
    who = f"case:{case.id}" if user._is_public() else f"user:{user.id}"
    # sudo: the counts and their limits are nobody's to read.
    env = request.env(su=True)
    limit = env["res.config.settings"]._complaint_portal_limit(what)
    return not env["complaint.throttle"]._hit(
        f"portal:{what}", who, limit=limit, seconds=WITHIN
    )


def words(env):
    """What is said to whoever does something too often."""
    return {
        "complaint": env._(
            "You have sent many complaints within the last hour. What you typed is "
            "still here: please wait a little and send it again."
        ),
        "message": env._(
            "You have written many messages within the last hour. Please wait a little "
            "and send this one again."
        ),
        "files": env._(
            "You have sent many files within the last hour. Please wait a little and "
            "send these again."
        ),
    }
