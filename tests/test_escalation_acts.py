from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import SQL, mute_logger

from .common import MODULE
from .escalation_common import EscalationCommon
from .sla_common import TUESDAY_NOON

CLIMB_LOGGER = f"odoo.addons.{MODULE}.models.sla.complaint_sla_clock_climb"


@tagged("post_install", "-at_install")
class TestWhat(EscalationCommon):
    """Mail, to-do, handing over, raising the priority (C5)."""

    def _escalations(self, cases):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "complaint.case"),
                ("res_id", "in", cases.ids),
                ("activity_type_id", "=", self.escalation.id),
            ]
        )

    def test_to_do_of_whom_it_goes_to(self):
        self._rung(do_notify=False, do_activity=True)
        self._rung_after(2, who="leader", do_notify=False, do_activity=True)
        case = self._at_noon()
        self._tick(8)
        to_do = self._escalations(case)
        self.assertEqual(to_do.user_id, self.supervisor)
        self.assertIn("Escalated. Acceptance: was due", to_do.summary)
        self.assertFalse(self._notices(case))
        self.assertEqual(self._to_dos(case).user_id, self.handler, "has one already")
        self._tick(11)
        self.assertEqual(self._escalations(case), to_do, "the same one")

    def test_to_do_goes_when_the_limit_is_reached(self):
        self._rung(do_activity=True)
        case = self._at_noon()
        self._tick(9)
        self.assertTrue(self._escalations(case))
        with freeze_time(TUESDAY_NOON + timedelta(hours=10)):
            case.with_user(self.handler).action_accept()
        self.assertFalse(self._escalations(case))

    def test_handler_has_one_to_do(self):
        self._rung(at=75, who="handler", do_activity=True)
        case = self._at_noon()
        self._tick(6)
        self.assertEqual(len(self._to_dos(case) | self._escalations(case)), 1)

    def test_hand_over(self):
        self._rung(do_reassign=True, do_notify=False)
        case = self._at_noon()
        self._tick(8)
        self.assertEqual(case.user_id, self.supervisor)
        self.assertEqual(self._to_dos(case).user_id, self.supervisor, "moves along")
        notice = self._notices(case)
        self.assertEqual((notice.user_id, notice.kind), (self.supervisor, "handover"))
        self.assertFalse(case.message_ids.mail_ids, "told by the notice alone")

    def test_hand_over_is_explained(self):
        self._rung(do_reassign=True)
        case = self._at_noon().with_context(tracking_disable=False)
        self.env["complaint.case"].flush_model()
        with (
            self.enter_registry_test_mode(),
            freeze_time(TUESDAY_NOON + timedelta(hours=8)),
        ):
            self.cron.with_context(tracking_disable=False).method_direct_trigger()
        self.env.invalidate_all()
        bodies = " ".join(str(message.body) for message in case.message_ids)
        self.assertIn("Escalated. At the limit: Team leader", bodies)

    def test_never_handed_over_to_whom_must_not_see_it(self):
        self._rung(do_reassign=True)
        named = self._rung(who="user", user_id=self.manager.id, do_reassign=True)
        case = self._at_noon(is_confidential=True)
        self._tick(8)
        self.assertEqual(case.user_id, self.handler)
        self.assertEqual(self._notices(case).user_id, self.handler)
        self.assertIn(named, self._climbed(self._clock(case)))

    def test_hand_over_to_another_team(self):
        """Who becomes the handler may see it from then on."""
        self._rung(who="user", user_id=self.stranger.id, do_reassign=True)
        case = self._at_noon()
        self._tick(8)
        self.assertEqual(case.user_id, self.stranger)

    def test_never_handed_over_to_whom_may_not_work(self):
        self._rung(who="user", user_id=self.auditor.id, do_reassign=True)
        case = self._at_noon()
        self._tick(8)
        self.assertEqual(case.user_id, self.handler)
        self.assertEqual(self._notices(case).user_id, self.auditor, "told only")

    def test_the_highest_takes_over(self):
        self._rung(at=50, who="user", user_id=self.colleague.id, do_reassign=True)
        self._rung(do_reassign=True)
        case = self._at_noon()
        self._tick(9)
        self.assertEqual(case.user_id, self.supervisor)

    def test_priority_goes_up_to_urgent(self):
        for at in (25, 50, 75):
            self._rung(at=at, who="handler", do_raise_priority=True)
        case = self._at_noon()
        self._tick(2)
        self.assertEqual(case.priority, "1")
        self._tick(7)
        self.assertEqual(case.priority, "2")

    def test_priority_may_bring_another_policy(self):
        """Which is applied at once, and its own ladder climbed."""
        urgent = self._policy(("accepted", 5, "elapsed_hour"), priority="1", sequence=0)
        leader = self._rung(policy=urgent)
        first = self._rung(at=75, who="handler", do_raise_priority=True)
        case = self._at_noon()
        clock = self._clock(case)
        self._tick(6)
        self.assertEqual(case.sla_policy_id, urgent)
        self.assertEqual(clock.state, "breached")
        self._tick(6.1)
        self.assertEqual(list(self._climbed(clock)), [first, leader])
        self.assertFalse(clock.event_failures)


