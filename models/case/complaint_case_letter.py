from datetime import datetime, time, timedelta

import pytz
from lxml import html as lxml_html

from odoo import fields, models
from odoo.tools import html_sanitize, is_html_empty
from odoo.tools.misc import format_date, format_time, get_lang

from ..words import plain


class ComplaintCase(models.Model):
    """What letters and mails tell the customer: by when, in which words (A6, E4, I4).

    For templates only: they read as the superuser and print what is meant for the
    customer, never a message of the chatter.
    """

    _inherit = "complaint.case"

    # Language and time --------------------------------------------------------------

    def _letter_lang(self):
        """Language of the customer, else of the company; always an active one."""
        self.ensure_one()
        # sudo: letters are written for customers who may not read contacts.
        case = self.sudo()
        wanted = case.partner_id.lang or case.company_id.partner_id.lang
        return get_lang(self.env, wanted).code

    def _letter_tz(self):
        """Time zone in which the customer reads times: the own, else the company's."""
        self.ensure_one()
        # sudo: as for the language.
        case = self.sudo()
        return (
            case.partner_id.tz
            or case.company_id.resource_calendar_id.tz
            or case.company_id.partner_id.tz
            or "UTC"
        )

    def _letter_local(self, moment):
        """The moment (naive UTC) in the customer's time zone."""
        return pytz.utc.localize(moment).astimezone(pytz.timezone(self._letter_tz()))

    def _letter_date(self, moment=None, style="long"):
        """The day of a moment (naive UTC; default now), written out for the customer.

        :param str style: "long", or "full" with the day of the week
        """
        local = self._letter_local(moment or fields.Datetime.now())
        lang = self._letter_lang()
        return format_date(self.env, local.date(), lang_code=lang, date_format=style)

    def _letter_time(self, moment):
        """Day and time of a moment (naive UTC) for the customer.

        A moment at midnight is told as the day that it ends: nobody understands
        "Friday 00:00" as the end of Thursday.
        """
        local = self._letter_local(moment)
        if self._is_end_of_day(local):
            return self._letter_date(moment - timedelta(seconds=1), style="full")
        case = self.with_context(lang=self._letter_lang())
        return case.env._(
            "%(date)s, %(time)s",
            date=self._letter_date(moment, style="full"),
            time=format_time(
                case.env,
                local.time(),
                time_format="short",
                lang_code=self._letter_lang(),
            ),
        )

    @staticmethod
    def _is_end_of_day(local):
        return (local.hour, local.minute) in ((0, 0), (23, 59))

    def _letter_day_end(self, moment, days):
        """When the day ends that lies so many days after a moment.

        What customers are given in days lasts until the end of their day: a letter
        names a date, and whoever reads it later that day is not too late.

        :param moment: naive UTC
        :return: naive UTC
        """
        day = self._letter_local(moment).date() + timedelta(days=days + 1)
        midnight = pytz.timezone(self._letter_tz()).localize(
            datetime.combine(day, time.min)
        )
        return midnight.astimezone(pytz.utc).replace(tzinfo=None)

    # By when ------------------------------------------------------------------------

    def _letter_promises(self):
        """The time limits promised to the customer (A6).

        All that the acknowledgement named, kept or not: a copy printed later says the
        same. What was past or done when it went out, because the complaint was
        registered late or split off, is no promise.

        :return: list of (what we do, by when), as text in the customer's language
        """
        self.ensure_one()
        case = self.with_context(lang=self._letter_lang())
        words = case._letter_promise_words()
        return [
            (words[promise["milestone"]], case._letter_time(promise["deadline"]))
            for promise in case._letter_promised()
        ]

    def _letter_promised(self):
        # sudo: when it was acknowledged, for whoever prints the letter.
        case = self.sudo()
        # Milestones are kept to the second.
        told_at = (case.acknowledged_at or case.create_date).replace(microsecond=0)
        return [
            promise
            for promise in self._clock_promises(first_round=True)
            if promise["deadline"] > told_at
            and not (promise["reached_at"] and promise["reached_at"] < told_at)
        ]

    def _letter_promise_words(self):
        return {
            "accepted": self.env._("Somebody takes care of your complaint"),
            "assessed": self.env._("We have examined what it is about"),
            "first_reply": self.env._("You hear from us for the first time"),
            "resolved": self.env._("We have found a solution"),
            "answered": self.env._("You have our answer"),
            "closed": self.env._("Everything is settled"),
        }

    def _letter_names_times(self):
        """Whether a promised limit names a time, so that its zone must be told."""
        return any(
            not self._is_end_of_day(self._letter_local(promise["deadline"]))
            for promise in self._letter_promised()
        )

    def _letter_objection_until(self):
        """Until when the customer may object to the answer (D4, E4).

        Before the answer is sent, as if it were sent now.

        :return: the day in the customer's language; empty when there is no such limit
        """
        self.ensure_one()
        # sudo: the setting and the plan only, for whoever prints the letter.
        case = self.sudo()
        days = case.company_id.complaint_autoclose_days
        if not days or case.phase == "closed":
            return ""
        until = case.phase == "answered" and case.next_event_at
        if not until:
            until = case._letter_day_end(
                case.answered_at or fields.Datetime.now(), days
            )
        return self._letter_time(until)

    # What is told -------------------------------------------------------------------

    def _letter_salutation(self, known_only=False):
        """How the letter begins, in the customer's language.

        :param bool known_only: without the name of somebody who was not a contact
            before this complaint. Whoever writes in first chooses their own name, and
            an automatic mail to an address that nobody verified must not carry a
            stranger's words.
        """
        self.ensure_one()
        # sudo: the customer's name only.
        case = self.sudo().with_context(lang=self._letter_lang())
        partner = case.partner_id
        name = partner.name or case.partner_name
        if known_only and not (partner and partner.create_date < case.create_date):
            name = ""
        if not name:
            return case.env._("Dear customer,")
        return case.env._("Dear %(name)s,", name=name)

    def _letter_allegations(self):
        """Findings for the customer, in plain words (E4).

        :return: list of dict: summary, product, finding (code), verdict, reason
        """
        self.ensure_one()
        # sudo: allegations and their products, as the letter tells them.
        case = self.sudo().with_context(
            lang=self._letter_lang(), display_default_code=False
        )
        verdicts = {
            "upheld": case.env._("You are right"),
            "partly": case.env._("You are right in part"),
            "not_upheld": case.env._("We cannot agree"),
            "not_proven": case.env._("Could not be established"),
        }
        return [
            {
                "summary": allegation.summary,
                "product": allegation.product_id.display_name or "",
                "finding": allegation.finding,
                "verdict": verdicts.get(allegation.finding, ""),
                "reason": (allegation.reason or "").strip(),
            }
            for allegation in case.allegation_ids
        ]

    def _letter_words(self):
        """What the customer told us, as plain text: no markup of theirs is printed."""
        self.ensure_one()
        # sudo: see the class; the text is the customer's own.
        return plain(self.sudo().description)

    def _letter_answer(self):
        """The answer, fit for print: it loads nothing from outside, and its headings
        stand below those of the letter.

        The PDF engine would fetch any address or local file that the text points to.
        Where several letters are printed at once, Odoo parts them by their top
        headings: one in the answer would print everything twice.
        """
        self.ensure_one()
        # sudo: the answer is the letter's own content.
        answer = self.sudo().answer
        if is_html_empty(answer):
            return ""
        root = lxml_html.fragment_fromstring(str(answer), create_parent="div")
        for node in root.xpath(".//*[@src or @background or @srcset]"):
            if node.get("src", "").startswith(("data:image/", "/web/image")):
                node.attrib.pop("srcset", None)
                node.attrib.pop("background", None)
            else:
                node.drop_tree()
        for heading in root.xpath(".//h1|.//h2|.//h3|.//h4"):
            heading.tag = "h5"
            # Mail programs draw this level smaller than the text.
            heading.set("style", "font-size: 1.05em; margin: 8px 0 4px;")
        return html_sanitize(
            lxml_html.tostring(root, encoding="unicode"), sanitize_style=True
        )

    def _letter_is_draft(self):
        """Whether the answer was not yet given in the present round."""
        self.ensure_one()
        return not self.answered_at

    def _letter_contact(self):
        """Who answers for the company: the handler with a way to reach them.

        :return: dict with name, team, email, phone; empty strings where unknown
        """
        self.ensure_one()
        # sudo: what the letter names, nothing else.
        case = self.sudo().with_context(lang=self._letter_lang())
        company, handler = case.company_id, case.user_id
        return {
            "name": handler.name or "",
            "team": case.team_id.name or "",
            "email": handler.email or company.email or "",
            "phone": handler.phone or company.phone or "",
        }

    def _letter_portal_address(self):
        """Where the customer signs in to follow the complaint; empty without login."""
        self.ensure_one()
        # sudo: whether there is an account, not which.
        if not self.sudo().partner_id.user_ids:
            return ""
        return f"{self.get_base_url()}/my/complaints"

    def _letter_file_name(self, kind):
        """Name of the printed file, in the language of whoever prints it."""
        self.ensure_one()
        number = self.name.replace("/", "-")
        if kind == "resolution":
            return self.env._("Answer to complaint %(number)s", number=number)
        return self.env._("Acknowledgement of complaint %(number)s", number=number)
