from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import MODULE
from .pause_common import PauseCommon
from .sla_common import TUESDAY_NOON


@tagged("post_install", "-at_install")
class TestPauseRights(PauseCommon):
    """Who may pause, and who sees it (H1)."""

    def test_each_role(self):
        case = self._open()
        for user in (self.handler, self.supervisor, self.manager):
            with self.subTest(user.login):
                action = case.with_user(user).action_pause()
                wizard = Form(
                    self.env[action["res_model"]]
                    .with_user(user)
                    .with_context(**action["context"])
                )
                wizard.reason_id = self.customer_reason
                wizard.note = "Photos"
                wizard.save().action_confirm()
                self.assertEqual(case.pause_id.user_id, user)
                case.with_user(user).action_resume()
                self.assertFalse(case.is_paused)
        for user in (self.auditor, self.stranger, self.employee, self.customer):
            with self.subTest(user.login):
                for name in ("action_pause", "action_resume"):
                    with self.assertRaises(AccessError):
                        getattr(case.with_user(user), name)()

    def test_wizard_does_not_lend_rights(self):
        case = self._open()
        wizards = self.env["complaint.pause.wizard"]
        values = {"case_ids": case.ids, "reason_id": self.customer_reason.id}
        with self.assertRaises(AccessError):
            wizards.with_user(self.stranger).create(values).action_confirm()
        self.assertFalse(case.pause_ids)

    def test_pauses_are_written_by_the_system_only(self):
        case = self._open()
        self._pause(case, TUESDAY_NOON)
        for user in (self.handler, self.manager, self.auditor):
            with self.subTest(user.login):
                own = case.pause_id.with_user(user)
                self.assertTrue(own.read(["note"]))
                with self.assertRaises(AccessError):
                    own.write({"end_note": "x"})
                with self.assertRaises(AccessError):
                    own.unlink()
                with self.assertRaises(AccessError):
                    own.create(
                        {
                            "case_id": case.id,
                            "reason_id": self.customer_reason.id,
                            "started_at": TUESDAY_NOON,
                        }
                    )

    def test_who_does_not_see_the_case_does_not_see_the_pause(self):
        case = self._open()
        self._pause(case, TUESDAY_NOON)
        pause = case.pause_id
        self.assertFalse(pause.with_user(self.stranger).search([("id", "=", pause.id)]))
        with self.assertRaises(AccessError):
            pause.with_user(self.customer).read(["note"])
        with self.assertRaises(AccessError):
            case.with_user(self.customer).read(["pause_id"])
        case.is_confidential = True
        self.assertFalse(
            pause.with_user(self.colleague).search([("id", "=", pause.id)])
        )
        self.assertTrue(pause.with_user(self.handler).search([("id", "=", pause.id)]))

    def test_vocabulary_is_the_managers(self):
        reason = self.customer_reason
        reason.with_user(self.manager).customer_text = "your photos"
        for user in (self.handler, self.supervisor, self.auditor):
            with self.subTest(user.login), self.assertRaises(AccessError):
                reason.with_user(user).customer_text = "nothing"

    def test_appointment_asks_for_its_end(self):
        case = self._open()
        wizard = Form(
            self.env["complaint.pause.wizard"]
            .with_user(self.handler)
            .with_context(default_case_ids=case.ids)
        )
        wizard.reason_id = self.env.ref(f"{MODULE}.pause_reason_third_party")
        self.assertTrue(wizard.until, "proposed by the reason")
        wizard.reason_id = self.appointment
        self.assertFalse(wizard.until)
        with self.assertRaises(AssertionError):
            wizard.save()  # the form demands it
        with self.refuses(UserError, "say until when"):
            self.env["complaint.pause.wizard"].with_user(self.handler).create(
                {"case_ids": case.ids, "reason_id": self.appointment.id}
            ).action_confirm()

    def test_search_and_group(self):
        case = self._open()
        self._pause(case, TUESDAY_NOON)
        cases = self.env["complaint.case"].with_user(self.handler)
        self.assertIn(case, cases.search([("is_paused", "=", True)]))
        self.assertNotIn(case, cases.search([("is_paused", "=", False)]))
        groups = cases.formatted_read_group(
            [("id", "=", case.id)], ["pause_reason_id"], ["__count"]
        )
        self.assertEqual(groups[0]["pause_reason_id"][0], self.customer_reason.id)


@tagged("post_install", "-at_install")
class TestPauseBatch(PauseCommon):
    """Many cases cost what few cost (design rule 6)."""

    def _count(self, function, *arguments):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*arguments)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_80_cases_cost_as_many_queries_as_8(self):
        self._policy(
            ("accepted", 24, "elapsed_hour"),
            ("first_reply", 8, "work_hour"),
            ("resolved", 3, "work_day"),
            ("answered", 7, "calendar_day", {"is_statutory": True}),
        )
        with freeze_time(TUESDAY_NOON):
            cases = self.env["complaint.case"].create(
                [self._case_values(user_id=self.handler.id)] * 88
            )
        few, many = cases[:8], cases[8:]
        moment = TUESDAY_NOON + timedelta(hours=2)
        small = self._count(self._pause, few, moment)
        large = self._count(self._pause, many, moment)
        self.assertEqual(many.clock_ids.mapped("state").count("paused"), 240)
        # 240 clocks are updated in three statements instead of one.
        self.assertLessEqual(large, small + 2)
        self.assertLessEqual(large, 45)
        moment += timedelta(days=2)
        small = self._count(self._resume, few, moment)
        large = self._count(self._resume, many, moment)
        self.assertEqual(many.clock_ids.mapped("state").count("running"), 320)
        self.assertLessEqual(large, small + 2)
        self.assertLessEqual(large, 45)
