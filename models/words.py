"""Small ways to put stored values into words, which several documents share."""

import re

from babel.dates import format_skeleton

from odoo.tools import html2plaintext
from odoo.tools.misc import babel_locale_parse, get_lang

#: Items of a list, which would run together without markup.
ITEM = re.compile(r"<li\b[^>]*>")


def label(record, name):
    """The label of a selection field's value, in the language of the record's
    environment; None when it is empty."""
    return dict(record._fields[name]._description_selection(record.env)).get(
        record[name]
    )


def month_name(env, day, form="yMMMM"):
    """Month and year as the language of the environment puts them together: in Chinese
    the year comes first.

    :param day: date or datetime in it
    :param str form: ``yMMMM`` for the whole name, ``yMMM`` for a short one
    """
    locale = babel_locale_parse(get_lang(env).code)
    return format_skeleton(form, day, locale=locale)


def plain(html):
    """Markup as plain text without lists of links: it loads nothing when printed."""
    listed = ITEM.sub("<br/>• ", html or "")
    return html2plaintext(listed, include_references=False).strip()
