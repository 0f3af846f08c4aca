import re
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

MODULE = "complaint_management"
#: Code that Odoo offers for translation as well: there is no word in it.
CODE = re.compile(r"\{\{[^{}]*\}\}|object\.\w+\([^()]*\)")
I18N = Path(__file__).parents[1] / "i18n"


@tagged("post_install", "-at_install")
class TestI18n(TransactionCase):
    """Two languages from the first day (design rule 10)."""

    def test_chinese_is_complete(self):
        terms = {
            source
            for _module, _type, _name, _id, source, *_rest in TranslationModuleReader(
                self.env.cr, modules=[MODULE]
            )
            if source.strip() and not CODE.fullmatch(source)
        }
        self.assertGreater(len(terms), 300, "the export found our terms")
        entries = {entry.msgid: entry for entry in polib.pofile(I18N / "zh_CN.po")}
        missing = sorted(
            term for term in terms if term not in entries or not entries[term].msgstr
        )
        self.assertFalse(missing, f"{len(missing)} terms without Chinese")
        fuzzy = [entry.msgid for entry in entries.values() if entry.fuzzy]
        self.assertFalse(fuzzy)

    def test_no_term_is_left_over(self):
        terms = {
            row[4] for row in TranslationModuleReader(self.env.cr, modules=[MODULE])
        }
        stale = [
            entry.msgid
            for entry in polib.pofile(I18N / "zh_CN.po")
            if not entry.obsolete and entry.msgid not in terms
        ]
        self.assertFalse(stale, "terms that the product no longer has")

    def test_placeholders_survive_translation(self):
        for entry in polib.pofile(I18N / "zh_CN.po").translated_entries():
            for mark in ("%(", "%s", "{{", "<br", "</"):
                self.assertEqual(
                    entry.msgid.count(mark),
                    entry.msgstr.count(mark),
                    f"{mark} in {entry.msgid!r}",
                )
