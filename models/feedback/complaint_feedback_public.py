from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.satisfaction import rounded
from .tally import Tally

#: The page is about so many months up to today.
MONTHS = 12
#: With fewer complaints or answers than this, somebody could be recognised.
ENOUGH = 5
MAX_CATEGORIES = 5
MAX_CHANGES = 20


class ComplaintFeedbackReport(models.Model):
    """What everybody may know of satisfaction: "what you told us, what we changed"."""

    _inherit = "complaint.feedback.report"

    @api.model
    def _public_summary(self, company):
        """What the public page says about a company; numbers and the texts that were
        written for customers, nothing personal. Confidential complaints are left out,
        numbers below ENOUGH too. Needs superuser rights: the reader is anybody.

        :return: dict of ``months``, ``sent``, ``replied`` (answers to what was sent),
            ``unasked`` (other answers), ``csat`` (percent with bounds, or None),
            ``told`` (list of name and number), ``changes`` (texts)
        """
        since = fields.Datetime.now() - relativedelta(months=MONTHS)
        tally = self._public_tally(company, since)
        csat = tally.csat
        return {
            "months": MONTHS,
            "enough": ENOUGH,
            "sent": tally.count("sent"),
            "replied": tally.count("sent_answered"),
            "unasked": tally.count("answered") - tally.count("sent_answered"),
            "csat": (
                {
                    "answers": csat.answers,
                    "percent": [round(rounded(100 * end)) for end in csat[:3]],
                    "is_of_few": csat.is_of_few,
                }
                if csat and csat.answers >= ENOUGH
                else None
            ),
            "told": self._public_told(company, since),
            "changes": self._public_changes(company, since),
        }

    @api.model
    def _public_words(self, summary):
        """The sentences of the page with numbers in them, in the reader's language.

        :param dict summary: as returned by :meth:`_public_summary`
        """
        words = {
            "period": self.env._(
                "The last %(months)s months, up to today.", months=summary["months"]
            ),
            "asked": self.env._(
                "Times we asked after a complaint: %(sent)s. Answers: %(answered)s.",
                sent=summary["sent"],
                answered=summary["replied"],
            ),
            "unasked": summary["unasked"]
            and self.env._(
                "Answers without being asked: %(number)s.", number=summary["unasked"]
            ),
            "named": self.env._(
                "Named is what at least %(enough)s complaints were about.",
                enough=summary["enough"],
            ),
        }
        if csat := summary["csat"]:
            value, low, high = csat["percent"]
            words["csat"] = f"{value}%"
            words["of"] = self.env._(
                "of %(answers)s customers were satisfied or basically satisfied with "
                "how we dealt with it.",
                answers=csat["answers"],
            )
            words["few"] = csat["is_of_few"] and self.env._(
                "These are few answers: among all customers it is probably between "
                "%(low)s%% and %(high)s%%.",
                low=low,
                high=high,
            )
        return words

    def _public_tally(self, company, since):
        asked = (
            Domain("company_id", "=", company.id)
            & Domain("asked_at", ">=", since)
            & Domain("case_id.is_confidential", "!=", True)
        )
        found = self._tally_by(asked, "company_id")
        return sum((tally for _company, tally in found), Tally())

    def _public_told(self, company, since):
        """The categories of most complaints that were right, at least in part."""
        found = self.env["complaint.allegation"]._read_group(
            [
                ("case_id.company_id", "=", company.id),
                ("case_id.date_received", ">=", since),
                ("case_id.is_confidential", "=", False),
                ("case_id.active", "=", True),
                ("finding", "in", ("upheld", "partly")),
                # What is found but not answered yet is not told to strangers first.
                ("case_id.phase", "in", ("answered", "closed")),
                ("category_id", "!=", False),
            ],
            ["category_id"],
            ["case_id:count_distinct"],
            having=[("case_id:count_distinct", ">=", ENOUGH)],
            order="case_id:count_distinct desc",
            limit=MAX_CATEGORIES,
        )
        return [{"name": category.name, "number": number} for category, number in found]

    def _public_changes(self, company, since):
        """Texts for customers of measures that were accepted, the latest first."""
        found = self.env["complaint.action"].search_fetch(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("accepted", "effective")),
                ("accepted_at", ">=", since),
                ("customer_text", "!=", False),
                ("case_id.is_confidential", "=", False),
            ],
            ["customer_text"],
            order="accepted_at desc, id desc",
            limit=MAX_CHANGES,
        )
        texts = (one.customer_text.strip() for one in found)
        # Several complaints may have brought the same change.
        return list(dict.fromkeys(filter(None, texts)))
