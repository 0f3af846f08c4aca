"""``tools/register.py`` with its helpers: files and mappings, without a database."""

from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from ..tools import moments, register, table
from ..tools.problems import Problem

CHOICES = {
    "source": {"external", "internal", "institutional"},
    "nature": {"general", "major", "repeat", "invalid"},
    "priority": {"0", "1", "2"},
    "customer_type": {"individual", "company"},
    "phase": {"received", "accepted", "investigating", "answered", "closed"},
    "outcome": {"settled", "refused"},
}
LATEST = datetime(2026, 1, 1)
BASIC = """
[fields.import_reference]
column = "No"
[fields.subject]
column = "Text"
[fields.date_received]
column = "Day"
formats = ["%Y-%m-%d %H:%M", "%Y-%m-%d"]
"""
TWO_DATES = """
time_zone = "America/New_York"
[fields.import_reference]
column = "No"
[fields.subject]
column = "Text"
[fields.date_received]
dates = [
    { column = "Day", formats = ["%m/%d/%Y", "%d-%m-%y"] },
    { column = "Named", formats = ["%d-%b-%y"] },
]
time = { column = "Time", formats = ["%I:%M:%S %p"] }
"""


@tagged("post_install", "-at_install")
class TestMoments(BaseCase):
    def test_formats(self):
        for text, formats, expected in [
            ("22-Apr-15", ["%d-%b-%y"], datetime(2015, 4, 22)),
            (" 22-APR-15 ", ["%d-%b-%y"], datetime(2015, 4, 22)),
            ("1 Sept. 2015", ["%d %b %Y"], datetime(2015, 9, 1)),
            ("4/8/2015", ["%m/%d/%Y"], datetime(2015, 4, 8)),
            ("4/8/2015", ["%d/%m/%Y"], datetime(2015, 8, 4)),
            ("13/8/2015", ["%m/%d/%Y", "%d/%m/%Y"], datetime(2015, 8, 13)),
            ("2015年4月2日", ["%Y年%m月%d日"], datetime(2015, 4, 2)),
            ("12:00:00 AM", ["%I:%M:%S %p"], datetime(1900, 1, 1)),
            ("12:30 p.m.", ["%I:%M %p"], datetime(1900, 1, 1, 12, 30)),
            ("31-02-15", ["%d-%m-%y"], None),
            ("13:00 PM", ["%I:%M %p"], None),
            ("22-Xyz-15", ["%d-%b-%y"], None),
            ("2015-04-22 ", ["%Y-%m"], None),
            ("01-01-69", ["%d-%m-%y"], datetime(1969, 1, 1)),
            ("01-01-68", ["%d-%m-%y"], datetime(2068, 1, 1)),
        ]:
            with self.subTest(text, formats=formats):
                self.assertEqual(moments.parse(text, formats), expected)

    def test_offset_in_text_wins_over_zone(self):
        moment = moments.parse("2015-04-22T10:00:00+02:00", ["iso"])
        self.assertEqual(
            moments.to_utc(moment, "America/New_York"), datetime(2015, 4, 22, 8)
        )
        moment = moments.parse("2015-04-22 10:00 -0500", ["%Y-%m-%d %H:%M %z"])
        self.assertEqual(moments.to_utc(moment, "UTC"), datetime(2015, 4, 22, 15))

    def test_utc_by_season(self):
        for month, hour in ((1, 17), (7, 16)):
            noon = datetime(2015, month, 1, 12)
            self.assertEqual(
                moments.to_utc(noon, "America/New_York"), datetime(2015, month, 1, hour)
            )

    def test_format_that_cannot_be_read(self):
        for text in ("%Q", "%d %d", "100%"):
            with self.subTest(text), self.assertRaises(ValueError):
                moments.check_format(text)
        moments.check_format("iso")


