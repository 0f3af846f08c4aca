from datetime import timedelta

import lxml.html

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import MODULE
from .test_feedback import DAY_1, DAY_2, FeedbackCommon


@tagged("post_install", "-at_install")
class TestFeedbackRecording(FeedbackCommon):
    def _open(self, record, user=None):
        user = user or self.colleague
        mine = record.with_user(user)
        if record._name == "complaint.case":
            action = mine.action_record_feedback()
        else:
            action = mine.action_record_answer()
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def _enter(self, wizard, answers, comment=None, **values):
        """Choose answers by the words of the question's dimension."""
        wizard.write(values)
        for name, choice in answers.items():
            title = self.questions[name].title
            line = wizard.line_ids.filtered(lambda line, t=title: line.title == t)
            line.option_id = line.sudo().option_ids.filtered(
                lambda option, c=choice: option.value == c or option.name == c
            )
        if comment:
            wizard.line_ids.filtered(lambda line: line.kind == "text")[
                :1
            ].text = comment
        wizard.action_confirm()
        self.env.invalidate_all()

    def test_the_button_is_there_while_it_works(self):
        case = self._case(user_id=self.handler.id)
        self.assertFalse(case.can_record_feedback)
        case = self._closed()
        self.assertTrue(case.can_record_feedback)
        feedback = self._sent()
        self.assertTrue(feedback.case_id.can_record_feedback)
        with freeze_time(DAY_2):
            self._answer(feedback, {"overall": 9})
        mine = feedback.case_id.with_user(self.colleague)
        self.assertFalse(mine.can_record_feedback)
        with self.refuses(UserError, "answered the survey already"):
            mine.action_record_feedback()
        withdrawn = self._case(user_id=self.handler.id)
        withdrawn.sudo().write({"outcome": "withdrawn"})
        self.assertFalse(withdrawn.can_record_feedback)

    def test_by_telephone(self):
        feedback = self._sent()
        sheet = feedback.user_input_id
        said = "2026-03-03 15:00:00"
        settled = self.questions["settled"].suggested_answer_ids[:1]
        with freeze_time(DAY_2):
            self._enter(
                self._open(feedback.case_id),
                {"overall": "9", "attitude": "8", "settled": settled.value},
                "Thank you.",
                way="phone",
                answered_at=said,
            )
        self.assertEqual(feedback.state, "answered")
        self.assertEqual((feedback.score, feedback.score_attitude), (9, 8))
        self.assertEqual(feedback.score_settled, 10)
        self.assertEqual(feedback.level, "satisfied")
        self.assertEqual(feedback.comment, "Thank you.")
        self.assertEqual(feedback.way, "phone")
        self.assertEqual(feedback.recorded_by_id, self.colleague)
        self.assertFalse(feedback.is_recorded_by_handler)
        self.assertEqual(str(feedback.answered_at), said)
        self.assertFalse(feedback.next_event_at)
        self.assertEqual(feedback.case_id.satisfaction_score, 9)
        self.assertEqual(feedback.user_input_id.state, "done")
        self.assertEqual(len(feedback.user_input_id.user_input_line_ids), 4)
        # The link in the mail is closed.
        self.assertNotEqual(feedback.user_input_id, sheet)
        self.assertLessEqual(sheet.deadline, fields.Datetime.now())
        sheet._save_lines(self.questions["overall"], "1")
        sheet._mark_done()
        self.assertEqual(feedback.score, 9)
        notes = feedback.case_id.message_ids.filtered(
            lambda message: "Recorded by" in (message.body or "")
        )
        self.assertEqual(len(notes), 1)

    def test_handler_is_marked(self):
        feedback = self._sent()
        with freeze_time(DAY_2):
            wizard = self._open(feedback, self.handler)
            self.assertTrue(wizard.is_own_work)
            self._enter(wizard, {"overall": "10"}, way="face", answered_at=DAY_2)
        self.assertTrue(feedback.is_recorded_by_handler)
        found = self.env["complaint.feedback"].search(
            [("is_recorded_by_handler", "=", True), ("id", "=", feedback.id)]
        )
        self.assertTrue(found)

    def test_once(self):
        feedback = self._sent()
        with freeze_time(DAY_2):
            late = self._open(feedback)
            self._answer(feedback, {"overall": 3})
            with self.refuses(UserError, "answered"):
                self._open(feedback)
            with self.refuses(UserError, "answered the survey already"):
                self._open(feedback.case_id)
            with self.refuses(UserError, "answered"):
                self._enter(late, {"overall": "10"}, answered_at=DAY_2)
        self.assertEqual((feedback.score, feedback.recorded_by_id.id), (3, False))

    def test_planned_and_without_address(self):
        planned = self._closed().feedback_ids
        with freeze_time(DAY_1):
            self._enter(self._open(planned), {"overall": "7"}, answered_at=DAY_1)
        self.assertEqual((planned.state, planned.score), ("answered", 7))
        self._run_job(DAY_2)
        self.assertFalse(self._mails(planned))
        partner = self.env["res.partner"].create({"name": "By letter"})
        case = self._closed(partner_id=partner.id)
        feedback = case.feedback_ids
        self.assertEqual(feedback.cancel_reason, "no_email")
        with freeze_time(DAY_1):
            self._enter(
                self._open(case), {"overall": "2"}, way="paper", answered_at=DAY_1
            )
        self.assertEqual((feedback.state, feedback.score), ("answered", 2))
        self.assertFalse(feedback.cancel_reason)
        self.assertTrue(feedback.callback_ids, "a poor answer, however it came")

    def test_before_closing_and_never_asked_again(self):
        with freeze_time("2026-03-02 09:00:00"):
            case = self._answered(date_received="2026-03-02 09:00:00")
            self._enter(
                self._open(case), {"overall": "8"}, answered_at="2026-03-02 09:00:00"
            )
            case.with_user(self.customer).sudo()._customer_accept()
        self.assertEqual(len(case.feedback_ids), 1)
        self.assertEqual(case.feedback_ids.touchpoint, "closed")
        self.assertEqual(case.satisfaction_score, 8)

    def test_refused(self):
        feedback = self._sent()
        with freeze_time(DAY_2):
            wizard = self._open(feedback)
            with self.refuses(UserError, "Enter what the customer said"):
                self._enter(wizard, {})
            for at, words in (
                ("2026-03-05 00:00:00", "in future"),
                ("2026-03-01 00:00:00", "before complaining"),
            ):
                with self.refuses(UserError, words):
                    self._enter(wizard, {"overall": "9"}, answered_at=at)
            line = wizard.line_ids[:1]
            foreign = wizard.line_ids[1:2].sudo().option_ids[:1]
            with self.refuses(UserError, "another question"):
                line.option_id = foreign
            with self.refuses(UserError, "Only answers"):
                line.write({"title": "Were we wonderful?"})
        self.assertEqual(feedback.state, "sent")
        with self.refuses(UserError, "when they have their answer"):
            self._case(user_id=self.handler.id).with_user(
                self.handler
            ).action_record_feedback()

    def test_who_may(self):
        feedback = self._sent()
        for user in (self.stranger, self.auditor, self.employee, self.customer):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._open(feedback, user)
                with self.assertRaises(AccessError):
                    self._open(feedback.case_id, user)
                with self.assertRaises(AccessError):
                    feedback.with_user(user)._record_answer(
                        [], "phone", fields.Datetime.now() - timedelta(1)
                    )

    def test_dialogue_shows_what_employees_cannot_read(self):
        feedback = self._sent()
        wizard = self._open(feedback)
        form = Form(wizard)
        self.assertEqual(form.questionnaire, self.survey.title)
        self.assertEqual(len(wizard.line_ids), len(self.survey.question_ids))
        options = self.env["complaint.feedback.recording.option"].with_user(
            self.colleague
        )
        line = wizard.line_ids[:1]
        names = options.name_search("", [("line_id", "=", line.id)])
        self.assertEqual(len(names), 10)
        self.assertEqual(names[0][1], "1 – Not at all")
        with self.assertRaises(AccessError):
            line.read(["question_id"])


