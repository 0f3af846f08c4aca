from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import MODULE
from .sla_common import FRIDAY_NOON, TUESDAY_NOON, SlaCommon


@tagged("post_install", "-at_install")
class TestClock(SlaCommon):
    """Deadlines, and what becomes of them (C1, C3, C6)."""

    def test_units(self):
        for amount, unit, deadline in (
            (24, "elapsed_hour", datetime(2026, 3, 14, 12, 0)),
            # Friday 13-17 is 4 of them, the rest on Monday from 9.
            (6, "work_hour", datetime(2026, 3, 16, 11, 0)),
            (1, "work_day", datetime(2026, 3, 16, 17, 0)),
            (2, "calendar_day", datetime(2026, 3, 16, 0, 0)),
            (1, "calendar_week", datetime(2026, 3, 21, 0, 0)),
        ):
            with self.subTest(unit):
                policy = self._policy(("resolved", amount, unit))
                clock = self._received(FRIDAY_NOON).clock_ids
                self.assertEqual(clock.deadline, deadline)
                self.assertEqual(clock.state, "running")
                self.assertEqual(clock.started_at, FRIDAY_NOON)
                policy.active = False

    def test_budget_and_warning_are_in_the_limits_own_time(self):
        self._policy(
            ("first_reply", 8, "work_hour", {"warn_percent": 75}),
            ("accepted", 8, "elapsed_hour", {"warn_percent": 75}),
            ("answered", 8, "elapsed_hour", {"warn_percent": 0}),
        )
        clocks = self._received(FRIDAY_NOON).clock_ids.grouped("milestone")
        working = clocks["first_reply"]
        self.assertEqual(working.budget, 8 * 3600)
        self.assertEqual(working.left, 8 * 3600)
        self.assertEqual(working.deadline, datetime(2026, 3, 16, 14, 0))
        # 6 working hours on, not 75 % of the weekend.
        self.assertEqual(working.warn_at, datetime(2026, 3, 16, 11, 0))
        self.assertEqual(working.next_event_at, working.warn_at)
        self.assertEqual(clocks["accepted"].warn_at, FRIDAY_NOON + timedelta(hours=6))
        self.assertFalse(clocks["answered"].warn_at)
        self.assertEqual(clocks["answered"].next_event_at, clocks["answered"].deadline)

    def test_calendar_of_policy_then_team_then_company(self):
        nights = self._calendar("Nights")
        nights.attendance_ids.filtered(lambda shift: shift.hour_from == 13).unlink()
        policy = self._policy(("resolved", 4, "work_hour"), calendar_id=nights.id)
        clock = self._received().clock_ids
        self.assertEqual(clock.calendar_id, nights)
        self.assertEqual(clock.deadline, datetime(2026, 3, 12, 10, 0))
        policy.calendar_id = False
        self.assertEqual(self._received().clock_ids.calendar_id, self.calendar)
        self.team.calendar_id = False
        self.assertEqual(
            self._received().clock_ids.calendar_id, self.company.resource_calendar_id
        )

    def test_leave_of_another_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other company"})
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Founders' day of the other company",
                "calendar_id": False,
                "date_from": datetime(2026, 3, 11, 0, 0),
                "date_to": datetime(2026, 3, 11, 23, 59, 59),
            }
        )
        leave.company_id = other  # computed on creation, hence afterwards
        self._policy(("resolved", 1, "work_day"), calendar_id=self.calendar.id)
        own = self._received(team_id=False)
        theirs = self._received(team_id=False, company_id=other.id)
        self.assertEqual(own.clock_ids.deadline, datetime(2026, 3, 11, 17, 0))
        self.assertEqual(theirs.clock_ids.deadline, datetime(2026, 3, 12, 17, 0))

    def test_who_asks_makes_no_difference(self):
        self._policy(("resolved", 3, "work_day"), ("answered", 2, "calendar_day"))
        expected = self._received().clock_ids.mapped("deadline")
        self.handler.tz = "Pacific/Auckland"
        values = self._case_values(date_received=TUESDAY_NOON)
        by_handler = self.env["complaint.case"].with_user(self.handler).create(values)
        self.assertEqual(by_handler.sudo().clock_ids.mapped("deadline"), expected)
        self.assertEqual(len(expected), 2)

    def test_backdated_receipt_starts_the_clock_then(self):
        self._policy(("accepted", 24, "elapsed_hour"))
        clock = self._received(TUESDAY_NOON).clock_ids
        self.assertEqual(clock.started_at, TUESDAY_NOON)
        self.assertEqual(clock.event_ids.kind, "started")
        self.assertEqual(clock.event_ids.at, TUESDAY_NOON)

    def test_editing_a_calendar_moves_no_clock(self):
        self._policy(("resolved", 3, "work_day"))
        case = self._received()
        clock = case.clock_ids
        before = (clock.deadline, clock.amount)
        self.calendar.attendance_ids.filtered(
            lambda shift: shift.hour_from == 13
        ).unlink()
        self.assertEqual((clock.deadline, clock.amount), before)
        case.subject = "The kettle leaks badly"
        self.assertEqual((clock.deadline, clock.amount), before)

    def test_reached_in_time_is_met(self):
        self._policy(("accepted", 24, "elapsed_hour"))
        with freeze_time(TUESDAY_NOON):
            case = self._case()
        clock = case.clock_ids
        with freeze_time(clock.deadline):
            case.with_user(self.handler).action_accept()
        self.assertEqual(clock.state, "met")
        self.assertEqual(clock.finished_at, clock.deadline)
        self.assertFalse(clock.next_event_at)
        self.assertEqual(self._kinds(clock), ["started", "met"])
        self.assertEqual(clock.event_ids[1].user_id, self.handler)

    def test_reached_late_before_the_job_noticed_is_breached(self):
        self._policy(("accepted", 24, "elapsed_hour"))
        with freeze_time(TUESDAY_NOON):
            case = self._case()
        clock = case.clock_ids
        late = clock.deadline + timedelta(seconds=1)
        with freeze_time(late):
            case.with_user(self.handler).action_accept()
        self.assertEqual(clock.state, "breached")
        self.assertEqual(clock.breached_at, clock.deadline)
        self.assertEqual(clock.finished_at, late)
        self.assertEqual(self._kinds(clock), ["started", "breached", "late"])
        self.assertFalse(case.is_overdue, "there is nothing left to do")

    def test_next_deadline_is_the_earliest_open_one(self):
        self._policy(("accepted", 24, "elapsed_hour"), ("answered", 72, "elapsed_hour"))
        with freeze_time(TUESDAY_NOON):
            case = self._case(user_id=self.handler.id)
            self.assertEqual(case.next_deadline, TUESDAY_NOON + timedelta(hours=24))
            self.assertEqual(case.next_milestone, "accepted")
            self.assertFalse(case.is_overdue)
        with freeze_time(TUESDAY_NOON + timedelta(hours=25)):
            case.invalidate_recordset(["is_overdue"])
            self.assertTrue(case.is_overdue)
            overdue = self.env["complaint.case"].search([("is_overdue", "=", True)])
            self.assertIn(case, overdue)
            in_time = self.env["complaint.case"].search([("is_overdue", "=", False)])
            self.assertNotIn(case, in_time)
            case.with_user(self.handler).action_accept()
            self.assertEqual(case.next_deadline, TUESDAY_NOON + timedelta(hours=72))
            self.assertEqual(case.next_milestone, "answered")

    def test_closing_ends_everything(self):
        self._policy(
            ("resolved", 24, "elapsed_hour"),
            ("answered", 48, "elapsed_hour"),
            ("closed", 72, "elapsed_hour"),
        )
        with freeze_time(TUESDAY_NOON):
            case = self._case(user_id=self.handler.id)
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            case.with_user(self.handler)._withdraw("Found the receipt")
        states = {clock.milestone: clock.state for clock in case.clock_ids}
        self.assertEqual(
            states, {"resolved": "cancelled", "answered": "cancelled", "closed": "met"}
        )
        self.assertFalse(case.next_deadline)
        self.assertFalse(any(case.clock_ids.mapped("next_event_at")))
        self.assertEqual(len(case.clock_ids.filtered("ended_at")), 3)

    def test_reopening_starts_a_round_of_its_own(self):
        self._policy(("resolved", 24, "elapsed_hour"), ("answered", 48, "elapsed_hour"))
        with freeze_time(TUESDAY_NOON):
            case = self._answered()
        first = case.clock_ids
        self.assertEqual(set(first.mapped("state")), {"met"})
        again = TUESDAY_NOON + timedelta(days=3)
        with freeze_time(again):
            case.with_user(self.handler)._reopen("The new one leaks too")
        second = case.clock_ids - first
        self.assertEqual(set(second.mapped("round")), {2})
        self.assertEqual(set(second.mapped("state")), {"running"})
        self.assertEqual(set(second.mapped("started_at")), {again})
        self.assertEqual(set(first.mapped("state")), {"met"}, "history stays")
        self.assertEqual(case.next_deadline, again + timedelta(hours=24))

    def test_limit_from_a_milestone_waits_for_it(self):
        self._policy(("resolved", 48, "elapsed_hour", {"start_milestone": "accepted"}))
        with freeze_time(TUESDAY_NOON):
            case = self._case()
            self.assertFalse(case.clock_ids)
        later = TUESDAY_NOON + timedelta(hours=30)
        with freeze_time(later):
            case.with_user(self.handler).action_accept()
        self.assertEqual(case.clock_ids.deadline, later + timedelta(hours=48))
        # A change of what policies look at does not start it a second time.
        case.priority = "1"
        self.assertEqual(len(case.clock_ids), 1)

    def test_promises_for_the_customer(self):
        self._policy(
            ("accepted", 24, "elapsed_hour"),
            ("answered", 3, "calendar_day", {"is_promised": True}),
            ("first_reply", 48, "elapsed_hour", {"is_promised": True}),
        )
        case = self._received()
        promises = case.with_user(self.customer)._clock_promises()
        self.assertEqual(
            [(item["milestone"], item["state"]) for item in promises],
            [("first_reply", "running"), ("answered", "running")],
        )
        self.assertEqual(promises[1]["deadline"], datetime(2026, 3, 14))
        self.assertEqual(promises[1]["tz"], "UTC")

    def test_customer_reads_no_clock(self):
        self._policy(("accepted", 24, "elapsed_hour"))
        case = self._case().with_user(self.customer)
        for name in ("clock_ids", "next_deadline", "is_overdue", "sla_policy_id"):
            with self.subTest(name), self.assertRaises(AccessError):
                case.read([name])
        with self.assertRaises(AccessError):
            case.env["complaint.sla.clock"].search_count([])

    def test_clocks_are_written_by_the_system_only(self):
        self._policy(("accepted", 24, "elapsed_hour"))
        clock = self._case(user_id=self.handler.id).clock_ids
        for user in (self.handler, self.manager, self.auditor):
            with self.subTest(user.login):
                own = clock.with_user(user)
                self.assertTrue(own.read(["deadline"]))
                with self.assertRaises(AccessError):
                    own.write({"deadline": TUESDAY_NOON})
                with self.assertRaises(AccessError):
                    own.unlink()

    def test_handlers_group_and_search_clocks(self):
        self._policy(("accepted", 24, "elapsed_hour"))
        case = self._received(user_id=self.handler.id)
        clocks = self.env["complaint.sla.clock"].with_user(self.handler)
        for name, value in (
            ("team_id", self.team),
            ("user_id", self.handler),
            ("policy_id", case.sla_policy_id),
        ):
            groups = clocks.formatted_read_group(
                [("case_id", "=", case.id)], [name], ["__count"]
            )
            with self.subTest(name):
                self.assertEqual(groups[0][name][0], value.id)
                self.assertEqual(groups[0]["__count"], 1)
        overdue = [("is_overdue", "=", True), ("case_id", "=", case.id)]
        with freeze_time(TUESDAY_NOON + timedelta(hours=25)):
            self.assertTrue(clocks.search(overdue).is_overdue)
        with freeze_time(TUESDAY_NOON + timedelta(hours=23)):
            self.assertFalse(clocks.search(overdue))

    def test_ledger_cannot_be_changed(self):
        self._policy(("accepted", 24, "elapsed_hour"))
        case = self._case()
        event = case.clock_ids.event_ids
        self.assertEqual(event.kind, "started")
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            event.write({"note": "nothing happened"})
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            event.unlink()
        case.unlink()
        self.assertFalse(event.exists(), "it goes with the complaint")

    def test_history_is_breached_then_and_nobody_is_told(self):
        self._policy(("accepted", 24, "elapsed_hour"), ("answered", 72, "elapsed_hour"))
        received = datetime(2015, 6, 1, 9, 0)
        cases = (
            self.env["complaint.case"]
            .with_context(complaint_history=True)
            .create(
                [
                    self._case_values(date_received=received),
                    self._case_values(
                        date_received=received,
                        stage_id=self.env.ref(f"{MODULE}.stage_closed").id,
                        outcome="settled",
                        milestone_ids=[
                            Command.create(
                                {
                                    "round": 1,
                                    "milestone": milestone,
                                    "reached_at": received + timedelta(hours=hours),
                                }
                            )
                            for milestone, hours in (("accepted", 30), ("answered", 71))
                        ],
                    ),
                ]
            )
        )
        unfinished, closed = cases
        self.assertEqual(set(unfinished.clock_ids.mapped("state")), {"breached"})
        self.assertEqual(
            unfinished.clock_ids.mapped("breached_at"),
            unfinished.clock_ids.mapped("deadline"),
        )
        self.assertEqual(
            {clock.milestone: clock.state for clock in closed.clock_ids},
            {"accepted": "breached", "answered": "met"},
        )
        self.assertFalse(closed.next_deadline)
        self.assertFalse(cases.activity_ids)
        self.assertFalse(any(cases.clock_ids.mapped("next_event_at")))


