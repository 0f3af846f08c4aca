from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import MODULE
from .sla_common import TUESDAY_NOON, SlaCommon


@tagged("post_install", "-at_install")
class TestBreachReason(SlaCommon):
    """A missed limit asks why (C6)."""

    def setUp(self):
        super().setUp()
        self._policy(
            ("resolved", 2, "elapsed_hour"),
            ("answered", 4, "elapsed_hour"),
            ("closed", 900, "elapsed_hour"),
        )
        self.capacity = self.env.ref(f"{MODULE}.breach_reason_capacity")
        self.other = self.env.ref(f"{MODULE}.breach_reason_other")
        with freeze_time(TUESDAY_NOON):
            self.case = self._case(
                user_id=self.handler.id,
                answer="<p>We replace it.</p>",
                outcome="settled",
            )
        now = TUESDAY_NOON + timedelta(hours=5)
        with freeze_time(now):
            self.case.clock_ids._process_events(now)
        self.missed = self.case.clock_ids.filtered(
            lambda clock: clock.state == "breached"
        )

    def _late(self):
        return freeze_time(TUESDAY_NOON + timedelta(hours=6))

    def _wizard(self, user):
        action = self.case.with_user(user).action_explain_breaches()
        return Form(
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
        )

    def test_the_handler_is_asked_and_answers(self):
        self.assertEqual(len(self.missed), 2)
        own = self.case.with_user(self.handler)
        self.assertTrue(own.has_unexplained_breach)
        self.assertEqual(own.unexplained_clock_ids, self.missed)
        self.assertIn(own, own.search([("has_unexplained_breach", "=", True)]))
        wizard = self._wizard(self.handler)
        self.assertEqual(wizard.clock_ids[:], self.missed)
        wizard.reason_id = self.capacity
        wizard.note = "Two of three were ill"
        with self._late():
            wizard.save().action_confirm()
        self.assertEqual(self.missed.breach_reason_id, self.capacity)
        self.assertEqual(
            self.missed.mapped("breach_note"), ["Two of three were ill"] * 2
        )
        event = self.missed[0].event_ids[-1]
        self.assertEqual((event.kind, event.user_id), ("explained", self.handler))
        self.assertEqual(event.note, "Not enough people: Two of three were ill")
        self.assertFalse(own.has_unexplained_breach)
        self.assertNotIn(own, own.search([("has_unexplained_breach", "=", True)]))

    def test_one_reason_for_each(self):
        wizard = self._wizard(self.handler)
        wizard.reason_id = self.capacity
        wizard.clock_ids.remove(id=self.missed[1].id)
        wizard.save().action_confirm()
        self.assertEqual(self.missed[0].breach_reason_id, self.capacity)
        self.assertEqual(self.case.unexplained_clock_ids, self.missed[1])

    def test_other_asks_what_happened(self):
        wizard = self._wizard(self.handler)
        wizard.reason_id = self.other
        with self.assertRaises(AssertionError):
            wizard.save()
        values = {"case_id": self.case.id, "reason_id": self.other.id, "note": " "}
        with self.refuses(UserError, "what happened"):
            self.env["complaint.breach.wizard"].with_user(self.handler).create(
                values
            ).action_confirm()

    def test_running_limits_and_those_of_others_take_no_reason(self):
        other = self._case(user_id=self.handler.id)
        wizard = (
            self.env["complaint.breach.wizard"]
            .with_user(self.handler)
            .create(
                {
                    "case_id": self.case.id,
                    "reason_id": self.capacity.id,
                    "clock_ids": (
                        other.clock_ids | self.case.clock_ids - self.missed
                    ).ids,
                }
            )
        )
        with self.refuses(UserError, "without a reason"):
            wizard.action_confirm()

    def test_closing_waits_for_the_reason(self):
        with self._late():
            own = self.case.with_user(self.handler)
            own.action_answer()
            with self.refuses(UserError, "say why time limits were missed"):
                own.action_close()
            self.assertEqual(self.case.phase, "answered")
            with self.assertRaises(UserError):
                self.case.with_user(self.supervisor).action_close()
            own._explain_breaches(self.capacity)
            own.action_close()
        self.assertEqual(self.case.phase, "closed")

    def test_company_decides(self):
        self.company.complaint_require_breach_reason = False
        with self._late():
            self.case.with_user(self.handler).action_answer()
            self.case.with_user(self.handler).action_close()
        self.assertEqual(self.case.phase, "closed")
        # The question stays open, and may be answered later.
        self.assertTrue(self.case.has_unexplained_breach)
        self.case.with_user(self.handler)._explain_breaches(self.capacity)
        self.assertFalse(self.case.has_unexplained_breach)

    def test_customer_job_and_manager_are_not_held_up(self):
        with self._late():
            self.case.with_user(self.handler).action_answer()
            self.case.with_user(self.customer).sudo()._customer_accept()
        self.assertEqual(self.case.phase, "closed")
        with self._late():
            silent, managed = self._case(), self._case()
            cases = silent | managed
            cases.write(
                {
                    "date_received": TUESDAY_NOON,
                    "user_id": self.handler.id,
                    "answer": "<p>No.</p>",
                    "outcome": "answered_without_agreement",
                }
            )
            cases.with_user(self.handler).action_answer()
            self.assertTrue(silent.has_unexplained_breach)
            silent._process_event(TUESDAY_NOON + timedelta(days=30))
            managed.with_user(self.manager).action_close()
        self.assertEqual(set(cases.mapped("phase")), {"closed"})

    def test_cancelled_limits_need_no_reason(self):
        with freeze_time(TUESDAY_NOON):
            case = self._case(user_id=self.handler.id)
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            case.with_user(self.handler)._withdraw("Found it")
        self.assertEqual(case.phase, "closed")
        self.assertFalse(case.has_unexplained_breach)

    def test_limit_that_passed_just_before_closing_is_missed(self):
        """Closing before the job comes by does not hide it."""
        with freeze_time(TUESDAY_NOON):
            case = self._case(user_id=self.handler.id)
        with freeze_time(TUESDAY_NOON + timedelta(hours=2, seconds=1)):
            case.with_user(self.handler)._withdraw("Found it")
        resolved = case.clock_ids.filtered(lambda clock: clock.milestone == "resolved")
        self.assertEqual(resolved.state, "breached")
        self.assertEqual(resolved.breached_at, TUESDAY_NOON + timedelta(hours=2))
        self.assertTrue(resolved.ended_at)
        self.assertFalse(
            case.activity_ids.filtered(
                lambda activity: (
                    activity.activity_type_id
                    == self.env.ref(f"{MODULE}.mail_activity_type_deadline")
                )
            )
        )

    def test_each_role(self):
        for user in (self.supervisor, self.manager):
            with self.subTest(user.login):
                self.assertTrue(self._wizard(user).clock_ids)
        for user in (self.auditor, self.stranger, self.customer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.case.with_user(user).action_explain_breaches()
        with self.assertRaises(AccessError):
            self.capacity.with_user(self.handler).name = "Their fault"
        with self.assertRaises(AccessError):
            self.case.with_user(self.customer).read(["unexplained_clock_ids"])

    def test_pareto(self):
        self.case._explain_breaches(self.capacity)
        action = self.env.ref(f"{MODULE}.complaint_sla_clock_action_breach")
        self.assertEqual(action.view_mode, "graph,pivot,list,form")
        groups = (
            self.env["complaint.sla.clock"]
            .with_user(self.manager)
            .formatted_read_group(
                [("state", "=", "breached"), ("case_id", "=", self.case.id)],
                ["breach_reason_id"],
                ["__count"],
                order="__count desc",
            )
        )
        self.assertEqual(
            [(group["breach_reason_id"][0], group["__count"]) for group in groups],
            [(self.capacity.id, 2)],
        )
