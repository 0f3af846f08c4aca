from odoo import fields, models


class SurveySurvey(models.Model):
    _inherit = "survey.survey"

    is_complaint_survey = fields.Boolean(
        string="About Complaints",
        help="A satisfaction questionnaire for complaints: its scale questions can "
        "be given a dimension, by which answers are scored and compared.",
    )
