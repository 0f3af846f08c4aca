from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.fields import Datetime
from odoo.tests import freeze_time, tagged
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
        # Tests tell of many surveys in a few days.
        cls.company.complaint_feedback_cooldown_days = 0
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
        return (
            self.env["mail.mail"]
            .search(
                [("model", "=", "complaint.case"), ("res_id", "=", feedback.case_id.id)]
            )
            .filtered(lambda mail: "/survey/start/" in (mail.body_html or ""))
        )

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
        self.assertEqual(
            feedback.planned_at, Datetime.to_datetime("2026-03-03 09:00:00")
        )
        self.assertEqual(feedback.next_event_at, feedback.planned_at)
        self.assertEqual(feedback.partner_id, self.customer.partner_id)
        self.assertEqual(feedback.email, "ann@acme.example.com")
        self.assertEqual(feedback.user_id, self.handler)
        self.assertEqual(feedback.team_id, self.team)
        self.assertEqual(feedback.order_id, self.order)
        self.assertEqual(feedback.category_id, self.category)
        self.assertFalse(feedback.survey_id)

    def test_delay_of_the_company(self):
        self.env.ref(f"{MODULE}.touchpoint_closed").delay_days = 3
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
        case = history.create(self._case_values(stage_id=closed.id, outcome="settled"))
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
        self.assertLess(counts[2], 15)
        states = cases.feedback_ids.grouped("state")
        self.assertEqual(len(states["planned"]), 108)
        self.assertEqual(len(states["cancelled"]), 2)


@tagged("post_install", "-at_install")
class TestFeedbackObstacles(FeedbackCommon):
    def assertNotAsked(self, case, reason):
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
            partner_id=False,
            partner_name="N. N.",
            email_from="handler@staff.example.com",
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
        self.assertIn(
            "letter@home.example.com", self._mails(case.feedback_ids).email_to
        )

    def test_withdrawn(self):
        case = self._case(user_id=self.handler.id)
        case.with_user(self.handler)._withdraw("He found the receipt.")
        self.assertNotAsked(case, "withdrawn")

    def test_merged(self):
        case = self._case(user_id=self.handler.id)
        case._merge_into(self._case(user_id=self.handler.id))
        self.assertNotAsked(case, "merged")

    def test_reopened(self):
        feedback = self._sent()
        case = feedback.case_id
        with freeze_time(DAY_2):
            case.with_user(self.supervisor)._reopen("The new kettle leaks too.")
            self.assertNotAsked(case, "reopened")
            self.assertLessEqual(feedback.user_input_id.deadline, Datetime.now())
            case.answer = "<p>You get your money back.</p>"
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
        # PostgreSQL cascades in the order of trigger names, which hold growing numbers,
        # and checks rows of the same transaction half-way: answer sheets go first.
        self.survey.user_input_ids.unlink()
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
        with self.assertLogs(f"odoo.addons.{MODULE}", "WARNING"):
            self._run_job(DAY_6)
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
            partner_id=False,
            partner_name="Gus",
            email_from="Gus <GUS@guest.example.com>",
        )
        self.assertEqual(feedback.email, "gus@guest.example.com")
        self.assertEqual(feedback.user_input_id.email, "gus@guest.example.com")
        self.assertFalse(feedback.user_input_id.partner_id)
        feedback._opt_out()
        later = self._closed(
            when=DAY_2, partner_id=False, email_from="gus@guest.example.com"
        )
        self.assertEqual(later.feedback_ids.cancel_reason, "opted_out")

    def test_sending_costs_little_for_each(self):
        self._sent()  # fills the caches
        counts = []
        for amount in (5, 20):
            cases = [self._closed() for _i in range(amount)]
            self.env.flush_all()
            self.env.invalidate_all()
            due = self.env["complaint.feedback"].search([("state", "=", "planned")])
            self.assertEqual(len(due), len(cases))
            before = self.cr.sql_log_count
            due._process_events(Datetime.to_datetime(DAY_1))
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        each = (counts[1] - counts[0]) / 15
        self.assertLess(each, 12, f"queries for each survey sent, of {counts}")

    def test_nothing_due_costs_one_query(self):
        job = self.env["complaint.feedback"]
        with freeze_time("2020-01-01"), self.enter_registry_test_mode():
            self.env.flush_all()
            with self.assertQueryCount(1):
                job._cron_process_due()

    def test_reply_to_the_mail_reaches_the_complaint(self):
        feedback = self._sent()
        case = feedback.case_id
        mail = self._mails(feedback)
        before, cases = case.message_ids, self.env["complaint.case"].search_count([])
        self.env["mail.thread"].message_process(
            "complaint.case",
            f"From: Ann <ann@acme.example.com>\r\n"
            f"To: complaints@company.example.com\r\n"
            f"Subject: Re: {mail.subject}\r\n"
            f"Message-Id: <reply-1@acme.example.com>\r\n"
            f"In-Reply-To: {mail.message_id}\r\n"
            f"References: {mail.message_id}\r\n\r\n"
            f"I would rather tell you by phone.\r\n",
        )
        reply = case.message_ids - before
        self.assertEqual(len(reply), 1)
        self.assertIn("rather tell you by phone", reply.body)
        self.assertFalse(reply.is_internal)
        self.assertEqual(self.env["complaint.case"].search_count([]), cases)


