from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .scoring import DIMENSIONS, SCORE_MAX, SCORE_MIN, SCORED, brought_to


class SurveyQuestion(models.Model):
    _inherit = "survey.question"

    is_complaint_question = fields.Boolean(related="survey_id.is_complaint_survey")
    complaint_dimension = fields.Selection(
        selection=DIMENSIONS,
        string="Dimension",
        compute="_compute_complaint_dimension",
        store=True,
        readonly=False,
        help="What a question of a complaint questionnaire measures. Scores of one "
        "dimension stay comparable however the question is worded, translated or "
        "scaled; every scale is brought to 1 to 10, every choice has a score.",
    )

    @api.depends("question_type")
    def _compute_complaint_dimension(self):
        for question in self:
            if question.question_type not in SCORED:
                question.complaint_dimension = False

    @api.constrains("complaint_dimension", "question_type")
    def _check_complaint_dimension(self):
        for question in self:
            if (
                question.complaint_dimension == "recommend"
                and question.question_type != "scale"
            ):
                raise ValidationError(
                    self.env._(
                        "“%(question)s”: how likely somebody is to recommend you is "
                        "asked on a scale, best from 0 to 10.",
                        question=question.title,
                    )
                )

    def _complaint_value(self, line):
        """What was answered, as a number of the question's own; None where that is
        none."""
        self.ensure_one()
        if line.answer_type == "scale":
            return line.value_scale
        return line.suggested_answer_id.complaint_score or None

    def _complaint_score(self, value):
        """The value on the scale of 1 to 10; choices have their score already."""
        self.ensure_one()
        if self.question_type == "scale":
            return brought_to(value, self.scale_min, self.scale_max)
        return value


class SurveyQuestionAnswer(models.Model):
    _inherit = "survey.question.answer"

    complaint_score = fields.Float(
        string="Score (1-10)",
        digits=(4, 2),
        help="What this answer is worth in a complaint questionnaire. Empty: it says "
        "nothing about satisfaction.",
    )

    _complaint_score_range = models.Constraint(
        f"CHECK (COALESCE(complaint_score, 0) = 0"
        f" OR complaint_score BETWEEN {SCORE_MIN} AND {SCORE_MAX})",
        "A score lies between 1 and 10, or is left empty.",
    )
