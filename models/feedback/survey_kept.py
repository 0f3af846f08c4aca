"""What customers answered is not rewritten in the Surveys app either (F2).

Whoever administers surveys may write every sheet of every survey. Those that belong to
a complaint are written by the system, on behalf of the customer.
"""

from odoo import api, models
from odoo.exceptions import UserError


def _refuse(env):
    raise UserError(
        env._(
            "What a customer answered about a complaint is on record and cannot be "
            "changed or deleted. A manager corrects it under Complaints › Feedback."
        )
    )


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create(vals_list)
        created._check_complaint_sheets()
        return created

    def write(self, vals):
        self._check_complaint_sheets()
        result = super().write(vals)
        if "complaint_feedback_id" in vals:
            self._check_complaint_sheets()
        return result

    def unlink(self):
        self._check_complaint_sheets()
        return super().unlink()

    def _check_complaint_sheets(self):
        """:raise UserError: for sheets of complaints, unless it is the system"""
        # sudo: complaint surveys are closed to who administers surveys.
        if not self.env.su and self.sudo().complaint_feedback_id:
            _refuse(self.env)


class SurveyUserInputLine(models.Model):
    _inherit = "survey.user_input.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.user_input_id._check_complaint_sheets()
        return lines

    def write(self, vals):
        self.user_input_id._check_complaint_sheets()
        result = super().write(vals)
        if "user_input_id" in vals:
            self.user_input_id._check_complaint_sheets()
        return result

    def unlink(self):
        self.user_input_id._check_complaint_sheets()
        return super().unlink()


def _check_answered(records, model, name, sheet):
    """What the database would delete with these records, asking nobody.

    :param str model: what hangs on them, by the field ``name``
    :param str sheet: path from there to the complaint's survey
    :raise UserError: when customers answered with it, unless it is the system
    """
    if records.env.su or not records:
        return
    # sudo: as for the sheets.
    hanging = records.env[model].sudo()
    if hanging.search_count([(name, "in", records.ids), (sheet, "!=", False)], limit=1):
        _refuse(records.env)


class SurveyQuestion(models.Model):
    _inherit = "survey.question"

    def unlink(self):
        _check_answered(
            self,
            "survey.user_input.line",
            "question_id",
            "user_input_id.complaint_feedback_id",
        )
        return super().unlink()


class SurveyQuestionAnswer(models.Model):
    _inherit = "survey.question.answer"

    def unlink(self):
        _check_answered(
            self,
            "survey.user_input.line",
            "suggested_answer_id",
            "user_input_id.complaint_feedback_id",
        )
        return super().unlink()


class SurveySurvey(models.Model):
    _inherit = "survey.survey"

    def unlink(self):
        _check_answered(self, "survey.user_input", "survey_id", "complaint_feedback_id")
        return super().unlink()
