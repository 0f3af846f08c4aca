from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .sla_common import TUESDAY_NOON, SlaCommon


@tagged("post_install", "-at_install")
class TestBackdate(SlaCommon):
    """The date received drives the limits; correcting it leaves a trace (C1)."""

    def setUp(self):
        super().setUp()
        self._policy(("resolved", 24, "elapsed_hour"), ("answered", 72, "elapsed_hour"))
        with freeze_time(TUESDAY_NOON):
            self.case = self._case(user_id=self.handler.id)
        self.clocks = self.case.clock_ids.grouped("milestone")

    def _accept(self):
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            self.case.with_user(self.handler).action_accept()

    def _correct(self, moment, user=None, **delta):
        with freeze_time(TUESDAY_NOON + timedelta(**(delta or {"hours": 2}))):
            self.case.with_user(user or self.handler)._correct_receipt(
                moment, "Postmark of Monday"
            )

    def test_handlers_correct_by_some_days(self):
        self._accept()
        wizards = self.env["complaint.receipt.wizard"]
        values = {"case_id": self.case.id, "reason": "Postmark"}
        days = self.company.complaint_backdate_days
        far = TUESDAY_NOON - timedelta(days=days + 1)
        with self.refuses(UserError, "Ask a supervisor"):
            wizards.with_user(self.handler).create(
                {**values, "date_received": far}
            ).action_confirm()
        with self.refuses(UserError, "date as it stands"):
            wizards.with_user(self.handler).create(
                {**values, "date_received": TUESDAY_NOON}
            ).action_confirm()
        wizards.with_user(self.supervisor).create(
            {**values, "date_received": far}
        ).action_confirm()
        self.assertEqual(self.case.date_received, far)

    def test_later_rounds_keep_their_policy(self):
        self._accept()
        with freeze_time(TUESDAY_NOON + timedelta(hours=3)):
            case = self.case.with_user(self.handler)
            case._refuse("Not ours")
            case._reopen("It is")
        clocks = self.case.clock_ids.filtered(lambda clock: clock.round == 2)
        before = clocks.mapped("deadline")
        self._policy(("resolved", 1, "elapsed_hour"), sequence=1)
        self._correct(TUESDAY_NOON - timedelta(hours=20), hours=4)
        self.assertEqual(clocks.mapped("deadline"), before)
        self.assertEqual(len(clocks), 2)

    def test_limits_follow_and_the_reason_stays(self):
        self._accept()
        moment = TUESDAY_NOON - timedelta(hours=20)
        self._correct(moment)
        self.assertEqual(self.case.date_received, moment)
        resolved = self.clocks["resolved"]
        self.assertEqual(resolved.started_at, moment)
        self.assertEqual(resolved.deadline, TUESDAY_NOON + timedelta(hours=4))
        event = resolved.event_ids[-1]
        self.assertEqual((event.kind, event.user_id), ("replanned", self.handler))
        self.assertIn("Postmark of Monday", event.note)
        self.assertIn(
            "Postmark of Monday", " ".join(self.case.message_ids.mapped("body"))
        )

    def test_the_date_before_is_tracked(self):
        case = self.case.with_context(tracking_disable=False)
        self._accept()
        self.env.cr.precommit.run()  # forget that the case is new
        with freeze_time(TUESDAY_NOON + timedelta(hours=2)):
            case.with_user(self.handler)._correct_receipt(
                TUESDAY_NOON - timedelta(hours=20), "Postmark of Monday"
            )
            self.env.flush_all()
            self.env.cr.precommit.run()
        case.invalidate_recordset(["message_ids"])
        values = case.message_ids.sudo().tracking_value_ids.filtered(
            lambda value: value.field_id.name == "date_received"
        )
        self.assertEqual(values.old_value_datetime, TUESDAY_NOON)
        self.assertEqual(values.mail_message_id.author_id, self.handler.partner_id)

    def test_dialogue(self):
        self._accept()
        action = self.case.with_user(self.handler).action_correct_receipt()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.handler)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard.date_received, TUESDAY_NOON)
        wizard.date_received = TUESDAY_NOON - timedelta(hours=1)
        with self.assertRaises(AssertionError):
            wizard.save()  # no reason
        wizard.reason = "Noted on paper first"
        with freeze_time(TUESDAY_NOON + timedelta(hours=2)):
            wizard.save().action_confirm()
        self.assertEqual(self.case.date_received, TUESDAY_NOON - timedelta(hours=1))
        with self.refuses(UserError, "say why"):
            self.case.with_user(self.handler)._correct_receipt(TUESDAY_NOON, "  ")

    def test_silent_change_is_refused_once_taken_up(self):
        own = self.case.with_user(self.handler)
        moment = TUESDAY_NOON - timedelta(hours=1)
        with freeze_time(TUESDAY_NOON):
            own.date_received = moment  # not yet taken up
        self._accept()
        with self.refuses(UserError, "Use “Correct”"):
            own.date_received = TUESDAY_NOON
        own.write({"date_received": moment, "subject": "Same date"})
        with freeze_time(TUESDAY_NOON + timedelta(hours=2)):
            self.case.with_user(self.manager).date_received = TUESDAY_NOON
        self.assertEqual(self.case.date_received, TUESDAY_NOON)

    def test_each_role(self):
        self._accept()
        self._correct(TUESDAY_NOON - timedelta(hours=1), self.supervisor)
        self._correct(TUESDAY_NOON - timedelta(hours=2), self.manager)
        for user in (self.auditor, self.stranger, self.customer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._correct(TUESDAY_NOON - timedelta(hours=3), user)
        self.assertEqual(self.case.date_received, TUESDAY_NOON - timedelta(hours=2))

    def test_future_and_closed_are_refused(self):
        self._accept()
        with self.assertRaises(ValidationError):
            self._correct(TUESDAY_NOON + timedelta(days=2))
        with freeze_time(TUESDAY_NOON + timedelta(hours=3)):
            self.case.with_user(self.handler)._withdraw("Sorry")
        with self.refuses(UserError, "is closed"):
            self._correct(TUESDAY_NOON - timedelta(days=1), hours=4)

    def test_limit_over_by_the_true_date_was_breached_then(self):
        self._accept()
        self._correct(TUESDAY_NOON - timedelta(hours=30))
        resolved = self.clocks["resolved"]
        self.assertEqual(resolved.deadline, TUESDAY_NOON - timedelta(hours=6))
        now = TUESDAY_NOON + timedelta(hours=2, minutes=5)
        with freeze_time(now):
            resolved._process_events(now)
        self.assertEqual(resolved.state, "breached")
        self.assertEqual(resolved.breached_at, TUESDAY_NOON - timedelta(hours=6))

    def test_what_was_met_is_judged_again(self):
        with freeze_time(TUESDAY_NOON + timedelta(hours=10)):
            self.case.with_user(self.handler)._stamp(["resolved"])
        resolved = self.clocks["resolved"]
        self.assertEqual(resolved.state, "met")
        self._correct(TUESDAY_NOON - timedelta(hours=20), hours=11)
        self.assertEqual(resolved.state, "breached")
        self.assertEqual(resolved.breached_at, TUESDAY_NOON + timedelta(hours=4))
        self.assertEqual(resolved.finished_at, TUESDAY_NOON + timedelta(hours=10))
        self.assertEqual(
            self._kinds(resolved), ["started", "met", "replanned", "breached", "late"]
        )
        self._correct(TUESDAY_NOON, hours=12)
        self.assertEqual(resolved.state, "met")
        self.assertFalse(resolved.breached_at)

    def test_breach_by_a_slip_of_the_keyboard_is_undone(self):
        # 2025 instead of 2026.
        with freeze_time(TUESDAY_NOON):
            case = self._case(
                user_id=self.handler.id, date_received=datetime(2025, 3, 10, 11, 0)
            )
            case.with_user(self.handler).action_accept()
        clock = case.clock_ids.filtered(lambda clock: clock.milestone == "resolved")
        with freeze_time(TUESDAY_NOON + timedelta(minutes=5)):
            clock._process_events(TUESDAY_NOON + timedelta(minutes=5))
            self.assertEqual(clock.state, "breached")
            case._explain_breaches(
                self.env.ref("complaint_management.breach_reason_forgotten")
            )
            case.with_user(self.handler)._correct_receipt(
                datetime(2026, 3, 10, 11, 0), "Wrong year"
            )
        self.assertEqual(clock.state, "running")
        self.assertEqual(clock.deadline, datetime(2026, 3, 11, 11, 0))
        self.assertFalse(clock.breached_at)
        self.assertFalse(clock.breach_reason_id)
        self.assertEqual(case.next_deadline, clock.deadline)
        self.assertFalse(case.has_unexplained_breach)

    def test_pauses_stay_what_they_were(self):
        self._accept()
        reason = self.env.ref("complaint_management.pause_reason_customer")
        with freeze_time(TUESDAY_NOON + timedelta(hours=4)):
            self.case.with_user(self.handler)._pause(reason)
        self._correct(TUESDAY_NOON - timedelta(hours=10), hours=6)
        resolved = self.clocks["resolved"]
        self.assertEqual((resolved.state, resolved.left), ("paused", 10 * 3600))
        with freeze_time(TUESDAY_NOON + timedelta(hours=8)):
            self.case.with_user(self.handler).action_resume()
        self.assertEqual(resolved.deadline, TUESDAY_NOON + timedelta(hours=18))

    def test_later_rounds_do_not_move(self):
        with freeze_time(TUESDAY_NOON):
            case = self._answered()
        again = TUESDAY_NOON + timedelta(days=2)
        with freeze_time(again):
            case.with_user(self.handler)._reopen("Leaks again")
            case.with_user(self.handler)._correct_receipt(
                TUESDAY_NOON - timedelta(days=5), "Postmark"
            )
        second = case.clock_ids.filtered(lambda clock: clock.round == 2)
        self.assertEqual(set(second.mapped("started_at")), {again})
        self.assertEqual(set(second.mapped("state")), {"running"})
