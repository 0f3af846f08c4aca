from odoo import api, fields, models

from ..models.answer.complaint_answer import CHANNELS

STATES = [("missing", "Missing"), ("advice", "Worth a look"), ("done", "In order")]


class ComplaintAnswerWizard(models.TransientModel):
    """The checklist before a complaint is answered or closed (E4, E5).

    It names everything that is missing and leads to where it is put right; when
    nothing is, the answer goes out from here by the way that is chosen.
    """

    _name = "complaint.answer.wizard"
    _description = "Checklist of a Complaint"

    case_id = fields.Many2one(
        comodel_name="complaint.case", string="Complaint", required=True, readonly=True
    )
    phase = fields.Selection(
        selection=[("answered", "Answer"), ("closed", "Close")],
        required=True,
        readonly=True,
    )
    channel = fields.Selection(
        selection=CHANNELS,
        string="The answer goes",
        compute="_compute_channel",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    email = fields.Char(related="case_id.partner_id.email", string="To")
    note = fields.Char(
        string="How it is handed over",
        compute="_compute_channel",
        store=True,
        precompute=True,
        readonly=False,
        help="Number of the registered letter, whom you spoke to.",
    )
    point_ids = fields.One2many(
        comodel_name="complaint.answer.wizard.point",
        inverse_name="wizard_id",
        compute="_compute_point_ids",
        store=True,
        readonly=True,
    )
    is_complete = fields.Boolean(compute="_compute_point_ids", store=True)
    is_approval_missing = fields.Boolean(compute="_compute_point_ids", store=True)

    @api.constrains("case_id")
    def _check_rights(self):
        """Before anything of the complaint is told here."""
        # Odoo computes stored fields, and checks constraints, as the system.
        self.sudo(False).case_id.check_access("write")

    @api.depends("case_id")
    def _compute_channel(self):
        for wizard in self:
            wizard.channel = wizard.case_id._answer_way()
            wizard.note = wizard.case_id.answer_note

    @api.depends("case_id", "phase")
    def _compute_point_ids(self):
        for wizard in self:
            case = wizard.case_id
            if wizard.phase == "closed":
                points = case._missing_for("closed")
            else:
                points = case._answer_points()
            wizard.point_ids = [fields.Command.clear()] + [
                fields.Command.create(
                    self.env["complaint.answer.wizard.point"]._values_of(point)
                )
                for point in sorted(points, key=lambda point: point.is_done)
            ]
            wizard.is_complete = all(
                point.is_done or not point.is_binding for point in points
            )
            wizard.is_approval_missing = (
                wizard.phase == "answered" and case._approval_state() == "needed"
            )

    def action_send(self):
        """Send the answer by the way that was chosen."""
        self.ensure_one()
        case = self.case_id
        case.check_access("write")
        case.write({"answer_channel": self.channel, "answer_note": self.note})
        case.action_answer()
        return {"type": "ir.actions.act_window_close"}

    def action_ask_approval(self):
        """Ask somebody else to approve the answer."""
        self.ensure_one()
        self.case_id.action_ask_approval()
        return {"type": "ir.actions.act_window_close"}


class ComplaintAnswerWizardPoint(models.TransientModel):
    _name = "complaint.answer.wizard.point"
    _description = "Point of a Checklist"

    wizard_id = fields.Many2one(
        comodel_name="complaint.answer.wizard", required=True, ondelete="cascade"
    )
    state = fields.Selection(selection=STATES, readonly=True)
    text = fields.Char(readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    button = fields.Char(readonly=True)
    leads = fields.Boolean(compute="_compute_leads")

    @api.depends("res_model", "button")
    def _compute_leads(self):
        for point in self:
            point.leads = point.res_model or point.button

    @api.model
    def _values_of(self, point):
        """:param point: Point of models/case/complaint_case_checklist.py"""
        state = "done" if point.is_done else "missing"
        if state == "missing" and not point.is_binding:
            state = "advice"
        return {
            "state": state,
            "text": point.sentence,
            "res_model": point.where._name if point.where else False,
            "res_id": point.where.id if point.where else False,
            "button": point.button,
        }

    def action_open(self):
        """Open the record where the point is put right."""
        self.ensure_one()
        if self.button == "action_open_investigation":
            return self.wizard_id.case_id.action_open_investigation()
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access("read")
        return record._get_records_action(target="current")
