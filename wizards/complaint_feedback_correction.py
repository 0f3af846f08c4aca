from odoo import fields, models

from ..models.feedback.scoring import DIMENSIONS, NO_ANSWER


class ComplaintFeedbackCorrection(models.TransientModel):
    """What is right instead of an answer, entered by a manager with the reason (F2)."""

    _name = "complaint.feedback.correction"
    _description = "Correction of an Answer"

    feedback_id = fields.Many2one(
        comodel_name="complaint.feedback", required=True, readonly=True
    )
    score_attitude = fields.Float(string="Attitude", digits=(4, 2))
    score_efficiency = fields.Float(string="Efficiency", digits=(4, 2))
    score_content = fields.Float(string="Content", digits=(4, 2))
    score_effect = fields.Float(string="Effect", digits=(4, 2))
    score_support = fields.Float(string="Support", digits=(4, 2))
    score_overall = fields.Float(string="Overall", digits=(4, 2))
    score_settled = fields.Float(string="Matter settled", digits=(4, 2))
    score_again = fields.Float(string="Would buy again", digits=(4, 2))
    score_effort = fields.Float(string="Little effort", digits=(4, 2))
    recommend = fields.Integer(string="Would recommend us (0-10)", default=NO_ANSWER)
    reason = fields.Text(string="Why it is corrected")

    def _score_fields(self):
        """Names of the fields that hold scores, here and on the answer."""
        return [f"score_{name}" for name, _label in DIMENSIONS if name != "recommend"]

    def action_confirm(self):
        """Correct the answer.

        :raise AccessError: for who is no manager
        :raise UserError: without a reason or a change, or for impossible scores
        """
        self.ensure_one()
        scores = {
            name.removeprefix("score_"): self[name] for name in self._score_fields()
        }
        new = self.feedback_id._correct(scores, self.recommend, self.reason)
        return new._get_records_action()