@tagged("post_install", "-at_install")
class TestTable(BaseCase):
    def _read(self, text, wanted=("No", "Text"), encoding="utf-8"):
        return table.read(text.encode(encoding), wanted)

    def _problem(self, code, data, **options):
        with self.assertRaises(Problem) as caught:
            table.read(data, **options)
        self.assertEqual(caught.exception.code, code)

    def test_separators(self):
        for separator in ",;\t|":
            found = self._read(f"No{separator}Text\n1{separator}a b\n")
            self.assertEqual(found.delimiter, separator)
            self.assertEqual(found.rows[0].cells, {"No": "1", "Text": "a b"})

    def test_separator_by_columns_not_by_number(self):
        found = self._read('No;"Text, long, or, short";Text\n1;a;b\n')
        self.assertEqual(found.delimiter, ";")

    def test_encodings(self):
        text = "No,Text\n1,Crème brûlée – “gone”\n"
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
            with self.subTest(encoding):
                found = self._read(text, encoding=encoding)
                self.assertEqual(found.columns, ["No", "Text"])
                self.assertEqual(found.rows[0].cells["Text"], "Crème brûlée – “gone”")
        chinese = "No,Text\n1,投诉\n".encode("gb18030")
        found = table.read(chinese, encodings=("utf-8", "gb18030"))
        self.assertEqual(found.rows[0].cells["Text"], "投诉")

    def test_files_that_are_not_csv(self):
        self._problem("empty_file", b"")
        self._problem("empty_file", b"\xef\xbb\xbf\r\n\r\n")
        self._problem("workbook", b"PK\x03\x04rest")
        self._problem("encoding", b"N\0o\0", encodings=("utf-8",))
        self._problem("encoding", b"No\xff", encodings=("utf-8",))
        self._problem("unknown_encoding", b"No", encodings=("klingon",))
        self._problem("not_csv", b",,\n1,2,3\n")
        self._problem("repeated_column", b"No,no \n1,2\n")

    def test_lines(self):
        found = self._read('\nNo,Text\r\n\r\n1,"two\r\nlines"\r\n2,b\r\r3,c')
        self.assertEqual(
            [(row.line, row.cells["Text"]) for row in found.rows],
            [(4, "two\nlines"), (6, "b"), (8, "c")],
        )
        self.assertEqual(found.rows[0].raw, '1,"two\nlines"\n')

    def test_line_separators_inside_a_cell_are_no_lines(self):
        found = self._read("No,Text\n1,a\u2028b\x0bc\x85d\n2,e\n")
        self.assertEqual([row.line for row in found.rows], [2, 3])

    def test_rows_that_do_not_fit(self):
        found = self._read("No,Text\n1\n2,b,,\n3,c,d\n,,\n4,d\n")
        self.assertEqual(
            [(row.line, row.problem and row.problem.code) for row in found.rows],
            [(2, "columns"), (3, None), (4, "columns"), (6, None)],
        )
        self.assertEqual(found.rows[2].problem.params, {"found": 3, "expected": 2})

    def test_stray_quote_costs_one_row(self):
        found = self._read(
            'No,Text\n1,"never closed\n2,b\n3,"good ""one"""\n4,5" pipe\n5,"x"y\n6,f\n'
        )
        self.assertEqual(
            [(row.line, row.problem and row.problem.code) for row in found.rows],
            [(2, "quotes"), (3, None), (4, None), (5, None), (6, "quotes"), (7, None)],
        )
        self.assertEqual(found.rows[2].cells["Text"], 'good "one"')
        self.assertEqual(found.rows[3].cells["Text"], '5" pipe')

    def test_unclosed_quote_of_a_long_file(self):
        rows = "".join(f"{n},text\n" for n in range(5000))
        found = self._read(f'No,Text\nx,"open\n{rows}')
        self.assertEqual(len(found.rows), 5001)
        self.assertEqual([row.line for row in found.rows if row.problem], [2])


