from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .test_feedback import DAY_2, DAY_6, FeedbackCommon


@tagged("post_install", "-at_install")
class TestFeedbackCorrection(FeedbackCommon):
    def _answered_survey(self, score=2):
        feedback = self._sent()
        with freeze_time(DAY_2):
            self._answer(feedback, {"overall": score, "attitude": 3})
        return feedback

    def _correct(self, feedback, user=None, reason="She said nine.", **values):
        user = user or self.manager
        action = feedback.with_user(user).action_correct()
        wizard = self.env[action["res_model"]].with_user(user).browse(action["res_id"])
        wizard.write({"reason": reason, **values})
        action = wizard.action_confirm()
        self.env.invalidate_all()
        return self.env["complaint.feedback"].browse(action["res_id"])

    def test_new_answer_takes_the_place(self):
        old = self._answered_survey()
        case = old.case_id
        new = self._correct(old, score_overall=9)
        self.assertEqual((new.score, new.level), (9, "satisfied"))
        self.assertEqual(new.score_attitude, 3, "as it was")
        self.assertEqual(new.corrects_id, old)
        self.assertEqual(new.correction_reason, "She said nine.")
        self.assertEqual(new.corrector_id, self.manager)
        self.assertEqual(new.answered_at, old.answered_at)
        self.assertEqual(new.way, "mail")
        self.assertEqual((old.score, old.level), (2, "dissatisfied"), "stays readable")
        self.assertEqual(old.state, "answered")
        self.assertTrue(old.superseded_at)
        self.assertTrue(old.user_input_id)
        self.assertEqual((old.counts, new.counts), (False, True))
        self.assertEqual(case.satisfaction_score, 9)
        self.assertEqual(case.satisfaction_level, "satisfied")
        self.assertEqual(old.with_user(self.handler).corrected_by_ids, new)
        notes = case.message_ids.filtered(
            lambda message: "She said nine" in (message.body or "")
        )
        self.assertEqual(len(notes), 1)

    def _dialogue(self, feedback, **values):
        action = feedback.with_user(self.manager).action_correct()
        wizard = self.env[action["res_model"]].with_user(self.manager)
        wizard = wizard.browse(action["res_id"])
        wizard.write(values)
        return wizard

    def test_says_what_changes(self):
        old = self._answered_survey()
        self.assertFalse(self._dialogue(old).changes)
        wizard = self._dialogue(old, score_overall=9, score_attitude=0, recommend=10)
        lines = wizard.changes.splitlines()
        self.assertIn("Overall: 2 → 9", lines)
        self.assertIn("Attitude: 3 → no answer", lines)
        self.assertIn("Verdict: Dissatisfied → Satisfied", lines)
        self.assertIn("Would recommend us (0-10): no answer → 10", lines)

    def test_overall_far_from_the_others_is_pointed_at(self):
        old = self._answered_survey()
        self.assertFalse(self._dialogue(old).is_contradictory)
        self.assertTrue(self._dialogue(old, score_overall=9).is_contradictory)
        both = self._dialogue(old, score_overall=9, score_attitude=8)
        self.assertFalse(both.is_contradictory)
        alone = self._dialogue(old, score_overall=9, score_attitude=0)
        self.assertFalse(alone.is_contradictory)

    def test_averages(self):
        old = self._answered_survey()
        new = self._correct(old, score_overall=8)
        [[average]] = self.env["complaint.feedback"]._read_group(
            [("case_id", "=", old.case_id.id), ("counts", "=", True)], [], ["score:avg"]
        )
        self.assertEqual(average, 8)
        self.assertEqual(
            self.env["complaint.feedback"].search(
                [("case_id", "=", old.case_id.id), ("counts", "=", True)]
            ),
            new,
        )

    def test_corrected_again(self):
        first = self._answered_survey()
        second = self._correct(first, score_overall=9)
        with self.refuses(UserError, "an answer that counts"):
            self._correct(first, score_overall=5)
        third = self._correct(second, score_overall=8, recommend=7)
        self.assertEqual(third.recommend_group, "passive")
        self.assertEqual(first.case_id.satisfaction_score, 8)

    def test_needs_reason_change_and_possible_scores(self):
        old = self._answered_survey()
        for values, words in (
            ({"reason": " ", "score_overall": 9}, "give a reason"),
            ({}, "Nothing is different"),
            ({"score_overall": 11}, "between 1 and 10"),
            ({"score_overall": 0.5}, "between 1 and 10"),
            ({"recommend": 11}, "between 1 and 10"),
        ):
            with self.subTest(words), self.refuses(UserError, words):
                self._correct(old, **values)
        self.assertTrue(old.counts)

    def test_managers_only(self):
        old = self._answered_survey()
        for user in (self.handler, self.supervisor, self.auditor, self.customer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                old.with_user(user).action_correct()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                old.with_user(user)._correct({"overall": 9}, -1, "I like it.")
        planned = self._closed().feedback_ids
        with self.refuses(UserError, "an answer that counts"):
            planned.with_user(self.manager).action_correct()

    def test_corrected_to_poor_is_called_back(self):
        old = self._answered_survey(score=9)
        self.assertFalse(old.callback_ids)
        new = self._correct(old, score_overall=2)
        self.assertTrue(new.callback_ids)
        poor = self._answered_survey(score=2)
        new = self._correct(poor, score_overall=1)
        self.assertFalse(new.callback_ids, "the first one's is enough")

    def test_corrected_to_good_is_not_called_back(self):
        poor = self._answered_survey(score=2)
        callback = poor.callback_ids
        self.assertEqual(callback.state, "open")
        self._correct(poor, score_overall=9)
        self.assertEqual(callback.state, "cancelled")
        self.assertIn("corrected", callback.sudo().entry_ids[-1].text)

    def test_not_planned_again(self):
        old = self._answered_survey()
        self._correct(old, score_overall=9)
        with freeze_time(DAY_2):
            old.case_id._feedback_plan()
        self.assertEqual(len(old.case_id.feedback_ids), 2)


@tagged("post_install", "-at_install")
class TestAnswersAreKept(FeedbackCommon):
    """Nobody rewrites what a customer said, by whatever door."""

    def setUp(self):
        super().setUp()
        self.feedback = self._sent()
        with freeze_time(DAY_6):
            self._answer(self.feedback, {"overall": 2}, "Bad.")
        self.sheet = self.feedback.user_input_id

    def test_staff(self):
        for user in (self.handler, self.supervisor, self.manager, self.auditor):
            mine = self.feedback.with_user(user)
            with self.subTest(user=user.login):
                for values in (
                    {"score": 10},
                    {"superseded_at": DAY_2},
                    {"recorded_by_id": user.id},
                    {"comment": "Good."},
                ):
                    with self.assertRaises(AccessError):
                        mine.write(values)
                with self.assertRaises(AccessError):
                    mine.create({"company_id": self.company.id, "score": 10})
                with self.assertRaises(AccessError):
                    mine.unlink()
                result = mine.load([".id", "score"], [[str(mine.id), "10"]])
                self.assertTrue(result["messages"])
                self.assertEqual(self.feedback.score, 2)
                with self.assertRaises(UserError):
                    self.sheet.with_user(user).write({"state": "new"})

    def test_who_administers_surveys(self):
        admin = new_test_user(
            self.env,
            "cm_surveyor",
            "base.group_user,survey.group_survey_manager",
        )
        sheet = self.sheet.with_user(admin)
        line = sheet.user_input_line_ids[:1]
        other = self.survey._create_answer(
            email="somebody@else.example.com", check_attempts=False
        ).with_user(admin)
        words = "on record"
        with self.refuses(UserError, words):
            line.write({"value_scale": 10})
        with self.refuses(UserError, words):
            line.unlink()
        with self.refuses(UserError, words):
            sheet.write({"state": "in_progress"})
        with self.refuses(UserError, words):
            sheet.unlink()
        with self.refuses(UserError, words):
            line.copy({"user_input_id": sheet.id})
        with self.refuses(UserError, words):
            other.write({"complaint_feedback_id": self.feedback.id})
        with self.refuses(UserError, words):
            sheet.create(
                {
                    "survey_id": self.survey.id,
                    "complaint_feedback_id": self.feedback.id,
                }
            )
        with self.refuses(UserError, words):
            line.question_id.unlink()
        with self.refuses(UserError, words):
            sheet.survey_id.unlink()
        # Other sheets are as free as they were.
        other._save_lines(self.questions["overall"].with_user(admin), "4")
        other.user_input_line_ids.write({"value_scale": 5})
        other.user_input_line_ids.unlink()
        other.unlink()
