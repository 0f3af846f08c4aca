import base64
import hashlib
import re
import secrets

from odoo import api, fields, models
from odoo.tools import consteq, hmac

#: Letters and digits that nobody takes for one another.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#: 60 bits: guessing is hopeless at any pace that the throttle lets through.
CODE_LENGTH = 12
#: Two companies may give the same number; nobody has more companies with that number.
MAX_SAME_NUMBER = 50


class ComplaintCase(models.Model):
    """Number and code open a complaint without an account (I1).

    The code is made from the database's secret and a salt of the case each time it is
    needed. It is stored nowhere, and a new salt makes every earlier code worthless.
    """

    _inherit = "complaint.case"

    tracking_salt = fields.Char(copy=False, readonly=True, groups=fields.NO_ACCESS)

    def _tracking_issue(self):
        """Give each case a code; one that it had before opens it no longer."""
        for case in self:
            case.tracking_salt = self._tracking_new_salt()

    @api.model
    def _tracking_new_salt(self):
        return secrets.token_hex(16)

    def _tracking_code(self):
        """The code, in groups that are easy to read out; empty if there is none."""
        self.ensure_one()
        # sudo: the salt is nobody's to read.
        salt = self.sudo().tracking_salt
        if not salt:
            return ""
        code = self._tracking_digest(f"{self.id}:{salt}")
        return "-".join(re.findall("....", code))

    @api.model
    def _tracking_digest(self, message):
        # sudo: the database's secret is nobody's to read.
        digest = hmac(self.env(su=True), "complaint.tracking", message)
        text = base64.b32encode(bytes.fromhex(digest)).decode()[:CODE_LENGTH]
        return text.translate(str.maketrans(_PLAIN, ALPHABET))

    @api.model
    def _tracking_clean(self, code):
        """A code as typed, without what people add to or mistake in it."""
        code = re.sub(r"[^0-9A-Z]", "", (code or "").upper())
        return code.translate(str.maketrans("OIL", "011"))

    @api.model
    def _tracking_find(self, number, code):
        """The complaint that number and code open, or none.

        Takes as long for a number that does not exist as for a wrong code. To be
        called with superuser rights, after the throttle.
        """
        number = "".join((number or "").split()).upper()
        typed = self._tracking_clean(code)
        found = self.browse()
        cases = self.search(
            [("name", "=", number), ("tracking_salt", "!=", False)],
            limit=MAX_SAME_NUMBER,
        )
        for case in cases:
            if consteq(self._tracking_clean(case._tracking_code()), typed):
                found = case
        if not cases:
            consteq(self._tracking_digest(number), typed)
        return found

    def _tracking_mark(self):
        """What a visitor's session keeps, so that a new code shuts it out."""
        self.ensure_one()
        return hashlib.sha256(self._tracking_code().encode()).hexdigest()[:32]

    def _tracking_address(self):
        """Where number and code are asked for."""
        self.ensure_one()
        return f"{self.get_base_url()}/complaints/track"

    def action_new_tracking_code(self):
        """Show staff a new code to hand out; who did it is on record."""
        self.ensure_one()
        self.check_access("write")
        # sudo: the salt is nobody's to write.
        self.sudo()._tracking_issue()
        self._message_log(
            body=self.env._(
                "A new tracking code was made. The earlier one opens the complaint no "
                "longer."
            )
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "sticky": True,
                "title": self.env._("Tracking code of %(number)s", number=self.name),
                "message": self.env._(
                    "%(code)s – to be entered at %(address)s. Nobody can look it up "
                    "again; make a new one if it is lost.",
                    code=self._tracking_code(),
                    address=self._tracking_address(),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
