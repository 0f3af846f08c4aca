from odoo import api, fields, models

NEEDED = {
    "none": lambda case: False,
    "major": lambda case: case.nature == "major" or case.handling_mode == "committee",
    "all": lambda case: True,
}


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
            self.env["complaint.investigation"]._fields["state"].selection
        ),
        string="State of the investigation",
        compute="_compute_investigation_state",
        store=True,
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
        if self.outcome == "refused":
            return super()._missing_to_answer()
        # sudo: questions and settings, whoever answers.
        case = self.sudo()
        report = case._investigation()
        if report.question_ids.filtered("is_open"):
            return self.env._("colleagues were asked and have not answered yet.")
        if report.state == "signing":
            return self.env._("the investigation report is not signed by all yet.")
        needed = NEEDED[case.company_id.complaint_report_needed]
        if needed(case) and report.state != "signed":
            return self.env._(
                "it needs an investigation report signed by three people. Press "
                "“Investigation”."
            )
        return super()._missing_to_answer()
