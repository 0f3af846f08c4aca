"""Bring the Chinese translation up to date with exported terms.

A program of its own in the virtual environment, for polib: TEMPLATE.pot ZH_CN.po.
Prints one line for each term that still needs a translator; ends with 1 if any does.
"""

import re
import sys

import polib

WIDTH = 78
TITLE = "Simplified Chinese translation of the Complaints add-on."
HEADERS = {
    "Language": "zh_CN",
    "Language-Team": "Chinese (Simplified)",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
PLACES_SHOWN = 2
#: Code that Odoo offers for translation as well: there is no word in it. The OCA check
#: wants what equals its source left empty.
CODE = re.compile(r"\{\{[^{}]*\}\}|object\.\w+\([^()]*\)")


def merge(template, path):
    """Write the translation with exactly the template's terms; return it.

    Existing translations stay, new terms come in empty, terms that no longer exist
    are dropped. A context tells equal texts apart.
    """
    try:
        old = polib.pofile(str(path))
    except OSError:
        old = polib.POFile()
    known = {(entry.msgctxt, entry.msgid): entry for entry in old if not entry.obsolete}
    merged = polib.POFile(wrapwidth=WIDTH)
    merged.header = TITLE
    merged.metadata = dict(template.metadata)
    merged.metadata.update(HEADERS)
    # Dates of export would change the file although no term did.
    for name in ("POT-Creation-Date", "PO-Revision-Date"):
        merged.metadata.pop(name, None)
    for entry in template:
        earlier = known.get((entry.msgctxt, entry.msgid))
        if earlier:
            entry.msgstr = earlier.msgstr
            entry.flags = earlier.flags
            entry.tcomment = earlier.tcomment
        merged.append(entry)
    merged.save(str(path))
    return merged


def main(template_path, path):
    """Merge and report."""
    template = polib.pofile(template_path, wrapwidth=WIDTH)
    for name in ("POT-Creation-Date", "PO-Revision-Date"):
        template.metadata.pop(name, None)
    template.save(template_path)
    merged = merge(template, path)
    open_terms = [
        entry
        for entry in merged
        if (not entry.msgstr or entry.fuzzy) and not CODE.fullmatch(entry.msgid)
    ]
    for entry in open_terms:
        where = ", ".join(place for place, _line in entry.occurrences[:PLACES_SHOWN])
        state = "unsure" if entry.fuzzy else "missing"
        print(f"  {state}: {entry.msgid!r}  ({where})")
    print(f"{len(merged)} terms, {len(open_terms)} without translation: {path}")
    return bool(open_terms)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
