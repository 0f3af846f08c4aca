from odoo import api, fields, models

from ..case.complaint_case_checklist import Point
from ..facts import is_among


class ComplaintCase(models.Model):
    """The investigation of a complaint (D1)."""

    _inherit = "complaint.case"

    investigation_ids = fields.One2many(
        comodel_name="complaint.investigation",
        inverse_name="case_id",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )
    investigation_state = fields.Selection(
        selection=lambda self: (
            self.env["complaint.investigation"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        string="State of the investigation",
        compute="_compute_investigation_state",
        store=True,
        precompute=True,
        groups="base.group_user",
    )

    @api.depends("investigation_ids.state", "round")
    def _compute_investigation_state(self):
        for case in self:
            # sudo: whoever sees the complaint may know how far it is.
            case.investigation_state = case.sudo()._investigation().state

    def _investigation(self):
        """The investigation of the present round; maybe none."""
        self.ensure_one()
        return self.investigation_ids.filtered(lambda one: one.round == self.round)

    def action_open_investigation(self):
        """Open the investigation of the present round; begin it if there is none."""
        self.ensure_one()
        one = self._investigation()
        if not one:
            self.check_access("write")
            # sudo: the round is nobody's to choose.
            one = (
                self.env["complaint.investigation"]
                .sudo()
                .create(
                    {
                        "case_id": self.id,
                        "round": self.round,
                        "user_id": (self.user_id or self.env.user).id,
                    }
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": one._name,
            "res_id": one.id,
            "views": [(False, "form")],
        }

    def _missing_to_answer(self):
        """A major complaint is answered on a signed report; whoever was asked
        something is waited for."""
        missing = super()._missing_to_answer()
        if self.outcome == "refused":
            return missing
        # sudo: questions and settings, whoever answers.
        case = self.sudo()
        report = case._investigation()
        for question in report.question_ids.filtered("is_open"):
            text = self.env._(
                "%(colleague)s was asked something and has not answered yet.",
                colleague=question.user_id.name,
            )
            missing.append(Point(text, where=question))
        if report.state == "signing":
            text = self.env._("the investigation report is not signed by all yet.")
            missing.append(Point(text, where=report))
        elif report.state != "signed" and is_among(
            case, case.company_id.complaint_report_needed
        ):
            text = self.env._(
                "it needs an investigation report signed by three people."
            )
            missing.append(Point(text, button="action_open_investigation"))
        return missing

    def _answer_points(self):
        points = super()._answer_points()
        # sudo: whoever sees the complaint may know how far it is.
        report = self.sudo()._investigation()
        if report.state == "signed":
            text = self.env._("the facts are established: the report is signed.")
            return [*points, Point(text, True, where=report)]
        # sudo: the company's setting only.
        needed = self.company_id.sudo().complaint_report_needed
        is_said = report.state == "signing" or is_among(self, needed)
        if is_said or self.outcome == "refused":
            return points
        if report:
            text = self.env._("an investigation was begun and has no signed report.")
        else:
            text = self.env._("no investigation is recorded.")
        return [*points, Point(text, is_binding=False, where=report or None)]
