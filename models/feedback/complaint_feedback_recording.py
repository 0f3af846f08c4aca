from odoo import api, fields, models
from odoo.exceptions import UserError

from .complaint_touchpoint import EVENTS

#: Ways by which somebody else writes down what the customer said.
RECORDED = ("phone", "face", "paper")
#: Phases in which customers have their answer, and can say what they think of it.
WITH_ANSWER = ("answered", "closed")


class ComplaintFeedback(models.Model):
    """What customers say by telephone, face to face or on paper, is recorded (F1).

    As a real sheet of the questionnaire: scores are computed in the same way. It is
    marked by which way it came and who recorded it, most of all where that is who
    handled the complaint.
    """

    _inherit = "complaint.feedback"

    recorded_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Recorded by",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Wrote down what the customer said. Empty: the customer filled it in.",
    )
    is_recorded_by_handler = fields.Boolean(
        string="Recorded by the handler",
        compute="_compute_is_recorded_by_handler",
        store=True,
        help="Who handled the complaint wrote down what the customer thinks of it.",
    )

    @api.depends("recorded_by_id", "user_id")
    def _compute_is_recorded_by_handler(self):
        for feedback in self:
            feedback.is_recorded_by_handler = (
                bool(feedback.recorded_by_id)
                and feedback.recorded_by_id == feedback.user_id
            )

    def action_record_answer(self):
        """Open the dialogue in which the customer's answer is written down.

        :raise UserError: when the customer answered already
        """
        self.ensure_one()
        return self.env["complaint.feedback.recording"]._open(self.case_id, self)

    def _check_recordable(self):
        """:raise AccessError: for who does not work on the complaint
        :raise UserError: when it was answered, or the complaint went on
        """
        self.check_access("read")
        if self.case_id:
            self.case_id.check_access("write")
        else:
            self._check_supervisor()
        # sudo: sheets are closed to employees.
        feedback = self.sudo()
        if (
            feedback.state not in ("planned", "sent", "expired")
            or feedback.user_input_id.state == "done"
        ):
            raise UserError(
                self.env._(
                    "This survey was answered or cancelled. What the customer said is "
                    "recorded once."
                )
            )
        case = feedback.case_id
        is_early = EVENTS.get(feedback.touchpoint) == "closed" and (
            case.phase not in WITH_ANSWER
        )
        if case and (is_early or case.round != feedback.round):
            raise UserError(
                self.env._(
                    "The complaint is open again: nothing is asked about it yet."
                )
            )

    def _record_answer(self, answers, way, answered_at):
        """Take down what the customer said; the link in the mail is closed thereby.

        :param answers: list of (survey.question, value as its pages send it)
        :param str way: one of RECORDED
        :param datetime answered_at: when the customer said it, naive UTC
        :raise UserError: for the future, or when it was answered already
        """
        self.ensure_one()
        # sudo: surveys and their answers are closed to employees; checked here.
        feedback = self.sudo()
        if not feedback.try_lock_for_update(allow_referencing=True):
            raise UserError(
                self.env._("Somebody is at work on this. Please reload the page.")
            )
        feedback.invalidate_recordset(["state", "user_input_id"])
        self._check_recordable()
        now = fields.Datetime.now()
        if answered_at > now:
            raise UserError(self.env._("The customer cannot have answered in future."))
        received = feedback.case_id.date_received
        if received and answered_at < received:
            raise UserError(
                self.env._("The customer cannot have answered before complaining.")
            )
        survey = feedback._recording_survey()
        if any(question not in survey.question_ids for question, _value in answers):
            raise UserError(
                self.env._("The questionnaire was changed meanwhile. Begin again.")
            )
        feedback.user_input_id.write({"deadline": now})
        feedback.write(
            {
                "state": "sent",
                "survey_id": survey.id,
                "way": way,
                "recorded_by_id": self.env.uid,
                "expires_at": feedback.expires_at or now,
            }
        )
        sheet = feedback._create_answer_sheet()
        feedback.user_input_id = sheet
        for question, value in answers:
            sheet._save_lines(question, value)
        sheet._mark_done()
        # When it was said, not when it was typed.
        feedback.answered_at = answered_at
        ways = dict(self._fields["way"]._description_selection(self.env))
        feedback._log_on_cases(
            lambda one: one.env._(
                "Recorded by %(person)s: %(way)s.",
                person=self.env.user.name,
                way=ways[way],
            )
        )

    def _recording_survey(self):
        """The questionnaire that is filled in, also where none was sent."""
        self.ensure_one()
        # sudo: surveys are closed to employees.
        feedback = self.sudo()
        return feedback.survey_id.filtered("active") or feedback._choose_survey()


class ComplaintCase(models.Model):
    """Recording what a customer said, from the complaint (F1)."""

    _inherit = "complaint.case"

    can_record_feedback = fields.Boolean(
        compute="_compute_can_record_feedback", groups="base.group_user"
    )

    @api.depends("phase", "outcome", "round", "feedback_ids.counts")
    def _compute_can_record_feedback(self):
        for case in self:
            case.can_record_feedback = (
                case.phase in WITH_ANSWER
                and case.outcome not in ("withdrawn", "merged")
                # sudo: who works on the complaint sees its surveys.
                and not case.sudo()._closing_surveys().filtered("counts")
            )

    def _closing_surveys(self):
        """What the customer is asked about this round after closing, corrected answers
        included."""
        return self.feedback_ids.filtered(
            lambda one: one.round == self.round and one.touchpoint == "closed"
        )

    def action_record_feedback(self):
        """Open the dialogue in which the customer's answer is written down.

        :raise UserError: when the complaint has no answer yet, or the customer
            answered the survey already
        """
        self.ensure_one()
        self.check_access("write")
        return self.env["complaint.feedback.recording"]._open(
            self, self._feedback_to_record()
        )

    def _feedback_to_record(self):
        """The survey of this round in which an answer is recorded; empty where none
        was planned.

        :raise UserError: see :meth:`action_record_feedback`
        """
        if self.phase not in WITH_ANSWER:
            raise UserError(
                self.env._("Customers are asked when they have their answer.")
            )
        # sudo: who works on the complaint sees its surveys.
        mine = self.sudo()._closing_surveys()
        if mine.filtered("counts"):
            raise UserError(
                self.env._(
                    "The customer answered the survey already; see “Satisfaction”."
                )
            )
        return mine.filtered(
            lambda feedback: feedback.state in ("planned", "sent", "expired")
        ).with_env(self.env)

    def _feedback_for_recording(self):
        """As :meth:`_feedback_to_record`; made where none was planned or it was
        cancelled, say because there is no address to send it to."""
        feedback = self._feedback_to_record()
        if feedback:
            return feedback
        now = fields.Datetime.now()
        # sudo: surveys are nobody's to write.
        rows = self.env["complaint.feedback"].sudo()
        held = rows.search(
            [
                ("case_id", "=", self.id),
                ("round", "=", self.round),
                ("touchpoint", "=", "closed"),
                ("superseded_at", "=", False),
            ]
        )
        values = {"state": "planned", "cancel_reason": False, "next_event_at": False}
        if held:
            held.write(values)
            return held.with_env(self.env)
        vals = self.sudo()._feedback_values(
            "closed", self.env["complaint.touchpoint"], now
        )
        vals |= values | {"touchpoint": "closed", "planned_at": now}
        return rows.create(vals).with_env(self.env)
