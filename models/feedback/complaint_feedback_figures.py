from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...tools.satisfaction import rounded
from ..words import month_name
from .complaint_feedback import LEVELS
from .tally import MEANS, SUMMED, Tally

#: By what the overview can be divided: field, or field with a granularity.
DIVISIONS = [
    ("team_id", "Team"),
    ("user_id", "Handler"),
    ("category_id", "Category"),
    ("product_id", "Product"),
    ("channel_id", "Channel"),
    ("customer_type", "Customer Type"),
    ("partner_tag_ids", "Customer Tag"),
    ("touchpoint", "Asked"),
    ("way", "Way of the answer"),
    ("lang", "Language"),
    ("month", "Month"),
]
#: Months of the trend, that of the last day included.
TREND_MONTHS = 12
DAY = timedelta(days=1)
#: What is read of many surveys.
SUMS = [f"{name}:sum" for name in SUMMED]
#: Comments shown for each verdict.
MAX_COMMENTS = 5


class ComplaintFeedbackReport(models.Model):
    """The figures of a period in words and numbers: for page, spreadsheet and mail.

    As the user: by the rules of the surveys, in the user's language and time zone, in
    the company that the user works in.
    """

    _inherit = "complaint.feedback.report"

    @api.model
    def _overview(self, first, last, division, domain=Domain.TRUE):
        """Everything that the overview says; a fixed number of queries.

        :param date first: the period's first day, in the user's time zone
        :param date last: its last day, included
        :param str division: one of DIVISIONS
        :param domain: which surveys, within the company and the period
        :return: dict of ``total`` and ``groups`` (list of lines), ``before`` (the tally
            of as many days before), ``days`` (how many), ``trend`` (list of lines for
            each month), ``comments`` ({verdict: rows}), ``target`` (percent)
        """
        company = self.env.company
        mine = Domain(domain) & Domain("company_id", "=", company.id)
        period = mine & self._asked_between(first, last)
        month = last.replace(day=1)
        start = month - relativedelta(months=TREND_MONTHS - 1)
        groups = self._tally_by(period, division)
        months = dict(self._tally_by(mine & self._asked_between(start, last), "month"))
        # From the first month in which anybody was asked.
        trend = [
            day
            for day in (start + relativedelta(months=n) for n in range(TREND_MONTHS))
            if months and day >= min(months)
        ]
        return {
            "target": company.complaint_satisfaction_target,
            "total": self._total(period, groups, division),
            **self._overview_before(mine, first, last),
            "groups": self._lines(groups, division),
            "trend": self._lines(
                [(day, months.get(day, Tally())) for day in trend], "month"
            ),
            "comments": self._latest_comments(period),
        }

    @api.model
    def _overview_before(self, domain, first, last):
        """What as many days before the period came to."""
        days = (last - first).days + 1
        earlier = self._asked_between(first - timedelta(days=days), first - DAY)
        [sums] = self._read_group(domain & earlier, [], SUMS)
        return {"before": Tally(sums), "days": days}

    @api.model
    def _total(self, domain, groups, division):
        """The line of all surveys, each once."""
        total = sum((tally for _value, tally in groups), Tally())
        return {"label": self.env._("All"), "tally": total}

    @api.model
    def _asked_between(self, first, last):
        """Asked on one of these days, in the user's time zone."""
        start = self._midnight(first)
        end = self._midnight(last + timedelta(days=1))
        return Domain("asked_at", ">=", start) & Domain("asked_at", "<", end)

    @api.model
    def _midnight(self, day):
        """When a day begins for the user, in UTC without zone, as Odoo stores it."""
        local = self.env.tz.localize(datetime.combine(day, time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _tally_by(self, domain, division):
        """:return: list of (value, Tally); one query"""
        spec = "asked_at:month" if division == "month" else division
        groups = self._read_group(domain, [spec], SUMS)
        return [
            (self._group_key(value, division), Tally(sums)) for value, *sums in groups
        ]

    def _group_key(self, value, division):
        return fields.Date.to_date(value) if division == "month" else value

    def _lines(self, groups, division):
        """Groups with their names: months in order, others the largest first."""
        lines = [
            {"label": self._group_label(value, division), "tally": tally}
            for value, tally in groups
        ]
        if division != "month":
            lines.sort(key=lambda line: (-line["tally"].count("sent"), line["label"]))
        return lines

    def _group_label(self, value, division):
        if not value:
            return self.env._("(not given)")
        if division == "month":
            return month_name(self.env, value)
        field = self._fields[division]
        if field.type == "many2one":
            # sudo: whose figures may be seen, the name may, also of who has left for
            # another company.
            return value.sudo().display_name
        return dict(field._description_selection(self.env)).get(value, value)

    def _latest_comments(self, domain):
        """The last verbatim words for each verdict, the worst first.

        :return: {verdict: rows}
        """
        found = {}
        needed = ["answered_at", "case_id", "comment", "feedback_id"]
        for level, _label in reversed(LEVELS):
            found[level] = self.search_fetch(
                domain & Domain("level", "=", level) & Domain("comment", "!=", False),
                needed,
                order="answered_at desc, id desc",
                limit=MAX_COMMENTS,
            )
        return found

    # In words ---------------------------------------------------------------------

    @api.model
    def _told(self, overview):
        """An overview as text for people: each figure with its number of answers and,
        where these are few, with the bounds of 95 %.

        :param dict overview: as returned by :meth:`_overview`
        """
        target = overview["target"]
        total = self._told_line(overview["total"], target)
        text = self._number_text(target, "%")
        return {
            "target": text,
            "target_told": self.env._("Target of %(target)s reached", target=text)
            if total["is_reached"]
            else self.env._("Below the target of %(target)s", target=text),
            "columns": self._columns(),
            "total": total,
            "before": self._told_before(overview["before"], overview["days"]),
            "groups": [self._told_line(line, target) for line in overview["groups"]],
            "trend": [self._told_line(line, target) for line in overview["trend"]],
            "target_width": min(max(target, 0), 100),
            "comments": self._told_comments(overview["comments"]),
        }

    def _told_before(self, tally, days):
        """The headline figures of the days before, each in one sentence."""
        line = self._told_line({"label": "", "tally": tally}, 0)
        figures = {name: line[name] for name in ("csat", "nps", "rate")}
        figures["effort"] = line["means"][0]
        return {
            name: self.env._(
                "%(days)s days before: %(figure)s (n = %(answers)s)",
                days=days,
                figure=figure["text"],
                answers=figure["answers"],
            )
            for name, figure in figures.items()
            if figure
        }

    def _columns(self):
        """Headings of what is shown: of the counted figures, and of the averages."""
        labels = {name: self._fields[f"score_{name}"] for name in MEANS}
        return {
            "sent": self.env._("Surveys"),
            "answered": self.env._("Answers"),
            "rate": self.env._("Response rate"),
            "csat": self.env._("CSAT"),
            "fully": self.env._("Fully satisfied"),
            "nps": self.env._("NPS"),
            "means": [field._description_string(self.env) for field in labels.values()],
        }

    def _told_line(self, line, target):
        tally = line["tally"]
        csat = tally.csat
        return {
            "label": line["label"],
            "sent": tally.count("sent"),
            "answered": tally.count("answered"),
            "replied": tally.count("sent_answered"),
            "open": tally.count("still_open"),
            "rate": self._told_figure(tally.response_rate, 100, "%", bounds=False),
            "csat": self._told_figure(csat, 100, "%"),
            "fully": self._told_figure(tally.fully, 100, "%"),
            "nps": self._told_figure(tally.nps),
            "means": [self._told_figure(tally.mean(name), digits=1) for name in MEANS],
            "width": rounded(csat.value * 100, 1) if csat else 0,
            # By the exact figure, not by what it is rounded to.
            "is_reached": bool(csat) and csat.value * 100 >= target,
        }

    def _told_figure(self, figure, times=1, unit="", digits=0, bounds=True):
        """:return: dict of texts, or None where nothing was answered"""
        if figure is None:
            return None
        value, low, high = (
            self._number_text(rounded(number * times, digits), unit, digits)
            for number in (figure.value, figure.low, figure.high)
        )
        return {
            "text": value,
            "answers": figure.answers,
            "bounds": bounds
            and figure.is_of_few
            and self.env._("%(low)s to %(high)s", low=low, high=high),
        }

    def _number_text(self, number, unit="", digits=0):
        return formatLang(self.env, number, digits=digits) + unit

    def _told_comments(self, comments):
        levels = dict(self._fields["level"]._description_selection(self.env))
        rows = self.browse().union(*comments.values())
        opened = set(rows.feedback_id._filtered_access("read").ids)
        return [
            {
                "level": level,
                "label": levels[level],
                "said": [
                    {
                        "text": row.comment,
                        "day": format_date(self.env, self._day_of(row.answered_at)),
                        # What it is about, by name: complaint, campaign or team.
                        # sudo: a number is no secret to who may read the words.
                        "number": row.feedback_id.display_name
                        if row.id in opened
                        else row.case_id.sudo().name or "",
                        "id": row.id if row.id in opened else False,
                    }
                    for row in found
                ],
            }
            for level, found in comments.items()
        ]

    def _day_of(self, moment):
        """The day of a moment (UTC) in the user's time zone."""
        return pytz.utc.localize(moment).astimezone(self.env.tz).date()
