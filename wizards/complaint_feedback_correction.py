from odoo import api, fields, models

from ..models.feedback.scoring import DIMENSIONS, NO_ANSWER, mean

#: From so many points between the overall score and the mean of the others it is worth
#: a second look: somebody may have taken 1 for the best.
FAR_APART = 4


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
    changes = fields.Text(string="What changes", compute="_compute_changes")
    is_contradictory = fields.Boolean(compute="_compute_changes")

    def _score_fields(self):
        """Names of the fields that hold scores, here and on the answer."""
        return [f"score_{name}" for name, _label in DIMENSIONS if name != "recommend"]

    def _scores(self):
        """Scores as entered, by dimension."""
        return {
            name.removeprefix("score_"): self[name] for name in self._score_fields()
        }

    @api.depends(lambda self: (*self._score_fields(), "recommend", "feedback_id"))
    def _compute_changes(self):
        for wizard in self:
            scores = wizard._scores()
            overall = scores.pop("overall")
            others = mean(scores.values())
            wizard.is_contradictory = bool(
                overall and others and abs(overall - others) >= FAR_APART
            )
            wizard.changes = "\n".join(wizard._told_changes())

    def _told_changes(self):
        """Each thing that changes, in words: what was, and what will be."""
        old = self.feedback_id
        new = old._score_values(self._scores(), self.recommend)
        new["level"] = old.company_id._complaint_feedback_level(new["score"])
        levels = dict(old._fields["level"]._description_selection(self.env))
        names = [*self._score_fields(), "level", "recommend"]
        for name in names:
            was, will = old[name], new[name]
            if name == "level":
                was, will = levels.get(was), levels.get(will)
            elif name == "recommend":
                was, will = ("" if one == NO_ANSWER else one for one in (was, will))
            else:
                was, will = (f"{round(one, 2):g}" if one else "" for one in (was, will))
            if was != will:
                nothing = self.env._("no answer")
                yield self.env._(
                    "%(what)s: %(old)s → %(new)s",
                    what=old._fields[name]._description_string(self.env),
                    old=nothing if was in ("", None) else was,
                    new=nothing if will in ("", None) else will,
                )

    def action_confirm(self):
        """Correct the answer.

        :raise AccessError: for who is no manager
        :raise UserError: without a reason or a change, or for impossible scores
        """
        self.ensure_one()
        new = self.feedback_id._correct(self._scores(), self.recommend, self.reason)
        return new._get_records_action()
