from odoo import fields, models


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    complaint_feedback_id = fields.Many2one(
        comodel_name="complaint.feedback",
        string="Satisfaction Survey",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )

    def _save_lines(self, question, answer, comment=None, overwrite_existing=True):
        # A page that was refused for one answer has saved the others: the customer
        # must be able to send it again. What is finished takes no more answers.
        return super()._save_lines(
            question,
            answer,
            comment=comment,
            overwrite_existing=overwrite_existing or bool(self.complaint_feedback_id),
        )

    def _mark_done(self):
        result = super()._mark_done()
        # sudo: the customer answers as the public user.
        self.sudo().complaint_feedback_id._collect_answers()
        return result
