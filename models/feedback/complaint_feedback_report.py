from odoo import api, fields, models
from odoo.tools import SQL

from ..constants import CUSTOMER_TYPES
from .complaint_feedback import LEVELS, WAYS
from .complaint_touchpoint import TOUCHPOINTS
from .scoring import RECOMMENDS

#: Scores that are compared; a row also has the number of answers of each.
SCORES = (
    "score",
    "score_handling",
    "score_outcome",
    "score_attitude",
    "score_efficiency",
    "score_content",
    "score_effect",
    "score_support",
    "score_settled",
    "score_again",
    "score_effort",
)

#: Which surveys ``f`` have a row: what the customer could answer, or did. One that the
#: company took back was no question; who declined in answer to it was asked. What was
#: corrected counts as corrected.
IS_ASKED = SQL(
    """
    (
        f.state IN ('sent', 'answered', 'expired')
        OR (f.state = 'cancelled' AND f.sent_at IS NOT NULL
            AND f.cancel_reason = 'opted_out')
    )
    AND f.superseded_at IS NULL
    -- Begun on site and not finished: nobody was asked.
    AND (f.touchpoint <> 'visit' OR f.state = 'answered')
    """
)


def _score(label):
    return fields.Float(string=label, digits=(4, 2), readonly=True, aggregator="avg")


def _answers(label):
    return fields.Integer(string=label, readonly=True)


