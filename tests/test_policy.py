from datetime import date, datetime, timedelta
from random import Random

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .sla_common import TUESDAY_NOON, SlaCommon


@tagged("post_install", "-at_install")
class TestCriteria(SlaCommon):
    """What policies look at beside the classification (C3)."""

    def test_drafts_set_no_limits(self):
        draft = self._policy(("accepted", 1, "elapsed_hour"), is_draft=True, sequence=1)
        rest = self._policy(("accepted", 3, "elapsed_hour"), sequence=2)
        self.assertEqual(self._received().sla_policy_id, rest)
        draft.action_put_into_force()
        self.assertEqual(self._received().sla_policy_id, draft)
        empty = self._policy(is_draft=True)
        with self.refuses(UserError, "no time limits yet"):
            empty.action_put_into_force()

    def test_what_no_complaint_reaches_is_told(self):
        narrow = self._policy(nature="major", sequence=1)
        all_ = self._policy(sequence=2)
        below = self._policy(nature="repeat", sequence=3)
        draft = self._policy(sequence=0, is_draft=True)
        self.assertFalse((narrow | all_ | draft).shadow_id)
        self.assertEqual(below.shadow_id, all_)
        all_.date_to = "2030-01-01"
        below.invalidate_recordset(["shadow_id"])
        self.assertFalse(below.shadow_id)

    def test_product_category_with_everything_below(self):
        root = self.env["product.category"].create({"name": "Appliances"})
        leaf = root.create({"name": "Kettles", "parent_id": root.id})
        self.product.categ_id = leaf
        policy = self._policy(
            ("accepted", 1, "elapsed_hour"), product_category_ids=root.ids
        )
        case = self._case(order_id=self.order.id, product_id=self.product.id)
        self.assertEqual(case.sla_policy_id, policy)
        self.assertFalse(self._case().sla_policy_id, "no product")
        self.product.categ_id = root.create({"name": "Furniture"})
        other = self._case(order_id=self.order.id, product_id=self.product.id)
        self.assertFalse(other.sla_policy_id)

    def test_tags_of_contact_or_company(self):
        gold, silver, other = self.env["res.partner.category"].create(
            [{"name": "Gold"}, {"name": "Silver"}, {"name": "Newsletter"}]
        )
        policy = self._policy(
            ("accepted", 1, "elapsed_hour"), partner_tag_ids=(gold | silver).ids
        )
        self.assertFalse(self._case().sla_policy_id)
        self.acme.category_id = other
        self.assertFalse(self._case().sla_policy_id)
        self.acme.category_id = other | silver
        self.assertEqual(self._case().sla_policy_id, policy, "by the company")
        self.acme.category_id = False
        self.customer.partner_id.category_id = gold
        self.assertEqual(self._case().sla_policy_id, policy, "by the contact")

    def test_order_value(self):
        large = self._policy(
            ("accepted", 1, "elapsed_hour"), sequence=1, order_amount_min=1000
        )
        middle = self._policy(
            ("accepted", 2, "elapsed_hour"),
            sequence=2,
            order_amount_min=500,
            order_amount_max=999.99,
        )
        rest = self._policy(("accepted", 3, "elapsed_hour"), sequence=3)
        self.order.order_line.tax_ids = False
        for price, policy in (
            (500, large),  # two of them: 1000
            (499.99, middle),
            (250, middle),
            (249.99, rest),
        ):
            with self.subTest(price):
                self.order.order_line.price_unit = price
                case = self._case(order_id=self.order.id)
                self.assertEqual(case.sla_policy_id, policy)
        self.assertEqual(self._case().sla_policy_id, rest, "without an order")

    def test_order_value_in_the_currency_of_the_company(self):
        foreign = self.env["res.currency"].create(
            {
                "name": "XTS",
                "symbol": "x",
                "rate_ids": [(0, 0, {"name": "2020-01-01", "rate": 10})],
            }
        )
        policy = self._policy(("accepted", 1, "elapsed_hour"), order_amount_min=100)
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": foreign.id}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.acme.id,
                "pricelist_id": pricelist.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.product.id,
                            "price_unit": 999,
                            "tax_ids": False,
                        },
                    )
                ],
            }
        )
        order.action_confirm()
        self.assertEqual(order.currency_id, foreign)
        self.assertFalse(self._case(order_id=order.id).sla_policy_id)  # 99.90
        order.order_line.price_unit = 1000
        self.assertEqual(self._case(order_id=order.id).sla_policy_id, policy)

    def test_amounts_must_make_sense(self):
        for low, high in ((-1, 0), (0, -1), (100, 50)):
            with (
                self.subTest((low, high)),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._policy(order_amount_min=low, order_amount_max=high)

    def test_looked_at_again_when_the_case_is_written(self):
        policy = self._policy(
            ("accepted", 1, "elapsed_hour"), sequence=1, order_amount_min=1000
        )
        rest = self._policy(("accepted", 3, "elapsed_hour"), sequence=2)
        with freeze_time(TUESDAY_NOON):
            case = self._case(order_id=self.order.id)
            self.assertEqual(case.sla_policy_id, rest)
            self.order.order_line.price_unit = 5000
            self.assertEqual(case.sla_policy_id, rest, "not by itself")
            case.priority = "1"
        self.assertEqual(case.sla_policy_id, policy)
        self.assertEqual(case.clock_ids.deadline, TUESDAY_NOON + timedelta(hours=1))

    def test_changes_of_customer_order_and_product_are_noticed(self):
        gold = self.env["res.partner.category"].create({"name": "Gold"})
        self.beta.category_id = gold
        by_tag = self._policy(
            ("accepted", 1, "elapsed_hour"), sequence=1, partner_tag_ids=gold.ids
        )
        by_product = self._policy(
            ("accepted", 2, "elapsed_hour"),
            sequence=2,
            product_category_ids=self.env["product.category"]
            .create({"name": "Kettles"})
            .ids,
        )
        self.product.categ_id = by_product.product_category_ids
        with freeze_time(TUESDAY_NOON):
            case = self._case()
            self.assertFalse(case.clock_ids)
            case.write({"order_id": self.order.id, "product_id": self.product.id})
            self.assertEqual(case.sla_policy_id, by_product)
            self.assertEqual(case.clock_ids.amount, 2)
            case.write(
                {
                    "order_id": False,
                    "product_id": False,
                    "partner_id": self.other_customer.partner_id.id,
                }
            )
        self.assertEqual(case.sla_policy_id, by_tag)
        self.assertEqual(case.clock_ids.amount, 1)

    def test_matching_costs_a_fixed_number_of_queries(self):
        tags = self.env["res.partner.category"].create(
            [{"name": f"Tag {number}"} for number in range(20)]
        )
        for number, tag in enumerate(tags):
            self._policy(
                ("accepted", 1, "elapsed_hour"),
                sequence=number,
                partner_tag_ids=tag.ids,
                order_amount_min=number,
                product_category_ids=self.product.categ_id.ids,
            )
        cases = self.env["complaint.case"].create(
            [
                self._case_values(order_id=self.order.id, product_id=self.product.id)
                for _number in range(60)
            ]
        )
        policies = self.env["complaint.sla.policy"]

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            policies._match(records)
            return self.env.cr.sql_log_count - before

        self.assertEqual(count(cases[:2]), count(cases))


@tagged("post_install", "-at_install")
class TestUsedTime(SlaCommon):
    """Another policy on the way: what was used stays used (C3, C4; field T4)."""

    def setUp(self):
        super().setUp()
        self.reason = self.env.ref("complaint_management.pause_reason_customer")
        self.major = self._policy(
            ("resolved", 6, "elapsed_hour"),
            ("answered", 8, "work_hour"),
            sequence=1,
            nature="major",
            name="Major",
        )
        self.general = self._policy(
            ("resolved", 24, "elapsed_hour"),
            ("answered", 72, "elapsed_hour"),
            sequence=2,
            name="General",
        )
        with freeze_time(TUESDAY_NOON):
            self.case = self._case(user_id=self.handler.id)
        self.clocks = self.case.clock_ids.grouped("milestone")

    def _at(self, **delta):
        return freeze_time(TUESDAY_NOON + timedelta(**delta))

    def _pause(self, **delta):
        with self._at(**delta):
            self.case.with_user(self.handler)._pause(self.reason)

    def _resume(self, **delta):
        with self._at(**delta):
            self.case.with_user(self.handler).action_resume()

    def test_changed_after_a_pause(self):
        self._pause(hours=2)
        self._resume(hours=22)
        with self._at(hours=23):
            self.case.nature = "major"
        resolved = self.clocks["resolved"]
        # 2 of 6 hours before the pause; 4 more from when it went on.
        self.assertEqual(resolved.deadline, TUESDAY_NOON + timedelta(hours=26))
        self.assertEqual(resolved.left, 4 * 3600)
        self.assertEqual(resolved.resumed_at, TUESDAY_NOON + timedelta(hours=22))
        self.assertEqual(resolved.started_at, TUESDAY_NOON)
        # Measured in the new limit's own time: Tuesday 12-14 is one working hour;
        # Wednesday 10:00 on, 7 more: 10-12, 13-17, Thursday 9-10.
        answered = self.clocks["answered"]
        self.assertEqual(answered.left, 7 * 3600)
        self.assertEqual(answered.deadline, datetime(2026, 3, 12, 10, 0))

    def test_changed_while_paused(self):
        self._pause(hours=2)
        with self._at(hours=20):
            self.case.nature = "major"
        resolved = self.clocks["resolved"]
        self.assertEqual((resolved.state, resolved.left), ("paused", 4 * 3600))
        self.assertFalse(resolved.deadline)
        self.assertEqual(self.clocks["answered"].left, 7 * 3600)
        self.assertEqual(self.case.sla_policy_id, self.major)
        self._resume(hours=30)
        self.assertEqual(resolved.deadline, TUESDAY_NOON + timedelta(hours=34))
        self.assertEqual(
            self._kinds(resolved), ["started", "paused", "replanned", "resumed"]
        )
        replanned = resolved.event_ids[2]
        self.assertEqual(
            (replanned.policy_id, replanned.amount, replanned.left),
            (self.major, 6, 4 * 3600),
        )

    def test_there_and_back_while_paused_changes_nothing(self):
        self._pause(hours=2)
        with self._at(hours=5):
            self.case.nature = "major"
        with self._at(hours=6):
            self.case.nature = "general"
        self._resume(hours=10)
        self.assertEqual(
            self.clocks["resolved"].deadline, TUESDAY_NOON + timedelta(hours=32)
        )

    def test_shorter_limit_used_up_before_the_pause_is_breached_then(self):
        self._pause(hours=10)
        with self._at(hours=20):
            self.case.nature = "major"  # 6 hours, 10 are used
        resolved = self.clocks["resolved"]
        self.assertEqual(resolved.deadline, TUESDAY_NOON + timedelta(hours=6))
        now = TUESDAY_NOON + timedelta(hours=20, minutes=5)
        with freeze_time(now):
            resolved._process_events(now)
        self.assertEqual(resolved.state, "breached")
        self.assertEqual(resolved.breached_at, TUESDAY_NOON + timedelta(hours=6))

    def test_used_up_in_a_later_stretch(self):
        self._pause(hours=4)
        self._resume(hours=10)
        self._pause(hours=20)
        with self._at(hours=21):
            self.case.nature = "major"
        # 4 hours in the first stretch, 2 in the second.
        self.assertEqual(
            self.clocks["resolved"].deadline, TUESDAY_NOON + timedelta(hours=12)
        )

    def test_limit_that_passed_unnoticed_is_breached_not_moved(self):
        self.case.write({"nature": "general"})
        with self._at(hours=25):
            self.case.nature = "major"
        resolved = self.clocks["resolved"]
        self.assertEqual(resolved.state, "breached")
        self.assertEqual(resolved.breached_at, TUESDAY_NOON + timedelta(hours=24))
        self.assertEqual(resolved.policy_id, self.general)

    def test_new_limit_of_a_paused_case_begins_paused(self):
        self._policy(("closed", 10, "elapsed_hour"), sequence=0, priority="2")
        self._pause(hours=2)
        with self._at(hours=5):
            self.case.priority = "2"
        clock = self.case.clock_ids.filtered(lambda clock: clock.milestone == "closed")
        self.assertEqual((clock.state, clock.left), ("paused", 8 * 3600))


@tagged("post_install", "-at_install")
class TestVersions(SlaCommon):
    """Policies change by versions; what was set stays set (C6)."""

    @freeze_time(TUESDAY_NOON)
    def test_new_version(self):
        policy = self._policy(
            ("resolved", 24, "elapsed_hour"),
            name="Dealers",
            sequence=3,
            date_to=date(2026, 12, 31),
        )
        before = self._case()
        action = policy.with_user(self.manager).action_new_version()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard.date_from, date(2026, 3, 11))
        wizard.date_from = date(2026, 4, 1)
        opened = wizard.save().action_confirm()
        version = policy.browse(opened["res_id"])
        self.assertEqual(
            (version.name, version.version, version.previous_id, version.sequence),
            ("Dealers", 2, policy, 3),
        )
        self.assertEqual(version.display_name, "Dealers (version 2)")
        self.assertEqual(policy.next_id, version)
        self.assertEqual(
            (policy.date_to, version.date_from, version.date_to),
            (date(2026, 3, 31), date(2026, 4, 1), date(2026, 12, 31)),
        )
        self.assertEqual(version.target_ids.amount, 24)
        version.with_user(self.manager).target_ids.amount = 12
        with freeze_time(datetime(2026, 3, 31, 12, 0)):
            last = self._case()
        with freeze_time(datetime(2026, 4, 1, 12, 0)):
            first = self._case()
            self.assertEqual(first.sla_policy_id, version)
            self.assertEqual(first.clock_ids.amount, 12)
            # Looked at again later, each keeps the version of its day of receipt.
            before.priority = "1"
            last.priority = "1"
        self.assertEqual((before | last).sla_policy_id, policy)
        self.assertEqual((before | last).clock_ids.mapped("amount"), [24, 24])

    def test_limits_that_were_set_are_not_edited(self):
        policy = self._policy(("resolved", 24, "elapsed_hour"))
        target = policy.target_ids.with_user(self.manager)
        target.amount = 20  # nobody was held to it yet
        self.assertFalse(policy.is_used)
        self._case()
        policy.invalidate_recordset()
        self.assertTrue(policy.is_used)
        for function in (
            lambda: target.write({"amount": 12}),
            lambda: target.write({"is_statutory": True}),
            target.unlink,
            lambda: policy.with_user(self.manager).write(
                {
                    "target_ids": [
                        (
                            0,
                            0,
                            {
                                "milestone": "closed",
                                "amount": 1,
                                "unit": "work_day",
                            },
                        )
                    ]
                }
            ),
        ):
            with self.refuses(UserError, "make a new version"):
                function()
        target.sequence = 5  # order on the screen only
        policy.with_user(self.manager).name = "Renamed"
        copy = policy.copy()
        copy.target_ids.amount = 1
        self.assertEqual((copy.version, copy.previous_id.id), (1, False))

    def test_policy_that_a_clock_left_is_still_history(self):
        first = self._policy(
            ("resolved", 1, "elapsed_hour"), sequence=1, nature="major"
        )
        self._policy(("resolved", 24, "elapsed_hour"), sequence=2)
        with freeze_time(TUESDAY_NOON):
            case = self._case(nature="major")
            case.nature = "general"
        self.assertNotIn(first, case.clock_ids.policy_id)
        with self.refuses(ValidationError, "belongs to their history"):
            first.unlink()

    @freeze_time(TUESDAY_NOON)
    def test_days_that_do_not_fit(self):
        policy = self._policy(
            ("resolved", 24, "elapsed_hour"),
            date_from=date(2026, 3, 20),
            date_to=date(2026, 6, 30),
        )
        for day, message in (
            (date(2026, 3, 9), "cannot apply to the past"),
            (date(2026, 3, 20), "must begin after the first"),
            (date(2026, 7, 1), "not after the last"),
        ):
            with self.refuses(UserError, message):
                policy._new_version(day)
        policy._new_version(date(2026, 6, 30))
        with self.refuses(UserError, "newer version of this policy already"):
            policy._new_version(date(2026, 5, 1))

    def test_names_in_other_languages_carry_over(self):
        policy = self._policy(("resolved", 24, "elapsed_hour"), name="Dealers")
        policy.with_context(lang="zh_CN").name = "经销商"
        version = policy._new_version(date.today() + timedelta(days=2))
        self.assertEqual(version.with_context(lang="zh_CN").name, "经销商")
        self.assertEqual(version.name, "Dealers")

    def test_each_role(self):
        policy = self._policy(("resolved", 24, "elapsed_hour"))
        for user in (self.handler, self.supervisor, self.auditor):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    policy.with_user(user).action_new_version()
                with self.assertRaises(AccessError):
                    self.env["complaint.policy.version.wizard"].with_user(user).create(
                        {"policy_id": policy.id}
                    )


