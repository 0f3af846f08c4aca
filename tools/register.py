"""Registers of complaints: how the columns of a file become values of a complaint.

A *mapping* is data, a TOML text; ``data/mappings/README.md`` describes it. This
module checks it and applies it to rows. It knows nothing of Odoo: what needs the
database, such as which channel a code stands for, is left to the caller.
"""

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import moments, table
from .problems import Problem
from .table import fold

#: What can be filled, by the kind of value it takes. The names are those of the
#: fields of a complaint; the milestones are those of C1.
TARGETS = {
    "import_reference": "text",
    "subject": "text",
    "description": "text",
    "demand": "text",
    "answer": "text",
    "partner_name": "text",
    "email_from": "text",
    "phone": "text",
    "date_received": "moment",
    "date_occurred": "date",
    "accepted_at": "moment",
    "assessed_at": "moment",
    "first_reply_at": "moment",
    "resolved_at": "moment",
    "answered_at": "moment",
    "closed_at": "moment",
    "is_on_behalf": "boolean",
    "source": "choice",
    "nature": "choice",
    "priority": "choice",
    "customer_type": "choice",
    "channel": "lookup",
    "category": "lookup",
    "status": "status",
}
REQUIRED = ("import_reference", "subject", "date_received")
#: What a mapping and its parts may say.
TOP_KEYS = {"title", "about", "time_zone", "encodings", "columns", "fields"}
COLUMN_KEYS = {"zero_fill", "empty"}
KEYS = {
    "text": {"column", "template", "constant", "expected", "optional"},
    "moment": {
        "column", "formats", "dates", "time", "when_dates_differ", "optional",
    },
    "date": {"column", "formats", "dates", "when_dates_differ", "optional"},
    "boolean": {"column", "constant", "yes", "no", "optional"},
    "choice": {"column", "constant", "values", "words", "default", "optional"},
    "lookup": {"column", "constant", "values", "default", "optional"},
    "status": {"column", "constant", "values", "default", "optional"},
}  # fmt: skip
#: Of what type the value of a key is, where it does not depend on the field.
TYPES = {
    "about": str,
    "time_zone": str,
    "encodings": list,
    "columns": dict,
    "fields": dict,
    "zero_fill": int,
    "empty": list,
    "column": str,
    "template": str,
    "expected": str,
    "optional": bool,
    "formats": list,
    "dates": list,
    "time": dict,
    "yes": list,
    "no": list,
    "values": dict,
    "words": dict,
}
#: What to do when two columns that tell the same date disagree.
DIFFER = ("refuse", "accept_swapped", "remark")
#: Nothing that is complained of today was received before.
EARLIEST_YEAR = 1900
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass
class Entry:
    """What a row says, ready for the database but for names to look up.

    :ivar dict values: by target; moments in UTC without a zone, dates, booleans,
        keys of selections; lookups are lists of names, the first one known counts;
        the status is a dict with phase and perhaps outcome
    :ivar list remarks: :class:`Problem` that do not keep the row out
    """

    row: table.Row
    values: dict
    remarks: list = field(default_factory=list)

    @property
    def reference(self):
        """The number of the complaint in the register."""
        return self.values["import_reference"]


