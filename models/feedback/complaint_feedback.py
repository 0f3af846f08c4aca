from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .complaint_touchpoint import EVENTS, TOUCHPOINTS
from .scoring import (
    DIMENSIONS,
    HANDLING,
    NO_ANSWER,
    OUTCOME,
    RECOMMENDS,
    brought_to,
    mean,
    recommend_group,
)

#: By which way an answer came.
WAYS = [
    ("mail", "Link in a mail"),
    ("portal", "Customer portal"),
    ("visit", "Link or code on site"),
    ("phone", "By telephone"),
    ("face", "Face to face"),
    ("paper", "On paper"),
]

LEVELS = [
    ("satisfied", "Satisfied"),
    ("basic", "Basically satisfied"),
    ("dissatisfied", "Dissatisfied"),
]


def score_aggregate(model, spec, query, select):
    """SQL of an aggregate over a score in which "no answer" does not count.

    Odoo stores an unanswered float as zero, which no score can be; as it is, an
    average would treat customers who said nothing as the most dissatisfied.
    """
    fname, _, function = spec.partition(":")
    if function not in ("avg", "min"):
        return select(spec, query)
    return SQL(
        "%s(NULLIF(%s, 0))",
        SQL(function.upper()),
        model._field_to_sql(model._table, fname, query),
    )


#: States in which an answer is taken.
WAITING = ("planned", "sent")


