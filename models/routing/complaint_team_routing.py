from odoo import fields, models

METHODS = [
    ("none", "By hand"),
    ("round_robin", "In turn"),
    ("least_loaded", "To who has least to do"),
    ("first_contact", "To who took it down"),
]


class ComplaintTeam(models.Model):
    """How the team's new complaints find their handler (A5)."""

    _inherit = "complaint.team"

    routing_method = fields.Selection(
        selection=METHODS,
        string="Assignment",
        required=True,
        default="none",
        help="By hand: new complaints wait until somebody takes them up. In turn: each "
        "member gets one after the other. To who has least to do: open complaints "
        "count, urgent ones three times, important ones twice. To who took it down: "
        "phone and counter; what comes in otherwise goes to who has least to do. "
        "Absent, unqualified and involved people are passed over.",
    )
    routing_max_open = fields.Integer(
        string="At most open",
        help="A member with so many complaints in work gets no more automatically. 0: "
        "no limit.",
    )
    routing_line_ids = fields.One2many(
        comodel_name="complaint.routing.line",
        inverse_name="team_id",
        string="Which complaints",
        copy=True,
    )
    untaken_case_count = fields.Integer(
        string="Not taken up", compute="_compute_untaken_case_count"
    )

    _routing_max_open_positive = models.Constraint(
        "CHECK (routing_max_open >= 0)",
        "At most open: give a number of zero or more.",
    )

    def _compute_untaken_case_count(self):
        counts = dict(
            self.env["complaint.case"]._read_group(
                self.env["complaint.case"]._untaken_domain()
                & fields.Domain("team_id", "in", self.ids),
                ["team_id"],
                ["__count"],
            )
        )
        for team in self:
            team.untaken_case_count = counts.get(team, 0)

    def action_untaken_cases(self):
        """Open the team's complaints that nobody has taken up."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_case_action_untaken"
        )
        domain = self.env["complaint.case"]._untaken_domain()
        return action | {
            "domain": list(domain & fields.Domain("team_id", "=", self.id)),
            "context": {"default_team_id": self.id},
        }
