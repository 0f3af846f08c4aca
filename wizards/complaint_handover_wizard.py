from odoo import api, fields, models
from odoo.exceptions import UserError

HANDLERS = "complaint_management.group_handler"


class ComplaintHandoverWizard(models.TransientModel):
    """Asks to whom complaints are handed over, and what the next one must know (A5)."""

    _name = "complaint.handover.wizard"
    _description = "Hand over Complaints"

    case_ids = fields.Many2many(
        comodel_name="complaint.case", string="Complaints", required=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="To",
        domain="[('id', 'in', allowed_user_ids)]",
    )
    allowed_user_ids = fields.Many2many(
        comodel_name="res.users", compute="_compute_allowed_user_ids"
    )
    note = fields.Text(help="What the next handler must know. Kept on record.")
    hint = fields.Char(compute="_compute_hint")

    @api.depends("case_ids")
    def _compute_allowed_user_ids(self):
        for wizard in self:
            wizard.allowed_user_ids = wizard._allowed_users()

    def _allowed_users(self):
        """People of the department who may handle all of the complaints."""
        # sudo: who works in the department is no secret to those who do.
        people = (
            self.env["res.users"]
            .sudo()
            .search([("all_group_ids", "in", self.env.ref(HANDLERS).ids)])
        )
        cases = self.case_ids._origin.sudo()
        return people.filtered(
            lambda person: (
                len(cases._handled_by(person)) == len(cases)
                and any(case.user_id != person for case in cases)
            )
        )

    @api.depends("user_id")
    def _compute_hint(self):
        now = fields.Datetime.now()
        for wizard in self:
            # sudo: whether a colleague is there is no secret to colleagues.
            person = wizard.user_id.sudo()
            wizard.hint = False
            if person and person._complaint_is_absent(now):
                deputy = person._complaint_stand_in(now)
                wizard.hint = (
                    self.env._(
                        "%(person)s is absent, %(deputy)s stands in.",
                        person=person.name,
                        deputy=deputy.name,
                    )
                    if deputy
                    else self.env._("%(person)s is absent.", person=person.name)
                )

    def action_confirm(self):
        """Hand over with the note."""
        self.ensure_one()
        if not self.user_id:
            raise UserError(self.env._("Choose the person who takes it over."))
        if not (self.note or "").strip():
            raise UserError(
                self.env._("Say what the next handler must know, or why you hand over.")
            )
        self.case_ids._hand_over(self.user_id, self.note.strip())
        return {"type": "ir.actions.act_window_close"}
