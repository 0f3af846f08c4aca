from datetime import date, datetime, timedelta

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import MODULE, ComplaintCommon
from .sla_common import TUESDAY_NOON, SlaCommon


@tagged("post_install", "-at_install")
class TestPolicy(SlaCommon):
    """Which policy a complaint gets (C2, C3, C6)."""

    def test_first_match_wins(self):
        second = self._policy(("accepted", 2, "elapsed_hour"), sequence=2)
        first = self._policy(("accepted", 1, "elapsed_hour"), sequence=1)
        self.assertEqual(self._case().sla_policy_id, first)
        first.sequence = 3
        self.assertEqual(self._case().sla_policy_id, second)

    def test_every_condition_must_hold(self):
        policy = self._policy(
            ("accepted", 1, "elapsed_hour"),
            nature="major",
            priority="2",
            handling_mode="committee",
            team_ids=self.team.ids,
            channel_ids=self.env.ref(f"{MODULE}.channel_phone").ids,
        )
        fitting = {
            "nature": "major",
            "priority": "2",
            "handling_mode": "committee",
            "team_id": self.team.id,
            "channel_id": self.env.ref(f"{MODULE}.channel_phone").id,
        }
        self.assertEqual(self._case(**fitting).sla_policy_id, policy)
        for name, other in (
            ("nature", "repeat"),
            ("priority", "1"),
            ("handling_mode", "general"),
            ("team_id", self.other_team.id),
            ("channel_id", self.env.ref(f"{MODULE}.channel_letter").id),
            ("channel_id", False),
        ):
            with self.subTest(name):
                case = self._case(**{**fitting, name: other})
                self.assertFalse(case.sla_policy_id)
                self.assertFalse(case.clock_ids)

    def test_category_means_the_whole_subtree(self):
        root = self.env["complaint.category"].create({"name": "Root"})
        child = root.create({"name": "Child", "parent_id": root.id})
        leaf = root.create({"name": "Leaf", "parent_id": child.id})
        policy = self._policy(("accepted", 1, "elapsed_hour"), category_ids=child.ids)
        self.assertEqual(self._case(category_id=leaf.id).sla_policy_id, policy)
        self.assertEqual(self._case(category_id=child.id).sla_policy_id, policy)
        self.assertFalse(self._case(category_id=root.id).sla_policy_id)
        self.assertFalse(self._case(category_id=False).sla_policy_id)

    def test_dates_go_by_the_day_received(self):
        old = self._policy(
            ("accepted", 1, "elapsed_hour"), sequence=1, date_to=date(2026, 3, 9)
        )
        new = self._policy(
            ("accepted", 2, "elapsed_hour"), sequence=2, date_from=date(2026, 3, 10)
        )
        self.calendar.tz = "Asia/Shanghai"
        # 15:59 UTC is still the 9th in Shanghai, 16:00 the 10th.
        before = self._received(datetime(2026, 3, 9, 15, 59))
        after = self._received(datetime(2026, 3, 9, 16, 0))
        self.assertEqual(before.sla_policy_id, old)
        self.assertEqual(after.sla_policy_id, new)

    def test_policy_of_another_company_does_not_apply(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self._policy(("accepted", 1, "elapsed_hour"), sequence=1, company_id=other.id)
        own = self._policy(("accepted", 2, "elapsed_hour"), sequence=2)
        self.assertEqual(self._case().sla_policy_id, own)

    def test_no_policy_no_clock(self):
        case = self._case()
        self.assertFalse(case.clock_ids)
        self.assertFalse(case.next_deadline)
        self.assertFalse(case.is_overdue)

    def test_unusable_calendar_is_refused(self):
        empty = self.env["resource.calendar"].create(
            {"name": "Nobody", "tz": "UTC", "attendance_ids": [Command.clear()]}
        )
        with self.assertRaisesRegex(ValidationError, "no working hours. Add some"):
            self._policy(calendar_id=empty.id)
        flexible = self._calendar("Any time", flexible_hours=True)
        with self.assertRaisesRegex(ValidationError, "flexible.*Choose a schedule"):
            self._policy(calendar_id=flexible.id)
        archived = self._calendar("Former", active=False)
        with self.assertRaisesRegex(ValidationError, "archived. Choose another"):
            self._policy(calendar_id=archived.id)
        policy = self._policy(calendar_id=self.calendar.id)
        with self.assertRaisesRegex(ValidationError, "flexible"):
            policy.calendar_id = flexible

    def test_working_limit_of_company_without_hours_is_refused(self):
        company = self.env["res.company"].create({"name": "No hours"})
        company.resource_calendar_id.flexible_hours = True
        with self.assertRaisesRegex(ValidationError, "flexible"):
            self._policy(("resolved", 1, "work_day"), company_id=company.id)
        self._policy(("resolved", 1, "calendar_day"), company_id=company.id)

    def test_absurd_amounts_are_refused(self):
        for amount, unit, message in (
            (1.5, "work_day", "whole numbers. Use hours"),
            (0.5, "calendar_week", "whole numbers"),
            (4000, "calendar_day", "ten years"),
            (100000, "work_hour", "ten years"),
            (0.0001, "elapsed_hour", "longer than zero"),
        ):
            with (
                self.subTest(f"{amount} {unit}"),
                self.assertRaisesRegex(ValidationError, message),
            ):
                self._policy(("resolved", amount, unit))
        for amount in (0, -1):
            with (
                self.subTest(amount),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._policy(("resolved", amount, "elapsed_hour"))

    def test_one_limit_per_milestone_and_one_statutory(self):
        policy = self._policy(
            ("resolved", 3, "work_day"),
            ("resolved", 8, "calendar_week", {"is_statutory": True}),
        )
        case = self._case()
        self.assertEqual(len(case.clock_ids), 2)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            policy.target_ids.create(
                {
                    "policy_id": policy.id,
                    "milestone": "resolved",
                    "amount": 1,
                    "unit": "work_day",
                }
            )

    def test_start_must_lie_before_the_milestone(self):
        with self.assertRaisesRegex(ValidationError, "happens before"):
            self._policy(
                ("assessed", 1, "elapsed_hour", {"start_milestone": "resolved"})
            )

    def test_used_policy_is_archived_not_deleted(self):
        used, unused = self._policy(("accepted", 1, "elapsed_hour")), self._policy()
        self._case()
        with self.assertRaisesRegex(ValidationError, "Archive it"):
            used.unlink()
        unused.unlink()
        with self.assertRaisesRegex(UserError, "new version"):
            used.target_ids.unlink()

    def test_deleting_a_condition_does_not_widen_the_policy(self):
        category = self.env["complaint.category"].create({"name": "Gone"})
        self._policy(("accepted", 1, "elapsed_hour"), category_ids=category.ids)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            category.unlink()

    def test_manager_sets_up_a_policy_in_the_form(self):
        form = Form(self.env["complaint.sla.policy"].with_user(self.manager))
        form.name = "Dealers"
        form.nature = "major"
        with form.target_ids.new() as line:
            line.milestone = "resolved"
            line.amount = 3
            line.unit = "work_day"
        policy = form.save()
        self.assertEqual(policy.target_ids.display_name, "Resolution: 3 working days")
        copy = policy.copy()
        self.assertEqual(copy.name, "Dealers (copy)")
        self.assertEqual(copy.target_ids.amount, 3)

    def test_handlers_read_policies_and_change_none(self):
        policy = self._policy(("accepted", 1, "elapsed_hour"))
        own = policy.with_user(self.handler)
        self.assertEqual(own.target_ids.milestone, "accepted")
        for change in (
            lambda: own.write({"name": "Mine"}),
            lambda: own.target_ids.write({"amount": 9}),
            own.unlink,
        ):
            with self.assertRaises(AccessError):
                change()


@tagged("post_install", "-at_install")
class TestShipped(ComplaintCommon):
    """The policies of C2 as they are delivered."""

    def _limits(self, **values):
        case = self._case(date_received=TUESDAY_NOON, **values)
        return {clock.milestone: (clock.amount, clock.unit) for clock in case.clock_ids}

    def test_shipped_limits(self):
        general = {
            "accepted": (24, "elapsed_hour"),
            "assessed": (48, "elapsed_hour"),
            "first_reply": (72, "elapsed_hour"),
            "answered": (7, "calendar_day"),
        }
        store = self.env.ref(f"{MODULE}.channel_store").id
        chat = self.env.ref(f"{MODULE}.channel_chat").id
        for values, expected in (
            ({}, general),
            ({"nature": "major"}, {**general, "resolved": (3, "work_day")}),
            ({"nature": "repeat"}, {**general, "resolved": (1, "work_day")}),
            ({"nature": "invalid"}, {"answered": (24, "elapsed_hour")}),
            (
                {"channel_id": store},
                {
                    "first_reply": (0.5, "elapsed_hour"),
                    "resolved": (24, "elapsed_hour"),
                },
            ),
            (
                {"channel_id": chat},
                {
                    "first_reply": (0.25, "work_hour"),
                    "resolved": (24, "elapsed_hour"),
                    "answered": (72, "elapsed_hour"),
                },
            ),
            # The most serious reason comes first, whatever the channel.
            (
                {"channel_id": chat, "nature": "major"},
                {**general, "resolved": (3, "work_day")},
            ),
        ):
            with self.subTest(values):
                self.assertEqual(self._limits(**values), expected)

    def test_complex_online_case_counts_from_the_hand_over(self):
        with freeze_time(TUESDAY_NOON):
            case = self._case(
                channel_id=self.env.ref(f"{MODULE}.channel_chat").id,
                handling_mode="dedicated",
                user_id=self.handler.id,
            )
        self.assertNotIn("resolved", case.clock_ids.mapped("milestone"))
        handed_over = TUESDAY_NOON + timedelta(hours=20)
        with freeze_time(handed_over):
            case.with_user(self.handler).action_investigate()
        clock = case.clock_ids.filtered(lambda clock: clock.milestone == "resolved")
        self.assertEqual(clock.started_at, handed_over)
        self.assertEqual(clock.deadline, handed_over + timedelta(hours=48))
        self.assertEqual(clock.state, "running")
