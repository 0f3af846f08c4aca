from odoo import api, fields, models


class ComplaintCase(models.Model):
    """What staff see around a complaint in the web client, and open from it (I2).

    Nothing here is stored: hints that depend on the rest of the case, and the doors
    to what hangs on it.
    """

    _inherit = "complaint.case"

    stage_hint = fields.Text(related="stage_id.description", groups="base.group_user")
    answer_missing = fields.Text(
        string="Missing for the answer",
        compute="_compute_answer_missing",
        groups="base.group_user",
        help="What the complaint still needs before the answer can be sent.",
    )

    @api.depends(
        "phase", "user_id", "category_id", "outcome", "answer", "allegation_ids.finding"
    )
    def _compute_answer_missing(self):
        for case in self:
            is_open = case.phase not in ("received", "answered", "closed")
            missing = case._missing_for("answered") if is_open else []
            case.answer_missing = "\n".join(point.sentence for point in missing)

    # Buttons ------------------------------------------------------------------------

    def action_assign_to_me(self):
        """Take complaints over; the hand-over is on record in the chatter (A5)."""
        self.check_access("write")
        self.filtered(lambda case: case.user_id != self.env.user).write(
            {"user_id": self.env.uid}
        )
        return True

    @api.readonly
    def action_view_other_cases(self):
        """Open the other complaints of the same customer."""
        self.ensure_one()
        return self._desk_action(
            "complaint_case_action",
            name=self.env._("Complaints of the customer"),
            domain=[
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
                ("id", "!=", self.id),
            ],
            context={"default_partner_id": self.partner_id.id, "active_test": False},
            view_mode="list,kanban,form",
            views=[(False, "list"), (False, "kanban"), (False, "form")],
        )

    @api.readonly
    def action_view_order(self):
        """Open the sales order that the complaint is about."""
        self.ensure_one()
        action = self.order_id._get_records_action()
        if not self.env.user.has_group("sales_team.group_sale_salesman"):
            # The sales form asks for invoices that they may not read.
            view = self.env.ref("complaint_management.sale_order_view_form_complaint")
            action |= {
                "name": self.order_id.display_name,
                "views": [(view.id, "form")],
                "target": "new",
            }
        return action

    @api.readonly
    def action_view_clocks(self):
        """Open the time limits of this complaint, of all rounds."""
        self.ensure_one()
        return self._desk_action(
            "complaint_sla_clock_action", domain=[("case_id", "=", self.id)]
        )

    @api.readonly
    def action_view_feedback(self):
        """Open the satisfaction surveys about this complaint."""
        self.ensure_one()
        return self._desk_action(
            "complaint_feedback_action", domain=[("case_id", "=", self.id)]
        )

    def _desk_action(self, action, **values):
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                f"complaint_management.{action}"
            ),
            "context": {},
            **values,
        }
