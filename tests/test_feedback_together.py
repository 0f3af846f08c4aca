"""Surveys and call-backs of complaints that are merged or split (A7, F2, F3)."""

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import MODULE
from .test_callback import CallbackCommon
from .test_feedback import DAY_0, DAY_1, DAY_2
from .test_merge import SPLIT


@tagged("post_install", "-at_install")
class TestFeedbackTogether(CallbackCommon):
    def _ask_early(self):
        """Customers are asked a day after the first reply as well."""
        self.env.ref(f"{MODULE}.touchpoint_first_reply").write(
            {"active": True, "delay_days": 1}
        )

    def _replied(self, **values):
        """A complaint under way whose customer got a first reply."""
        with freeze_time(DAY_0):
            case = self._case(user_id=self.handler.id, date_received=DAY_0, **values)
            case.with_user(self.handler).action_accept()
            case._stamp(["first_reply"])
        return case

    def _merge(self, source, target, when=DAY_2):
        with freeze_time(when):
            source.with_user(self.handler)._merge_into(target.with_user(self.handler))
            self.env.flush_all()
        self.env.invalidate_all()

    def _reopened(self, score=2):
        """A complaint that is looked at again, and its call-back."""
        one = self._poor(score=score)
        case = one.case_id
        with freeze_time(DAY_2):
            case._reason_operations()["reopen"]("It still leaks.")
        return case, one

    # Surveys --------------------------------------------------------------------------

    def test_asked_once_about_the_same_reply(self):
        self._ask_early()
        target, source = self._replied(), self._replied()
        kept = target.feedback_ids
        self._merge(source, target, DAY_0)
        self.assertEqual(target.feedback_ids, kept)
        self.assertEqual(kept.state, "planned")
        [taken] = source.feedback_ids.filtered(
            lambda one: one.touchpoint == "first_reply"
        )
        self.assertEqual((taken.state, taken.cancel_reason), ("cancelled", "merged"))
        self._run_job(DAY_1)
        self.assertEqual(len(self._mails(kept)), 1)

    def test_what_was_asked_goes_along(self):
        self._ask_early()
        source = self._replied()
        self._run_job(DAY_1)
        [asked] = source.feedback_ids
        self.assertEqual(asked.state, "sent")
        with freeze_time(DAY_0):
            target = self._case(user_id=self.handler.id)
        self._merge(source, target)
        self.assertEqual(target.feedback_ids, asked)
        with freeze_time(DAY_2):
            target._stamp(["first_reply"])
        self.assertEqual(target.feedback_ids, asked, "not asked again")
        with freeze_time(DAY_2):
            self._answer(asked, {"overall": 2})
        self.assertEqual((asked.state, target.satisfaction_score), ("answered", 2))
        self.assertEqual(asked.callback_ids.case_id, target)

    def test_not_asked_because_of_the_other_one(self):
        self._ask_early()
        self.company.complaint_feedback_cooldown_days = 30
        source = self._replied()
        self._run_job(DAY_1)
        target = self._replied()
        self._run_job(DAY_2)
        self.assertEqual(target.feedback_ids.cancel_reason, "cooldown")
        asked = source.feedback_ids
        self._merge(source, target)
        self.assertEqual(target.feedback_ids, asked)
        self.assertEqual(asked.state, "sent")

    def test_answers_of_earlier_rounds_stay(self):
        source, one = self._reopened()
        answered = one.feedback_id
        target = self._replied()
        self._merge(source, target)
        self.assertIn(answered, source.feedback_ids)
        self.assertEqual((answered.state, answered.score), ("answered", 2))
        self.assertEqual(source.satisfaction_score, 2)
        self.assertFalse(target.satisfaction_score)

    def test_corrected_answers_go_along(self):
        self._ask_early()
        source = self._replied()
        self._run_job(DAY_1)
        with freeze_time(DAY_2):
            self._answer(source.feedback_ids, {"overall": 2})
            new = source.feedback_ids.with_user(self.manager)._correct(
                {"overall": 8.0}, -1, "Mistyped"
            )
            target = self._case(user_id=self.handler.id)
        both = source.feedback_ids
        self.assertEqual(len(both), 2)
        self._merge(source, target)
        self.assertEqual(target.feedback_ids, both)
        self.assertEqual(target.satisfaction_score, 8)
        self.assertFalse(source.satisfaction_score, "told once")
        self.assertTrue(new.with_env(self.env).counts)

    def test_split_off_is_not_asked_about_the_same_reply(self):
        self._ask_early()
        case = self._replied()
        line = self.env["complaint.allegation"].create(
            {"case_id": case.id, "summary": "Rude on the phone"}
        )
        with freeze_time(DAY_0):
            wizard = self.env[SPLIT].with_user(self.handler)
            wizard = wizard.create(
                {
                    "case_id": case.id,
                    "subject": "Rude",
                    "date_received": DAY_0,
                    "allegation_ids": line.ids,
                }
            )
            wizard.action_split()
        new = line.case_id
        self.assertNotEqual(new, case)
        self.assertEqual(
            (new.feedback_ids.state, new.feedback_ids.cancel_reason),
            ("cancelled", "split"),
        )
        self.assertEqual(case.feedback_ids.state, "planned")

    # Call-backs -----------------------------------------------------------------------

    def test_called_back_about_what_remains(self):
        source, one = self._reopened()
        target = self._replied()
        self._merge(source, target)
        self.assertEqual((one.case_id, one.state), (target, "open"))
        self.assertEqual(one.feedback_id.case_id, source, "what was said stays found")
        self.assertEqual((one.user_id, one.team_id), (self.supervisor, target.team_id))
        self.assertEqual(len(self._to_dos(one)), 1)
        self.assertIn(source.name, one.entry_ids.text)
        self.assertEqual(
            target.with_user(self.supervisor).callback_id.id, one.id, "on the form"
        )
        self._do(one, self.supervisor, "close", result="settled")
        with self.assertRaises(AccessError):
            one.with_user(self.handler).read(["state"])

    def test_called_back_once(self):
        (target, later), (source, other) = self._reopened(), self._reopened()
        other.sudo().due_at = "2026-03-05 09:00:00"
        other.feedback_id.comment = "Nobody rang."
        later.feedback_id.comment = "Still broken."
        self._merge(source, target)
        self.assertEqual((other.state, other.case_id), ("open", target), "due first")
        self.assertEqual(later.state, "cancelled")
        self.assertIn(target.name, later.result_text)
        self.assertFalse(self._to_dos(later))
        self.assertEqual(len(self._to_dos(other)), 1)
        told = other.entry_ids.filtered(lambda entry: entry.kind == "merged").text
        for words in (target.name, source.name, "Still broken."):
            self.assertIn(words, told)

    def test_ended_ones_stay(self):
        source, one = self._reopened()
        self._do(one, self.supervisor, "close", result="settled")
        target = self._replied()
        self._merge(source, target)
        self.assertEqual((one.case_id, one.state), (source, "done"))

    def test_somebody_who_sees_what_remains(self):
        self._only_manager()
        source, one = self._reopened()
        target = self._replied()
        target.write(
            {"is_confidential": True, "confidential_user_ids": self.manager.ids}
        )
        self._merge(source, target)
        self.assertEqual(one.user_id, self.manager)
        self.assertEqual(self._to_dos(one).user_id, self.manager)
        source, one = self._reopened()
        target = self._replied()
        target.user_id = self.supervisor
        self._merge(source, target)
        self.assertNotEqual(one.user_id, self.supervisor, "handles what remains")

    def test_split_leaves_the_call_with_what_was_answered_about(self):
        case, one = self._reopened()
        line = self.env["complaint.allegation"].create(
            {"case_id": case.id, "summary": "Another matter"}
        )
        case.with_user(self.handler)._split_off(
            {"subject": "Another", "date_received": DAY_2},
            line,
            self.env["mail.message"],
            tell=False,
        )
        self.assertEqual((one.case_id, one.state), (case, "open"))
        self.assertFalse(
            self.env["complaint.callback"].search_count(
                [("case_id", "=", line.case_id.id)]
            )
        )
