"""What people read about a register that is brought in, by the code of the problem."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: The file as a whole, or the mapping, cannot be used.
FILE_TEXTS = {
    "empty_file": _lt("The file is empty."),
    "workbook": _lt(
        "This is a workbook. Save the sheet as CSV (UTF-8) and choose that file."
    ),
    "encoding": _lt(
        "The characters of the file cannot be read as %(encodings)s. Choose its "
        "encoding, or save it as CSV (UTF-8)."
    ),
    "unknown_encoding": _lt("There is no encoding named “%(encoding)s”."),
    "not_csv": _lt("The first line does not hold the names of columns."),
    "repeated_column": _lt(
        "Two columns are named “%(column)s”. Give each column a name of its own."
    ),
    "missing_columns": _lt(
        "The file does not fit the mapping: it has no %(missing)s. Its columns are "
        "%(found)s."
    ),
    "no_mapping": _lt(
        "No mapping fits the columns of the file: %(found)s. Rename them as in “Plain "
        "list”, or give a mapping of your own."
    ),
    "no_own_mapping": _lt("Choose the file with your own mapping."),
    "mapping_not_text": _lt("The mapping is not a text file in UTF-8."),
    "mapping_syntax": _lt("The mapping cannot be read: %(error)s."),
    "mapping_key": _lt(
        "The mapping says “%(place)s”, which means nothing here. Known are %(known)s."
    ),
    "mapping_field": _lt(
        "The mapping fills “%(field)s”, which is no field. Known are %(known)s."
    ),
    "mapping_required": _lt("The mapping does not say where “%(field)s” comes from."),
    "mapping_origin": _lt(
        "“%(place)s” in the mapping needs exactly one of column, template, constant "
        "and dates, as far as they fit the field."
    ),
    "mapping_formats": _lt(
        "“%(place)s” in the mapping needs a column and a list of formats."
    ),
    "mapping_value": _lt(
        "“%(place)s” in the mapping has a value that is not possible: %(value)s."
    ),
    "unknown_zone": _lt("There is no time zone named “%(tz)s”."),
}

#: A row stays out.
ROW_TEXTS = {
    "quotes": _lt(
        "A quotation mark is missing or too many, so the columns cannot be told apart."
    ),
    "columns": _lt("The row has %(found)s columns instead of %(expected)s."),
    "empty": _lt("“%(field)s” is needed, and %(column)s is empty."),
    "unknown_value": _lt("%(column)s: “%(value)s” is not known."),
    "no_record": _lt("%(field)s: nothing is named or coded “%(value)s”."),
    "several_records": _lt(
        "%(field)s: several are named “%(value)s”. Use the full path."
    ),
    "bad_date": _lt("%(column)s: “%(value)s” is not a date."),
    "bad_time": _lt("%(column)s: “%(value)s” is not a time."),
    "bad_email": _lt("%(field)s: “%(value)s” is not an e-mail address."),
    "dates_differ": _lt(
        "%(column)s says “%(value)s”, %(other)s says “%(other_value)s”: they are "
        "different days."
    ),
    "future": _lt("%(column)s: %(moment)s lies in the future."),
    "too_early": _lt(
        "%(column)s: %(moment)s is before the complaint was received, %(received)s."
    ),
    "repeated": _lt("Number %(value)s stands in line %(line)s already."),
    "refused": _lt("%(reason)s"),
}

#: A row goes in, but somebody should know.
REMARK_TEXTS = {
    "dates_swapped": _lt(
        "Day and month changed places between %(column)s and %(other)s. %(column)s "
        "was taken."
    ),
    "dates_taken": _lt(
        "%(column)s and %(other)s are different days. %(column)s was taken."
    ),
    "bad_date": _lt("%(column)s: “%(value)s” is not a date. Another column was taken."),
    "unexpected": _lt("%(column)s: “%(value)s” does not look like the others."),
    "replaced": _lt("%(column)s: “%(value)s” is not known. The default was taken."),
}
