from uuid import uuid4

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .test_feedback import DAY_1, DAY_2, DAY_6, FeedbackCommon


@tagged("post_install", "-at_install")
class TestFeedbackAnswer(FeedbackCommon):
    def test_scores_land_on_feedback_and_case(self):
        feedback = self._sent()
        scores = {"attitude": 9, "efficiency": 4, "content": 7, "effect": 8}
        with freeze_time(DAY_2):
            self._answer(feedback, {**scores, "overall": 7}, "Too slow,\nbut friendly.")
        self.assertEqual(feedback.state, "answered")
        self.assertEqual(feedback.answered_at, Datetime.to_datetime(DAY_2))
        self.assertFalse(feedback.next_event_at)
        self.assertEqual(feedback.score_attitude, 9)
        self.assertEqual(feedback.score_efficiency, 4)
        self.assertEqual(feedback.score_content, 7)
        self.assertEqual(feedback.score_effect, 8)
        self.assertEqual(feedback.score_support, 0, "left out")
        self.assertEqual(feedback.score_overall, 7)
        self.assertEqual(feedback.score, 7)
        self.assertEqual(feedback.level, "basic")
        self.assertEqual(feedback.comment, "Too slow,\nbut friendly.")
        case = feedback.case_id.with_user(self.handler)
        self.assertEqual(case.satisfaction_score, 7)
        self.assertEqual(case.satisfaction_level, "basic")
        notes = case.message_ids.filtered(lambda m: "7 out of 10" in (m.body or ""))
        self.assertEqual(len(notes), 1)

    def test_handling_and_outcome_are_scored_apart(self):
        feedback = self._sent()
        sheet = feedback.user_input_id
        choices = {
            name: self.questions[name].suggested_answer_ids
            for name in ("settled", "again")
        }
        sheet._save_lines(self.questions["settled"], str(choices["settled"][2].id))
        sheet._save_lines(self.questions["again"], str(choices["again"][1].id))
        self._answer(
            feedback, {"attitude": 10, "effort": 8, "effect": 2, "recommend": 0}
        )
        self.assertEqual(feedback.score_settled, 1)
        self.assertEqual(feedback.score_again, 5.5)
        self.assertEqual(feedback.score_handling, 9)
        self.assertEqual(feedback.score_outcome, 2.83)
        self.assertEqual(feedback.recommend, 0)
        self.assertEqual(feedback.recommend_group, "detractor")

    def test_no_recommendation_is_not_zero(self):
        feedback = self._sent()
        self._answer(feedback, {"overall": 9})
        self.assertEqual(feedback.recommend, -1)
        self.assertFalse(feedback.recommend_group)
        self.assertEqual((feedback.score_handling, feedback.score_outcome), (0, 0))

    def test_levels_by_the_company(self):
        for score, level in (
            (10, "satisfied"),
            (8, "satisfied"),
            (7.99, "basic"),
            (6, "basic"),
            (5.9, "dissatisfied"),
            (0, False),
        ):
            with self.subTest(score=score):
                found = self.company._complaint_feedback_level(score)
                self.assertEqual(found, level)
        feedback = self._sent()
        self._answer(feedback, {"overall": 8})
        self.company.complaint_feedback_threshold_satisfied = 9
        self.assertEqual(feedback.level, "satisfied", "history is not rewritten")
        other = self._sent()
        self._answer(other, {"overall": 8})
        self.assertEqual(other.level, "basic")

    @mute_logger("odoo.sql_db")
    def test_thresholds_and_questionnaire_are_settings(self):
        own = self.survey.copy({"title": "Ours"})
        settings = self.env["res.config.settings"].create(
            {
                "complaint_feedback_threshold_satisfied": 9,
                "complaint_feedback_threshold_basic": 5,
                "complaint_feedback_survey_id": own.id,
            }
        )
        settings.execute()
        feedback = self._sent()
        self.assertEqual(feedback.survey_id, own)
        self.assertEqual(self.company._complaint_feedback_level(8.9), "basic")
        self.assertEqual(self.company._complaint_feedback_level(4.9), "dissatisfied")

    def test_thresholds_make_sense(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.company.write({"complaint_feedback_threshold_basic": 9})
            self.company.flush_recordset()

    def test_own_questionnaire_with_other_scales(self):
        self.team.survey_id = survey = self.survey.copy()
        by_dimension = survey.question_ids.grouped("complaint_dimension")
        by_dimension["overall"].unlink()
        by_dimension["support"].unlink()
        by_dimension["attitude"].write({"scale_min": 1, "scale_max": 5})
        by_dimension["content"].write({"scale_min": 0, "scale_max": 10})
        second = by_dimension["effect"].copy()
        feedback = self._sent()
        sheet = feedback.user_input_id
        for question, value in (
            (by_dimension["attitude"], "5"),
            (by_dimension["content"], "0"),
            (by_dimension["effect"], "4"),
            (second, "7"),
            (by_dimension["efficiency"], ""),
        ):
            sheet._save_lines(question, value)
        sheet._mark_done()
        self.assertEqual(feedback.score_attitude, 10)
        self.assertEqual(feedback.score_content, 1)
        self.assertEqual(feedback.score_effect, 5.5)
        self.assertEqual(feedback.score_efficiency, 0)
        self.assertEqual(
            feedback.score, 5.5, "the average, for want of an overall score"
        )
        self.assertEqual(feedback.level, "dissatisfied")

    def test_dimension_only_on_scales(self):
        question = self.questions["attitude"].copy()
        self.assertEqual(question.complaint_dimension, "attitude")
        question.question_type = "text_box"
        self.assertFalse(question.complaint_dimension)

    def test_answer_that_was_not_taken_over_is_by_the_job(self):
        feedback = self._sent()
        sheet = feedback.user_input_id
        sheet._save_lines(self.questions["overall"], "3")
        sheet.write({"state": "done"})
        self._run_job(DAY_6)
        self.assertEqual(feedback.state, "answered")
        self.assertEqual(feedback.level, "dissatisfied")
        self.assertEqual(len(self._mails(feedback)), 1)

    def test_other_surveys_are_left_alone(self):
        sheet = self.survey._create_answer(
            email="somebody@else.example.com", check_attempts=False
        )
        sheet._mark_done()
        self.assertEqual(sheet.state, "done")
        self.assertFalse(sheet.complaint_feedback_id)

    def test_latest_answer_counts_on_the_case(self):
        feedback = self._sent()
        case = feedback.case_id
        with freeze_time(DAY_1):
            self._answer(feedback, {"overall": 2})
        with freeze_time(DAY_2):
            case._reopen("Not settled after all.")
            case.answer = "<p>You get your money back.</p>"
            case.with_user(self.handler).action_answer()
            case._customer_accept()
        self.assertEqual(case.satisfaction_score, 2, "an answer outlives reopening")
        self._run_job(DAY_6)
        second = case.feedback_ids.filtered(lambda f: f.round == 2)
        with freeze_time(DAY_6):
            self._answer(second, {"overall": 10})
        self.assertEqual(case.satisfaction_score, 10)
        self.assertEqual(case.satisfaction_level, "satisfied")

    def test_averages_leave_out_who_said_nothing(self):
        answered, silent = self._sent(), self._sent()
        self._answer(answered, {"overall": 9, "attitude": 5})
        partly = self._sent()
        self._answer(partly, {"overall": 4})
        feedbacks = answered | silent | partly
        self.env.flush_all()
        [row] = self.env["complaint.feedback"]._read_group(
            [("id", "in", feedbacks.ids)],
            [],
            ["score_overall:avg", "score_attitude:avg", "score_support:avg", "__count"],
        )
        self.assertEqual(row[:2], (6.5, 5))
        self.assertFalse(row[2])
        self.assertEqual(row[3], 3)
        [[average]] = self.env["complaint.case"]._read_group(
            [("id", "in", feedbacks.case_id.ids)], [], ["satisfaction_score:avg"]
        )
        self.assertEqual(average, 6.5)


@tagged("post_install", "-at_install")
class TestFeedbackRights(FeedbackCommon):
    def test_staff_read_and_do_not_touch(self):
        feedback = self._sent()
        self._answer(feedback, {"overall": 2})
        for user in (self.handler, self.supervisor, self.manager, self.auditor):
            with self.subTest(user=user.login):
                mine = feedback.with_user(user)
                self.assertEqual(mine.score_overall, 2)
                with self.assertRaises(AccessError):
                    mine.write({"score_overall": 10})
                with self.assertRaises(AccessError):
                    mine.unlink()
                with self.assertRaises(AccessError):
                    mine.read(["user_input_id"])

    def test_others_see_nothing(self):
        feedback = self._sent()
        model = self.env["complaint.feedback"]
        self.assertFalse(
            model.with_user(self.stranger).search([("id", "=", feedback.id)])
        )
        for user in (self.employee, self.customer, self.env.ref("base.public_user")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                feedback.with_user(user).read(["state"])
        with self.assertRaises(AccessError):
            feedback.case_id.with_user(self.customer).read(["satisfaction_score"])

    def test_cancel_is_for_supervisors(self):
        feedback = self._sent()
        for user in (self.handler, self.auditor, self.customer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                feedback.with_user(user).action_cancel()
        feedback.with_user(self.supervisor).action_cancel()
        self.assertEqual(feedback.cancel_reason, "manual")
        self._answer(feedback, {"overall": 1})
        self.assertEqual(feedback.state, "cancelled")

    def test_send_now(self):
        case = self._closed()
        feedback = case.feedback_ids
        with self.assertRaises(AccessError):
            feedback.with_user(self.handler).action_send_now()
        with freeze_time("2026-03-02 10:00:00"):
            feedback.with_user(self.supervisor).action_send_now()
        self._run_job("2026-03-02 10:05:00")
        self.assertEqual(feedback.state, "sent")
        with self.assertRaises(UserError):
            feedback.with_user(self.supervisor).action_send_now()

    def test_confidential(self):
        feedback = self._sent(is_confidential=True)
        with self.assertRaises(AccessError):
            feedback.with_user(self.colleague).read(["state"])


@tagged("post_install", "-at_install")
class TestFeedbackPages(FeedbackCommon, HttpCase):
    """The customer's way, through the real public routes."""

    def setUp(self):
        super().setUp()
        case = self._answered()
        case._customer_accept()
        self.feedback = case.feedback_ids
        now = Datetime.now()
        self.feedback.write({"planned_at": now, "next_event_at": now})
        self.feedback._process_events(now)
        self.sheet = self.feedback.user_input_id
        self.page = f"/survey/{self.survey.access_token}/{self.sheet.access_token}"
        self.submit = self.page.replace("/survey/", "/survey/submit/")

    def _link(self):
        """The link that stands behind the button in the mail."""
        body = self._mails(self.feedback).body_html
        start = body.index("/survey/start/")
        return body[start : body.index('"', start)].replace("&amp;", "&")

    def _begin(self):
        return self.make_jsonrpc_request(
            self.page.replace("/survey/", "/survey/begin/"), {}
        )

    def _submit(self, scores, comment=""):
        answers = {str(self.questions[name].id): str(v) for name, v in scores.items()}
        answers[str(self.questions["comment"].id)] = comment
        return self.make_jsonrpc_request(self.submit, answers)

    def test_answered_from_the_mail_without_login(self):
        response = self.url_open(self._link())
        self.assertEqual(response.status_code, 200)
        self.assertIn("How did we handle your complaint?", response.text)
        # A mail scanner comes as far as this, however often: that is no vote.
        self.url_open(self._link())
        self.env.invalidate_all()
        self.assertEqual(self.sheet.state, "new")
        self.assertEqual(self.feedback.state, "sent")

        _nothing, content = self._begin()
        self.assertIn("How friendly and respectful were we?", content["survey_content"])
        _nothing, problem = self._submit({"attitude": 9})
        self.assertEqual(problem["error"], "validation", "the overall score is asked")
        self.env.invalidate_all()
        self.assertEqual(self.feedback.state, "sent")

        scores = {
            "attitude": 10,
            "efficiency": 8,
            "content": 9,
            "effect": 7,
            "support": 6,
            "overall": 9,
        }
        _nothing, content = self._submit(scores, "Thank you, <b>Ann</b>")
        self.assertIn("Thank you!", content["survey_content"])
        self.env.invalidate_all()
        self.assertEqual(self.feedback.state, "answered")
        for dimension, score in scores.items():
            self.assertEqual(self.feedback[f"score_{dimension}"], score)
        self.assertEqual(self.feedback.comment, "Thank you, <b>Ann</b>")
        self.assertEqual(self.feedback.case_id.satisfaction_score, 9)
        self.assertEqual(self.feedback.case_id.satisfaction_level, "satisfied")

        _nothing, problem = self._submit({"overall": 1})
        self.assertEqual(problem["error"], "unauthorized", "one vote each")
        self.url_open(self.page.replace("/survey/", "/survey/retry/"))
        self.env.invalidate_all()
        self.assertEqual(len(self.survey.user_input_ids), 1, "no second sheet either")
        self.assertEqual(self.feedback.case_id.satisfaction_score, 9)

    def test_expired(self):
        self.sheet.deadline = Datetime.subtract(Datetime.now(), minutes=1)
        self._begin()
        _nothing, problem = self._submit({"overall": 10})
        self.assertEqual(problem["error"], "answer_deadline")
        self.env.invalidate_all()
        self.assertEqual(self.feedback.state, "sent")
        self.assertIn("expired", self.url_open(self._link()).text.lower())

    def test_reopened_case_closes_the_link(self):
        self.feedback.case_id._reopen("It leaks again.")
        _nothing, problem = self._begin()
        self.assertEqual(problem["error"], "answer_deadline")

    def test_guessed_and_foreign_tokens(self):
        for url in (
            f"/survey/submit/{self.survey.access_token}/{uuid4()}",
            f"/survey/submit/{self.survey.access_token}/{self.survey.access_token}",
        ):
            _nothing, problem = self.make_jsonrpc_request(url, {})
            self.assertEqual(problem["error"], "token_wrong")
        self.env.invalidate_all()
        self.assertEqual(self.sheet.state, "new")

    def test_logged_in_as_somebody_else(self):
        self.authenticate("cm_cas", "cm_cas")
        self.assertEqual(self._begin()[1].get("error"), None)
        self.authenticate("cm_handler", "cm_handler")
        _nothing, problem = self._submit({"overall": 10})
        self.assertEqual(problem["error"], "answer_wrong_user", "staff do not vote")

    def test_archived_questionnaire(self):
        self.survey.action_archive()
        response = self.url_open(self._link())
        self.assertEqual(response.status_code, 200)
        self.assertNotIn("Start Survey", response.text)

    def test_opt_out(self):
        planned = self._answered()
        planned._customer_accept()
        url = self.feedback._get_optout_url()
        page = self.url_open(url)
        self.assertIn("Stop satisfaction surveys?", page.text)
        self.env.invalidate_all()
        partner = self.customer.partner_id
        self.assertFalse(partner.complaint_feedback_optout, "looking changes nothing")

        page = self.url_open(url, data={"List-Unsubscribe": "One-Click"})
        self.assertIn("no more surveys", page.text)
        self.env.invalidate_all()
        self.assertTrue(partner.complaint_feedback_optout)
        self.assertTrue(self.feedback.opted_out_at)
        for feedback in self.feedback | planned.feedback_ids:
            self.assertEqual(feedback.cancel_reason, "opted_out")

    def test_opt_out_of_others_is_impossible(self):
        other = self._answered(partner_id=self.other_customer.partner_id.id)
        other._customer_accept()
        feedback = other.feedback_ids
        token = self.feedback._get_optout_token()
        for target in (f"{feedback.id}/{token}", f"{self.feedback.id}/{token[::-1]}"):
            url = f"/complaint/feedback/optout/{target}"
            response = self.url_open(url, data={"x": "y"})
            self.assertEqual(response.status_code, 404)
        self.env.invalidate_all()
        self.assertFalse(self.other_customer.partner_id.complaint_feedback_optout)
        self.assertFalse(self.customer.partner_id.complaint_feedback_optout)