class ComplaintFeedback(models.Model):
    """One satisfaction survey for one customer about one complaint (F1, F2).

    Planned when the complaint is closed, sent and reminded by the scheduled action,
    answered by the customer through Odoo's survey pages without login. Nobody edits
    it: staff can read it, and cancel what was not answered.
    """

    _name = "complaint.feedback"
    _inherit = ["complaint.due.mixin"]
    _description = "Satisfaction Survey"
    _order = "planned_at desc, id desc"
    _rec_name = "case_id"

    # About what
    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    name = fields.Char(string="Number", related="case_id.name")
    about = fields.Char(
        compute="_compute_about", help="The complaint, the campaign or the team."
    )
    touchpoint = fields.Selection(
        selection=TOUCHPOINTS,
        string="Asked",
        required=True,
        readonly=True,
        default="closed",
        index=True,
        help="What the customer was asked after.",
    )
    round = fields.Integer(
        required=True,
        readonly=True,
        default=1,
        aggregator=None,
        help="A complaint that was reopened is surveyed again for its next round.",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    email = fields.Char(
        string="Sent to",
        readonly=True,
        index="btree_not_null",
        help="Normalised address, as it was when the survey was planned or sent.",
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Sales Order",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    team_id = fields.Many2one(
        comodel_name="complaint.team",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Handler",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Who handled the complaint when it was closed.",
    )
    category_id = fields.Many2one(
        related="case_id.category_id", store=True, index="btree_not_null"
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )

    # The questionnaire. Who can read an answer's token could answer for the
    # customer, so the link to it is kept from complaint staff.
    survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Questionnaire",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    user_input_id = fields.Many2one(
        comodel_name="survey.user_input",
        string="Answer sheet",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        groups="survey.group_survey_user",
    )

    # Where it stands; times in UTC
    state = fields.Selection(
        selection=[
            ("planned", "Planned"),
            ("sent", "Sent"),
            ("answered", "Answered"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="planned",
        index=True,
    )
    cancel_reason = fields.Selection(
        selection=[
            ("opted_out", "The customer does not want surveys"),
            ("no_email", "No e-mail address"),
            ("staff", "The complainant is one of our employees"),
            ("withdrawn", "The complaint was withdrawn"),
            ("merged", "The complaint was merged into another"),
            ("split", "Asked about the complaint that it was split off"),
            ("reopened", "The complaint was reopened"),
            ("no_survey", "The questionnaire is archived, empty or gone"),
            ("disabled", "Surveys are switched off"),
            ("late", "Could not be sent in time"),
            ("cooldown", "The customer was asked shortly before"),
            ("manual", "Cancelled by a supervisor"),
        ],
        string="Why cancelled",
        readonly=True,
        copy=False,
    )
    planned_at = fields.Datetime(string="Planned for", readonly=True, index=True)
    sent_at = fields.Datetime(string="Sent", readonly=True)
    reminded_at = fields.Datetime(string="Reminded", readonly=True)
    expires_at = fields.Datetime(string="Open until", readonly=True)
    answered_at = fields.Datetime(string="Answered", readonly=True, index=True)
    way = fields.Selection(
        selection=WAYS, string="How it was answered", readonly=True, copy=False
    )
    opted_out_at = fields.Datetime(
        string="Opted out",
        readonly=True,
        help="When the customer declined further surveys through the link in the mail.",
    )

    # What the customer said: 1 to 10, zero where nothing was answered
    score = fields.Float(
        digits=(4, 2),
        readonly=True,
        aggregator="avg",
        help="The overall score or, when the customer left it out, the average of "
        "what was answered. From 1 to 10.",
    )
    score_attitude = fields.Float(
        string="Attitude", digits=(4, 2), readonly=True, aggregator="avg"
    )
    score_efficiency = fields.Float(
        string="Efficiency", digits=(4, 2), readonly=True, aggregator="avg"
    )
    score_content = fields.Float(
        string="Content", digits=(4, 2), readonly=True, aggregator="avg"
    )
    score_effect = fields.Float(
        string="Effect", digits=(4, 2), readonly=True, aggregator="avg"
    )
    score_support = fields.Float(
        string="Support", digits=(4, 2), readonly=True, aggregator="avg"
    )
    score_overall = fields.Float(
        string="Overall", digits=(4, 2), readonly=True, aggregator="avg"
    )
    score_settled = fields.Float(
        string="Matter settled", digits=(4, 2), readonly=True, aggregator="avg"
    )
    score_again = fields.Float(
        string="Would buy again", digits=(4, 2), readonly=True, aggregator="avg"
    )
    score_effort = fields.Float(
        string="Little effort",
        digits=(4, 2),
        readonly=True,
        aggregator="avg",
        help="How easy it was for the customer: 10 is no effort at all.",
    )
    score_handling = fields.Float(
        string="Handling",
        digits=(4, 2),
        readonly=True,
        aggregator="avg",
        help="Attitude, efficiency, content, support and effort, as far as answered.",
    )
    score_outcome = fields.Float(
        string="Outcome",
        digits=(4, 2),
        readonly=True,
        aggregator="avg",
        help="Effect, whether the matter is settled and whether the customer would buy "
        "again, as far as answered.",
    )
    recommend = fields.Integer(
        string="Would recommend us (0-10)",
        readonly=True,
        default=NO_ANSWER,
        aggregator=None,
        help="-1: not answered.",
    )
    recommend_group = fields.Selection(
        selection=RECOMMENDS,
        string="Recommendation",
        readonly=True,
        index="btree_not_null",
        help="Promoters 9 and 10, detractors 0 to 6.",
    )
    level = fields.Selection(
        selection=LEVELS,
        string="Verdict",
        readonly=True,
        index="btree_not_null",
        help="By the company's thresholds on the day of the answer. Changing the "
        "thresholds later leaves it as it is.",
    )
    comment = fields.Text(readonly=True)

    # At most one survey for a round of a case and touch-point: twice is impossible, not
    # unlikely (F2). One that was corrected counts no more.
    _case_round_unique = models.UniqueIndex(
        "(case_id, round, touchpoint)"
        " WHERE case_id IS NOT NULL AND superseded_at IS NULL",
        "This round of the complaint has a survey already.",
    )
    _sent_idx = models.Index("(email, sent_at) WHERE sent_at IS NOT NULL")
    _answered_idx = models.Index("(email, answered_at) WHERE answered_at IS NOT NULL")
    _optout_idx = models.Index("(email) WHERE opted_out_at IS NOT NULL")

    @api.depends("case_id.name", "round")
    def _compute_display_name(self):
        for feedback in self:
            # sudo: the number is no secret to whoever may read the feedback.
            name = feedback.case_id.sudo().name or ""
            if feedback.round > 1:
                name = f"{name} ({feedback.round})"
            feedback.display_name = name

    @api.depends("display_name", "case_id.display_name")
    @api.depends_context("lang")
    def _compute_about(self):
        for feedback in self:
            # sudo: as for the number.
            case = feedback.case_id.sudo()
            feedback.about = case.display_name or feedback.display_name

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec.startswith("score"):
            return score_aggregate(
                self, aggregate_spec, query, super()._read_group_select
            )
        return super()._read_group_select(aggregate_spec, query)

    # What people can do ------------------------------------------------------

    def action_cancel(self):
        """Cancel surveys that are not answered yet; supervisors only.

        :raise AccessError: when the user is no supervisor or may not see the survey
        """
        self._check_supervisor()
        # sudo: nobody has write access; this is the way, and it is checked above.
        self.sudo().filtered(lambda f: f.state in WAITING)._cancel("manual")

    def action_send_now(self):
        """Send with the next run of the job instead of on the planned day.

        Also takes up a survey that was cancelled before it was sent, for instance
        because the customer had no address then.

        :raise AccessError: when the user is no supervisor or may not see the survey
        :raise UserError: when it was sent already, or its complaint is open again
        """
        self._check_supervisor()
        # sudo: surveys and their answers are closed to employees.
        feedbacks = self.sudo()
        if feedbacks.filtered(
            lambda f: (
                f.sent_at
                or f.state not in ("planned", "cancelled")
                or f._is_overtaken()
            )
        ):
            raise UserError(
                self.env._(
                    "Only a survey of a closed complaint that was not sent before can "
                    "be sent. A customer is asked once."
                )
            )
        now = fields.Datetime.now()
        feedbacks.write(
            {
                "state": "planned",
                "cancel_reason": False,
                "planned_at": now,
                "next_event_at": now,
            }
        )

    def action_open_case(self):
        """Open the complaint that the survey is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "complaint.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }

    def _check_supervisor(self):
        self.check_access("read")
        if not self.env.user.has_group("complaint_management.group_supervisor"):
            raise AccessError(
                self.env._("Only supervisors may cancel or send surveys.")
            )

    # What the scheduled action does ------------------------------------------

    def _process_events(self, now):
        """Do what is due: send, remind once, or let it expire (F2)."""
        waiting = self.filtered(lambda f: f.state in WAITING)
        # An answer that arrived, although taking it over failed at the time.
        answered = waiting.filtered(lambda f: f.user_input_id.state == "done")
        planned = (waiting - answered).filtered(lambda f: f.state == "planned")
        sent = waiting - planned
        expired = (sent - answered).filtered(lambda f: f.expires_at <= now)
        unreminded = (sent - answered - expired).filtered(lambda f: not f.reminded_at)
        planned._send(now)
        answered._collect_answers()
        expired.write({"state": "expired", "next_event_at": False})
        unreminded._remind(now)
        for feedback in sent - answered - expired - unreminded:
            feedback.next_event_at = feedback.expires_at
        (self - waiting).write({"next_event_at": False})

    # What the customer does ------------------------------------------------------

    def _collect_answers(self):
        """Take over the answers of finished questionnaires (F1).

        Expired and cancelled surveys take no answers; their sheets are closed too.
        """
        open_ones = self.filtered(
            lambda feedback: (
                feedback.state in WAITING and feedback.user_input_id.state == "done"
            )
        )
        for feedback in open_ones:
            values = feedback._read_scores()
            values["comment"] = feedback._read_comment()
            score = values["score"]
            values["level"] = feedback.company_id._complaint_feedback_level(score)
            feedback.write(
                values
                | {
                    "state": "answered",
                    "answered_at": fields.Datetime.now(),
                    "way": feedback.way or "mail",
                    "next_event_at": False,
                }
            )
        open_ones._log_on_cases(lambda feedback: feedback._describe_answer())

    def _read_scores(self):
        """Scores by dimension as field values; nothing for what was left out."""
        found = {}
        recommend = NO_ANSWER
        for line in self.user_input_id.user_input_line_ids:
            question = line.question_id
            dimension = question.complaint_dimension
            value = None if line.skipped else question._complaint_value(line)
            if not dimension or value is None:
                continue
            if dimension == "recommend":
                ends = question.scale_min, question.scale_max
                recommend = round(brought_to(value, *ends, 0, 10))
            else:
                found.setdefault(dimension, []).append(question._complaint_score(value))
        means = {name: mean(scores) for name, scores in found.items()}
        return self._score_values(means, recommend)

    def _score_values(self, means, recommend):
        """Field values of the scores, with those that follow from them.

        :param dict means: score (1 to 10) by dimension; missing or 0: not answered
        :param int recommend: 0 to 10, or NO_ANSWER
        """
        values = {
            f"score_{name}": means.get(name, 0.0)
            for name, _label in DIMENSIONS
            if name != "recommend"
        }
        rated = [means.get(name, 0) for name in (*HANDLING, "effect")]
        return values | {
            "score": means.get("overall") or mean(rated),
            "score_handling": mean(means.get(name, 0) for name in HANDLING),
            "score_outcome": mean(means.get(name, 0) for name in OUTCOME),
            "recommend": recommend,
            "recommend_group": recommend_group(recommend),
        }

    def _read_comment(self):
        lines = self.user_input_id.user_input_line_ids.filtered(
            lambda line: (
                line.answer_type in ("text_box", "char_box")
                and not line.skipped
                and not line.question_id.save_as_email
                and not line.question_id.save_as_nickname
            )
        )
        texts = [line.value_text_box or line.value_char_box or "" for line in lines]
        return "\n\n".join(filter(None, map(str.strip, texts))) or False

    def _describe_answer(self):
        if not self.level:
            return self.env._("Satisfaction survey answered, without a score.")
        levels = dict(self._fields["level"]._description_selection(self.env))
        return self.env._(
            "Satisfaction survey answered: %(score)s out of 10, %(level)s.",
            score=f"{self.score:g}",
            level=levels[self.level],
        )

    def _opt_out(self):
        """The customer declines further surveys: nothing more is sent to them (F2)."""
        self.ensure_one()
        self.opted_out_at = self.opted_out_at or fields.Datetime.now()
        self.partner_id.complaint_feedback_optout = True
        mine = Domain("id", "=", self.id)
        if self.partner_id:
            mine |= Domain("partner_id", "=", self.partner_id.id)
        if self.email:
            mine |= Domain("email", "=", self.email)
        waiting = self.search(Domain("state", "in", WAITING) & mine)
        waiting._cancel("opted_out")
        self._log_on_cases(
            lambda feedback: feedback.env._("The customer declined further surveys.")
        )

    # Helpers ---------------------------------------------------------------------

    def _is_overtaken(self):
        """Whether the complaint went on, so that the question makes no sense."""
        self.ensure_one()
        case = self.case_id
        if not case:
            return False
        is_open = EVENTS[self.touchpoint] == "closed" and case.phase != "closed"
        return is_open or case.round != self.round

    def _cancel(self, reason):
        """Cancel surveys; the links of those already sent stop working."""
        if not self:
            return
        self.user_input_id.filtered(lambda sheet: sheet.state != "done").write(
            {"deadline": fields.Datetime.now()}
        )
        self.write(
            {"state": "cancelled", "cancel_reason": reason, "next_event_at": False}
        )

    def _log_on_cases(self, describe):
        """Put a note on each complaint, in the company's language; it notifies nobody.

        :param describe: called with each feedback, returns the text
        """
        if not self:
            return
        bodies = {}
        for feedback in self:
            # Not that of the customer, whose answer may be what is being told of.
            lang = feedback.company_id.partner_id.lang or self.env.lang
            if feedback.case_id:
                texts = bodies.setdefault(feedback.case_id.id, [])
                texts.append(describe(feedback.with_context(lang=lang)))
        self.case_id._message_log_batch(
            {case_id: " ".join(texts) for case_id, texts in bodies.items()},
            author_id=self.env.ref("base.partner_root").id,
        )