class Mapping:
    """A checked mapping.

    :param str text: TOML
    :param dict choices: the values allowed, by target (``source`` ...), ``phase``
        and ``outcome``
    :raise Problem: ``mapping_syntax``, or ``mapping_...`` naming the place
    """

    def __init__(self, text, choices):
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise Problem("mapping_syntax", error=str(error)) from None
        _check_keys("", data, TOP_KEYS)
        self.choices = choices
        self.titles = data.get("title", "")
        self.fields = data.get("fields", {})
        self.tz = data.get("time_zone", "UTC")
        self.encodings = data.get("encodings")
        self._cleaning = {}
        for name, rule in data.get("columns", {}).items():
            _check_keys(f"columns.{name}", rule, COLUMN_KEYS)
            empty = {fold(str(word)) for word in rule.get("empty", ())}
            self._cleaning[fold(name)] = (empty, rule.get("zero_fill", 0))
        self._check_fields()
        check_zone(self.tz)
        self._words = {
            target: {fold(word): value for word, value in rule["values"].items()}
            for target, rule in self.fields.items()
            if "values" in rule
        }

    def title(self, lang):
        """Return the name of the mapping in a language such as ``en_US``."""
        if isinstance(self.titles, str):
            return self.titles
        return self.titles.get(lang) or self.titles.get("en_US", "")

    # Checking the mapping -----------------------------------------------------------

    def _check_fields(self):
        for target in REQUIRED:
            if target not in self.fields:
                raise Problem("mapping_required", field=target)
        for target, rule in self.fields.items():
            if target not in TARGETS:
                raise Problem(
                    "mapping_field", field=target, known=", ".join(sorted(TARGETS))
                )
            self._check_field(target, rule)

    def _check_field(self, target, rule):
        place, kind = f"fields.{target}", TARGETS[target]
        _check_keys(place, rule, KEYS[kind])
        origins = {"column", "template", "constant", "dates"} & set(rule)
        if len(origins) != 1:
            raise Problem("mapping_origin", place=place)
        if kind in ("moment", "date"):
            self._check_dates(place, rule)
        for word, value in self._mapped_values(rule):
            self._check_value(f"{place}.{word}", target, value)
        for value, words in rule.get("words", {}).items():
            self._check_value(f"{place}.words", target, value)
            if not isinstance(words, list):
                raise Problem("mapping_value", place=f"{place}.words", value=words)
        try:
            re.compile(rule.get("expected", ""))
        except re.error:
            raise Problem(
                "mapping_value", place=f"{place}.expected", value=rule["expected"]
            ) from None

    @staticmethod
    def _mapped_values(rule):
        named = ((key, rule[key]) for key in ("constant", "default") if key in rule)
        return [*rule.get("values", {}).items(), *named]

    def _check_value(self, place, target, value):
        kind = TARGETS[target]
        if kind == "status":
            fits = self._is_status(value)
        elif kind == "boolean":
            fits = isinstance(value, bool)
        elif kind == "choice":
            fits = isinstance(value, str) and value in self.choices[target]
        else:
            fits = all(isinstance(name, str) for name in names_of(value))
        if not fits:
            raise Problem("mapping_value", place=place, value=value)

    def _is_status(self, value):
        """Only what was answered has an outcome, and what is closed must have one."""
        if not isinstance(value, dict) or not set(value) <= {"phase", "outcome"}:
            return False
        phase, outcome = value.get("phase"), value.get("outcome")
        if outcome and outcome not in self.choices["outcome"]:
            return False
        fits = {"closed": bool(outcome), "answered": True}.get(phase, not outcome)
        return phase in self.choices["phase"] and fits

    @staticmethod
    def _check_dates(place, rule):
        differ = rule.get("when_dates_differ", "refuse")
        if differ not in DIFFER:
            raise Problem(
                "mapping_value", place=f"{place}.when_dates_differ", value=differ
            )
        for source in _sources(rule)[int("dates" in rule) :]:
            _check_source(place, source)

    # What it needs ------------------------------------------------------------------

    def columns(self, with_optional=True):
        """Return the names of the columns that the mapping reads."""
        names = [
            name
            for rule in self.fields.values()
            if with_optional or not rule.get("optional")
            for name in _columns_of(rule)
        ]
        return list(dict.fromkeys(names))

    def missing(self, columns):
        """Return which of the columns that it needs are not among these."""
        present = set(map(fold, columns))
        return [name for name in self.columns(False) if fold(name) not in present]

    def fit(self, columns):
        """Return how many of these columns it reads; -1 if one is missing."""
        if self.missing(columns):
            return -1
        return len(set(map(fold, columns)) & set(map(fold, self.columns())))

    def bind(self, columns):
        """Prepare for a file with these columns.

        :raise Problem: ``missing_columns`` when the file is not one of this kind
        """
        missing = self.missing(columns)
        if missing:
            raise Problem(
                "missing_columns",
                missing=", ".join(missing),
                found=", ".join(filter(None, columns)),
            )
        self._present = {fold(name): name for name in columns}
        self._active = {
            target: rule
            for target, rule in self.fields.items()
            if all(fold(name) in self._present for name in _columns_of(rule))
        }

    # Applying it to a row -----------------------------------------------------------

    def convert(self, row, tz, latest):
        """Return the :class:`Entry` of a row.

        :param str tz: zone of the times in the file
        :param datetime latest: UTC; nothing can have been received later
        :raise Problem: the reason why the row cannot go in
        """
        if row.problem:
            raise row.problem
        entry = Entry(row, {})
        for target, rule in self._active.items():
            value = getattr(self, f"_as_{TARGETS[target]}")(entry, target, rule, tz)
            if value is not None:
                entry.values[target] = value
        for target in REQUIRED:
            if not entry.values.get(target):
                raise Problem("empty", field=target, column=self._origin(target))
        self._check_order(entry.values, latest)
        return entry

    def _check_order(self, values, latest):
        """Refuse what happened after today, or before the complaint came in."""
        received = values["date_received"]
        for target, value in values.items():
            if TARGETS[target] != "moment":
                continue
            if value > latest:
                raise Problem("future", column=self._origin(target), moment=value)
            if value < received:
                raise Problem(
                    "too_early",
                    column=self._origin(target),
                    moment=value,
                    received=received,
                )

    def _origin(self, target):
        """Names of the columns that a target comes from, for people."""
        return ", ".join(_columns_of(self.fields[target]))

    def _cell(self, entry, column):
        text = entry.row.cells[self._present[fold(column)]]
        empty, zero_fill = self._cleaning.get(fold(column), ((), 0))
        if fold(text) in empty:
            return ""
        return text.zfill(zero_fill) if text.isdigit() else text

    def _as_text(self, entry, _target, rule, _tz):
        if "constant" in rule:
            return rule["constant"]
        if "template" in rule:
            return self._fill(entry, rule["template"])
        text = self._cell(entry, rule["column"])
        expected = rule.get("expected")
        if text and expected and not re.fullmatch(expected, text):
            entry.remarks.append(
                Problem("unexpected", column=rule["column"], value=text)
            )
        return text

    def _fill(self, entry, template):
        """Fill a template; what is missing takes its punctuation along."""
        cells = {
            name: self._cell(entry, name) for name in PLACEHOLDER.findall(template)
        }
        if not any(cells.values()):
            return ""
        text = PLACEHOLDER.sub(lambda match: cells[match[1]], template)
        text = re.sub(r"(?<=[:,;])\s*[,;]", "", text)
        text = re.sub(r"[ \t]+(?=[ \t,;\n]|$)", "", text)
        return text.strip(" ,;\n")

    def _as_boolean(self, entry, _target, rule, _tz):
        if "constant" in rule:
            return rule["constant"]
        text = self._cell(entry, rule["column"])
        for value, words in ((True, rule.get("yes")), (False, rule.get("no"))):
            if fold(text) in map(fold, words or ()):
                return value
        raise Problem("unknown_value", column=rule["column"], value=text)

    def _as_choice(self, entry, target, rule, _tz):
        if "words" not in rule:
            return self._chosen(entry, target, rule)
        text = fold(self._cell(entry, rule["column"]))
        for value, words in rule["words"].items():
            if any(fold(word) in text for word in words):
                return value
        return rule.get("default")

    def _as_status(self, entry, target, rule, _tz):
        return self._chosen(entry, target, rule)

    def _as_lookup(self, entry, target, rule, _tz):
        value = self._chosen(entry, target, rule)
        return None if value is None else names_of(value)

    def _chosen(self, entry, target, rule):
        """The value that a cell stands for."""
        if "constant" in rule:
            return rule["constant"]
        text = self._cell(entry, rule["column"])
        words = self._words.get(target, {})
        if fold(text) in words:
            return words[fold(text)]
        if not text and TARGETS[target] != "status":
            return rule.get("default")
        if target not in self._words and self._speaks_for_itself(target, text):
            return text
        if "default" in rule:
            entry.remarks.append(Problem("replaced", column=rule["column"], value=text))
            return rule["default"]
        raise Problem("unknown_value", column=rule["column"], value=text)

    def _speaks_for_itself(self, target, text):
        return TARGETS[target] == "lookup" or text in self.choices.get(target, ())

    # Dates and times ---------------------------------------------------------------

    def _as_date(self, entry, _target, rule, _tz):
        found = self._date(entry, rule)
        return found and found.date()

    def _as_moment(self, entry, _target, rule, tz):
        found = self._date(entry, rule)
        if not found:
            return None
        if "time" in rule:
            column = rule["time"]["column"]
            text = self._cell(entry, column)
            time = moments.parse(text, rule["time"]["formats"])
            if not time:
                raise Problem("bad_time", column=column, value=text)
            found = found.replace(
                hour=time.hour, minute=time.minute, second=time.second
            )
        return moments.to_utc(found, tz)

    def _date(self, entry, rule):
        """The date that one or several columns tell; None when all are empty."""
        found, unread = [], None
        for source in rule.get("dates", [rule]):
            text = self._cell(entry, source["column"])
            moment = moments.parse(text, source["formats"]) if text else None
            if moment and moment.year >= EARLIEST_YEAR:
                found.append((source["column"], text, moment))
            elif text:
                unread = unread or Problem(
                    "bad_date", column=source["column"], value=text
                )
        if unread and not found:
            raise unread
        if unread:
            entry.remarks.append(unread)
        if not found:
            return None
        for other in found[1:]:
            self._compare(entry, rule, found[0], other)
        return found[0][2]

    @staticmethod
    def _compare(entry, rule, first, other):
        if first[2].date() == other[2].date():
            return
        policy = rule.get("when_dates_differ", "refuse")
        swapped = moments.is_swapped(first[2], other[2])
        names = {"column": first[0], "other": other[0]}
        if swapped and policy != "refuse":
            entry.remarks.append(Problem("dates_swapped", **names))
        elif policy == "remark":
            entry.remarks.append(Problem("dates_taken", **names))
        else:
            raise Problem("dates_differ", **names, value=first[1], other_value=other[1])


