from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .scoring import NO_ANSWER, SCORE_MAX, SCORE_MIN

MANAGER = "complaint_management.group_manager"


class ComplaintFeedback(models.Model):
    """Answers stay as they were given; what is wrong is corrected by a new one (F2).

    Whatever was misheard on the telephone or misread on paper: a manager enters what
    is right with the reason. The old answer stays readable and counts no more.
    """

    _inherit = "complaint.feedback"

    superseded_at = fields.Datetime(
        string="Corrected on",
        readonly=True,
        copy=False,
        help="When another answer took its place. It counts no more since then.",
    )
    corrects_id = fields.Many2one(
        comodel_name="complaint.feedback",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
    )
    corrected_by_ids = fields.One2many(
        comodel_name="complaint.feedback",
        inverse_name="corrects_id",
        string="Takes its place",
        readonly=True,
    )
    correction_reason = fields.Text(
        string="Why it was corrected", readonly=True, copy=False
    )
    corrector_id = fields.Many2one(
        comodel_name="res.users",
        string="Corrected by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    counts = fields.Boolean(
        compute="_compute_counts",
        store=True,
        precompute=True,
        index=True,
        help="Answered, and not corrected by another answer: part of every average.",
    )

    @api.depends("state", "superseded_at")
    def _compute_counts(self):
        for feedback in self:
            feedback.counts = (
                feedback.state == "answered" and not feedback.superseded_at
            )

    def action_correct(self):
        """Open the dialogue in which a manager enters what is right."""
        self.ensure_one()
        self._check_may_correct()
        wizard = self.env["complaint.feedback.correction"].create(
            {"feedback_id": self.id, **self._corrected_defaults()}
        )
        return wizard._get_records_action(
            name=self.env._("Correct the answer"), target="new"
        )

    def _corrected_defaults(self):
        names = self.env["complaint.feedback.correction"]._score_fields()
        return {name: self[name] for name in (*names, "recommend")}

    def _check_may_correct(self):
        """:raise AccessError: for who is no manager
        :raise UserError: when there is no answer, or another took its place
        """
        self.check_access("read")
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only managers correct an answer."))
        if not self.counts:
            raise UserError(
                self.env._(
                    "Only an answer that counts can be corrected. Reload the page."
                )
            )

    def _correct(self, scores, recommend, reason):
        """Put another answer in the place of this one.

        :param dict scores: 1 to 10 by dimension, 0 for what was left out
        :param int recommend: 0 to 10, or NO_ANSWER
        :param str reason: why the old one is wrong
        :return: the new answer
        :raise UserError: without a reason or a change, or for impossible scores
        """
        self.ensure_one()
        # sudo: nobody has write access; this is the way, and it is checked here.
        old = self.sudo()
        if not old.try_lock_for_update(allow_referencing=True):
            raise UserError(
                self.env._("Somebody is at work on this. Please reload the page.")
            )
        old.invalidate_recordset(["superseded_at"])
        self._check_may_correct()
        self._check_corrected(scores, recommend, reason)
        values = old._score_values(scores, recommend)
        values["level"] = old.company_id._complaint_feedback_level(values["score"])
        copied = old.copy_data()[0]
        old.superseded_at = fields.Datetime.now()
        # The index allows one answer that counts.
        old.flush_recordset(["superseded_at"])
        new = old.create(
            copied
            | values
            | {
                # Odoo copies no field of this name.
                "state": "answered",
                "way": old.way,
                "corrects_id": old.id,
                "correction_reason": reason.strip(),
                "corrector_id": self.env.uid,
            }
        )
        new._log_on_cases(
            lambda feedback: feedback.env._(
                "%(person)s corrected the answer to the survey from %(old)s to "
                "%(new)s: %(reason)s",
                person=self.env.user.name,
                old=f"{old.score:g}",
                new=f"{feedback.score:g}",
                reason=feedback.correction_reason,
            )
        )
        if not old.callback_ids:
            new._call_back()
        elif new.level not in new.company_id._complaint_callback_levels():
            old.callback_ids._end_as_corrected()
        return new.with_env(self.env)

    def _check_corrected(self, scores, recommend, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Please give a reason."))
        possible = all(
            not score or SCORE_MIN <= score <= SCORE_MAX for score in scores.values()
        )
        if not possible or not NO_ANSWER <= recommend <= 10:
            raise UserError(
                self.env._(
                    "Scores lie between 1 and 10, 0 is no answer; a recommendation "
                    "between 0 and 10, -1 is no answer."
                )
            )
        same = all(
            abs(score - self[f"score_{name}"]) < 0.005 for name, score in scores.items()
        )
        if same and recommend == self.recommend:
            raise UserError(self.env._("Nothing is different from the answer."))