@tagged("post_install", "-at_install")
class TestFeedbackTemplates(FeedbackCommon):
    def test_can_be_looked_at_with_a_survey_that_was_not_sent(self):
        """Odoo renders a template with any record when it is written: upgrades do."""
        case = self._closed()
        self.env["complaint.feedback"].search(
            [("id", "not in", case.feedback_ids.ids)]
        ).unlink()
        templates = self.env["mail.template"].search(
            [("model", "=", "complaint.feedback")]
        )
        self.assertGreaterEqual(len(templates), 4)
        for template in templates:
            template.write({"body_html": template.body_html})


@tagged("post_install", "-at_install")
class TestTouchpoints(FeedbackCommon):
    """Asked after the first reply, the resolution, closing, or weeks later (F1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.points = {
            name: cls.env.ref(f"{MODULE}.touchpoint_{name}")
            for name in ("first_reply", "resolved", "closed", "followup")
        }

    def _asked(self, case):
        return {f.touchpoint: f for f in case.feedback_ids}

    def test_only_closing_is_asked_about_as_shipped(self):
        self.assertEqual(list(self._asked(self._closed())), ["closed"])

    def test_each_by_its_own_event(self):
        for point in self.points.values():
            point.active = True
        with freeze_time(DAY_0):
            case = self._case(user_id=self.handler.id, date_received=DAY_0)
            case.with_user(self.handler)._stamp(["first_reply"])
        first = case.feedback_ids
        self.assertEqual(first.touchpoint, "first_reply")
        self.assertEqual(str(first.planned_at), "2026-03-03 09:00:00")
        with freeze_time(DAY_1):
            case.with_user(self.handler)._stamp(["resolved"])
        self.assertEqual(set(self._asked(case)), {"first_reply", "resolved"})
        with freeze_time(DAY_2):
            case.write({"answer": "<p>Done.</p>"})
            case.with_user(self.handler).action_answer()
            case.with_user(self.customer).sudo()._customer_accept()
        asked = self._asked(case)
        self.assertEqual(set(asked), set(self.points))
        self.assertEqual(str(asked["followup"].planned_at), "2026-05-03 09:05:00")

    def test_while_open_reply_survey_goes_out_and_follow_up_does_not(self):
        self.points["first_reply"].active = True
        with freeze_time(DAY_0):
            case = self._case(user_id=self.handler.id, date_received=DAY_0)
            case.with_user(self.handler)._stamp(["first_reply"])
        self._run_job(DAY_1)
        feedback = case.feedback_ids
        self.assertEqual(feedback.state, "sent")
        self.assertEqual(
            feedback.survey_id, self.env.ref(f"{MODULE}.complaint_survey_short")
        )

    def test_own_line_of_a_company(self):
        rows = self.env["complaint.touchpoint"]
        own = rows.create(
            {
                "touchpoint": "closed",
                "company_id": self.company.id,
                "delay_days": 9,
                "active": False,
            }
        )
        self.assertFalse(self._closed().feedback_ids)
        own.active = True
        case = self._closed()
        self.assertEqual(str(case.feedback_ids.planned_at), "2026-03-11 09:00:00")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            rows.create({"touchpoint": "closed", "company_id": self.company.id})

    def test_rest_between_surveys(self):
        self.company.complaint_feedback_cooldown_days = 14
        first = self._closed()
        second = self._closed()
        self._run_job(DAY_1)
        states = (first | second).feedback_ids.mapped("state")
        self.assertEqual(sorted(states), ["cancelled", "sent"])
        reasons = (first | second).feedback_ids.mapped("cancel_reason")
        self.assertIn("cooldown", reasons)
        later = self._closed(when=DAY_2)
        self._run_job(DAY_6)
        self.assertEqual(later.feedback_ids.cancel_reason, "cooldown")
        after = self._closed(when="2026-03-20 09:00:00")
        self._run_job("2026-03-21 09:05:00")
        self.assertEqual(after.feedback_ids.state, "sent")
        self.company.complaint_feedback_cooldown_days = 0
        again = self._closed(when="2026-03-22 09:00:00")
        self._run_job("2026-03-23 09:05:00")
        self.assertEqual(again.feedback_ids.state, "sent")

    def test_rest_also_after_an_answer_that_nobody_asked_for(self):
        self.company.complaint_feedback_cooldown_days = 14
        told = self._closed().feedback_ids
        with freeze_time(DAY_0):
            told._begin(Datetime.now())
            told.user_input_id._mark_done()
        self.assertRecordValues(told, [{"state": "answered", "sent_at": False}])
        later = self._closed(when=DAY_2)
        self._run_job(DAY_6)
        self.assertEqual(later.feedback_ids.cancel_reason, "cooldown")

    def test_rights(self):
        point = self.points["closed"]
        self.assertEqual(point.with_user(self.handler).delay_days, 1)
        with self.assertRaises(AccessError):
            point.with_user(self.supervisor).write({"delay_days": 2})
        point.with_user(self.manager).write({"delay_days": 2})
