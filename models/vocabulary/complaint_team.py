from ast import literal_eval

from odoo import fields, models


class ComplaintTeam(models.Model):
    """Who handles what: members, leader, mailbox, working hours, questionnaire."""

    _name = "complaint.team"
    _inherit = ["mail.alias.mixin", "mail.thread"]
    _description = "Complaint Team"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10,
        help="The first team that serves the company takes what no other team is "
        "chosen for.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Leave empty for a team that serves all companies.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Team Leader",
        index=True,
        domain=[("share", "=", False)],
    )
    member_ids = fields.Many2many(
        comodel_name="res.users",
        relation="complaint_team_member_rel",
        column1="team_id",
        column2="user_id",
        string="Members",
        domain=[("share", "=", False)],
        help="Members see the complaints of the team. A team without members is open "
        "to every handler.",
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Working Hours",
        check_company=True,
        help="Time limits in working hours or days run by these hours. Empty: those "
        "of the company.",
    )
    survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Questionnaire",
        help="Sent to the customer after closing. Empty: the shipped questionnaire.",
    )
    case_ids = fields.One2many(comodel_name="complaint.case", inverse_name="team_id")
    open_case_count = fields.Integer(compute="_compute_open_case_count")
    color = fields.Integer()

    def _compute_open_case_count(self):
        counts = dict(
            self.env["complaint.case"]._read_group(
                [("team_id", "in", self.ids), ("phase", "!=", "closed")],
                ["team_id"],
                ["__count"],
            )
        )
        for team in self:
            team.open_case_count = counts.get(team, 0)

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("complaint.case")
        if self.id:
            defaults = literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = defaults | {"team_id": self.id}
        return values

    def _default_by_company(self, companies):
        """First team that serves each company, as {company: team}; one query."""
        teams = self.search([("company_id", "in", [False, *companies.ids])])
        return {
            company: teams.filtered(
                lambda team, company=company: team.company_id in (company, company[:0])
            )[:1]
            for company in companies
        }

    def action_open_cases(self):
        """Open the team's complaints that are not closed."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_case_action"
        )
        action["context"] = {"default_team_id": self.id, "search_default_open": 1}
        action["domain"] = [("team_id", "=", self.id)]
        return action
