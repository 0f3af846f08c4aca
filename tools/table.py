"""CSV files and sheets as people really have them: any encoding, separator and damage.

Knows nothing of Odoo. Rows keep the number of the line that they begin on, so that a
person finds them again.
"""

import csv
import io
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime

import openpyxl

from .problems import Problem

#: What separates columns; the one that finds most of the wanted columns is taken.
DELIMITERS = (",", ";", "\t", "|")
#: Encodings tried in turn when nobody says which.
ENCODINGS = ("utf-8", "cp1252")
#: No row is longer; what seems so has lost a quote.
ROW_LINES = 2000
#: Marks at the beginning of a file that tell its encoding.
MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
#: Beginning of a workbook (a zip archive, or the older binary kind).
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass
class Row:
    """A row of a table.

    :ivar int line: the line it begins on, counted from 1
    :ivar dict cells: text by column, blanks around it removed
    :ivar str raw: the row as it stands in the file, line end included
    :ivar Problem problem: why the cells cannot be told apart, if so
    """

    line: int
    cells: dict
    raw: str
    problem: Problem | None = None


@dataclass
class Table:
    """What a CSV file holds.

    :ivar str header: the first row as it stands in the file
    :ivar list columns: names of the columns
    :ivar list rows: :class:`Row`, the damaged ones too
    """

    header: str
    columns: list
    encoding: str
    delimiter: str
    rows: list = field(default_factory=list)


def fold(text):
    """Return a text in the form in which names and words are compared."""
    return " ".join(text.split()).casefold()


def read(data, wanted=(), encodings=ENCODINGS):
    """Read a CSV file.

    :param bytes data: content of the file
    :param wanted: names of columns that tell the right separator
    :param encodings: tried in turn, unless the file begins with a mark
    :return: :class:`Table`
    :raise Problem: ``empty_file``, ``not_csv``, ``repeated_column``, and those of
        :func:`decode`
    """
    table, lines, start = _begin(data, wanted, encodings)
    table.rows = list(_rows(lines, start, table.delimiter, table.columns))
    return table


def read_header(data, wanted=(), encodings=ENCODINGS):
    """Read the names of the columns only; as :func:`read`."""
    return _begin(data, wanted, encodings)[0]


def _begin(data, wanted, encodings):
    """The table without rows, the lines of the file, and where rows begin."""
    text, encoding = decode(data, encodings)
    lines = _lines(text)
    start = next((n for n, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise Problem("empty_file")
    delimiter = _delimiter(lines, start, wanted)
    columns, after, problem = _record(lines, start, delimiter)
    columns = [" ".join(name.split()) for name in columns]
    if problem or not any(columns):
        raise Problem("not_csv")
    _check_columns(columns)
    header = "".join(lines[start:after])
    return Table(header, columns, encoding, delimiter), lines, after


def decode(data, encodings=ENCODINGS):
    """Return the text of a file, and the encoding that it was read by.

    :raise Problem: ``encoding`` when it is none of them, ``workbook``,
        ``unknown_encoding``
    """
    if data.startswith(WORKBOOKS):
        raise Problem("workbook")
    encodings = [name for mark, name in MARKS if data.startswith(mark)] or encodings
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise Problem("unknown_encoding", encoding=encoding) from None
        # A text file has no such character: it is a spreadsheet, or of two bytes each.
        if "\0" in text:
            break
        return text, encoding
    raise Problem("encoding", encodings=", ".join(encodings))


def _lines(text):
    """Lines with their ends; by nothing but line feeds and carriage returns."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [f"{line}\n" for line in text.split("\n")]


def _delimiter(lines, start, wanted):
    wanted = {fold(name) for name in wanted}

    def found(delimiter):
        names = {fold(name) for name in _record(lines, start, delimiter)[0]}
        return len(names & wanted), len(names)

    return max(DELIMITERS, key=found)


def _check_columns(columns):
    seen = set()
    for name in filter(None, map(fold, columns)):
        if name in seen:
            raise Problem("repeated_column", column=name)
        seen.add(name)


def _record(lines, start, delimiter):
    """Read one row, which may go on over several lines inside quotes.

    :return: its cells, the index of the line after it, and whether quotes are wrong
    """
    reach = ROW_LINES if '"' in lines[start] else 1
    reader = csv.reader(lines[start : start + reach], delimiter=delimiter, strict=True)
    try:
        cells = next(reader)
    except (csv.Error, StopIteration):
        return [], start + 1, True
    return cells, start + reader.line_num, False


def _rows(lines, start, delimiter, columns):
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        cells, after, is_broken = _record(lines, start, delimiter)
        problem = None
        if is_broken:
            problem = Problem("quotes")
        elif _surplus(cells, columns):
            problem = Problem("columns", found=len(cells), expected=len(columns))
            # A quote too many swallows the rows that follow: they are read again.
            after = start + 1
        raw = "".join(lines[start:after])
        if any(cell.strip() for cell in cells) or problem:
            named = {} if problem else _named(cells, columns)
            yield Row(start + 1, named, raw, problem)
        start = after


def _surplus(cells, columns):
    """Whether the number of cells is wrong; empty ones at the end do not count."""
    if len(cells) < len(columns):
        return True
    return any(cell.strip() for cell in cells[len(columns) :])


def _named(cells, columns):
    return {
        name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name
    }


#: Rows of a sheet that are read; what is longer is no list that a person made.
SHEET_ROWS = 20_000
#: Bytes that a workbook may hold when unpacked: a small file may hide very much.
UNPACKED_BYTES = 100 * 1024 * 1024


def read_sheet(data):
    """Read the first sheet of a workbook (.xlsx); dates become ISO text.

    :param bytes data: content of the file
    :return: :class:`Table`, whose lines are the rows of the sheet
    :raise Problem: ``workbook`` when it cannot be read, ``empty_file``,
        ``repeated_column``, ``too_long``
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > UNPACKED_BYTES:
            raise Problem("too_long")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = [
            [_cell_text(value) for value in row]
            for row in book.worksheets[0].iter_rows(
                max_row=SHEET_ROWS + 2, values_only=True
            )
        ]
    except Problem:
        raise
    except Exception as error:
        # Whatever a damaged or foreign file makes the library raise.
        raise Problem("workbook") from error
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(row)]
    if not numbered:
        raise Problem("empty_file")
    if len(rows) > SHEET_ROWS + 1:
        raise Problem("too_long")
    columns = [" ".join(name.split()) for name in numbered[0][1]]
    _check_columns(columns)
    table = Table("", columns, "", "")
    table.rows = [
        Row(number, _named(row, columns), "\t".join(row))
        for number, row in numbered[1:]
    ]
    return table


def _cell_text(value):
    """A cell as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
