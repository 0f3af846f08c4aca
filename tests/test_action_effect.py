from datetime import timedelta
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from .action_common import ActionCommon


@tagged("post_install", "-at_install")
class TestActionEffect(ActionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calm = cls.env.ref("complaint_management.category_service")

    def _received(self, *days, **values):
        """Complaints received so many days from the acceptance on (before: negative
        days from the start)."""
        cases = self.env["complaint.case"].create(
            [self._case_values(**values) for _day in days]
        )
        for case, day in zip(cases, days, strict=True):
            self._set_received(case, day)
        return cases

    def _set_received(self, case, day):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE complaint_case SET date_received = %s WHERE id = %s",
            [fields.Datetime.now() + timedelta(days=day), case.id],
        )
        self.env.invalidate_all()

    def _judged_at(self, one):
        return fields.Datetime.now() + timedelta(days=one.check_weeks * 7 + 2)

    def test_counts_equal_times_before_and_after(self):
        one = self._accepted(check_weeks=2)
        self._received(-1, -2, -14, -15, 1, 13, 14, 15)
        self._received(-3, category_id=self.calm.id)
        self.assertEqual(one.check_on, self.today + timedelta(days=15))
        with freeze_time(self._judged_at(one)):
            self._cron()
        self.assertEqual(one.before_from, self.today - timedelta(days=14))
        self.assertEqual(one.before_to, self.today - timedelta(days=1))
        self.assertEqual(one.after_from, self.today + timedelta(days=1))
        self.assertEqual(one.after_to, self.today + timedelta(days=14))
        self.assertEqual((one.before_count, one.after_count), (3, 3))
        self.assertEqual(self._to_dos(one).user_id, self.supervisor)
        self.assertIn("That may well be chance", one.effect_text)

    def test_its_own_complaint_is_not_counted(self):
        """There is no measure without a complaint before it, whatever was done."""
        for scope, others in (("category", 8), ("product", 8), ("all", 9)):
            with self.subTest(scope):
                one = self._accepted(check_weeks=1, scope=scope)
                made = self._received(-8)
                made |= self._received(*[-2] * 8, product_id=self.product.id)
                made |= self._received(-2, category_id=self.calm.id)
                made |= self._received(2, 2, product_id=self.product.id)
                self._set_received(self.case, -3)
                with freeze_time(self._judged_at(one)):
                    one.with_user(self.supervisor).action_count()
                self.assertEqual((one.before_count, one.after_count), (others, 2))
                self.assertTrue(one.is_cause_left_out)
                self.assertIn("is not counted", one.effect_text)
                # 8 and 2: (1 + 10 + 45) of 1,024 ways; 9 and 2: (1 + 11 + 55) of 2,048.
                ways = {8: 56 / 1024, 9: 67 / 2048}
                self.assertEqual(one._effect().chance(), ways[others])
                html, _kind = self.env["ir.actions.report"]._render_qweb_html(
                    "complaint_management.complaint_action_report", one.ids
                )
                self.assertIn("is not counted", html.decode())
                made.unlink()

    def test_its_own_complaint_of_another_time_or_matter(self):
        one = self._accepted(check_weeks=1)
        self._received(-2, -3)
        for day, values in ((-8, {}), (-3, {"category_id": self.calm.id})):
            with self.subTest(day):
                self._set_received(self.case, day)
                self.case.write(values)
                self.allegation.write(values)
                with freeze_time(self._judged_at(one)):
                    one.with_user(self.supervisor).action_count()
                self.assertEqual(one.before_count, 2)
                self.assertFalse(one.is_cause_left_out)
                self.assertNotIn("is not counted", one.effect_text)

    def test_orders_of_the_product(self):
        one = self._accepted(check_weeks=1, scope="product")
        orders = [self._order(self.acme, self.product) for _number in range(3)]
        for order, day in zip(orders, (-2, 3, 4), strict=True):
            order.date_order = fields.Datetime.now() + timedelta(days=day)
        other = self._order(self.acme, self.other_product)
        other.date_order = fields.Datetime.now() - timedelta(days=2)
        with freeze_time(self._judged_at(one)):
            one.with_user(self.supervisor).action_count()
        self.assertEqual((one.before_orders, one.after_orders), (1, 2))

    def test_merged_ones_count_once(self):
        one = self._accepted(check_weeks=1)
        first, second = self._received(-2, -3)
        second.with_context(active_test=False)._merge_into(first)
        with freeze_time(self._judged_at(one)):
            one.with_user(self.supervisor).action_count()
        self.assertEqual(one.before_count, 1)

    def test_cause_says_what_is_not_known_yet(self):
        cause = self.env["complaint.cause"].create({"name": "Seal"})
        self.allegation.cause_id = cause
        one = self._accepted(check_weeks=1, scope="cause", cause_id=cause.id)
        self._received(1, 2)
        with freeze_time(self._judged_at(one)):
            one.with_user(self.supervisor).action_count()
        self.assertEqual((one.after_count, one.after_unknown), (0, 2))
        self.assertIn("root cause of 2 complaints", one.effect_text)

    def test_sooner_compares_as_many_days(self):
        one = self._accepted(check_weeks=8)
        with self.refuses(UserError, "only just accepted"):
            one.with_user(self.supervisor).action_count()
        with freeze_time(fields.Datetime.now() + timedelta(days=11)):
            one.with_user(self.supervisor).action_count()
        self.assertEqual((one.before_to - one.before_from).days, 9)
        self.assertEqual((one.after_to - one.after_from).days, 9)

    def test_judged_effective_by_somebody_else(self):
        one = self._accepted(check_weeks=1)
        self._received(*[-2] * 9)
        with freeze_time(self._judged_at(one)):
            with self.refuses(UserError, "never its owner"):
                self._do(one, self.owner, "effective")
            self._do(one, self.supervisor, "effective", "Nothing came in any more.")
        self.assertEqual(one.state, "effective")
        self.assertEqual((one.before_count, one.after_count), (9, 0))
        self.assertIn("Chance hardly explains it", one.effect_text)
        self.assertIn("0.2 %", one.effect_text)
        self.assertIn("Change: -100 %", one.entry_ids[-1].text)

    def test_ineffective_opens_a_follow_up(self):
        one = self._accepted(check_weeks=1, customer_text="We measure.")
        with freeze_time(self._judged_at(one)):
            self._do(one, self.supervisor, "ineffective", "They still leak.")
        new = one.followup_ids
        self.assertEqual((one.state, new.state), ("ineffective", "draft"))
        self.assertEqual(new.name, "Follow-up: Measure the seals on receipt")
        self.assertFalse(new.deadline)
        self.assertFalse(new.accepted_at)
        self.assertFalse(new.entry_ids)
        self.assertTrue(
            self.case.activity_ids.filtered(
                lambda to_do: (
                    to_do.user_id == self.handler and "not effective" in to_do.summary
                )
            )
        )

    def test_checked_again_later(self):
        one = self._accepted(check_weeks=1)
        with freeze_time(self._judged_at(one)):
            day = fields.Date.context_today(one) + timedelta(days=30)
            self._do(one, self.supervisor, "recheck", "Too few.", day=day)
        self.assertEqual(one.check_on, day)
        self.assertEqual(one.state, "accepted")
        self.assertGreaterEqual(one.check_weeks, 5)
        with freeze_time(fields.Datetime.now() + timedelta(days=42)):
            self._cron()
        self.assertTrue(self._to_dos(one, self.supervisor))

    def test_accountability_needs_no_check(self):
        one = self._accepted(kind="accountability")
        self.assertFalse(one.check_on)
        self.assertFalse(one.sudo().next_event_at)
        with self.refuses(UserError, "without a check"):
            self._do(one, self.supervisor, "effective")

    def test_what_is_found_by_the_filters(self):
        """Accepted ones that only wait for their check are not among what is to do."""
        planned = self._action()
        underway, done = self._underway(), self._done()
        soon = self._accepted(check_weeks=1)
        later = self._accepted(check_weeks=8)
        every = planned | underway | done | soon | later
        view = self.env.ref("complaint_management.complaint_action_view_search")
        tree = etree.fromstring(view.arch)

        def found(name):
            [domain] = tree.xpath(f"//filter[@name='{name}']/@domain")
            domain = safe_eval(domain, {"uid": self.env.uid})
            return every.search([("id", "in", every.ids), *domain])

        with freeze_time(self._judged_at(soon)):
            self.assertEqual(found("open"), planned | underway | done)
            self.assertEqual(found("to_check"), soon)
            self.assertEqual(found("check_later"), later)
        action = self.env.ref("complaint_management.complaint_action_action")
        for name in ("open", "to_check"):
            self.assertTrue(safe_eval(action.context)[f"search_default_{name}"])

    def test_scope_needs_its_value(self):
        with self.refuses(ValidationError, "choose the category, cause or product"):
            self._action(scope="cause", cause_id=False)

    def test_queries_do_not_grow(self):
        """Counting is a fixed number of queries, however many complaints there are."""
        one = self._accepted(check_weeks=1)
        self._received(*[-2] * 3)
        with freeze_time(self._judged_at(one)):
            one.sudo()._count()
            with self.assertQueryCount(9):
                one.sudo()._count()
                one.env.flush_all()


@tagged("post_install", "-at_install")
class TestActionPaper(ActionCommon):
    def test_acceptance_report(self):
        one = self._accepted(check_weeks=1)
        with freeze_time(fields.Datetime.now() + timedelta(days=9)):
            self._do(one, self.supervisor, "effective", "Good.")
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "complaint_management.complaint_action_report", one.ids
        )
        text = html.decode()
        for part in (
            "Measure the seals on receipt",
            "No leaking kettle among 200 tested",
            "who did not carry it out",
            "All 200 are tight.",
            "Proved effective",
        ):
            self.assertIn(part, text)

    def test_not_for_strangers(self):
        one = self._accepted()
        report = self.env["ir.actions.report"].with_user(self.stranger)
        with self.assertRaises(AccessError):
            report._render_qweb_html(
                "complaint_management.complaint_action_report", one.ids
            )

    def test_two_at_once(self):
        """Whoever comes second is told that it went on."""
        one = self._underway()
        with (
            patch.object(
                type(one), "try_lock_for_update", lambda self, **_kw: self.browse()
            ),
            self.refuses(UserError, "Somebody is at work"),
        ):
            self._do(one, self.owner, "done")
