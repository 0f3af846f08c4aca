from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.feedback.complaint_feedback import WAYS
from ..models.feedback.complaint_feedback_recording import RECORDED

#: Kinds of questions that can be written down here, and how.
KINDS = {
    "scale": "choice",
    "simple_choice": "choice",
    "text_box": "text",
    "char_box": "text",
}


class ComplaintFeedbackRecording(models.TransientModel):
    """What the customer said by telephone, face to face or on paper (F1).

    Employees cannot read questionnaires: what they are to ask is copied here.
    """

    _name = "complaint.feedback.recording"
    _description = "Recording of an Answer"

    case_id = fields.Many2one(comodel_name="complaint.case", readonly=True)
    feedback_id = fields.Many2one(comodel_name="complaint.feedback", readonly=True)
    questionnaire = fields.Char(readonly=True)
    is_own_work = fields.Boolean(
        readonly=True, help="Who records it handled the complaint."
    )
    way = fields.Selection(
        selection=[pair for pair in WAYS if pair[0] in RECORDED],
        string="How the customer answered",
        default="phone",
    )
    answered_at = fields.Datetime(
        string="Given on", default=lambda self: fields.Datetime.now()
    )
    line_ids = fields.One2many(
        comodel_name="complaint.feedback.recording.line",
        inverse_name="wizard_id",
        string="Questions",
    )

    @api.model
    def _open(self, case, feedback):
        """A dialogue for a survey, or for a complaint without one.

        :raise UserError: when nothing can be recorded, or there is no questionnaire
        """
        if feedback:
            feedback._check_recordable()
            survey = feedback._recording_survey()
        else:
            # sudo: what would be asked; nothing is stored.
            draft = self.env["complaint.feedback"].sudo()
            survey = draft.new(
                {
                    "state": "planned",
                    "touchpoint": "closed",
                    "team_id": case.team_id.id,
                    "company_id": case.company_id.id,
                }
            )._choose_survey()
        if not survey:
            raise UserError(self.env._("The questionnaire is archived, empty or gone."))
        handler = feedback.user_id or case.user_id
        # sudo: employees cannot read surveys, and do not write what is asked.
        wizard = self.sudo().create(
            {
                "case_id": case.id,
                "feedback_id": feedback.id,
                "questionnaire": survey.title,
                "is_own_work": handler == self.env.user,
                "line_ids": [
                    Command.create(self._line_values(question))
                    for question in survey.question_ids
                    if question.question_type in KINDS
                ],
            }
        )
        return wizard.with_env(self.env)._get_records_action(
            name=self.env._("Record an answer"), target="new"
        )

    def _line_values(self, question):
        options = []
        if question.question_type == "scale":
            ends = {
                question.scale_min: question.scale_min_label,
                question.scale_max: question.scale_max_label,
            }
            options = [
                (f"{value} – {ends[value]}" if ends.get(value) else str(value), value)
                for value in range(question.scale_min, question.scale_max + 1)
            ]
        elif question.question_type == "simple_choice":
            options = [
                (answer.value, answer.id) for answer in question.suggested_answer_ids
            ]
        return {
            "question_id": question.id,
            "title": question.title,
            "kind": KINDS[question.question_type],
            "option_ids": [
                Command.create({"name": name, "value": str(value)})
                for name, value in options
            ],
        }

    def action_confirm(self):
        """Record what was entered.

        :raise UserError: when nothing was entered, or it was answered meanwhile
        """
        self.ensure_one()
        # sudo: the questions are closed to employees; the case is checked by the user.
        answers = [
            (line.question_id, line._answer())
            for line in self.sudo().line_ids
            if line._answer()
        ]
        if not answers:
            raise UserError(self.env._("Enter what the customer said."))
        if not self.way or not self.answered_at:
            raise UserError(self.env._("Enter how and when the customer answered."))
        feedback = self.feedback_id
        if not feedback:
            self.case_id.check_access("write")
            feedback = self.case_id._feedback_for_recording()
        feedback._record_answer(answers, self.way, self.answered_at)
        return {"type": "ir.actions.act_window_close"}


class ComplaintFeedbackRecordingLine(models.TransientModel):
    _name = "complaint.feedback.recording.line"
    _description = "Question in a Recording"

    wizard_id = fields.Many2one(
        comodel_name="complaint.feedback.recording",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    question_id = fields.Many2one(
        comodel_name="survey.question",
        string="Of the questionnaire",
        required=True,
        readonly=True,
        ondelete="cascade",
        groups="survey.group_survey_user",
    )
    title = fields.Char(string="Question", readonly=True)
    kind = fields.Selection(
        selection=[("choice", "Choice"), ("text", "Free text")], readonly=True
    )
    option_ids = fields.One2many(
        comodel_name="complaint.feedback.recording.option",
        inverse_name="line_id",
        readonly=True,
    )
    option_id = fields.Many2one(
        comodel_name="complaint.feedback.recording.option",
        string="Customer's answer",
        domain="[('line_id', '=', id)]",
        ondelete="cascade",
    )
    text = fields.Text(string="In the customer's words")

    def write(self, vals):
        # What is asked is copied from the questionnaire, and nobody's to write.
        if not self.env.su and vals.keys() - {"option_id", "text"}:
            raise UserError(self.env._("Only answers are entered here."))
        return super().write(vals)

    @api.constrains("option_id")
    def _check_option_id(self):
        for line in self:
            if line.option_id and line.option_id.line_id != line:
                raise UserError(self.env._("This answer belongs to another question."))

    def _answer(self):
        """The value as the pages of the survey send it; empty for no answer."""
        if self.kind == "choice":
            return self.option_id.value
        return (self.text or "").strip()


class ComplaintFeedbackRecordingOption(models.TransientModel):
    _name = "complaint.feedback.recording.option"
    _description = "Possible Answer in a Recording"
    _order = "id"

    line_id = fields.Many2one(
        comodel_name="complaint.feedback.recording.line",
        required=True,
        index=True,
        ondelete="cascade",
    )
    name = fields.Char(required=True)
    value = fields.Char(required=True)
