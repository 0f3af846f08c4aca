from datetime import timedelta
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .complaint_feedback_figures import DIVISIONS

#: A period longer than this is a mistake of the year.
MAX_DAYS = 3660


class ComplaintFeedbackOverview(models.TransientModel):
    """How satisfied customers are, on one page: a period, divided as one likes.

    The page is of its reader: it holds what the rules of the surveys let them read.
    """

    _name = "complaint.feedback.overview"
    _description = "Satisfaction Overview"

    first = fields.Date(
        string="From day",
        required=True,
        default=lambda self: self._default_first(),
    )
    last = fields.Date(
        string="To day",
        required=True,
        default=fields.Date.context_today,
    )
    division = fields.Selection(
        selection=DIVISIONS, string="Divided by", required=True, default="team_id"
    )
    team_id = fields.Many2one(
        comodel_name="complaint.team", string="Only the team", ondelete="cascade"
    )
    body = fields.Html(compute="_compute_body", sanitize=False)

    def _default_first(self):
        """The first day of the month two months ago: three months in all."""
        today = fields.Date.context_today(self)
        return today.replace(day=1) - relativedelta(months=2)

    def _compute_display_name(self):
        for page in self:
            page.display_name = self.env._("Satisfaction at a Glance")

    @api.depends("first", "last", "division", "team_id")
    @api.depends_context("uid", "lang", "tz", "company")
    def _compute_body(self):
        for page in self:
            page.body = self._render(
                page.first, page.last, page.division, page.team_id.id
            )

    @api.readonly
    @api.model
    def get_page(self, first, last, division, team_id=False):
        """The overview as HTML, in the user's language; changes nothing.

        :param str first: first day (ISO), in the user's time zone
        :param str last: last day, included
        :param str division: ``team_id``, ``user_id``, ``month`` ...
        :param int team_id: only surveys of this team
        :raise UserError: when there is no such period or division
        :raise AccessError: for who may not read the figures
        """
        return self._render(
            fields.Date.to_date(first), fields.Date.to_date(last), division, team_id
        )

    @api.model
    def _render(self, first, last, division, team_id=False):
        try:
            overview = self._figures(first, last, division, team_id)
        except UserError as error:
            if isinstance(error, AccessError):
                raise
            return self.env["ir.qweb"]._render(
                "complaint_management.feedback_overview_problem",
                {"problem": error.args[0]},
            )
        rows = self.env["complaint.feedback.report"]
        return self.env["ir.qweb"]._render(
            "complaint_management.feedback_overview",
            {
                **rows._told(overview),
                "division": self._division_label(division),
                "is_trend": division == "month",
            },
        )

    @api.model
    def _figures(self, first, last, division, team_id=False):
        """:raise UserError: when there is no such period or division"""
        self._check_asked_for(first, last, division)
        rows = self.env["complaint.feedback.report"]
        return rows._overview(first, last, division, self._domain(team_id))

    @api.model
    def _check_asked_for(self, first, last, division):
        if division not in dict(DIVISIONS):
            raise UserError(self.env._("The figures cannot be divided like that."))
        if not first or not last or first > last:
            raise UserError(
                self.env._("Give a first and a last day; the first comes first.")
            )
        if last - first > timedelta(days=MAX_DAYS):
            raise UserError(self.env._("The period is at most ten years long."))

    @api.model
    def _domain(self, team_id):
        return [("team_id", "=", team_id)] if team_id else []

    def _division_label(self, division):
        labels = self._fields["division"]._description_selection(self.env)
        return dict(labels)[division]

    # Buttons ----------------------------------------------------------------------

    @api.readonly
    def action_view_surveys(self):
        """Open the surveys of the period, for pivots, graphs and lists."""
        self.ensure_one()
        self._check_asked_for(self.first, self.last, self.division)
        rows = self.env["complaint.feedback.report"]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "complaint_management.complaint_feedback_action_analysis"
        )
        asked = rows._asked_between(self.first, self.last)
        period = [
            (condition.field_expr, condition.operator, str(condition.value))
            for condition in asked.iter_conditions()
        ]
        return {
            **action,
            "domain": [
                *period,
                ("company_id", "=", self.env.company.id),
                *self._domain(self.team_id.id),
            ],
            "context": {},
        }

    @api.readonly
    def action_export(self):
        """Save the page with the numbers behind it as a spreadsheet."""
        self.ensure_one()
        self._check_asked_for(self.first, self.last, self.division)
        asked = {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "division": self.division,
            "company": self.env.company.id,
        }
        if self.team_id:
            asked["team"] = self.team_id.id
        return {
            "type": "ir.actions.act_url",
            "url": f"/complaints/satisfaction.xlsx?{urlencode(asked)}",
            "target": "download",
        }
