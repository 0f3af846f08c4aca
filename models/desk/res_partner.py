from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.modules.db import FunctionStatus
from odoo.tools import SQL

from ...tools import phones
from ..extended.res_partner import HANDLERS


def _name_index(registry):
    """The index by which parts of names are found, where the database can have it."""
    if not registry.has_trigram:
        return ""
    name = "complete_name"
    if registry.has_unaccent == FunctionStatus.INDEXABLE:
        name = registry.unaccent(name)
    return f"USING gin ({name} gin_trgm_ops)"


class ResPartner(models.Model):
    """What to mind about a customer, and how they are found by phone (A8)."""

    _inherit = "res.partner"

    is_complaint_vulnerable = fields.Boolean(
        string="Needs special care",
        groups=HANDLERS,
        help="Age, illness, language, hardship: whoever handles a complaint takes "
        "more time, and no step is left to a form.",
    )
    complaint_needs = fields.Text(
        string="Preferences and special needs",
        groups=HANDLERS,
        help="How the customer likes to be reached, and what to mind. Customers have "
        "a right to read it: write what you would tell them.",
    )

    # Numbers are compared from their end, see tools/phones.py.
    _complaint_phone_idx = models.Index(
        "(reverse(regexp_replace(phone, '[^0-9]', '', 'g')) text_pattern_ops) "
        "WHERE phone IS NOT NULL"
    )
    _complaint_email_idx = models.Index(
        "(email_normalized text_pattern_ops) WHERE email_normalized IS NOT NULL"
    )
    _complaint_name_idx = models.Index(_name_index)

    def _complaint_by_phone(self, text, limit=20):
        """Contacts with a phone number, however it is written; one indexed query.

        :param str text: as it was typed
        """
        query = self._complaint_phone_query(text, limit)
        if not query:
            return self.browse()
        ids = [row[0] for row in self.env.execute_query(query)]
        # By the rights of whoever asks.
        return self.search([("id", "in", ids)])

    def _complaint_phone_query(self, text, limit):
        endings = phones.endings(text)
        if not endings:
            return None
        # Reversed and without special signs: digits only.
        like = SQL(" OR ").join(
            SQL(
                "reverse(regexp_replace(phone, '[^0-9]', '', 'g')) LIKE %s",
                ending[::-1] + "%",
            )
            for ending in endings
        )
        return SQL(
            "SELECT id FROM res_partner "
            "WHERE phone IS NOT NULL AND active AND (%s) LIMIT %s",
            like,
            limit,
        )

    def set_complaint_needs(self, needs, is_vulnerable):
        """Note what to mind about a customer.

        :raise AccessError: unless the user handles complaints
        """
        self.ensure_one()
        if not self.env.user.has_group("complaint_management.group_handler"):
            raise AccessError(
                self.env._("Only complaint handlers note what customers need.")
            )
        self.check_access("read")
        # sudo: handlers may not change contacts otherwise; these two fields are theirs.
        self.sudo().write(
            {
                "complaint_needs": (needs or "").strip(),
                "is_complaint_vulnerable": bool(is_vulnerable),
            }
        )
        return True