@tagged("post_install", "-at_install")
class TestRematch(SlaCommon):
    """A change of what policies look at (C3, C6)."""

    def setUp(self):
        super().setUp()
        self.major = self._policy(
            ("accepted", 24, "elapsed_hour"),
            ("resolved", 24, "elapsed_hour"),
            ("answered", 96, "elapsed_hour"),
            sequence=1,
            nature="major",
            name="Major",
        )
        self.general = self._policy(
            ("accepted", 24, "elapsed_hour"),
            ("first_reply", 48, "elapsed_hour"),
            ("answered", 72, "elapsed_hour"),
            sequence=2,
            name="General",
        )
        with freeze_time(TUESDAY_NOON):
            self.case = self._case(user_id=self.handler.id)
        self.clocks = self.case.clock_ids.grouped("milestone")

    def test_open_clocks_are_planned_anew_from_their_start(self):
        with freeze_time(TUESDAY_NOON + timedelta(hours=10)):
            self.case.with_user(self.handler).nature = "major"
        self.assertEqual(self.case.sla_policy_id, self.major)
        answered = self.clocks["answered"]
        self.assertEqual(answered.started_at, TUESDAY_NOON)
        self.assertEqual(answered.deadline, TUESDAY_NOON + timedelta(hours=96))
        self.assertEqual(self._kinds(answered), ["started", "replanned"])
        self.assertEqual(answered.event_ids[1].note, "Major")
        self.assertEqual(answered.event_ids[1].user_id, self.handler)
        self.assertEqual(self.clocks["first_reply"].state, "cancelled")
        resolved = self.case.clock_ids.filtered(
            lambda clock: clock.milestone == "resolved"
        )
        self.assertEqual(resolved.deadline, TUESDAY_NOON + timedelta(hours=24))

    def test_met_and_breached_clocks_stay(self):
        with freeze_time(TUESDAY_NOON + timedelta(hours=30)):
            self.case.with_user(self.handler).action_accept()
        accepted = self.clocks["accepted"]
        self.assertEqual(accepted.state, "breached")
        kinds = self._kinds(accepted)
        self.case.nature = "major"
        self.assertEqual(accepted.state, "breached")
        self.assertEqual(accepted.policy_id, self.general)
        self.assertEqual(self._kinds(accepted), kinds)

    def test_reached_milestone_gets_no_new_limit(self):
        with freeze_time(TUESDAY_NOON + timedelta(hours=30)):
            self.case.with_user(self.handler)._stamp(["resolved"])
            self.case.nature = "major"
        self.assertNotIn("resolved", self.case.clock_ids.mapped("milestone"))

    def test_change_that_changes_nothing_leaves_no_trace(self):
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            self.case.priority = "2"
        for clock in self.case.clock_ids:
            self.assertEqual(self._kinds(clock), ["started"])

    def test_there_and_back(self):
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            self.case.nature = "major"
            self.case.nature = "general"
        running = self.case.clock_ids.filtered(lambda clock: clock.state == "running")
        self.assertEqual(
            {clock.milestone: clock.deadline for clock in running},
            {
                "accepted": TUESDAY_NOON + timedelta(hours=24),
                "first_reply": TUESDAY_NOON + timedelta(hours=48),
                "answered": TUESDAY_NOON + timedelta(hours=72),
            },
        )

    def test_corrected_receipt_moves_the_deadlines(self):
        self.case.date_received = TUESDAY_NOON - timedelta(hours=5)
        self.assertEqual(
            self.clocks["answered"].deadline, TUESDAY_NOON + timedelta(hours=67)
        )
        self.assertEqual(
            self.clocks["answered"].started_at, TUESDAY_NOON - timedelta(hours=5)
        )

    def test_closed_case_is_left_alone(self):
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            self.case.with_user(self.handler)._withdraw("Sorry")
        events = self.case.clock_ids.event_ids
        self.case.with_context(complaint_history=True).nature = "major"
        self.assertEqual(self.case.sla_policy_id, self.general)
        self.assertEqual(self.case.clock_ids.event_ids, events)


