"""Small ways to put stored values into words, which several documents share."""

from odoo.tools import html2plaintext


def label(record, name):
    """The label of a selection field's value, in the language of the record's
    environment; None when it is empty."""
    return dict(record._fields[name]._description_selection(record.env)).get(
        record[name]
    )


def plain(html):
    """Markup as plain text without lists of links: it loads nothing when printed."""
    return html2plaintext(html or "", include_references=False).strip()
