from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .common import MODULE, ComplaintCommon

DAY_0 = "2026-03-02 09:00:00"
DAY_1 = "2026-03-03 09:05:00"
DAY_2 = "2026-03-04 09:05:00"
DAY_6 = "2026-03-08 09:10:00"
DAY_30 = "2026-04-01 09:10:00"


class FeedbackCommon(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env.ref(f"{MODULE}.complaint_survey")
        cls.questions = {
            question.complaint_dimension or "comment": question
            for question in cls.survey.question_ids
        }

    def _closed(self, when=DAY_0, **values):
        """A case that the customer accepted the answer of."""
        with freeze_time(when):
            case = self._answered(date_received=when, **values)
            # As the portal does it: with the customer's user, checked beforehand.
            case.with_user(self.customer).sudo()._customer_accept()
            case.flush_recordset()
        return case

    def _run_job(self, when):
        with freeze_time(when), self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_feedback").method_direct_trigger()
        self.env.invalidate_all()

    def _sent(self, **values):
        case = self._closed(**values)
        self._run_job(DAY_1)
        self.assertEqual(case.feedback_ids.state, "sent")
        return case.feedback_ids

    def _mails(self, feedback):
        return self.env["mail.mail"].search(
            [("model", "=", "complaint.case"), ("res_id", "=", feedback.case_id.id)]
        ).filtered(lambda mail: "/survey/start/" in (mail.body_html or ""))

    def _answer(self, feedback, scores, comment=False):
        """Fill in the answer sheet as the survey's own pages do."""
        sheet = feedback.user_input_id
        for name, value in scores.items():
            sheet._save_lines(self.questions[name], str(value))
        if comment:
            sheet._save_lines(self.questions["comment"], comment)
        public = self.env.ref("base.public_user")
        sheet.with_user(public).sudo()._mark_done()


@tagged("post_install", "-at_install")
class TestFeedbackPlanning(FeedbackCommon):
    def test_planned_when_the_customer_closes(self):
        case = self._closed(order_id=self.order.id)
        feedback = case.feedback_ids
        self.assertEqual(feedback.state, "planned")
        self.assertEqual(feedback.planned_at, Datetime.to_datetime("2026-03-03 09:00:00"))
        self.assertEqual(feedback.next_event_at, feedback.planned_at)
        self.assertEqual(feedback.partner_id, self.customer.partner_id)
        self.assertEqual(feedback.email, "ann@acme.example.com")
        self.assertEqual(feedback.user_id, self.handler)
        self.assertEqual(feedback.team_id, self.team)
        self.assertEqual(feedback.order_id, self.order)
        self.assertEqual(feedback.category_id, self.category)
        self.assertFalse(feedback.survey_id)

    def test_delay_of_the_company(self):
        self.company.complaint_feedback_delay_days = 3
        self.assertEqual(
            self._closed().feedback_ids.planned_at,
            Datetime.to_datetime("2026-03-05 09:00:00"),
        )

    def test_switched_off(self):
        self.company.complaint_feedback_enabled = False
        self.assertFalse(self._closed().feedback_ids)

    def test_nothing_is_sent_before_its_time(self):
        case = self._closed()
        self._run_job("2026-03-03 08:59:00")
        self.assertEqual(case.feedback_ids.state, "planned")
        self.assertFalse(self._mails(case.feedback_ids))

    def test_history_is_not_surveyed(self):
        history = self.env["complaint.case"].with_context(complaint_history=True)
        closed = self.env["complaint.stage"].search([("phase", "=", "closed")], limit=1)
        case = history.create(
            self._case_values(stage_id=closed.id, outcome="settled")
        )
        case._feedback_plan()
        self.assertFalse(case.feedback_ids)

    def test_closed_too_long_ago(self):
        case = self._closed()
        case.feedback_ids.unlink()
        with freeze_time(DAY_30):
            case._feedback_plan()
        self.assertFalse(case.feedback_ids)

    def test_planning_again_changes_nothing(self):
        case = self._closed()
        feedback = case.feedback_ids
        with freeze_time(DAY_0):
            case._feedback_plan()
        self.assertEqual(case.feedback_ids, feedback)

    @mute_logger("odoo.sql_db")
    def test_two_surveys_for_a_round_are_impossible(self):
        case = self._closed()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env["complaint.feedback"].create(
                {"case_id": case.id, "round": 1, "company_id": self.company.id}
            )

    def test_planning_costs_a_fixed_number_of_queries(self):
        stages = self.env["complaint.stage"]
        closed = stages.search([("phase", "=", "closed")], limit=1)
        partners = self.env["res.partner"].create(
            [
                {"name": f"Customer {i}", "email": f"customer{i}@many.example.com"}
                for i in range(110)
            ]
        )
        # A few who are not to be asked, in both batches.
        partners[3].complaint_feedback_optout = True
        partners[43].complaint_feedback_optout = True
        cases = (
            self.env["complaint.case"]
            .with_context(complaint_history=True)
            .create(
                [
                    self._case_values(
                        partner_id=partner.id, stage_id=closed.id, outcome="settled"
                    )
                    for partner in partners
                ]
            )
            .with_context(complaint_history=False)
        )
        counts = []
        for batch in (cases[:1], cases[1:10], cases[10:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            batch._feedback_plan()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[2], counts[1], "100 cases cost what 9 cost")
        self.assertLess(counts[2], 40)
        states = cases.feedback_ids.grouped("state")
        self.assertEqual(len(states["planned"]), 108)
        self.assertEqual(len(states["cancelled"]), 2)


@tagged("post_install", "-at_install")
class TestFeedbackObstacles(FeedbackCommon):
    def assertNotAsked(self, case, reason):  # noqa: N802 (unittest's style)
        self.env.invalidate_all()
        feedback = case.feedback_ids
        self.assertEqual(feedback.state, "cancelled")
        self.assertEqual(feedback.cancel_reason, reason)
        self.assertFalse(feedback.next_event_at)

    def test_opted_out(self):
        self.customer.partner_id.complaint_feedback_optout = True
        self.assertNotAsked(self._closed(), "opted_out")

    def test_company_opted_out_for_its_people(self):
        self.acme.complaint_feedback_optout = True
        self.assertNotAsked(self._closed(), "opted_out")

    def test_opted_out_between_planning_and_sending(self):
        case = self._closed()
        self.customer.partner_id.complaint_feedback_optout = True
        self._run_job(DAY_1)
        self.assertNotAsked(case, "opted_out")
        self.assertFalse(self._mails(case.feedback_ids))

    def test_opted_out_before_the_reminder(self):
        feedback = self._sent()
        self.customer.partner_id.complaint_feedback_optout = True
        self._run_job(DAY_6)
        self.assertNotAsked(feedback.case_id, "opted_out")
        self.assertEqual(len(self._mails(feedback)), 1)

    def test_employee(self):
        case = self._closed(partner_id=self.employee.partner_id.id)
        case_by_address = self._closed(
            partner_id=False, partner_name="N. N.", email_from="handler@staff.example.com"
        )
        self.assertNotAsked(case, "staff")
        self.assertNotAsked(case_by_address, "staff")

    def test_no_address_and_one_given_later(self):
        partner = self.env["res.partner"].create({"name": "By letter"})
        case = self._closed(partner_id=partner.id)
        self.assertNotAsked(case, "no_email")
        case.email_from = "letter@home.example.com"
        case.feedback_ids.with_user(self.supervisor).action_send_now()
        self._run_job(Datetime.add(Datetime.now(), minutes=1))
        self.assertEqual(case.feedback_ids.state, "sent")
        self.assertIn("letter@home.example.com", self._mails(case.feedback_ids).email_to)

    def test_withdrawn(self):
        case = self._case(user_id=self.handler.id)
        case.with_user(self.handler)._withdraw("He found the receipt.")
        self.assertNotAsked(case, "withdrawn")

    def test_merged(self):
        case = self._case(user_id=self.handler.id)
        case._move_to("closed", outcome="merged")
        self.assertNotAsked(case, "merged")

    def test_reopened(self):
        feedback = self._sent()
        case = feedback.case_id
        with freeze_time(DAY_2):
            case.with_user(self.supervisor)._reopen("The new kettle leaks too.")
            self.assertNotAsked(case, "reopened")
            self.assertLessEqual(feedback.user_input_id.deadline, Datetime.now())
            case.with_user(self.handler).action_answer()
            case._customer_accept()
        self._run_job("2026-03-05 10:00:00")
        first, second = case.feedback_ids.sorted("round")
        self.assertEqual((first.state, second.state), ("cancelled", "sent"))
        self.assertEqual(second.round, 2)
        self.assertEqual(len(self._mails(second)), 2)

    def test_archived_questionnaire(self):
        self.survey.action_archive()
        case = self._closed()
        self.assertEqual(case.phase, "closed")
        self.assertEqual(case.feedback_ids.state, "planned")
        self._run_job(DAY_1)
        self.assertNotAsked(case, "no_survey")

    def test_archived_after_sending(self):
        feedback = self._sent()
        self.survey.action_archive()
        self._run_job(DAY_6)
        self.assertNotAsked(feedback.case_id, "no_survey")
        self.assertEqual(len(self._mails(feedback)), 1)

    def test_deleted_questionnaire(self):
        feedback = self._sent()
        case = self._closed()
        self.survey.unlink()
        self._run_job(DAY_6)
        self.assertNotAsked(feedback.case_id, "no_survey")
        self.assertNotAsked(case, "no_survey")

    def test_questionnaire_of_the_team(self):
        self.team.survey_id = own = self.survey.copy({"title": "Retail"})
        self.company.complaint_feedback_survey_id = self.survey.copy()
        self.assertEqual(self._sent().survey_id, own)
        self.assertTrue(own.is_complaint_survey)
        self.assertIn("overall", own.question_ids.mapped("complaint_dimension"))

    def test_job_was_down_for_weeks(self):
        case = self._closed()
        self._run_job(DAY_30)
        self.assertNotAsked(case, "late")

    def test_deleted_mail_template_is_reported_and_others_go_out(self):
        self.env.ref(f"{MODULE}.mail_template_feedback_reminder").unlink()
        reminded = self._sent()
        with freeze_time("2026-03-07 09:00:00"):
            case = self._answered()
            case._customer_accept()
        with self.assertLogs("odoo", "WARNING"), self.assertRaises(UserError):
            self._run_job(DAY_6)
        self.env.invalidate_all()
        self.assertEqual(reminded.state, "sent")
        self.assertIn("mail_template_feedback_reminder", reminded.event_error)
        self.assertEqual(case.feedback_ids.state, "sent")


@tagged("post_install", "-at_install")
class TestFeedbackSending(FeedbackCommon):
    def test_sent_once(self):
        feedback = self._sent()
        case = feedback.case_id
        self.assertEqual(feedback.survey_id, self.survey)
        self.assertEqual(feedback.expires_at, Datetime.add(feedback.sent_at, days=21))
        mail = self._mails(feedback)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.state, "outgoing", "sent by the mail queue, not the job")
        self.assertIn("ann@acme.example.com", mail.email_to)
        self.assertIn(case.name, mail.subject)
        self.assertIn(feedback.user_input_id.access_token, mail.body_html)
        self.assertIn(feedback._get_optout_url(), mail.body_html)
        self.assertIn("List-Unsubscribe", mail.headers)
        self.assertNotIn("The kettle leaks", mail.body_html)
        self._run_job(DAY_1)
        self._run_job(DAY_2)
        with freeze_time(DAY_2):
            case._feedback_plan()
        self._run_job(DAY_2)
        self.assertEqual(self._mails(feedback), mail)
        self.assertEqual(len(case.feedback_ids), 1)

    def test_case_shows_it_without_the_link(self):
        feedback = self._sent()
        messages = feedback.case_id.with_user(self.handler).message_ids
        notes = messages.filtered(lambda m: "survey sent" in (m.body or ""))
        self.assertEqual(len(notes), 1)
        self.assertTrue(notes.is_internal)
        self.assertFalse(notes.partner_ids | notes.notified_partner_ids)
        token = feedback.user_input_id.access_token
        self.assertFalse([m.body for m in messages if token in (m.body or "")])
        mail_message = self._mails(feedback).mail_message_id
        self.assertEqual(mail_message.model, "complaint.case")
        for user in (self.handler, self.manager, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                mail_message.with_user(user).read(["body"])

    def test_one_reminder_then_expired(self):
        feedback = self._sent()
        self._run_job("2026-03-08 08:00:00")
        self.assertFalse(feedback.reminded_at)
        self._run_job(DAY_6)
        self.assertTrue(feedback.reminded_at)
        self.assertEqual(len(self._mails(feedback)), 2)
        self.assertEqual(feedback.next_event_at, feedback.expires_at)
        self._run_job("2026-03-15 09:10:00")
        self.assertEqual(len(self._mails(feedback)), 2)
        self._run_job(DAY_30)
        self.assertEqual(feedback.state, "expired")
        self.assertFalse(feedback.next_event_at)
        self.assertEqual(len(self._mails(feedback)), 2)

    def test_answer_after_expiry_is_not_accepted(self):
        feedback = self._sent()
        self._run_job(DAY_30)
        self._answer(feedback, {"overall": 1})
        self.assertEqual(feedback.state, "expired")
        self.assertFalse(feedback.case_id.satisfaction_level)

    def test_no_reminder(self):
        self.company.complaint_feedback_reminder_days = 0
        feedback = self._sent()
        self.assertEqual(feedback.next_event_at, feedback.expires_at)

    def test_expired_while_the_job_was_down(self):
        feedback = self._sent()
        self._run_job(DAY_30)
        self.assertEqual(feedback.state, "expired")
        self.assertEqual(len(self._mails(feedback)), 1, "no reminder of a closed link")

    def test_no_reminder_for_who_answered(self):
        feedback = self._sent()
        self._answer(feedback, {"overall": 9})
        self._run_job(DAY_6)
        self.assertEqual(feedback.state, "answered")
        self.assertEqual(len(self._mails(feedback)), 1)

    def test_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref(f"{MODULE}.mail_template_feedback_invite")
        template.with_context(lang="fr_FR").subject = "Votre avis ?"
        self.customer.partner_id.lang = "fr_FR"
        feedback = self._sent()
        self.assertEqual(self._mails(feedback).subject, "Votre avis ?")
        self.assertEqual(feedback.user_input_id.lang_id.code, "fr_FR")

    def test_guest(self):
        feedback = self._sent(
            partner_id=False, partner_name="Gus", email_from="Gus <GUS@guest.example.com>"
        )
        self.assertEqual(feedback.email, "gus@guest.example.com")
        self.assertEqual(feedback.user_input_id.email, "gus@guest.example.com")
        self.assertFalse(feedback.user_input_id.partner_id)
        feedback._opt_out()
        later = self._closed(
            when=DAY_2, partner_id=False, email_from="gus@guest.example.com"
        )
        self.assertEqual(later.feedback_ids.cancel_reason, "opted_out")

    def test_job_cost_per_survey(self):
        for _i in range(2):
            self._closed()
        self._run_job(DAY_1)  # fills the caches
        counts = []
        for amount in (5, 20):
            for _i in range(amount):
                self._closed(when=DAY_1)
            with freeze_time(DAY_2), self.enter_registry_test_mode():
                job = self.env["complaint.feedback"]
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                job._cron_process_due()
                self.env.flush_all()
                counts.append(self.cr.sql_log_count - before)
        each = (counts[1] - counts[0]) / 15
        self.assertLess(each, 16, f"queries for each survey sent: {each}")

    def test_nothing_due_costs_one_query(self):
        job = self.env["complaint.feedback"]
        with freeze_time("2020-01-01"), self.enter_registry_test_mode():
            self.env.flush_all()
            with self.assertQueryCount(1):
                job._cron_process_due()


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
        self.assertEqual(feedback.score, 5.5, "the average, for want of an overall score")
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
        self.assertFalse(model.with_user(self.stranger).search([("id", "=", feedback.id)]))
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
            self.submit[:-4] + "0000",
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
        for target in (f"{feedback.id}/{token}", f"{self.feedback.id}/{token[:-1]}0"):
            url = f"/complaint/feedback/optout/{target}"
            response = self.url_open(url, data={"x": "y"})
            self.assertEqual(response.status_code, 404)
        self.env.invalidate_all()
        self.assertFalse(self.other_customer.partner_id.complaint_feedback_optout)
        self.assertFalse(self.customer.partner_id.complaint_feedback_optout)
