"""Small ways to put stored values into words, which several documents share."""

import re

from odoo.tools import html2plaintext

#: Items of a list, which would run together without markup.
ITEM = re.compile(r"<li\b[^>]*>")


def label(record, name):
    """The label of a selection field's value, in the language of the record's
    environment; None when it is empty."""
    return dict(record._fields[name]._description_selection(record.env)).get(
        record[name]
    )


def plain(html):
    """Markup as plain text without lists of links: it loads nothing when printed."""
    listed = ITEM.sub("<br/>• ", html or "")
    return html2plaintext(listed, include_references=False).strip()
