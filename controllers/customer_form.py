from datetime import date, datetime

from odoo.tools import plaintext2html

from ..tools import uploads

#: Nobody complains here about what happened before this.
FIRST_YEAR = 1990


class CustomerForm:
    """What somebody outside typed into a form: kept, checked, and made into values.

    ``values`` holds every field as it is shown again, ``errors`` what is wrong with it.
    Each door has its own form; this is what they share.
    """

    #: Fields of free text, and how many characters each may have.
    texts = {"description": 20000, "demand": 5000}
    max_files = uploads.MAX_FILES

    def _check_date(self):
        text = self.values["date_occurred"]
        if not text:
            return False
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.errors["date_occurred"] = self.env._("Please give a valid date.")
            return False
        if day > self.today():
            self.errors["date_occurred"] = self.env._("This day is still to come.")
        elif day.year < FIRST_YEAR:
            self.errors["date_occurred"] = self.env._("This is too long ago.")
        return day

    def _check_texts(self):
        """Lengths of what was typed freely, and that it was told at all."""
        if not self.values["description"]:
            self.errors["description"] = self.env._("Please tell us what happened.")
        for name, limit in self.texts.items():
            length = len(self.values[name])
            if length > limit:
                self.errors[name] = self.env._(
                    "This is too long: %(length)s characters, at most %(limit)s.",
                    length=length,
                    limit=limit,
                )
        return {
            "description": plaintext2html(self.values["description"]),
            "demand": self.values["demand"],
        }

    def read_files(self):
        """The files, checked; the first that is not taken becomes an error."""
        try:
            return uploads.read_uploads(self.uploads, self.max_files)
        except uploads.UploadError as error:
            self.errors["files"] = uploads.in_words(self.env, error, self.max_files)
            return []

    def today(self):
        """Today where the customer is."""
        return datetime.now(self.env.tz).date()
