"""What other software sends: checked for shape and size, nothing looked up yet."""

import base64
import binascii
import hashlib
from datetime import UTC, date, datetime, timedelta

from odoo import fields
from odoo.tools import email_normalize

from ...tools import uploads
from ..complaint_case import FUTURE_TOLERANCE_MINUTES
from ..constants import SOURCES
from .errors import ApiError

#: Longest texts, in characters. Those of the portal's form, where it has them.
TEXTS = {
    "reference": 100,
    "subject": 200,
    "description": 20000,
    "demand": 5000,
    "channel": 50,
    "order": 100,
    "product": 100,
    "category": 300,
}
CUSTOMER = {"number": 100, "name": 200, "email": 254, "phone": 50, "language": 20}
ALLEGATION = {"summary": 200, "product": 100, "category": 300}
MAX_ALLEGATIONS = 20
MESSAGE_LENGTH = 20000
#: Base64 takes four characters for three bytes; line breaks are forgiven.
MAX_BASE64 = uploads.MAX_FILE_BYTES * 3 // 2


class Content:
    """One call, as it was sent. Every reader raises ApiError for what is wrong.

    :param env: whose language the sentences are in
    :param dict told: names and values as they came
    :param known: names that there are
    """

    def __init__(self, env, told, known):
        self.env = env
        self.told = told
        self._check_names(told, known)

    def _check_names(self, told, known, where=""):
        for name in told:
            if name not in known:
                raise ApiError(
                    "unknown_field",
                    self.env._(
                        "There is no field “%(field)s” here. Known are: %(known)s.",
                        field=where + str(name),
                        known=", ".join(sorted(known)),
                    ),
                    where + str(name),
                )

    # Kinds of values ----------------------------------------------------------------

    def text(self, name, limit, source=None, where="", required=False):
        """A text without spaces around it, or an empty one."""
        value = (self.told if source is None else source).get(name)
        field = where + name
        if value is None:
            value = ""
        if not isinstance(value, str):
            self._refuse_kind(field, self.env._("a text"))
        value = value.replace("\x00", "").replace("\r\n", "\n").strip()
        if required and not value:
            raise ApiError(
                "missing",
                self.env._("“%(field)s” is missing or empty.", field=field),
                field,
            )
        if len(value) > limit:
            raise ApiError(
                "too_long",
                self.env._(
                    "“%(field)s” is too long: %(length)s characters, at most "
                    "%(limit)s.",
                    field=field,
                    length=len(value),
                    limit=limit,
                ),
                field,
            )
        return value

    def flag(self, name):
        """True or false; false when it is not given."""
        value = self.told.get(name)
        if value is not None and not isinstance(value, bool):
            self._refuse_kind(name, self.env._("true or false"))
        return bool(value)

    def number(self, name, default, highest):
        """A whole number from one on."""
        value = self.told.get(name)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self._refuse_kind(name, self.env._("a whole number from 1 on"))
        return min(value, highest)

    def day(self, name):
        text = self.text(name, 10)
        if not text:
            return False
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._refuse_kind(name, self.env._("a day such as 2026-05-31"))

    def moment(self, name):
        """A moment in UTC, naive as Odoo wants it; without an offset it is UTC."""
        text = self.text(name, 40)
        if not text:
            return False
        try:
            value = datetime.fromisoformat(text)
            if value.tzinfo:
                value = value.astimezone(UTC).replace(tzinfo=None)
        except (ValueError, OverflowError):
            self._refuse_kind(
                name, self.env._("a moment such as 2026-05-31T14:30:00+02:00")
            )
        return value.replace(microsecond=0)

    def objects(self, name, limit):
        """A list of objects."""
        rows = self.told.get(name) or []
        if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
            self._refuse_kind(name, self.env._("a list of objects"))
        if len(rows) > limit:
            raise ApiError(
                "too_many",
                self.env._(
                    "“%(field)s” has %(count)s entries, at most %(limit)s are taken.",
                    field=name,
                    count=len(rows),
                    limit=limit,
                ),
                name,
            )
        return rows

    def _refuse_kind(self, field, kind):
        raise ApiError(
            "invalid",
            self.env._("“%(field)s” must be %(kind)s.", field=field, kind=kind),
            field,
        )

    # A complaint --------------------------------------------------------------------

    def complaint(self):
        """Everything of a complaint but its files, as plain checked values."""
        values = {
            name: self.text(name, limit, required=name == "reference")
            for name, limit in TEXTS.items()
        }
        if not values["subject"] and not values["description"]:
            raise ApiError(
                "missing",
                self.env._("Say in “subject” or “description” what happened."),
                "subject",
            )
        return values | {
            "customer": self._customer(),
            "source": self._source(),
            "received": self._received(),
            "occurred": self.day("occurred"),
            "on_behalf": self.flag("on_behalf"),
            "allegations": self._allegations(),
        }

    def _customer(self):
        row = self.told.get("customer")
        if row is None:
            raise ApiError(
                "missing",
                self.env._("Say who complains: number, e-mail, phone or name."),
                "customer",
            )
        if not isinstance(row, dict):
            self._refuse_kind("customer", self.env._("an object"))
        self._check_names(row, CUSTOMER, "customer.")
        customer = {
            name: self.text(name, limit, row, "customer.")
            for name, limit in CUSTOMER.items()
        }
        if not any(customer[name] for name in ("number", "name", "email", "phone")):
            raise ApiError(
                "missing",
                self.env._("Say who complains: number, e-mail, phone or name."),
                "customer",
            )
        if customer["email"] and not email_normalize(customer["email"]):
            self._refuse_kind("customer.email", self.env._("an e-mail address"))
        return customer

    def _source(self):
        value = self.text("source", 20) or "external"
        words = [word for word, _label in SOURCES]
        if value not in words:
            self._refuse_kind(
                "source", self.env._("one of: %(words)s", words=", ".join(words))
            )
        return value

    def _received(self):
        value = self.moment("received")
        latest = fields.Datetime.now() + timedelta(minutes=FUTURE_TOLERANCE_MINUTES)
        if value and value > latest:
            self._refuse_kind("received", self.env._("a moment that has passed"))
        return value

    def _allegations(self):
        found = []
        for position, row in enumerate(self.objects("allegations", MAX_ALLEGATIONS)):
            where = f"allegations[{position}]."
            self._check_names(row, {*ALLEGATION, "line"}, where)
            line = row.get("line")
            if line is not None and (type(line) is not int or line < 1):
                self._refuse_kind(
                    f"{where}line", self.env._("the position of a line, from 1 on")
                )
            values = {
                name: self.text(name, limit, row, where, required=name == "summary")
                for name, limit in ALLEGATION.items()
            }
            found.append(values | {"line": line})
        return found

    # Files --------------------------------------------------------------------------

    def files(self):
        """Name and raw content of each file, of a kind that the portal takes, too."""
        return [
            self._file(row, f"files[{position}].")
            for position, row in enumerate(self.objects("files", uploads.MAX_FILES))
        ]

    def _file(self, row, where):
        self._check_names(row, {"name", "content"}, where)
        name = uploads.clean_name(self.text("name", 500, row, where, required=True))
        content = row.get("content")
        if not isinstance(content, str):
            self._refuse_kind(f"{where}content", self.env._("a text in Base64"))
        if len(content) > MAX_BASE64:
            self._refuse_file(name, where)
        try:
            raw = base64.b64decode("".join(content.split()), validate=True)
        except (binascii.Error, ValueError):
            self._refuse_kind(f"{where}content", self.env._("a text in Base64"))
        if (
            not raw
            or len(raw) > uploads.MAX_FILE_BYTES
            or not uploads.is_welcome(name, raw)
        ):
            self._refuse_file(name, where)
        return {"name": name, "raw": raw}

    def _refuse_file(self, name, where):
        raise ApiError(
            "file_refused",
            self.env._(
                "“%(name)s” is not taken: it is empty, larger than %(size)s MB, or not "
                "a photo, video, recording, PDF, text or office document.",
                name=name,
                size=uploads.MAX_FILE_MEGABYTES,
            ),
            where.rstrip("."),
        )

    def fingerprint(self, files):
        """What was sent, short enough to be compared later."""
        return {
            **self.told,
            "files": [
                [file["name"], hashlib.sha256(file["raw"]).hexdigest()]
                for file in files
            ],
        }
