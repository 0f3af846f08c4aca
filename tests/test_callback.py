from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import MODULE
from .test_feedback import DAY_2, DAY_6, DAY_30, FeedbackCommon


class CallbackCommon(FeedbackCommon):
    def _poor(self, score=2, comment=False, **values):
        """A call-back, as a poor answer brings it on Wednesday."""
        feedback = self._sent(**values)
        with freeze_time(DAY_2):
            self._answer(feedback, {"overall": score}, comment)
        return feedback.sudo().callback_ids

    def _only_manager(self):
        """Other managers, whom demo data bring, are away."""
        others = self.company._complaint_managers() - self.manager
        others.write({"complaint_absent_until": "2099-01-01"})

    def _do(self, one, user, operation, text="Said so.", **values):
        wizard = self.env["complaint.callback.wizard"].with_user(user)
        wizard = wizard.create(
            {"callback_id": one.id, "operation": operation, "text": text, **values}
        )
        wizard.action_confirm()
        self.env.invalidate_all()

    def _to_dos(self, one, user=None):
        to_dos = self.env["mail.activity"].search(
            [("res_model", "=", one._name), ("res_id", "=", one.id)]
        )
        return to_dos.filtered(lambda to_do: not user or to_do.user_id == user)


@tagged("post_install", "-at_install")
class TestCallback(CallbackCommon):
    def test_made_by_a_poor_answer(self):
        self.customer.partner_id.phone = "+32 2 290 34 90"
        one = self._poor(comment="Nobody listened.")
        self.assertEqual(one.case_id, one.feedback_id.case_id)
        self.assertEqual((one.state, one.user_id), ("open", self.supervisor))
        self.assertEqual(one.handler_id, self.handler)
        self.assertEqual(one.team_id, self.team)
        self.assertEqual(one.phone, "+32 2 290 34 90")
        self.assertEqual(one.email, "ann@acme.example.com")
        self.assertEqual(one.comment, "Nobody listened.")
        # Wednesday and two working days: the end of Friday or the same hour.
        self.assertEqual(str(one.due_at.date()), "2026-03-06")
        to_do = self._to_dos(one)
        self.assertEqual(to_do.user_id, self.supervisor)
        self.assertEqual(
            to_do.activity_type_id,
            self.env.ref(f"{MODULE}.mail_activity_type_callback"),
        )
        notes = one.case_id.message_ids.filtered(
            lambda message: "called back" in (message.body or "")
        )
        self.assertEqual(len(notes), 1)

    def test_made_by_the_system_not_by_the_visitor(self):
        feedback = self._sent()
        visitor = self.env.ref("base.public_user")
        with freeze_time(DAY_2):
            self._answer(feedback.with_user(visitor).sudo(), {"overall": 2})
        callback = feedback.callback_ids
        robot = self.env.ref("base.user_root")
        self.assertEqual(callback.create_uid, robot)
        self.assertEqual(self._to_dos(callback).create_uid, robot)

    def test_to_dos_are_in_the_language_of_who_has_them(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        (self.supervisor | self.handler | self.manager).lang = "zh_CN"
        one = self._poor()
        self.assertEqual(self._to_dos(one).summary, "请回访客户。")
        self._only_manager()
        with freeze_time(DAY_30), self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_callback").method_direct_trigger()
        self.assertEqual(self._to_dos(one, self.manager).summary, "回访已逾期。")
        self._do(one, self.supervisor, "close", result="wish")
        asked = one.case_id.activity_ids.filtered(
            lambda to_do: to_do.user_id == self.handler
        )
        self.assertTrue(
            [text for text in asked.mapped("summary") if "重新" in (text or "")]
        )

    def test_by_what_the_company_says(self):
        self.assertFalse(self._poor(score=7))
        self.company.complaint_callback_when = "basic"
        self.company.complaint_callback_days = 1
        one = self._poor(score=7)
        self.assertEqual(str(one.due_at.date()), "2026-03-05")
        self.assertFalse(self._poor(score=9))
        self.company.complaint_callback_when = "none"
        self.assertFalse(self._poor(score=1))

    @mute_logger("odoo.sql_db")
    def test_once_for_an_answer(self):
        one = self._poor()
        one.feedback_id._call_back()
        self.assertEqual(one.feedback_id.callback_ids, one)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            one.create(one.copy_data()[0])

    def test_never_given_to_who_handled_it(self):
        self._only_manager()
        self.team.user_id = self.handler
        self.assertEqual(self._poor().user_id, self.manager)
        boss = new_test_user(self.env, "cm_boss", f"{MODULE}.group_supervisor")
        self.team.member_ids |= boss
        self.supervisor.complaint_manager_id = boss
        self.team.user_id = self.supervisor
        case = self._closed()
        case.feedback_ids.user_id = self.supervisor
        self.assertEqual(case.feedback_ids._callback_person(), boss)
        self.manager.complaint_absent_until = "2099-01-01"
        self.assertFalse(case.feedback_ids._callback_person(besides=boss))

    def test_absent_leader(self):
        self.supervisor.complaint_absent_until = "2099-01-01"
        self.assertNotEqual(self._poor().user_id, self.supervisor)

    def test_without_a_complaint(self):
        feedback = self.env["complaint.feedback"].create(
            {
                "touchpoint": "campaign",
                "partner_id": self.customer.partner_id.id,
                "company_id": self.company.id,
                "team_id": self.team.id,
                "state": "answered",
                "score": 2,
                "level": "dissatisfied",
            }
        )
        with freeze_time(DAY_2):
            feedback._call_back()
        one = feedback.callback_ids
        self.assertEqual(one.user_id, self.supervisor)
        self.assertEqual(str(one.due_at.date()), "2026-03-06")
        self.assertFalse(one.case_id)
        self.assertTrue(one.with_user(self.supervisor).display_name)
        self.assertFalse(one.with_user(self.supervisor).search([("id", "=", 0)]))
        with self.refuses(UserError, "no complaint"):
            self._do(one, self.supervisor, "reopen")
        self._do(one, self.supervisor, "close", result="declined")
        self.assertEqual(one.state, "done")

    def test_attempts_and_result(self):
        one = self._poor()
        with self.refuses(UserError, "Note first"):
            self._do(one, self.supervisor, "close", result="unreached")
        self._do(one, self.supervisor, "attempt", "No answer.", way="phone")
        self._do(one, self.supervisor, "attempt", "Wrote to her.", way="mail")
        with self.refuses(UserError, "still to come"):
            self._do(one, self.supervisor, "attempt", at="2099-01-01 00:00:00")
        with self.refuses(UserError, "after the answer"):
            self._do(one, self.supervisor, "attempt", at="2020-01-01 00:00:00")
        self.assertEqual(one.attempt_count, 2)
        with self.refuses(UserError, "say something"):
            self._do(one, self.supervisor, "close", " ", result="settled")
        with self.refuses(UserError, "what came of"):
            self._do(one, self.supervisor, "close")
        self._do(one, self.supervisor, "close", "She is content now.", result="settled")
        self.assertEqual((one.state, one.result), ("done", "settled"))
        self.assertEqual(one.done_by_id, self.supervisor)
        self.assertEqual(one.result_text, "She is content now.")
        self.assertTrue(one.is_late, "ended after the limit of March 2026")
        self.assertEqual(
            one.entry_ids.sorted("id").mapped("kind"), ["attempt", "attempt", "done"]
        )
        self.assertFalse(self._to_dos(one))
        self.assertFalse(one.next_event_at)
        with self.refuses(UserError, "is over"):
            self._do(one, self.supervisor, "attempt")

    def test_history_is_only_added_to(self):
        one = self._poor()
        self._do(one, self.supervisor, "attempt")
        with self.refuses(UserError, "cannot be changed"):
            one.entry_ids.sudo().text = "Something else"
        with self.refuses(UserError, "cannot be changed"):
            one.entry_ids.sudo().unlink()

    def test_nothing_is_written_by_hand(self):
        one = self._poor()
        for user in (self.supervisor, self.manager):
            mine = one.with_user(user)
            for values in ({"state": "done"}, {"user_id": user.id}, {"due_at": False}):
                with self.refuses(UserError, "follows from the buttons"):
                    mine.write(values)
            with self.assertRaises(AccessError):
                mine.unlink()
            with self.assertRaises(UserError):
                mine.create({"feedback_id": one.feedback_id.id})
            with self.assertRaises(AccessError):
                mine.entry_ids.create({"callback_id": one.id, "kind": "attempt"})
            result = mine.load([".id", "state"], [[str(one.id), "done"]])
            self.assertTrue(result["messages"])
        self.assertEqual(one.state, "open")

    def test_hand_over(self):
        one = self._poor()
        other = new_test_user(self.env, "cm_super2", f"{MODULE}.group_supervisor")
        with self.refuses(UserError, "Choose a supervisor"):
            self._do(one, self.supervisor, "handover", user_id=other.id)
        self.team.member_ids |= other
        wizard = Form(
            self.env["complaint.callback.wizard"]
            .with_user(self.supervisor)
            .with_context(default_callback_id=one.id, default_operation="handover")
        )
        allowed = wizard.allowed_user_ids[:]
        self.assertIn(other, allowed)
        self.assertNotIn(self.handler, allowed)
        self._do(
            one, self.supervisor, "handover", "She asked for you.", user_id=other.id
        )
        self.assertEqual(one.user_id, other)
        self.assertEqual(self._to_dos(one).user_id, other)
        self.assertIn("asked for you", self._to_dos(one).note)
        with self.refuses(UserError, "Choose a supervisor"):
            self._do(one, self.supervisor, "handover", user_id=self.handler.id)

    def test_who_handled_it_does_not_call(self):
        one = self._poor()
        one.handler_id = self.supervisor
        with self.refuses(AccessError, "somebody else calls"):
            self._do(one, self.supervisor, "close", result="settled")
        self.assertFalse(one.with_user(self.supervisor).may_work)
        self.assertTrue(one.with_user(self.manager).may_work)

    def test_reopen(self):
        one = self._poor()
        case = one.case_id
        self._do(one, self.supervisor, "reopen", "The new kettle leaks as well.")
        self.assertEqual((one.state, one.result), ("done", "reopened"))
        self.assertEqual((case.phase, case.round), ("investigating", 2))
        notes = case.message_ids.filtered(
            lambda message: "leaks as well" in (message.body or "")
        )
        self.assertTrue(notes)

    def test_reopened_in_the_form_that_shows_it(self):
        """As the web client does: what is shown was read in the same transaction."""
        one = self._poor()
        case = one.case_id.with_user(self.supervisor)
        self.assertEqual(case.callback_state, "open")
        self._do(one, self.supervisor, "reopen", "Leaks again.")
        self.assertEqual((one.state, case.callback_state), ("done", "done"))

    def test_wish_to_reopen_is_a_to_do(self):
        one = self._poor()
        self._do(one, self.supervisor, "close", "Please look again.", result="wish")
        to_dos = one.case_id.sudo().activity_ids
        self.assertTrue(
            to_dos.filtered(lambda to_do: "wants the complaint" in to_do.summary)
        )

    def test_reopened_otherwise_it_stays(self):
        one = self._poor()
        one.case_id.with_user(self.supervisor)._reopen("Of our own accord.")
        self.assertEqual(one.state, "open")
        with self.refuses(UserError, "can be reopened"):
            self._do(one, self.supervisor, "reopen")
        self.assertEqual(one.state, "open")
        self._do(one, self.supervisor, "cancel", "It is open again anyway.")
        self.assertEqual(one.state, "cancelled")
        self.assertFalse(one.is_late)

    def _run_late(self, when):
        with freeze_time(when), self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_callback").method_direct_trigger()
        self.env.invalidate_all()

    def test_late_is_told_once(self):
        self._only_manager()
        one = self._poor()
        with freeze_time(DAY_2):
            self._run_late(DAY_2)
            self.assertFalse(one.late_told_at or one.is_overdue)
        self._run_late(DAY_6)
        self.assertTrue(one.late_told_at)
        told = self._to_dos(one, self.manager)
        self.assertEqual(len(told), 1)
        self.assertIn("late", told.summary)
        self._run_late("2026-03-09 09:00:00")
        self.assertEqual(self._to_dos(one, self.manager), told)
        self.assertEqual(len(self._to_dos(one)), 2)
        mine = one.with_user(self.supervisor)
        self.assertTrue(mine.is_overdue)
        self.assertIn(mine, mine.search([("is_overdue", "=", True)]))
        self.assertNotIn(mine, mine.search([("is_overdue", "=", False)]))
        with freeze_time(DAY_2):
            self.assertNotIn(mine, mine.search([("is_overdue", "=", True)]))

    def test_shown_on_complaint_and_answer(self):
        one = self._poor()
        case = one.case_id.with_user(self.supervisor)
        self.assertEqual(case.callback_id, one)
        self.assertEqual(case.callback_state, "open")
        with self.assertRaises(AccessError):
            one.case_id.with_user(self.handler).read(["callback_id"])
        action = one.feedback_id.with_user(self.supervisor).action_view_callback()
        self.assertEqual(action["res_id"], one.id)
        self.assertEqual(
            one.with_user(self.supervisor).action_view_case()["res_id"], case.id
        )
        for view in ("complaint_callback_view_form", "complaint_callback_view_list"):
            self.env["complaint.callback"].with_user(self.supervisor).get_view(
                self.env.ref(f"{MODULE}.{view}").id
            )


@tagged("post_install", "-at_install")
class TestCallbackRights(CallbackCommon):
    def _seen(self, one, user):
        return one.with_user(user).search([("id", "=", one.id)])

    def test_roles(self):
        one = self._poor()
        self._do(one, self.supervisor, "attempt")
        for user in (self.supervisor, self.manager, self.auditor):
            with self.subTest(user=user.login):
                self.assertTrue(self._seen(one, user))
                self.assertEqual(one.with_user(user).score, 2)
                self.assertEqual(len(one.with_user(user).entry_ids), 1)
        public = self.env.ref("base.public_user")
        for user in (
            self.handler,
            self.colleague,
            self.employee,
            self.customer,
            public,
        ):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    one.with_user(user).read(["state"])
                with self.assertRaises(AccessError):
                    one.entry_ids.with_user(user).read(["text"])
        with self.assertRaises(AccessError):
            self._do(one, self.auditor, "close", result="settled")
        with self.assertRaises(AccessError):
            self._do(one, self.handler, "close", result="settled")

    def test_other_team(self):
        one = self._poor()
        other = new_test_user(self.env, "cm_other", f"{MODULE}.group_supervisor")
        self.assertFalse(self._seen(one, other))
        self._do(one, self.supervisor, "attempt")
        self.assertFalse(
            one.entry_ids.with_user(other).search([("callback_id", "=", one.id)])
        )
        with self.assertRaises(AccessError):
            self._do(one, other, "close", result="settled")

    def test_confidential(self):
        one = self._poor()
        one.case_id.write({"is_confidential": True})
        self.assertFalse(self._seen(one, self.supervisor))
        self.assertFalse(self._seen(one, self.auditor))
        one.case_id.confidential_user_ids = self.supervisor
        self.assertTrue(self._seen(one, self.supervisor))

    def test_assignee_turns_out_to_be_involved(self):
        self._only_manager()
        one = self._poor()
        one.case_id.with_user(self.manager).involved_user_ids = self.supervisor
        self.assertEqual(one.user_id, self.manager)
        self.assertEqual(self._to_dos(one).user_id, self.manager)
        self.assertFalse(self._seen(one, self.supervisor))
        self.assertNotIn(self.supervisor.partner_id, one.message_partner_ids)

    def test_involved(self):
        one = self._poor()
        one.case_id.involved_user_ids = self.manager
        self.assertFalse(self._seen(one, self.manager))
        self.assertTrue(self._seen(one, self.supervisor))

    def test_other_company(self):
        one = self._poor()
        other = self.env["res.company"].create({"name": "Other Ltd"})
        manager = new_test_user(
            self.env,
            "cm_foreign",
            f"{MODULE}.group_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertFalse(self._seen(one, manager))