class ComplaintFeedbackReport(models.Model):
    """What customers said, in figures: one row for each survey that was sent, or
    answered without being sent, as on site or by telephone.

    Scores and shares are NULL where the question was not answered (or not asked), so
    that averages are of answers alone; beside each there is the number of answers. A
    survey that the company took back before it was answered has no row. Moments are in
    UTC. Nothing is stored; the rules are those of the surveys.
    """

    _name = "complaint.feedback.report"
    _description = "Satisfaction in Figures"
    _auto = False
    _order = "asked_at desc, id desc"
    _rec_name = "case_id"
    _depends = {
        "complaint.case": ["channel_id", "customer_type", "nature", "product_id"],
        "complaint.feedback": [
            "answered_at",
            "cancel_reason",
            "case_id",
            "category_id",
            "comment",
            "company_id",
            "level",
            "partner_id",
            "recommend",
            "recommend_group",
            "sent_at",
            "state",
            "survey_id",
            "team_id",
            "touchpoint",
            "user_id",
            "way",
            *SCORES,
        ],
        "res.partner": ["category_id", "commercial_partner_id", "lang"],
    }

    feedback_id = fields.Many2one(
        comodel_name="complaint.feedback", string="Survey", readonly=True
    )
    case_id = fields.Many2one(
        comodel_name="complaint.case", string="Complaint", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)

    # When
    asked_at = fields.Datetime(
        string="Asked at",
        readonly=True,
        help="When the survey was sent. Where none was, as on site: when it was "
        "answered.",
    )
    answered_at = fields.Datetime(string="Answer received on", readonly=True)

    # About what, and of whom
    touchpoint = fields.Selection(selection=TOUCHPOINTS, string="Asked", readonly=True)
    way = fields.Selection(selection=WAYS, string="Way of the answer", readonly=True)
    survey_id = fields.Many2one(
        comodel_name="survey.survey", string="Questionnaire", readonly=True
    )
    team_id = fields.Many2one(comodel_name="complaint.team", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Handler", readonly=True)
    category_id = fields.Many2one(comodel_name="complaint.category", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    channel_id = fields.Many2one(comodel_name="complaint.channel", readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    customer_type = fields.Selection(selection=CUSTOMER_TYPES, readonly=True)
    lang = fields.Selection(
        selection="_list_languages", string="Language", readonly=True
    )

    # How many
    sent = fields.Integer(string="Surveys sent", readonly=True)
    answered = fields.Integer(string="Answers", readonly=True)
    sent_answered = fields.Integer(
        string="Answers to surveys sent",
        readonly=True,
        help="Without those on site, by telephone or on paper to which no survey was "
        "sent.",
    )
    still_open = fields.Integer(
        string="Still open",
        readonly=True,
        help="Not answered so far, and the link still works.",
    )
    response_rate = fields.Float(
        string="Response rate",
        readonly=True,
        aggregator="avg",
        help="Share of the surveys sent that were answered. Those still open count as "
        "not answered so far; an answer without a survey, as on site, is in no share.",
    )

    # Verdict
    level = fields.Selection(selection=LEVELS, string="Verdict", readonly=True)
    is_satisfied = fields.Float(
        string="CSAT",
        readonly=True,
        aggregator="avg",
        help="Share of the answers with a verdict that are satisfied or basically "
        "satisfied.",
    )
    is_fully_satisfied = fields.Float(
        string="Fully satisfied",
        readonly=True,
        aggregator="avg",
        help="Share of the answers with a verdict that are satisfied, not only "
        "basically.",
    )
    answers_verdict = _answers("Answers: verdict")

    # Recommendation
    recommend_group = fields.Selection(
        selection=RECOMMENDS, string="Recommendation", readonly=True
    )
    net_promoter = fields.Float(
        string="NPS",
        digits=(6, 1),
        readonly=True,
        aggregator="avg",
        help="Net promoter score, -100 to 100: share of promoters less share of "
        "detractors, among those who answered the question.",
    )
    promoters = fields.Integer(readonly=True)
    detractors = fields.Integer(readonly=True)
    answers_recommend = _answers("Answers: recommendation")

    # Scores, 1 to 10; each with the number of its answers
    score = _score("Score")
    score_handling = _score("Handling")
    score_outcome = _score("Outcome")
    score_attitude = _score("Attitude")
    score_efficiency = _score("Efficiency")
    score_content = _score("Content")
    score_effect = _score("Effect")
    score_support = _score("Support")
    score_settled = _score("Matter settled")
    score_again = _score("Would buy again")
    score_effort = fields.Float(
        string="CES",
        digits=(4, 2),
        readonly=True,
        aggregator="avg",
        help="Customer effort, 1 to 10: 10 is no effort at all.",
    )
    answers_score = _answers("Answers: score")
    answers_handling = _answers("Answers: handling")
    answers_outcome = _answers("Answers: outcome")
    answers_attitude = _answers("Answers: attitude")
    answers_efficiency = _answers("Answers: efficiency")
    answers_content = _answers("Answers: content")
    answers_effect = _answers("Answers: effect")
    answers_support = _answers("Answers: support")
    answers_settled = _answers("Answers: matter settled")
    answers_again = _answers("Answers: would buy again")
    answers_effort = _answers("Answers: effort")

    comment = fields.Text(readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT f.id, f.id AS feedback_id, f.case_id, f.company_id,
                   COALESCE(f.sent_at, f.answered_at) AS asked_at, f.answered_at,
                   f.touchpoint, f.way, f.survey_id, f.team_id, f.user_id,
                   f.category_id, c.product_id, c.channel_id, f.partner_id,
                   c.customer_type, p.lang,
                   (f.sent_at IS NOT NULL)::int AS sent,
                   (f.state = 'answered')::int AS answered,
                   (f.sent_at IS NOT NULL AND f.state = 'answered')::int
                       AS sent_answered,
                   (f.state = 'sent')::int AS still_open,
                   CASE WHEN f.sent_at IS NOT NULL
                        THEN (f.state = 'answered')::int END AS response_rate,
                   f.level,
                   (f.level IN ('satisfied', 'basic'))::int AS is_satisfied,
                   (f.level = 'satisfied')::int AS is_fully_satisfied,
                   (f.level IS NOT NULL)::int AS answers_verdict,
                   f.recommend_group,
                   CASE f.recommend_group
                       WHEN 'promoter' THEN 100
                       WHEN 'passive' THEN 0
                       WHEN 'detractor' THEN -100
                   END AS net_promoter,
                   COALESCE(f.recommend_group = 'promoter', FALSE)::int AS promoters,
                   COALESCE(f.recommend_group = 'detractor', FALSE)::int AS detractors,
                   (f.recommend_group IS NOT NULL)::int AS answers_recommend,
                   %(scores)s,
                   f.comment
              FROM complaint_feedback f
              LEFT JOIN complaint_case c ON c.id = f.case_id
              LEFT JOIN res_partner p ON p.id = f.partner_id
             WHERE %(is_asked)s
            """,
            is_asked=IS_ASKED,
            scores=SQL(", ").join(self._scores_sql()),
        )

    def _scores_sql(self):
        """Each score and its number of answers; zero stands for no answer there."""
        for name in SCORES:
            column = SQL.identifier("f", name)
            count = SQL.identifier(self._answers_of(name))
            yield SQL("NULLIF(%s, 0) AS %s", column, SQL.identifier(name))
            yield SQL("(COALESCE(%s, 0) <> 0)::int AS %s", column, count)

    @api.model
    def _answers_of(self, score):
        """Name of the field with the number of answers of a score."""
        return f"answers_{score.removeprefix('score_')}"

    @api.model
    def _list_languages(self):
        return self.env["res.lang"].get_installed()

    @api.readonly
    def action_view_feedback(self):
        """Open the survey.

        :raise AccessError: when the user may not read it
        """
        self.ensure_one()
        return self.feedback_id._get_records_action()
