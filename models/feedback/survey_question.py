from odoo import api, fields, models

from .complaint_feedback import DIMENSIONS


class SurveyQuestion(models.Model):
    _inherit = "survey.question"

    is_complaint_question = fields.Boolean(related="survey_id.is_complaint_survey")
    complaint_dimension = fields.Selection(
        selection=DIMENSIONS,
        string="Dimension",
        compute="_compute_complaint_dimension",
        store=True,
        readonly=False,
        help="What a scale question of a complaint questionnaire measures. Scores of "
        "one dimension stay comparable however the question is worded, translated or "
        "scaled; every scale is brought to 1 to 10.",
    )

    @api.depends("question_type")
    def _compute_complaint_dimension(self):
        # Only a scale yields a score.
        for question in self:
            if question.question_type != "scale":
                question.complaint_dimension = False
