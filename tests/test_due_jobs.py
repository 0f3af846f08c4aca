from datetime import datetime, timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL, mute_logger

from .common import MODULE
from .sla_common import TUESDAY_NOON, SlaCommon

MIXIN_LOGGER = f"odoo.addons.{MODULE}.models.complaint_due_mixin"
CRON_LOGGER = "odoo.addons.base.models.ir_cron"


class DueCommon(SlaCommon):
    """Clocks of 8 hours, warned about after 6, started on Tuesday at noon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref(f"{MODULE}.ir_cron_sla_clock")
        cls.alert = cls.env.ref(f"{MODULE}.mail_activity_type_deadline")
        cls.policy = cls._policy(
            ("accepted", 8, "elapsed_hour", {"warn_percent": 75}),
            ("answered", 24, "elapsed_hour", {"warn_percent": 75}),
        )

    def _at_noon(self, **values):
        with freeze_time(TUESDAY_NOON):
            return self._case(**{"user_id": self.handler.id, **values})

    def _clock(self, case, milestone="accepted"):
        return case.clock_ids.filtered(lambda clock: clock.milestone == milestone)

    def _tick(self, hours):
        """Run the scheduled action, as the scheduler does, so long after noon."""
        with (
            freeze_time(TUESDAY_NOON + timedelta(hours=hours)),
            self.enter_registry_test_mode(),
        ):
            result = self.cron.method_direct_trigger()
        self.env.invalidate_all()
        return result

    def _to_dos(self, cases):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "complaint.case"),
                ("res_id", "in", cases.ids),
                ("activity_type_id", "=", self.alert.id),
            ]
        )


@tagged("post_install", "-at_install")
class TestNotice(DueCommon):
    """The scheduled action notices warnings and passed limits (C5)."""

    def test_before_the_warning_nothing_happens(self):
        case = self._at_noon()
        self.assertTrue(self._tick(5.9))
        self.assertEqual(self._kinds(self._clock(case)), ["started"])
        self.assertFalse(self._to_dos(case))

    def test_warning_then_breach_is_one_to_do(self):
        case = self._at_noon()
        clock = self._clock(case)
        self._tick(6)
        self.assertEqual(clock.state, "running")
        self.assertEqual(clock.warned_at, TUESDAY_NOON + timedelta(hours=6))
        self.assertEqual(clock.next_event_at, clock.deadline)
        to_do = self._to_dos(case)
        self.assertEqual(to_do.user_id, self.handler)
        self.assertIn("Acceptance: due", to_do.summary)
        self.assertTrue(to_do.automated)
        self._tick(8.1)
        self.assertEqual(clock.state, "breached")
        self.assertEqual(clock.breached_at, clock.deadline)
        self.assertFalse(clock.next_event_at)
        self.assertEqual(self._to_dos(case), to_do, "the same one, brought up to date")
        self.assertIn("Acceptance: was due", to_do.summary)
        self.assertEqual(self._kinds(clock), ["started", "warned", "breached"])
        self.assertFalse(clock.event_ids[1].user_id, "nobody did it")

    def test_no_mail_is_sent(self):
        case = self._at_noon()
        before = self.env["mail.mail"].search_count([])
        messages = case.message_ids
        self._tick(9)
        self.assertTrue(self._to_dos(case))
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.assertEqual(case.message_ids, messages)

    def test_run_twice_announces_once(self):
        case = self._at_noon()
        self._tick(9)
        to_do, events = self._to_dos(case), case.clock_ids.event_ids
        self._tick(9)
        self._tick(9.5)
        self.assertEqual(self._to_dos(case), to_do)
        self.assertEqual(case.clock_ids.event_ids, events)

    def test_ledger_forbids_announcing_again(self):
        """Even if the clock had forgotten that it was announced."""
        case = self._at_noon()
        clock = self._clock(case)
        self._tick(6)
        self._to_dos(case).action_feedback(feedback="Seen")
        clock.write({"warned_at": False, "next_event_at": clock.warn_at})
        self._tick(6.5)
        self.assertEqual(self._kinds(clock), ["started", "warned"])
        self.assertFalse(self._to_dos(case))
        self.assertEqual(clock.next_event_at, clock.deadline)

    def test_late_by_three_days_announces_the_breach_only(self):
        case = self._at_noon()
        clock = self._clock(case)
        self._tick(80)
        self.assertEqual(clock.state, "breached")
        self.assertEqual(clock.breached_at, TUESDAY_NOON + timedelta(hours=8))
        self.assertFalse(clock.warned_at)
        self.assertEqual(self._kinds(clock), ["started", "breached"])
        self.assertEqual(len(self._to_dos(case)), 1)
        note = str(self._to_dos(case).note)
        self.assertIn("Acceptance", note)
        self.assertIn("Answer:", note)

    def test_clock_of_the_machine_set_back(self):
        case = self._at_noon()
        self._tick(9)
        events = case.clock_ids.event_ids
        self._tick(-24)
        self.assertEqual(case.clock_ids.event_ids, events)
        self.assertEqual(self._clock(case).state, "breached")

    def test_reached_after_the_breach(self):
        case = self._at_noon()
        clock = self._clock(case)
        self._tick(9)
        with freeze_time(TUESDAY_NOON + timedelta(hours=10)):
            case.with_user(self.handler).action_accept()
        self.assertEqual(clock.state, "breached")
        self.assertEqual(clock.finished_at, TUESDAY_NOON + timedelta(hours=10))
        self.assertEqual(self._kinds(clock), ["started", "breached", "late"])
        self.assertFalse(self._to_dos(case), "nothing left to do")

    def test_team_leader_is_told_when_there_is_no_handler(self):
        case = self._at_noon(user_id=False)
        self._tick(6)
        self.assertEqual(self._to_dos(case).user_id, self.supervisor)

    def test_handler_who_left_is_not_told(self):
        case = self._at_noon()
        self.handler.active = False
        self._tick(6)
        self.assertEqual(self._to_dos(case).user_id, self.supervisor)

    def test_a_manager_is_told_when_there_is_nobody(self):
        case = self._at_noon(user_id=False, team_id=self.other_team.id)
        self._tick(6)
        person = self._to_dos(case).user_id
        self.assertTrue(person.has_group(f"{MODULE}.group_manager"))
        self.assertIn(case.company_id, person.company_ids)

    def test_to_do_moves_with_the_case(self):
        case = self._at_noon()
        self._tick(6)
        case.with_user(self.supervisor).user_id = self.colleague
        self.assertEqual(self._to_dos(case).user_id, self.colleague)

    def test_to_do_that_was_done_is_not_raised_again(self):
        case = self._at_noon()
        self._tick(6)
        self._to_dos(case).action_feedback(feedback="I know")
        with freeze_time(TUESDAY_NOON + timedelta(hours=6)):
            case.priority = "1"
        self.assertFalse(self._to_dos(case))
        self._tick(8.1)
        self.assertIn("was due", self._to_dos(case).summary, "this is news")

    def test_to_do_speaks_the_handlers_language_and_time(self):
        case = self._at_noon()
        self.handler.tz = "Asia/Shanghai"
        self._tick(6)
        # Due at 20:00 UTC on the 10th.
        self.assertEqual(self._to_dos(case).date_deadline, datetime(2026, 3, 11).date())

    def test_closed_case_is_quiet(self):
        case = self._at_noon()
        self._tick(6)
        with freeze_time(TUESDAY_NOON + timedelta(hours=7)):
            case.with_user(self.handler)._withdraw("Never mind")
        self.assertFalse(self._to_dos(case))
        self._tick(30)
        self.assertFalse(self._to_dos(case))
        self.assertEqual(set(case.clock_ids.mapped("state")), {"cancelled"})


@tagged("post_install", "-at_install")
class TestUnplanned(DueCommon):
    """A deadline that cannot be computed is seen, and heals by itself."""

    def setUp(self):
        super().setUp()
        self.policy.target_ids[0].write({"amount": 1, "unit": "work_day"})
        self.calendar.flexible_hours = True
        self.case = self._at_noon()
        self.clock = self._clock(self.case)

    def test_it_is_seen(self):
        self.assertEqual(self.clock.state, "unplanned")
        self.assertFalse(self.clock.deadline)
        self.assertIn("flexible", self.clock.problem)
        self.assertIn("flexible", self.case.clock_problem)
        self.assertEqual(self._kinds(self.clock), ["started", "failed"])
        self.assertIn("flexible", self.clock.event_ids[1].note)
        # The other limit of the same case runs.
        self.assertEqual(self._clock(self.case, "answered").state, "running")

    def test_it_heals(self):
        self._tick(1)
        self.assertEqual(self.clock.state, "unplanned")
        self.assertEqual(
            self.clock.next_event_at, TUESDAY_NOON + timedelta(hours=1, minutes=15)
        )
        self.calendar.flexible_hours = False
        self._tick(2)
        self.assertEqual(self.clock.state, "running")
        self.assertEqual(self.clock.deadline, datetime(2026, 3, 11, 17, 0))
        self.assertEqual(self.clock.started_at, TUESDAY_NOON)
        self.assertFalse(self.case.clock_problem)
        self.assertEqual(self._kinds(self.clock), ["started", "failed", "replanned"])

    def test_another_calendar_heals_it_too(self):
        self.team.calendar_id = self._calendar("Office, fixed hours")
        self._tick(1)
        self.assertEqual(self.clock.state, "running")
        self.assertEqual(self.clock.calendar_id, self.team.calendar_id)

    def test_reached_meanwhile_is_judged_on_healing(self):
        with freeze_time(TUESDAY_NOON + timedelta(hours=3)):
            self.case.with_user(self.handler).action_accept()
        self.assertEqual(self.clock.state, "unplanned")
        self.assertFalse(self.case.next_deadline and self.clock.deadline)
        self.calendar.flexible_hours = False
        self._tick(4)
        self.assertEqual(self.clock.state, "met")
        self.assertEqual(self.clock.finished_at, TUESDAY_NOON + timedelta(hours=3))
        self.assertFalse(self.clock.next_event_at)

    def test_healed_after_its_deadline_is_breached(self):
        self.calendar.flexible_hours = False
        self._tick(72)
        self.assertEqual(self.clock.state, "breached")
        self.assertEqual(self.clock.breached_at, datetime(2026, 3, 11, 17, 0))


@tagged("post_install", "-at_install")
class TestPoison(DueCommon):
    """One record that fails does not stop the others, and is seen (rule 3)."""

    def setUp(self):
        super().setUp()
        self.cases = self.env["complaint.case"].union(
            *(self._at_noon() for _index in range(3))
        )
        self.poisoned = self._clock(self.cases[1])
        self._poison()

    def _poison(self):
        """A running clock without a deadline: a row that should not exist."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE complaint_sla_clock SET deadline = NULL WHERE id = %s",
                self.poisoned.id,
            )
        )
        self.env.invalidate_all()

    def _tick_badly(self, hours):
        with mute_logger(MIXIN_LOGGER), self.assertLogs(CRON_LOGGER, "ERROR"):
            return self._tick(hours)

    def test_others_go_on_and_the_failure_is_seen(self):
        result = self._tick_badly(9)
        self.assertEqual(self._clock(self.cases[0]).state, "breached")
        self.assertEqual(self._clock(self.cases[2]).state, "breached")
        self.assertEqual(
            set(self._to_dos(self.cases).mapped("res_id")),
            {self.cases[0].id, self.cases[2].id},
        )
        self.assertEqual(self.poisoned.state, "running")
        self.assertEqual(self.poisoned.event_failures, 1)
        self.assertIn("not supported between", self.poisoned.event_error)
        self.assertEqual(
            self.poisoned.next_event_at, TUESDAY_NOON + timedelta(hours=9, minutes=5)
        )
        # The administrator who runs the job sees it fail ...
        self.assertEqual(result["tag"], "display_exception")
        # ... but it is not switched off, for it did its work.
        self.assertEqual(self.cron.failure_count, 0)
        trouble = self.env["complaint.sla.clock"].search([("event_failures", ">", 0)])
        self.assertEqual(trouble, self.poisoned)

    def test_retried_later_and_later(self):
        waits, hours = [], 9.0
        for _attempt in range(11):
            self._tick_badly(hours)
            now = TUESDAY_NOON + timedelta(hours=hours)
            waits.append((self.poisoned.next_event_at - now) // timedelta(minutes=1))
            hours += waits[-1] / 60
        self.assertEqual(waits, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440])
        self.assertGreater(self.cron.failure_count, 0, "failing runs are counted")

    def test_recovers(self):
        self._tick_badly(9)
        self.poisoned.deadline = TUESDAY_NOON + timedelta(hours=8)
        self._tick(9.5)
        self.assertEqual(self.poisoned.state, "breached")
        self.assertEqual(self.poisoned.event_failures, 0)
        self.assertFalse(self.poisoned.event_error)

    def test_what_does_not_advance_is_a_failure(self):
        """Else the job would find it due for ever."""
        self.env.cr.execute(
            SQL(
                "UPDATE complaint_sla_clock SET state = 'paused', deadline = %s"
                " WHERE id = %s",
                TUESDAY_NOON,
                self.poisoned.id,
            )
        )
        self.env.invalidate_all()
        self._tick(9)
        self.assertFalse(self.poisoned.next_event_at, "paused clocks want nothing")


@tagged("post_install", "-at_install")
class TestDueCost(DueCommon):
    """The scheduled action costs what is due, not what is open (rule 3)."""

    def test_nothing_due_is_one_query(self):
        self.env["complaint.case"].create([self._case_values()] * 50)
        self.env.flush_all()
        clocks = self.env["complaint.sla.clock"]
        with freeze_time(datetime(2001, 1, 1)), self.assertQueryCount(1):
            clocks._cron_process_due()

    def test_what_is_due_is_found_by_index(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for model in ("complaint.sla.clock", "complaint.case", "complaint.feedback"):
            query = self.env[model]._search(
                [("next_event_at", "<=", fields.Datetime.now())],
                order="next_event_at, id",
                limit=201,
            )
            self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
            plan = "\n".join(row[0] for row in self.env.cr.fetchall())
            with self.subTest(model):
                self.assertIn("next_event_at_index", plan)
                self.assertIn("Index Cond", plan)

    def test_queries_do_not_grow_with_what_is_due(self):
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
        small, large = process(few), process(many)
        self.assertEqual(len(self._to_dos(many)), 100)
        self.assertLessEqual(large, small + 5)
        self.assertLessEqual(small, 60)