@tagged("post_install", "-at_install")
class TestQuestionnaireOnPaper(FeedbackCommon):
    """Who does not answer on a screen gets the questions on paper (F1)."""

    def _paper(self, case, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.handler)
        html, _kind = report._render_qweb_html(
            f"{MODULE}.report_complaint_questionnaire", case.ids
        )
        return lxml.html.fromstring(html)

    def test_all_questions_with_their_marks(self):
        case = self._sent().case_id
        paper = self._paper(case)
        text = " ".join(paper.text_content().split())
        survey = case.sudo()._paper_survey()
        self.assertGreater(len(survey.question_ids), 8)
        for question in survey.question_ids:
            self.assertIn(question.title, text)
        self.assertIn(case.name, text)
        scales = survey.question_ids.filtered(lambda one: one.question_type == "scale")
        marks = paper.xpath("//td[contains(@class, 'o_complaint_mark')]")
        expected = sum(one.scale_max - one.scale_min + 1 for one in scales)
        self.assertEqual(len(marks), expected)
        self.assertNotIn("/survey/start", text, "staff do not learn the personal link")

    def test_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms([MODULE], ["zh_CN"])
        case = self._sent().case_id
        case.sudo().partner_id.lang = "zh_CN"
        titles = case.sudo()._paper_survey().with_context(lang="zh_CN").question_ids
        self.assertIn(titles[0].title, self._paper(case).text_content())
        self.assertNotEqual(titles[0].title, titles[0].with_context(lang=None).title)

    def test_before_it_is_sent_and_without_an_address(self):
        feedback = self._closed().sudo().feedback_ids
        self.assertEqual(feedback.state, "planned")
        self.assertTrue(self._paper(feedback.case_id).xpath("//table"))
        feedback._cancel("no_email")
        self.assertTrue(self._paper(feedback.case_id).xpath("//table"))

    def test_without_a_questionnaire(self):
        case = self._closed()
        case.sudo()._paper_survey().active = False
        with self.refuses(UserError, "has no questionnaire"):
            self._paper(case)

    def test_only_who_may_read_the_complaint(self):
        case = self._sent().case_id
        for user in (self.stranger, self.other_customer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._paper(case, user)