@tagged("post_install", "-at_install")
class TestOnce(EscalationCommon):
    """Nothing is escalated twice, nothing is forgotten, one failure stops nothing."""

    def test_ledger_forbids_climbing_again(self):
        rung = self._rung()
        case = self._at_noon()
        clock = self._clock(case)
        self._tick(9)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.cr.execute(
                SQL(
                    "INSERT INTO complaint_sla_event"
                    " (clock_id, case_id, kind, at, deadline, escalation_id)"
                    " VALUES (%s, %s, 'escalated', now(), %s, %s)",
                    clock.id,
                    case.id,
                    clock.deadline,
                    rung.id,
                )
            )
        # As if everything but the ledger had been forgotten.
        clock.write({"next_event_at": clock.deadline, "escalated_at": False})
        self._tick(9.5)
        self.assertEqual(len(self._notices(case)), 1)
        self.assertEqual(self._climbed(clock), rung)

    def test_there_and_back_tells_nobody_again(self):
        """The same limit for the same deadline: the ledger remembers."""
        self._rung(at=50, who="handler")
        self._policy(("accepted", 20, "elapsed_hour"), nature="major", sequence=0)
        case = self._at_noon()
        self._tick(4)
        with freeze_time(TUESDAY_NOON + timedelta(hours=4.5)):
            case.nature = "major"
            case.nature = "general"
        self._tick(5)
        self._tick(5.5)
        self.assertEqual(len(self._notices(case)), 1)

    def test_rung_without_a_moment_stops_nothing(self):
        """Its working hours cannot be read: shown, and tried again."""
        broken = self._rung(timing="after", offset_amount=1, offset_unit="work_hour")
        leader = self._rung()
        case = self._at_noon()
        calendar = self._clock(case).calendar_id
        calendar.flexible_hours = True
        self._tick(9)
        clock = self._clock(case)
        self.assertEqual(clock.state, "breached")
        self.assertEqual(self._climbed(clock), leader)
        self.assertIn("flexible", clock.ladder_problem)
        self.assertIn("1 working hour after the limit", clock.ladder_problem)
        self.assertEqual(
            clock.next_event_at, TUESDAY_NOON + timedelta(hours=9, minutes=15)
        )
        self.assertFalse(clock.event_failures, "the job itself did its work")
        trouble = self.env["complaint.sla.clock"].search(
            [("ladder_problem", "!=", False), ("ended_at", "=", False)]
        )
        self.assertEqual(trouble, clock)
        calendar.flexible_hours = False
        self._tick(30)
        self.assertEqual(self._climbed(clock), leader | broken)
        self.assertFalse(clock.ladder_problem)

    def test_rung_that_fails_stops_nothing(self):
        """Handing over fails for one case: others and other rungs go on."""
        leader, poison = self._rung(at=50), self._rung(do_reassign=True)
        cases = self.env["complaint.case"].union(
            *(self._at_noon() for _index in range(3))
        )
        bad = cases[1]
        self.env.flush_all()
        # A row that should not exist: any write of its handler is refused.
        self.cr.execute(
            "ALTER TABLE complaint_case ADD CONSTRAINT poison"
            f" CHECK (id <> {bad.id} OR user_id = {self.handler.id})"
        )
        self.addCleanup(
            self.cr.execute, "ALTER TABLE complaint_case DROP CONSTRAINT poison"
        )
        with self.assertLogs(CLIMB_LOGGER, "WARNING"), mute_logger("odoo.sql_db"):
            self._tick(9)
        for case in cases - bad:
            self.assertEqual(case.user_id, self.supervisor)
            self.assertEqual(self._climbed(self._clock(case)), leader | poison)
        clock = self._clock(bad)
        self.assertEqual(clock.state, "breached")
        self.assertEqual(bad.user_id, self.handler)
        self.assertEqual(self._climbed(clock), leader)
        self.assertIn("poison", clock.ladder_problem)
        self.assertEqual(len(self._notices(bad)), 1)

    def _created_at_noon(self, clock):
        """The database writes its own time into create_date, whatever is frozen."""
        self.env.flush_all()
        self.cr.execute(
            SQL(
                "UPDATE complaint_sla_clock SET create_date = %s WHERE id = %s",
                TUESDAY_NOON,
                clock.id,
            )
        )
        self.env.invalidate_all()

    def test_a_rung_added_later_tells_of_what_is_to_come_only(self):
        case = self._at_noon()
        clock = self._clock(case)
        self._created_at_noon(clock)
        self._rung(at=50, who="handler", hours=5)
        late = self._rung(at=90, hours=5)
        self.assertEqual(clock.next_event_at, TUESDAY_NOON + timedelta(hours=5))
        self._tick(5)
        self.assertEqual(clock.next_event_at, TUESDAY_NOON + timedelta(hours=6))
        self._tick(8.1)
        self.assertEqual(self._climbed(clock), late)

    def test_a_rung_moved_ahead_is_noticed(self):
        rung = self._rung(at=100)
        case = self._at_noon()
        self._created_at_noon(self._clock(case))
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            rung.at_percent = 25
        self._tick(1)
        self._tick(2)
        self.assertEqual(self._climbed(self._clock(case)), rung)

    def test_queries_do_not_grow_with_what_is_due(self):
        self._rung(at=50, who="handler")
        self._rung(do_activity=True)

        def process(cases):
            clocks = cases.clock_ids.filtered(
                lambda clock: clock.milestone == "accepted"
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            clocks._process_events(TUESDAY_NOON + timedelta(hours=9))
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        values = self._case_values(date_received=TUESDAY_NOON, user_id=self.handler.id)
        few = self.env["complaint.case"].create([values] * 2)
        many = self.env["complaint.case"].create([values] * 100)
        process(self.env["complaint.case"].create([values]))  # fills the caches
        small, large = process(few), process(many)
        self.assertEqual(len(self._notices(many)), 200)
        self.assertEqual(len(many.activity_ids), 200)
        # Inserts and updates of more than a hundred rows take another statement.
        self.assertLessEqual(large, small + 8)
        self.assertLessEqual(small, 90)


@tagged("post_install", "-at_install")
class TestAcknowledge(EscalationCommon):
    """Acknowledged escalations stop climbing for a set time (C5)."""

    def setUp(self):
        super().setUp()
        self.company.complaint_acknowledge_hours = 24
        self.leader = self._rung(do_activity=True)
        self.again = self._rung_after(2, who="leader")
        self.manager_rung = self._rung_after(4)
        self.case = self._at_noon()
        self.clock = self._clock(self.case)
        self._tick(8)

    def _acknowledge(self, hours, user=None):
        with freeze_time(TUESDAY_NOON + timedelta(hours=hours)):
            self.case.with_user(user or self.supervisor).action_acknowledge_escalation()
        self.env.invalidate_all()

    def test_banner(self):
        case = self.case.with_user(self.supervisor)
        self.assertTrue(case.is_escalated)
        self.assertEqual(case.escalation_text, f"Acceptance to {self.supervisor.name}")
        escalated = self.env["complaint.case"].search([("is_escalated", "=", True)])
        self.assertEqual(escalated, self.case)
        form = Form(case, f"{MODULE}.complaint_case_view_page_notices")
        self.assertTrue(form.is_escalated)
        self._acknowledge(9)
        with freeze_time(TUESDAY_NOON + timedelta(hours=9)):
            self.assertFalse(case.is_escalated)
            self.assertEqual(
                case.escalation_held_until, TUESDAY_NOON + timedelta(hours=33)
            )
        escalated = self.env["complaint.case"].search([("is_escalated", "=", True)])
        self.assertFalse(escalated)

    def test_next_person_is_told_later(self):
        self._acknowledge(9)
        line = self.clock.event_ids[-1]
        self.assertEqual((line.kind, line.user_id), ("acknowledged", self.supervisor))
        # Who was told before is told the next step all the same.
        self._tick(10)
        self.assertEqual(list(self._climbed(self.clock)), [self.leader, self.again])
        self._tick(12)
        self._tick(32)
        self.assertEqual(len(self._climbed(self.clock)), 2)
        self.assertEqual(self.clock.next_event_at, TUESDAY_NOON + timedelta(hours=33))
        self._tick(33)
        self.assertEqual(self._told(self.case)[-1], (self.boss, self.manager_rung))

    def test_without_it_the_next_person_is_told(self):
        self._tick(12)
        self.assertEqual(self._told(self.case)[-1], (self.boss, self.manager_rung))

    def test_pressing_again_does_not_hold_it_longer(self):
        self._acknowledge(9)
        self._acknowledge(11)
        self.assertEqual(
            self.clock.acknowledged_until, TUESDAY_NOON + timedelta(hours=33)
        )
        kinds = self._kinds(self.clock)
        self.assertEqual(kinds.count("acknowledged"), 1)

    def test_doing_the_to_do_acknowledges(self):
        to_do = self.case.activity_ids.filtered(
            lambda to_do: to_do.activity_type_id == self.escalation
        )
        with freeze_time(TUESDAY_NOON + timedelta(hours=9)):
            to_do.with_user(self.supervisor).action_feedback(feedback="On it")
        self.assertEqual(self._kinds(self.clock)[-1], "acknowledged")
        self.assertEqual(self.clock.event_ids[-1].user_id, self.supervisor)

    def test_acknowledging_does_the_to_do(self):
        self._acknowledge(9)
        to_dos = self.case.activity_ids.mapped("activity_type_id")
        self.assertNotIn(self.escalation, to_dos)
        self.assertIn(self.alert, to_dos, "the limit is still to be reached")

    def test_reached_limits_are_not_acknowledged(self):
        with freeze_time(TUESDAY_NOON + timedelta(hours=9)):
            self.case.with_user(self.handler).action_accept()
        self._acknowledge(10)
        self.assertNotIn("acknowledged", self._kinds(self.clock))

    def test_colleagues_do_not_silence_what_went_to_somebody_else(self):
        colleague = self.case.with_user(self.colleague)
        self.assertFalse(colleague.may_acknowledge)
        self.assertTrue(self.case.with_user(self.supervisor).may_acknowledge)
        with (
            freeze_time(TUESDAY_NOON + timedelta(hours=9)),
            self.refuses(UserError, "escalated to somebody else"),
        ):
            colleague.action_acknowledge_escalation()
        to_do = self.case.activity_ids.filtered(
            lambda to_do: to_do.activity_type_id == self.escalation
        )
        to_do.with_user(self.colleague).action_feedback(feedback="Gone")
        self.assertNotIn("acknowledged", self._kinds(self.clock))

    def test_auditor_and_stranger_may_not(self):
        for user in (self.auditor, self.stranger, self.customer):
            with self.assertRaises(AccessError):
                self.case.with_user(user).action_acknowledge_escalation()


@tagged("post_install", "-at_install")
class TestLadder(EscalationCommon):
    """What a ladder may be, who may change it, and what is shipped."""

    def test_refused(self):
        for values, error, message in (
            ({"at": 0}, IntegrityError, "share_valid"),
            ({"at": 101}, IntegrityError, "share_valid"),
            ({"who": "user"}, IntegrityError, "person_named"),
            ({"do_notify": False}, IntegrityError, "does_something"),
            (
                {"timing": "before", "offset_unit": "work_day", "offset_amount": 1},
                ValidationError,
                "hours ahead",
            ),
            (
                {"timing": "after", "offset_amount": 0},
                ValidationError,
                "longer than zero",
            ),
            (
                {"timing": "after", "offset_amount": 1.5, "offset_unit": "work_day"},
                ValidationError,
                "whole numbers",
            ),
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(error, message),
                self.cr.savepoint(),
            ):
                self._rung(**values)

    def test_deleted_rung_stays_on_record(self):
        rung = self._rung()
        case = self._at_noon()
        self._tick(9)
        rung.with_user(self.manager).unlink()
        self.env.invalidate_all()
        line = self._clock(case).event_ids.filtered(
            lambda line: line.kind == "escalated"
        )
        self.assertEqual(line.note, "At the limit: Team leader")
        self.assertEqual(line.recipient_id, self.supervisor)
        self.assertEqual(len(self._notices(case)), 1)

    def test_in_words(self):
        for values, words in (
            ({"at": 75, "who": "handler"}, "At 75 %: Handler"),
            ({}, "At the limit: Team leader"),
            (
                {"timing": "after", "offset_unit": "work_day", "who": "leader_manager"},
                "1 working day after the limit: Team leader's manager",
            ),
            (
                {
                    "timing": "before",
                    "offset_amount": 2,
                    "who": "user",
                    "user_id": self.boss.id,
                },
                f"2 working hours before the limit: {self.boss.name}",
            ),
        ):
            self.assertEqual(self._rung(**values).display_name, words)

    def test_only_managers_change_it(self):
        rung = self._rung()
        for user in (self.handler, self.supervisor, self.auditor):
            self.assertTrue(rung.with_user(user).display_name)
            with self.assertRaises(AccessError):
                rung.with_user(user).at_percent = 50
        for user in (self.employee, self.customer):
            with self.assertRaises(AccessError):
                rung.with_user(user).read(["at_percent"])
        form = Form(self.policy.with_user(self.manager))
        with form.escalation_ids.new() as line:
            line.at_percent = 50
            line.recipient = "handler"
        form.save()
        self.assertEqual(len(self.policy.escalation_ids), 2)

    def test_copied_with_the_policy(self):
        self._rung(at=60)
        self.assertEqual(self.policy.copy().escalation_ids.at_percent, 60)

    def test_shipped(self):
        self.assertTrue(self.shipped)
        for policy in self.shipped:
            ladder = policy.escalation_ids.mapped("display_name")
            self.assertEqual(
                ladder,
                [
                    "At 75 %: Handler",
                    "At the limit: Team leader",
                    "1 working day after the limit: Team leader's manager",
                ],
                policy.name,
            )

    def test_shipped_ladder_costs_nothing_at_the_start(self):
        """It comes at the warning or later: nothing more to compute."""
        general = self.env.ref(f"{MODULE}.sla_policy_general")
        for target in general.target_ids:
            self.assertFalse(general._rungs_before(target, warns=True))

    def test_deputy_and_manager_of_a_person(self):
        with self.assertRaisesRegex(ValidationError, "Nobody stands in"):
            self.handler.complaint_deputy_id = self.handler
        with self.assertRaisesRegex(ValidationError, "Only colleagues"):
            self.handler.complaint_deputy_id = self.customer
        with self.assertRaisesRegex(ValidationError, "circle"):
            self.boss.complaint_manager_id = self.supervisor

    def test_own_preferences(self):
        """Everybody sets the own deputy and absence, nobody whom they report to."""
        mine = self.handler.with_user(self.handler)
        form = Form(mine, view="base.view_users_form_simple_modif")
        form.complaint_deputy_id = self.colleague
        form.complaint_absent_until = fields.Date.to_date("2026-04-01")
        form.save()
        self.assertEqual(self.handler.complaint_deputy_id, self.colleague)
        with self.assertRaises(AccessError):
            mine.complaint_manager_id = self.boss
        with self.assertRaises(AccessError):
            self.colleague.with_user(self.handler).complaint_deputy_id = self.handler

    def test_settings(self):
        for values, message in (
            ({"complaint_quiet_from": 25}, "from 0:00 to 24:00"),
            ({"complaint_acknowledge_hours": -1}, "0 to 720"),
        ):
            with self.assertRaisesRegex(ValidationError, message):
                self.company.write(values)