@tagged("post_install", "-at_install")
class TestBatchCost(SlaCommon):
    """Queries do not grow with the batch (design rule 6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._policy(
            ("accepted", 24, "elapsed_hour"),
            ("assessed", 48, "elapsed_hour"),
            ("first_reply", 8, "work_hour"),
            ("resolved", 3, "work_day"),
            ("answered", 7, "calendar_day"),
        )
        # Another policy in front, so that matching has something to do.
        cls._policy(
            ("accepted", 1, "elapsed_hour"),
            sequence=1,
            category_ids=cls.env.ref(f"{MODULE}.category_delivery").ids,
        )

    def _cases_without_clocks(self, count):
        cases = (
            self.env["complaint.case"]
            .with_context(complaint_history=True)
            .create([self._case_values(user_id=self.handler.id)] * count)
        )
        # As if the clocks had never been.
        cases.clock_ids.unlink()
        cases.sla_policy_id = False
        self.env.flush_all()
        self.env.invalidate_all()
        return cases

    def _count(self, function, *arguments):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        function(*arguments)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _chunks(self, rows):
        """Statements the ORM needs to insert or update so many rows, 100 in each."""
        return -(-rows // 100)

    def test_starting_clocks_of_500_cases(self):
        few, many = self._cases_without_clocks(5), self._cases_without_clocks(500)
        self.env.invalidate_all()
        small = self._count(few._clocks_start)
        self.env.invalidate_all()
        large = self._count(many._clocks_start)
        self.assertEqual(len(many.clock_ids), 2500)
        self.assertEqual(len(many.clock_ids.event_ids), 2500)
        # 2500 clocks inserted, 500 cases updated twice: policy, next deadline.
        chunks = self._chunks(2500) - 1 + 2 * (self._chunks(500) - 1)
        self.assertLessEqual(large, small + chunks)
        self.assertLessEqual(small, 32)

    def test_reaching_a_milestone_on_500_cases(self):
        def stamp(cases):
            cases._stamp(["accepted"])

        few, many = self._cases_without_clocks(5), self._cases_without_clocks(500)
        (few | many)._clocks_start()
        self.env.flush_all()
        self.env.invalidate_all()
        small = self._count(stamp, few)
        self.env.invalidate_all()
        large = self._count(stamp, many)
        accepted = many.clock_ids.filtered(lambda clock: clock.milestone == "accepted")
        self.assertEqual(accepted.mapped("state"), ["met"] * 500)
        # Milestones inserted, clocks updated, cases updated; reads in thousands.
        self.assertLessEqual(large, small + 5 * (self._chunks(500) - 1))
        self.assertLessEqual(small, 32)

    def test_changing_the_nature_of_500_cases(self):
        self._policy(
            ("accepted", 2, "elapsed_hour"),
            ("resolved", 1, "work_day"),
            sequence=0,
            nature="major",
        )
        few, many = self._cases_without_clocks(5), self._cases_without_clocks(500)
        (few | many)._clocks_start()

        def change(cases):
            cases.write({"nature": "major"})

        self.env.flush_all()
        self.env.invalidate_all()
        small = self._count(change, few)
        self.env.invalidate_all()
        large = self._count(change, many)
        running = many.clock_ids.filtered(lambda clock: clock.state == "running")
        self.assertEqual(len(running), 1000)
        # 1500 clocks cancelled, 1000 re-planned, cases twice.
        self.assertLessEqual(large, small + self._chunks(2500) + 10 + 10)