def _check_keys(place, rule, allowed):
    """Refuse a part of a mapping with keys or types that mean nothing."""
    if not isinstance(rule, dict):
        raise Problem("mapping_value", place=place, value=rule)
    for key, value in rule.items():
        inside = f"{place}.{key}".lstrip(".")
        if key not in allowed:
            raise Problem("mapping_key", place=inside, known=", ".join(sorted(allowed)))
        if not isinstance(value, TYPES.get(key, object)):
            raise Problem("mapping_value", place=inside, value=value)


def _check_source(place, source):
    """Refuse a column of dates or times without formats that can be read."""
    fits = isinstance(source, dict) and isinstance(source.get("column"), str)
    if not fits or not isinstance(source.get("formats"), list):
        raise Problem("mapping_formats", place=place)
    for text in source["formats"]:
        try:
            moments.check_format(text)
        except (ValueError, TypeError):
            raise Problem(
                "mapping_value", place=f"{place}.formats", value=text
            ) from None


def _sources(rule):
    """The parts of a field's rule that name a column."""
    parts = [rule, *rule.get("dates", ())]
    return [*parts, rule["time"]] if "time" in rule else parts


def _columns_of(rule):
    """Names of the columns that a field's rule reads."""
    names = [part["column"] for part in _sources(rule) if "column" in part]
    return names + PLACEHOLDER.findall(rule.get("template", ""))


