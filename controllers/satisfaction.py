from werkzeug.exceptions import BadRequest, NotFound

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.http import Controller, content_disposition, request, route

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SatisfactionFiles(Controller):
    """The overview of satisfaction as a file."""

    @route(
        "/complaints/satisfaction.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def satisfaction_sheet(
        self, first="", last="", division="", team=0, company=0, **_kwargs
    ):
        """The spreadsheet of a period; 404 for who may not read the figures.

        :param str first: first day (ISO), in the user's time zone
        :param str last: last day, included
        :param str division: by what it is divided
        :param team: id of the only team
        :param company: id of the company, one of the user's
        """
        try:
            period = [fields.Date.to_date(day) for day in (first, last)]
            team, company = int(team), int(company)
            if not all(period):
                raise ValueError("no period")
        except ValueError as error:
            raise BadRequest() from error
        user = request.env.user
        if company and company not in user.company_ids.ids:
            raise NotFound()
        pages = request.env["complaint.feedback.overview"].with_context(
            allowed_company_ids=[company or user.company_id.id],
            lang=user.lang,
            tz=user.tz,
        )
        try:
            pages.check_access("create")
            content = pages._spreadsheet(*period, division, team)
        except AccessError as error:
            raise NotFound() from error
        except UserError as error:
            raise BadRequest(error.args[0]) from error
        return self._download(content, f"satisfaction-{first}-{last}.xlsx")

    @route(
        "/complaints/answers.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def answers_sheet(self, **_kwargs):
        """The sheet to type answers into that were given on paper; 404 for who does
        not bring in answers."""
        user = request.env.user
        rows = request.env["complaint.feedback.import"].with_context(
            lang=user.lang, tz=user.tz
        )
        try:
            content = rows._prepared_sheet()
        except AccessError as error:
            raise NotFound() from error
        return self._download(content, "answers.xlsx")

    def _download(self, content, name):
        return request.make_response(
            content,
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
            ],
        )