@tagged("post_install", "-at_install")
class TestRegister(BaseCase):
    def _mapping(self, text):
        return register.Mapping(text, CHOICES)

    def _read(self, mapping, text, tz=None):
        mapping = self._mapping(mapping)
        _table, entries, problems = register.read(
            mapping, text.encode(), tz or mapping.tz, LATEST
        )
        return entries, [(row.line, problem.code) for row, problem in problems]

    def _values(self, extra, header, row):
        entries, problems = self._read(
            BASIC + extra, f"No,Text,Day,{header}\n1,Late,2015-04-01,{row}\n"
        )
        return entries[0].values if entries else problems[0][1]

    # The mapping itself -------------------------------------------------------------

    def test_wrong_mappings(self):
        for code, text in [
            ("mapping_syntax", "fields ="),
            ("mapping_key", "colour = 1\n" + BASIC),
            ("mapping_key", BASIC + "formaat = 1"),
            ("mapping_key", BASIC + "[columns.No]\ntrim = true"),
            ("mapping_required", '[fields.subject]\ncolumn = "x"'),
            ("mapping_field", BASIC + '[fields.password]\ncolumn = "x"'),
            ("mapping_origin", BASIC + "[fields.phone]\n"),
            ("mapping_origin", BASIC + '[fields.phone]\ncolumn="a"\nconstant="b"'),
            ("mapping_formats", BASIC + '[fields.closed_at]\ncolumn = "x"'),
            ("mapping_formats", BASIC + "[fields.closed_at]\ndates = [1]"),
            ("mapping_value", BASIC + '[fields.source]\nconstant = "martian"'),
            ("mapping_value", BASIC + '[fields.source]\ncolumn = "x"\nvalues = 1'),
            ("mapping_value", BASIC + "[fields.source]\ncolumn = 1"),
            ("mapping_value", BASIC + '[fields.is_on_behalf]\nconstant = "yes"'),
            ("mapping_value", BASIC + '[fields.status]\nconstant = "closed"'),
            ("mapping_value", BASIC + "[fields.status.constant]\nphase = 'closed'"),
            ("mapping_value", BASIC + "[fields.channel]\nconstant = [1]"),
            ("mapping_value", BASIC + "[fields.status.constant]\nphase = 'received'\n"
             "outcome = 'settled'"),
            ("mapping_value", BASIC.replace("%Y-%m-%d %H:%M", "%Q")),
            ("mapping_value", BASIC + 'when_dates_differ = "guess"'),
            ("mapping_value", 'fields = 3'),
            ("mapping_value", BASIC + '[fields.phone]\ncolumn="a"\nexpected="("'),
            ("unknown_zone", 'time_zone = "Mars/Olympus"\n' + BASIC),
            ("unknown_zone", 'time_zone = "../etc"\n' + BASIC),
        ]:  # fmt: skip
            with self.subTest(text), self.assertRaises(Problem) as caught:
                self._mapping(text)
            self.assertEqual(caught.exception.code, code)

    def test_file_of_another_kind(self):
        with self.assertRaises(Problem) as caught:
            self._read(BASIC, "Ticket,Text\n1,2\n")
        self.assertEqual(caught.exception.code, "missing_columns")
        self.assertEqual(
            caught.exception.params, {"missing": "No, Day", "found": "Ticket, Text"}
        )

    def test_titles(self):
        mapping = self._mapping('[title]\nen_US = "List"\nde_DE = "Liste"\n' + BASIC)
        self.assertEqual(mapping.title("de_DE"), "Liste")
        self.assertEqual(mapping.title("fr_FR"), "List")
        self.assertEqual(self._mapping('title = "List"' + BASIC).title("fr"), "List")

    def test_optional_columns(self):
        extra = '[fields.phone]\ncolumn = "Phone"\noptional = true\n'
        entries, _problems = self._read(BASIC + extra, "No,Text,Day\n1,a,2015-04-01\n")
        self.assertNotIn("phone", entries[0].values)
        self.assertEqual(self._values(extra, "phone", "123")["phone"], "123")
        self.assertEqual(self._mapping(BASIC + extra).fit(["No", "Text", "Day"]), 3)
        self.assertEqual(self._mapping(BASIC + extra).fit(["No", "Phone"]), -1)

    # Fields ---------------------------------------------------------------------------

    def test_text_and_template(self):
        extra = """
        [columns.Zip]
        zero_fill = 5
        empty = ["n/a"]
        [fields.description]
        template = "Place: {City}, {State} {Zip}"
        """
        for row, expected in [
            ("Salem,Ohio,1234", "Place: Salem, Ohio 01234"),
            ("Salem,Ohio,N/A", "Place: Salem, Ohio"),
            (",Ohio,", "Place: Ohio"),
            ("Salem,,12345", "Place: Salem, 12345"),
            ("Salem,Ohio,AB1", "Place: Salem, Ohio AB1"),
            (",,", ""),
        ]:
            with self.subTest(row):
                values = self._values(extra, "City,State,Zip", row)
                self.assertEqual(values["description"], expected)

    def test_boolean(self):
        extra = '[fields.is_on_behalf]\ncolumn="B"\nyes=["Yes"]\nno=["No",""]'
        for cell, expected in [("yes ", True), ("NO", False), ("", False)]:
            self.assertEqual(self._values(extra, "B", cell)["is_on_behalf"], expected)
        self.assertEqual(self._values(extra, "B", "perhaps"), "unknown_value")

    def test_choice(self):
        extra = '[fields.source]\ncolumn="S"\nvalues={Us="internal"}\n'
        self.assertEqual(self._values(extra, "S", "us")["source"], "internal")
        self.assertEqual(self._values(extra, "S", "internal"), "unknown_value")
        self.assertNotIn("source", self._values(extra, "S", ""))
        extra += 'default="external"\n'
        self.assertEqual(self._values(extra, "S", "them")["source"], "external")
        self.assertEqual(self._values(extra, "S", "")["source"], "external")
        plain = '[fields.source]\ncolumn="S"\n'
        self.assertEqual(self._values(plain, "S", "internal")["source"], "internal")
        self.assertEqual(self._values(plain, "S", "us"), "unknown_value")

    def test_choice_by_wording(self):
        extra = (
            '[fields.nature]\ncolumn="Words"\ndefault="general"\n'
            'words={major=["Injur","on fire"],repeat=["again"]}\n'
        )
        for words, nature in [
            ("Again I was injured", "major"),
            ("again late", "repeat"),
            ("late", "general"),
        ]:
            self.assertEqual(self._values(extra, "Words", words)["nature"], nature)

    def test_lookup_keeps_the_alternatives(self):
        extra = '[fields.channel]\ncolumn="C"\nvalues={Web=["website","portal"]}\n'
        self.assertEqual(
            self._values(extra, "C", "web")["channel"], ["website", "portal"]
        )
        self.assertEqual(self._values(extra, "C", "Fax"), "unknown_value")
        plain = '[fields.channel]\ncolumn="C"\n'
        self.assertEqual(self._values(plain, "C", "Fax")["channel"], ["Fax"])

    def test_status(self):
        extra = (
            '[fields.status]\ncolumn="S"\n'
            'values={Done={phase="closed",outcome="settled"},Open={phase="received"}}'
        )
        self.assertEqual(
            self._values(extra, "S", "done")["status"],
            {"phase": "closed", "outcome": "settled"},
        )
        for cell in ("", "Half"):
            self.assertEqual(self._values(extra, "S", cell), "unknown_value")

    def test_needed_fields(self):
        _entries, problems = self._read(
            BASIC,
            "No,Text,Day\n,a,2015-04-01\n2,,2015-04-01\n3,c,\n4,d,never\n",
        )
        self.assertEqual(
            problems, [(2, "empty"), (3, "empty"), (4, "empty"), (5, "bad_date")]
        )

    def test_order_of_moments(self):
        extra = '[fields.closed_at]\ncolumn="End"\nformats=["%Y-%m-%d %H:%M"]\n'
        self.assertEqual(self._values(extra, "End", "2015-03-31 23:59"), "too_early")
        self.assertEqual(self._values(extra, "End", "2026-01-01 00:01"), "future")
        self.assertNotIn("closed_at", self._values(extra, "End", ""))

    def test_date(self):
        extra = '[fields.date_occurred]\ncolumn="D"\nformats=["%d.%m.%Y"]\n'
        values = self._values(extra, "D", "3.1.2015")
        self.assertEqual(values["date_occurred"], date(2015, 1, 3))

    # Dates in two spellings ------------------------------------------------------

    def _two_dates(self, row, policy=None):
        mapping = TWO_DATES + (f'when_dates_differ = "{policy}"' if policy else "")
        text = f"No,Text,Day,Named,Time\n1,a,{row}\n"
        entries, problems = self._read(mapping, text)
        if problems:
            return problems[0][1]
        remarks = [remark.code for remark in entries[0].remarks]
        return (entries[0].values["date_received"], *remarks)

    def test_spellings_that_agree(self):
        expected = (datetime(2015, 4, 22, 19, 53, 50),)
        row = "22-04-15,22-Apr-15,3:53:50 PM"
        for policy in (None, "accept_swapped", "remark"):
            self.assertEqual(self._two_dates(row, policy), expected)

    def test_day_and_month_changed_places(self):
        row = "4/8/2015,4-Aug-15,10:22:56 AM"
        moment = datetime(2015, 4, 8, 14, 22, 56)
        self.assertEqual(self._two_dates(row), "dates_differ")
        for policy in ("accept_swapped", "remark"):
            self.assertEqual(self._two_dates(row, policy), (moment, "dates_swapped"))

    def test_spellings_that_clearly_disagree(self):
        row = "22-04-15,23-Apr-15,3:53:50 PM"
        self.assertEqual(self._two_dates(row), "dates_differ")
        self.assertEqual(self._two_dates(row, "accept_swapped"), "dates_differ")
        moment = datetime(2015, 4, 22, 19, 53, 50)
        self.assertEqual(self._two_dates(row, "remark"), (moment, "dates_taken"))

    def test_one_spelling_missing(self):
        moment = datetime(2015, 4, 22, 19, 53, 50)
        self.assertEqual(self._two_dates(",22-Apr-15,3:53:50 PM"), (moment,))
        self.assertEqual(
            self._two_dates("99-99-15,22-Apr-15,3:53:50 PM"), (moment, "bad_date")
        )
        self.assertEqual(self._two_dates(",,3:53:50 PM"), "empty")
        self.assertEqual(self._two_dates("x,y,3:53:50 PM"), "bad_date")
        self.assertEqual(self._two_dates("22-04-15,22-Apr-15,25:00"), "bad_time")
        self.assertEqual(self._two_dates("22-04-15,22-Apr-15,"), "bad_time")

    # The file as a whole ---------------------------------------------------------

    def test_repeated_numbers_and_damaged_rows(self):
        entries, problems = self._read(
            BASIC,
            "No,Text,Day\n1,a,2015-04-01\n1,b,2015-04-01\n2\n3,c,2015-04-01 10:30\n",
        )
        self.assertEqual([entry.reference for entry in entries], ["1", "3"])
        self.assertEqual(problems, [(3, "repeated"), (4, "columns")])

    def test_zone_of_the_times(self):
        text = "No,Text,Day\n1,a,2015-04-01 10:30\n"
        for tz, hour in (("UTC", 10), ("Asia/Shanghai", 2)):
            entries, _problems = self._read(BASIC, text, tz=tz)
            self.assertEqual(
                entries[0].values["date_received"], datetime(2015, 4, 1, hour, 30)
            )

    def test_remarks_are_counted(self):
        mapping = BASIC.replace('column = "No"', 'column = "No"\nexpected = "[0-9]+"')
        rows = "".join(f"{number},a,2015-04-01\n" for number in ("1", "B2", "B3", "4"))
        entries, problems = self._read(mapping, "No,Text,Day\n" + rows)
        self.assertFalse(problems)
        self.assertEqual(
            [(p.params["value"], lines) for p, lines in register.summarise(entries)],
            [("B2", [3]), ("B3", [4])],
        )
