import time
from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import SQL

from .pause_common import PauseCommon
from .sla_common import TUESDAY_NOON

LATER = datetime(2026, 4, 10, 12, 0, 0)


@tagged("post_install", "-at_install")
class TestSimulation(PauseCommon):
    """A policy is tried on past complaints before it is put to work (C2)."""

    def _tried(self, policy, moment=LATER, **values):
        with freeze_time(moment):
            wizard = self.env["complaint.sla.simulation"].with_user(self.manager)
            wizard = wizard.create({"policy_id": policy.id, **values})
            wizard.action_run()
        return wizard

    def _line(self, wizard, milestone, statutory=False):
        return wizard.line_ids.filtered(
            lambda line: (line.milestone, line.is_statutory) == (milestone, statutory)
        )

    def _counts(self, line, prefix=""):
        return tuple(
            line[f"{prefix}{name}_count"]
            for name in ("met", "breached", "open", "other")
        )

    def _accepted(self, hours, **values):
        """A case of Tuesday noon, accepted so many hours later."""
        case = self._open(**values)
        with freeze_time(TUESDAY_NOON + timedelta(hours=hours)):
            case.with_user(self.handler).action_accept()
        return case

    def _draft(self, *limits, **values):
        return self._policy(*limits, active=False, name="Draft", **values)

    def test_what_policies_above_take_is_left_to_them(self):
        self._policy(("accepted", 1, "elapsed_hour"), nature="major", sequence=5)
        self._accepted(2, nature="major")
        self._accepted(2)
        draft = self._draft(("accepted", 3, "elapsed_hour"))
        wizard = self._tried(draft)
        self.assertEqual((wizard.fitting_count, wizard.taken_count), (1, 1))
        draft.sequence = 1
        wizard = self._tried(draft)
        self.assertEqual((wizard.fitting_count, wizard.taken_count), (2, 0))

    def test_met_breached_and_open_beside_what_was(self):
        self._policy(("accepted", 3, "elapsed_hour"))
        for hours in (1, 2, 4):
            self._accepted(hours)
        self._open()
        draft = self._draft(
            ("accepted", 90, "elapsed_hour"), ("closed", 60, "calendar_day")
        )
        with freeze_time(LATER):
            self.env["complaint.sla.clock"].search([])._process_events(LATER)
        before = self.env["complaint.sla.event"].search_count([])
        wizard = self._tried(draft)
        self.assertEqual((wizard.received_count, wizard.fitting_count), (4, 4))
        line = self._line(wizard, "accepted")
        self.assertEqual(self._counts(line), (3, 1, 0, 0))
        self.assertEqual(line.met_share, 0.75)
        self.assertEqual(self._counts(line, "real_"), (2, 2, 0, 0))
        self.assertEqual(line.real_met_share, 0.5)
        self.assertEqual(line.limit, "90 hours")
        closed = self._line(wizard, "closed")
        self.assertEqual(self._counts(closed), (0, 0, 4, 0))
        self.assertEqual(self._counts(closed, "real_"), (0, 0, 0, 0))
        # 31 days of 60, and the hours until the end of the last one.
        self.assertAlmostEqual(closed.share_used, 31 / 60.5, places=3)
        self.assertEqual(self.env["complaint.sla.event"].search_count([]), before)
        self.assertFalse(draft._used())

    def test_agrees_with_the_clocks(self):
        """A copy of the policy that was at work ends every limit as it really ended."""
        policy = self._policy(
            ("accepted", 3, "work_hour"),
            ("resolved", 2, "work_day"),
            ("answered", 60, "elapsed_hour", {"is_statutory": True}),
            ("answered", 4, "work_hour", {"start_milestone": "accepted"}),
        )
        for hours in (1, 4, 21, 24):
            case = self._accepted(hours)
            start = TUESDAY_NOON + timedelta(hours=hours)
            self._pause(case, start + timedelta(minutes=30))
            self._resume(case, start + timedelta(hours=20 + 2 * hours))
            with freeze_time(start + timedelta(hours=30 + hours)):
                case.answer = "<p>We replace it.</p>"
                case.with_user(self.handler).action_answer()
        copy = policy.copy({"active": False})
        wizard = self._tried(copy)
        self.assertEqual(len(wizard.line_ids), 4)
        for line in wizard.line_ids:
            with self.subTest(line.milestone, statutory=line.is_statutory):
                self.assertEqual(self._counts(line), self._counts(line, "real_"))
                self.assertEqual(sum(self._counts(line)), 4)
        self.assertTrue(any(line.met_count for line in wizard.line_ids))
        self.assertTrue(any(line.breached_count for line in wizard.line_ids))

    def test_pauses_count_unless_the_limit_is_statutory(self):
        case = self._open()
        self._pause(case, TUESDAY_NOON + timedelta(hours=1))
        self._resume(case, TUESDAY_NOON + timedelta(hours=11))
        with freeze_time(TUESDAY_NOON + timedelta(hours=12)):
            case.with_user(self.handler).action_accept()
        wizard = self._tried(
            self._draft(
                ("accepted", 4, "elapsed_hour"),
                ("accepted", 8, "elapsed_hour", {"is_statutory": True}),
            )
        )
        line = self._line(wizard, "accepted")
        self.assertEqual((self._counts(line), line.share_used), ((1, 0, 0, 0), 0.5))
        line = self._line(wizard, "accepted", statutory=True)
        self.assertEqual((self._counts(line), line.share_used), ((0, 1, 0, 0), 1.5))

    def test_its_conditions_decide_its_validity_does_not(self):
        self._accepted(1, priority="2")
        self._accepted(1)
        draft = self._draft(
            ("accepted", 2, "elapsed_hour"),
            priority="2",
            order_amount_min=0,
            date_from=date(2027, 1, 1),
        )
        wizard = self._tried(draft)
        self.assertEqual((wizard.received_count, wizard.fitting_count), (2, 1))
        self.assertEqual(wizard.line_ids.met_count, 1)

    def test_costly_conditions(self):
        tag = self.env["res.partner.category"].create({"name": "Gold"})
        self.acme.category_id = tag
        self._accepted(1, order_id=self.order.id, product_id=self.product.id)
        self._accepted(1, partner_id=self.other_customer.partner_id.id)
        draft = self._draft(
            ("accepted", 2, "elapsed_hour"),
            partner_tag_ids=tag.ids,
            product_category_ids=self.product.categ_id.ids,
            order_amount_min=1,
        )
        self.assertEqual(self._tried(draft).fitting_count, 1)

    def test_period_is_of_the_readers_days(self):
        self.manager.tz = "Asia/Kathmandu"  # noon UTC is 17:45 there
        draft = self._draft(("accepted", 2, "elapsed_hour"))
        with freeze_time(datetime(2026, 3, 10, 18, 30)):  # the 11th in Kathmandu
            self._case()
        day = {"date_from": date(2026, 3, 10), "date_to": date(2026, 3, 10)}
        self._open()
        wizard = self.env["complaint.sla.simulation"].with_user(self.manager)
        wizard = wizard.with_context(tz="Asia/Kathmandu").create(
            {"policy_id": draft.id, **day}
        )
        wizard.action_run()
        self.assertEqual(wizard.received_count, 1)

    def test_what_cannot_be_judged(self):
        case = self._open()
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            case.outcome = "withdrawn"
            case.stage_id = self.env["complaint.stage"].search(
                [("phase", "=", "closed")], limit=1
            )
        wizard = self._tried(
            self._draft(
                ("resolved", 2, "elapsed_hour"),
                ("closed", 2, "elapsed_hour"),
                ("answered", 2, "elapsed_hour", {"start_milestone": "resolved"}),
            )
        )
        # Withdrawn within the limit: it was never put to the test.
        self.assertEqual(self._counts(self._line(wizard, "resolved")), (0, 0, 0, 1))
        self.assertEqual(self._counts(self._line(wizard, "closed")), (1, 0, 0, 0))
        self.assertEqual(self._counts(self._line(wizard, "answered")), (0, 0, 0, 0))
        self.calendar.attendance_ids.unlink()
        wizard = self._tried(self._draft(("closed", 2, "work_hour")))
        self.assertEqual(self._counts(wizard.line_ids), (0, 0, 0, 1))

    def test_a_second_round_is_not_mixed_in(self):
        case = self._accepted(1, answer="<p>No.</p>")
        with freeze_time(TUESDAY_NOON + timedelta(hours=2)):
            case.with_user(self.handler).action_answer()
        with freeze_time(TUESDAY_NOON + timedelta(hours=50)):
            case._reopen("Still broken")
        self.assertEqual(case.round, 2)
        wizard = self._tried(
            self._draft(("answered", 3, "elapsed_hour"), ("closed", 99, "elapsed_hour"))
        )
        self.assertEqual(self._counts(self._line(wizard, "answered")), (1, 0, 0, 0))
        self.assertEqual(self._counts(self._line(wizard, "closed")), (0, 0, 0, 1))

    def test_from_the_policy(self):
        self._accepted(1)
        draft = self._draft(("accepted", 2, "elapsed_hour"))
        with freeze_time(LATER):
            form = Form(
                self.env["complaint.sla.simulation"]
                .with_user(self.manager)
                .with_context(default_policy_id=draft.id)
            )
            self.assertEqual(form.date_from, date(2025, 4, 10))
            wizard = form.save()
            action = wizard.action_run()
        self.assertEqual(action["res_id"], wizard.id)
        self.assertEqual(wizard.line_ids.met_count, 1)
        view = draft.with_user(self.manager).get_view(view_type="form")["arch"]
        self.assertIn("Try on past complaints", view)
        view = draft.with_user(self.handler).get_view(view_type="form")["arch"]
        self.assertNotIn("Try on past complaints", view)

    def test_refusals(self):
        with self.refuses(UserError, "no time limits yet"):
            self._tried(self._draft())
        for user in (self.handler, self.supervisor, self.auditor, self.customer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["complaint.sla.simulation"].with_user(user).create(
                    {"policy_id": self.shipped[0].id}
                )

    # How much work it is ------------------------------------------------------------

    def _copies(self, case, count):
        """Copies of a case with its milestones and pauses, spread over 100 days."""
        self.env.flush_all()
        shift = SQL("interval '1 hour' * (copy %% 2400)")
        self._copy_rows(
            "complaint_case",
            SQL("row.id = %s", case.id),
            count,
            {
                "id": SQL("1000000 + copy"),
                "name": SQL("row.name || '-' || copy"),
                "access_token": SQL("NULL"),
                "date_received": SQL("row.date_received - %s", shift),
            },
        )
        for table, moments in (
            ("complaint_milestone", ["reached_at"]),
            ("complaint_pause", ["started_at", "ended_at"]),
        ):
            self._copy_rows(
                table,
                SQL("row.case_id = %s", case.id),
                count,
                {
                    "id": SQL("1000000 + 10 * copy + row.id %% 10"),
                    "case_id": SQL("1000000 + copy"),
                    **{
                        name: SQL("row.%s - %s", SQL.identifier(name), shift)
                        for name in moments
                    },
                },
            )
        self.env.invalidate_all()

    def _copy_rows(self, table, condition, count, values):
        names = [
            name
            for (name,) in self.env.execute_query(
                SQL(
                    "SELECT column_name FROM information_schema.columns "
                    "WHERE table_schema = current_schema AND table_name = %s",
                    table,
                )
            )
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s row, "
                "generate_series(1, %s) copy WHERE %s",
                SQL.identifier(table),
                SQL(", ").join(SQL.identifier(name) for name in names),
                SQL(", ").join(
                    values.get(name, SQL("row.%s", SQL.identifier(name)))
                    for name in names
                ),
                SQL.identifier(table),
                count,
                condition,
            )
        )

    def _measured(self, draft):
        self.env.invalidate_all()
        wizard = self.env["complaint.sla.simulation"].with_user(self.manager)
        wizard = wizard.create(
            {
                "policy_id": draft.id,
                "date_from": date(2025, 4, 10),
                "date_to": date(2026, 4, 10),
            }
        )
        wizard.policy_id.check_access("read")
        before, started = self.env.cr.sql_log_count, time.perf_counter()
        wizard.action_run()
        self.env.flush_all()
        seconds = time.perf_counter() - started
        return wizard, self.env.cr.sql_log_count - before, seconds

    def test_2000_cases_cost_as_many_queries_as_20(self):
        tag = self.env["res.partner.category"].create({"name": "Gold"})
        self.acme.category_id = tag
        draft = self._draft(
            ("accepted", 3, "work_hour"),
            ("assessed", 1, "work_day"),
            ("resolved", 30, "elapsed_hour"),
            ("answered", 3, "calendar_day"),
            ("closed", 4, "calendar_week"),
            partner_tag_ids=tag.ids,
        )
        case = self._accepted(2)
        self._pause(case, TUESDAY_NOON + timedelta(hours=3))
        self._resume(case, TUESDAY_NOON + timedelta(hours=9))
        self._copies(case, 19)
        self._measured(draft)  # what every user's first request reads is cached
        wizard, few, _seconds = self._measured(draft)
        self.assertEqual(wizard.fitting_count, 20)
        self.env.cr.execute("DELETE FROM complaint_case WHERE id > 1000000")
        self._copies(case, 1999)
        wizard, many, seconds = self._measured(draft)
        self.assertEqual(wizard.fitting_count, 2000)
        self.assertEqual(sum(self._counts(self._line(wizard, "accepted"))), 2000)
        self.assertEqual(many, few)
        self.assertLess(many, 60)
        # It takes a second: this is against work that grows faster than their number.
        self.assertLess(seconds, 20)