@tagged("post_install", "-at_install")
class TestNoDrift(SlaCommon):
    """Step by step or planned afresh over all pauses: the same second (C4)."""

    def test_random_stories(self):
        random = Random(19)
        reason = self.env.ref("complaint_management.pause_reason_customer")
        self.calendar.tz = "America/New_York"  # summer time begins on 8 March
        self._policy(
            ("accepted", 40.5, "elapsed_hour"),
            ("assessed", 33.25, "work_hour"),
            ("first_reply", 6, "work_day"),
            ("resolved", 9, "calendar_day"),
            ("answered", 2, "calendar_week"),
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": datetime(2026, 3, 11, 4, 0),
                "date_to": datetime(2026, 3, 12, 3, 59, 59),
            }
        )
        for story in range(12):
            moment = datetime(2026, 3, 5) + timedelta(seconds=random.randrange(400000))
            with freeze_time(moment):
                case = self._case(user_id=self.handler.id)
            for _pause in range(random.randrange(1, 7)):
                moment += timedelta(seconds=random.randrange(60000))
                with freeze_time(moment):
                    case._pause(reason)
                moment += timedelta(seconds=random.randrange(200000))
                with freeze_time(moment):
                    case._resume()
            running = case.clock_ids.filtered(lambda clock: clock.state == "running")
            before = {
                clock: (clock.deadline, clock.left, clock.resumed_at, clock.warn_at)
                for clock in running
            }
            with self.subTest(story), freeze_time(moment):
                model = self.env["complaint.sla.clock"]
                changed = model._replan(
                    {
                        clock: (case, clock.target_id, clock.started_at)
                        for clock in running
                    }
                )
                self.assertFalse(changed, before)
                self.assertEqual(
                    before,
                    {
                        clock: (
                            clock.deadline,
                            clock.left,
                            clock.resumed_at,
                            clock.warn_at,
                        )
                        for clock in running
                    },
                )