def check_zone(tz):
    """Refuse a time zone that does not exist.

    :raise Problem: ``unknown_zone``
    """
    try:
        ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise Problem("unknown_zone", tz=tz) from None


def names_of(value):
    """Return the alternatives that a value of a mapping names, as a list."""
    return value if isinstance(value, list) else [value]


def columns_of(mapping, data, encodings=None):
    """Return the columns of a file as they look to a mapping."""
    encodings = encodings or mapping.encodings or table.ENCODINGS
    return table.read_header(data, mapping.columns(), encodings).columns


def read(mapping, data, tz, latest, encodings=None):
    """Read a whole file by a mapping.

    :param bytes data: content of the CSV file
    :param str tz: zone of its times
    :param datetime latest: UTC; nothing can have been received later
    :return: the table, the entries, and the problems as a list of (row, Problem)
    :raise Problem: when the file as a whole cannot be read
    """
    check_zone(tz)
    content = table.read(
        data, mapping.columns(), encodings or mapping.encodings or table.ENCODINGS
    )
    mapping.bind(content.columns)
    entries, problems, lines = [], [], {}
    for row in content.rows:
        try:
            entry = mapping.convert(row, tz, latest)
            first = lines.setdefault(entry.reference, row.line)
            if first != row.line:
                raise Problem("repeated", value=entry.reference, line=first)
            entries.append(entry)
        except Problem as problem:
            problems.append((row, problem))
    return content, entries, problems


def summarise(entries):
    """Count the remarks on entries; those of one kind and place become one.

    :return: list of (Problem, lines), in the order in which they first appear
    """
    groups = defaultdict(list)
    first = {}
    for entry in entries:
        for remark in entry.remarks:
            key = (remark.code, *sorted(remark.params.items()))
            groups[key].append(entry.row.line)
            first.setdefault(key, remark)
    return [(first[key], lines) for key, lines in groups.items()]
