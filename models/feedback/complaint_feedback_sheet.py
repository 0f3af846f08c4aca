import io

import xlsxwriter

from odoo import api, models
from odoo.fields import Domain

from ...tools.satisfaction import rounded
from .complaint_feedback_tag import TAGS
from .tally import MEANS

#: Nothing that a customer wrote becomes a formula or a link.
AS_TEXT = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
#: Surveys listed behind the figures.
MAX_ROWS = 20000
#: What is listed of each survey.
LISTED = (
    "asked_at",
    "answered_at",
    "case_id",
    "touchpoint",
    "way",
    "team_id",
    "user_id",
    "category_id",
    "product_id",
    "channel_id",
    "customer_type",
    "level",
    "score",
    "recommend_group",
    *(f"score_{name}" for name in MEANS),
    "comment",
)


class ComplaintFeedbackOverview(models.TransientModel):
    """The overview as a spreadsheet, with the numbers behind it."""

    _inherit = "complaint.feedback.overview"

    @api.model
    def _spreadsheet(self, first, last, division, team_id=False):
        """The overview as the bytes of an XLSX file; changes nothing.

        Figures are numbers with the bounds of 95 % and the number of answers; where
        nothing was answered, cells are empty. Moments are in the user's time zone.

        :raise UserError: when there is no such period or division
        """
        overview = self._figures(first, last, division, team_id)
        rows = self.env["complaint.feedback.report"]
        output = io.BytesIO()
        with xlsxwriter.Workbook(output, AS_TEXT) as book:
            bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
            label = self._division_label(division)
            lines = [*overview["groups"], overview["total"]]
            self._write_figures(book, bold, self.env._("Figures"), label, lines)
            month = self._division_label("month")
            trend = overview["trend"]
            self._write_figures(book, bold, self.env._("Trend"), month, trend)
            domain = rows._asked_between(first, last) & Domain(self._domain(team_id))
            self._write_surveys(
                book,
                bold,
                domain & Domain("company_id", "=", self.env.company.id),
                (*LISTED, TAGS) if division == TAGS else LISTED,
            )
        return output.getvalue()

    def _write_figures(self, book, bold, title, label, lines):
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 30)
        for column, heading in enumerate([label, *self._figure_headings()]):
            sheet.write_string(0, column, heading, bold)
        for row, line in enumerate(lines, start=1):
            sheet.write_string(row, 0, line["label"])
            for column, number in enumerate(self._numbers(line["tally"]), start=1):
                if number is not None:
                    sheet.write_number(row, column, number)

    def _figure_headings(self):
        rows = self.env["complaint.feedback.report"]

        def name(field):
            return rows._fields[field]._description_string(self.env)

        figures = [
            self.env._("%(figure)s (%%)", figure=name("is_satisfied")),
            self.env._("%(figure)s (%%)", figure=name("is_fully_satisfied")),
            name("net_promoter"),
            *(name(f"score_{mean}") for mean in MEANS),
        ]
        return [
            name("sent"),
            name("answered"),
            name("still_open"),
            self.env._("%(figure)s (%%)", figure=name("response_rate")),
            *(
                heading
                for figure in figures
                for heading in (
                    figure,
                    self.env._("%(figure)s: from", figure=figure),
                    self.env._("%(figure)s: to", figure=figure),
                    self.env._("%(figure)s: answers", figure=figure),
                )
            ),
        ]

    def _numbers(self, tally):
        """The numbers of a line, in the order of the headings."""
        rate = tally.response_rate
        yield tally.count("sent")
        yield tally.count("answered")
        yield tally.count("still_open")
        yield rounded(rate.value * 100, 1) if rate else None
        figures = [(tally.csat, 100), (tally.fully, 100), (tally.nps, 1)]
        for figure, times in [*figures, *((tally.mean(name), 1) for name in MEANS)]:
            if figure is None:
                yield from (None, None, None, 0)
            else:
                for number in (figure.value, figure.low, figure.high):
                    yield rounded(number * times, 2)
                yield figure.answers

    def _write_surveys(self, book, bold, domain, listed=LISTED):
        rows = self.env["complaint.feedback.report"]
        sheet = book.add_worksheet(self.env._("Survey list"))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(listed) - 1, 16)
        shown = [rows._fields[name] for name in listed]
        for column, field in enumerate(shown):
            sheet.write_string(0, column, field._description_string(self.env), bold)
        choices = {
            field: dict(field._description_selection(self.env))
            for field in shown
            if field.type == "selection"
        }
        found = rows.search_fetch(domain, listed, limit=MAX_ROWS + 1)
        if len(found) > MAX_ROWS:
            sheet.write_string(
                MAX_ROWS + 1,
                0,
                self.env._("Only the latest %(count)s are listed.", count=MAX_ROWS),
            )
        # sudo: names of what the rows are about, whose figures may be seen.
        for number, row in enumerate(found[:MAX_ROWS].sudo(), start=1):
            for column, field in enumerate(shown):
                value = row[field.name]
                if not value:
                    continue
                if field.type == "float":
                    sheet.write_number(number, column, value)
                else:
                    text = self._cell_text(value, field, choices)
                    sheet.write_string(number, column, text)

    def _cell_text(self, value, field, choices):
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "many2many":
            return ", ".join(value.mapped("display_name"))
        if field.type == "datetime":
            rows = self.env["complaint.feedback.report"]
            return rows._day_of(value).isoformat()
        if field.type == "selection":
            return choices[field].get(value, value)
        return value
