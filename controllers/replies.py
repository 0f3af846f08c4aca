"""Answers to a form: a page for the browser, or a few words for its script.

The script of the portal sends forms by itself, so that a broken connection loses
neither text nor files. It asks for JSON; without JavaScript the browser gets pages.
"""

from odoo.http import request


def wants_json():
    """Whether the script sends the form."""
    return request.httprequest.headers.get("Accept") == "application/json"


def done(url):
    """What was sent is in: lead on to a page."""
    if wants_json():
        return request.make_json_response({"url": url})
    return request.redirect(url)


def refused(errors):
    """What is wrong with what was sent, for the script.

    :param dict errors: text by name of the field; "form" is about none of them
    """
    return request.make_json_response({"errors": errors}, status=422)
