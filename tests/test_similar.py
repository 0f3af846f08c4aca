"""Likely duplicates: found, explained, and shown to whom may see them (A7)."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, tagged

from ..tools import likeness, matching
from .common import ComplaintCommon

LEAK = "The kettle leaks since the first day, there is water all over the table"
LEAK_AGAIN = "Kettle is leaking: since the first day there is water on the table"
LATE = "Parcel not delivered, the tracking has not changed for a week"
LEAK_ZH = "净水器的滤芯漏水，打客服电话一直没有人接"
LEAK_ZH_AGAIN = "我买的净水器滤芯漏水，客服电话没人接"
INVOICE_ZH = "发票抬头开错了，请重新开具"


def alike(some, other):
    """Likeness of two texts."""
    return likeness.likeness(
        *(likeness.features(likeness.plain(text)) for text in (some, other))
    )


class TestLikeness(TransactionCase):
    """Texts, in both languages."""

    def test_the_same_matter_in_other_words(self):
        self.assertGreater(alike(LEAK, LEAK_AGAIN), 0.6)
        self.assertGreater(alike(LEAK_ZH, LEAK_ZH_AGAIN), 0.6)

    def test_another_matter(self):
        self.assertLess(alike(LEAK, LATE), matching.LEAST_LIKENESS)
        self.assertLess(alike(LEAK_ZH, INVOICE_ZH), matching.LEAST_LIKENESS)

    def test_spelling_and_markup_do_not_matter(self):
        self.assertEqual(alike("Käse für Zoë", "<b>KASE</b>&nbsp;fur&nbsp;zoe"), 1)
        self.assertGreater(alike("Refrigerator broken", "Refridgerator broken"), 0.6)
        self.assertEqual(alike("ＡＢＣ１２３", "abc123"), 1)

    def test_nothing_is_like_nothing(self):
        self.assertEqual(alike("", ""), 0)
        self.assertEqual(alike("...", "!?"), 0)
        self.assertEqual(likeness.sketches(set(), [1, 2]), ["", ""])
        self.assertEqual(likeness.plain(None, False, ""), "")

    def test_sketches_share_words_when_texts_are_alike(self):
        def shared(some, other):
            words = [
                set(likeness.sketches(likeness.features(text), [7])[0].split())
                for text in (some, other)
            ]
            return len(words[0] & words[1])

        self.assertEqual(shared(LEAK, LEAK), likeness.WORDS)
        self.assertGreater(shared(LEAK, LEAK_AGAIN), 0)
        self.assertGreater(shared(LEAK_ZH, LEAK_ZH_AGAIN), 0)
        self.assertEqual(shared(LEAK, LATE), 0)


class TestMatching(TransactionCase):
    """The rules, without a database."""

    def _points(self, some, other):
        return matching.judge(matching.Facts(**some), matching.Facts(**other)).points

    def test_points_add_up(self):
        same = {"customer": 1, "order": 2, "product": 3}
        self.assertEqual(self._points(same, same), 80)
        self.assertEqual(self._points({"customer": 1}, {"customer": 1}), 30)
        self.assertEqual(self._points(same, same | {"product": 4}), 45)
        self.assertEqual(self._points({}, {}), 0)
        some, other = (
            {"features": frozenset(range(start, start + 40))} for start in (0, 100)
        )
        self.assertEqual(self._points(same | some, same | other), 65, "other words")
        text = {"features": frozenset("abc")}
        self.assertEqual(self._points(same | text, same | text), 100)
        self.assertEqual(self._points(text, text), 50)

    def test_two_known_customers_are_not_one(self):
        """Whatever address they share."""
        some = {"customer": 1, "email": "hotel@example.com"}
        self.assertEqual(self._points(some, some | {"customer": 2}), 0)
        self.assertEqual(self._points(some, some | {"customer": 0}), 25)

    def test_phone_numbers(self):
        self.assertEqual(
            matching.phone_key("+49 (0)30 / 1234567-8"),
            matching.phone_key("030 12345678"),
        )
        self.assertEqual(matching.phone_key("12 34"), "")
        self.assertEqual(matching.phone_key(None), "")

    def test_repeats(self):
        def repeats(some, other):
            return matching.repeats(
                matching.Facts(customer=1, **some), matching.Facts(customer=1, **other)
            )

        self.assertEqual(repeats({"order": 2}, {"order": 2}), "order")
        self.assertEqual(
            repeats({"order": 2, "product": 3}, {"order": 2, "product": 4}), ""
        )
        self.assertEqual(
            repeats({"order": 2, "product": 3}, {"order": 5, "product": 3}), "product"
        )
        self.assertEqual(repeats({"category": 6}, {"category": 6}), "category")
        self.assertEqual(
            repeats({"category": 6, "order": 2}, {"category": 6, "order": 5}), ""
        )
        self.assertEqual(repeats({}, {}), "")


@tagged("post_install", "-at_install")
class TestSimilar(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._case(
            subject=LEAK, order_id=cls.order.id, product_id=cls.product.id
        )

    def _similar(self, case, user=None):
        case.invalidate_recordset()
        shown = case.with_user(user or self.handler).similar_cases or []
        return {row["id"]: row for row in shown}

    def test_same_order(self):
        case = self._case(
            subject="Again", order_id=self.order.id, product_id=self.product.id
        )
        row = self._similar(case)[self.first.id]
        self.assertEqual(row["reasons"], "same customer, same order, same product")
        self.assertTrue(row["is_likely"])

    def test_same_text_of_the_same_customer(self):
        case = self._case(subject=LEAK_AGAIN)
        row = self._similar(case)[self.first.id]
        self.assertRegex(row["reasons"], r"same customer, \d\d % like text")
        self.assertNotIn(self.first.id, self._similar(self._case(subject=LATE)))

    def test_same_text_and_product_of_a_stranger(self):
        """Found by the text alone: nothing else leads from one to the other."""
        for words, again in ((LEAK, LEAK_AGAIN), (LEAK_ZH, LEAK_ZH_AGAIN)):
            first = self._case(subject=words, product_id=self.other_product.id)
            case = self._case(
                subject=again, partner_id=False, product_id=self.other_product.id
            )
            row = self._similar(case)[first.id]
            self.assertRegex(row["reasons"], r"same product, \d\d % like text")
            self.assertFalse(row["is_same_sender"])

    def test_same_address_and_number_without_a_customer(self):
        first = self._case(
            subject=LATE,
            partner_id=False,
            email_from="Guest <guest@home.example.com>",
            phone="+49 30 1234567",
            product_id=self.product.id,
        )
        for contact in (
            {"email_from": "GUEST@home.example.com"},
            {"phone": "0049 (30) 123-45-67"},
        ):
            case = self._case(
                subject="Nobody answers my calls",
                partner_id=False,
                product_id=self.product.id,
                **contact,
            )
            # 25 for the contact, 20 for the product: not enough without the text.
            self.assertNotIn(first.id, self._similar(case))
            case.subject = LATE
            self.assertIn(first.id, self._similar(case))

    def test_while_typing(self):
        form = Form(self.env["complaint.case"].with_user(self.handler))
        form.subject = LEAK_AGAIN
        self.assertFalse(form.similar_typed)
        form.partner_id = self.acme
        self.assertEqual([row["id"] for row in form.similar_typed], self.first.ids)
        form.subject = LATE
        self.assertFalse(form.similar_typed)

    def test_only_what_the_user_may_see(self):
        case = self._case(subject=LEAK)
        self.first.team_id = self.other_team
        self.assertFalse(self._similar(case))
        self.assertIn(self.first.id, self._similar(case, self.manager))
        self.assertIn(self.first.id, self._similar(case, self.auditor))
        self.first.write({"team_id": self.team.id, "is_confidential": True})
        for user in (self.handler, self.supervisor, self.manager, self.auditor):
            self.assertFalse(self._similar(case, user), user.login)
        self.first.confidential_user_ids = self.handler
        self.assertTrue(self._similar(case))

    def test_customers_get_none_of_it(self):
        case = self._case(subject=LEAK).with_user(self.customer)
        for name in (
            "similar_cases",
            "similar_key",
            "distinct_case_ids",
            "repeat_of_id",
            "repeat_case_id",
            "repeat_reason",
            "customer_case_number",
            "merged_into_id",
            "merge_target_id",
            "split_source_id",
            "cluster_hint",
        ):
            with self.refuses(AccessError, "."):
                case.read([name])
        for method in ("action_similar_distinct", "action_mark_repeat"):
            with self.refuses(AccessError, "."):
                getattr(case, method)(self.first.id)
        with self.refuses(AccessError, "."):
            case.action_merge()

    def test_staff_cannot_read_the_sketch(self):
        with self.refuses(AccessError, "."):
            self.first.with_user(self.manager).read(["similar_key"])

    def test_something_else_is_remembered(self):
        case = self._case(subject=LEAK)
        case.with_user(self.handler).action_similar_distinct(self.first.id)
        self.assertFalse(self._similar(case))
        self.assertNotIn(case.id, self._similar(self.first))
        self.assertIn(self.first.name, case.message_ids[0].body)
        with self.refuses(UserError, "another complaint"):
            case.action_similar_distinct(case.id)
        stranger = case.with_user(self.stranger)
        with self.refuses(AccessError, "."):
            stranger.action_similar_distinct(self.first.id)
        with self.refuses(AccessError, "."):
            case.with_user(self.auditor).action_similar_distinct(self.first.id)

    def test_old_archived_closed_and_foreign_ones(self):
        case = self._case(subject=LEAK)
        self.first.active = False
        self.assertFalse(self._similar(case))
        self.first.active = True
        self.first._withdraw("Found")
        self.assertIn(self.first.id, self._similar(case))
        case._withdraw("Found, too")
        self.assertFalse(self._similar(case), "nothing is asked about a closed one")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._case(subject=LEAK, company_id=company.id, team_id=False)
        self.assertFalse(self._similar(foreign, self.env.user))

    def test_many_at_once_cost_one_query(self):
        cases = self.env["complaint.case"]
        facts = [
            (self.company.id, matching.Facts(customer=self.acme.id, order=n))
            for n in range(50)
        ]
        self.env.flush_all()
        with self.assertQueryCount(1):
            found = cases._similar_find(facts)
        self.assertEqual([row.id for row in found[7]], self.first.ids)

    def test_panel_costs_few_queries(self):
        case = self._case(subject=LEAK, order_id=self.order.id).with_user(self.handler)
        case.similar_cases  # noqa: B018 - fills caches of rules and translations
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assertTrue(case.similar_cases)
        self.assertLess(self.env.cr.sql_log_count - before, 12)

    def test_changed_text_changes_what_is_found(self):
        case = self._case(subject=LATE, product_id=self.product.id)
        self.first.write({"subject": "Other", "description": f"<p>{LATE}</p>"})
        self.assertIn(self.first.id, self._similar(case))


@tagged("post_install", "-at_install")
class TestCluster(ComplaintCommon):
    """Several customers, one product, in a few days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Person {number}"} for number in range(3)]
        )
        cls.cases = cls.env["complaint.case"].create(
            [
                cls._case_values(partner_id=person.id, product_id=cls.product.id)
                for person in cls.people
            ]
        )

    def _clusters(self, user=None):
        self.env.flush_all()
        clusters = self.env["complaint.cluster"].with_user(user or self.handler)
        return clusters.search([("product_id", "=", self.product.id)])

    def test_cluster(self):
        cluster = self._clusters()
        self.assertEqual((cluster.customer_count, cluster.case_count), (3, 3))
        self.assertEqual(cluster.category_id, self.category)
        found = self.env["complaint.case"].search(cluster.action_view_cases()["domain"])
        self.assertEqual(found, self.cases)

    def test_one_customer_is_no_cluster(self):
        self.cases.partner_id = self.people[0]
        self.assertFalse(self._clusters())

    def test_days_and_customers_are_the_company_s(self):
        self.cases[0].date_received = fields.Datetime.now() - timedelta(days=8)
        self.assertFalse(self._clusters())
        self.company.complaint_cluster_days = 9
        self.assertTrue(self._clusters())
        self.company.complaint_cluster_customers = 4
        self.assertFalse(self._clusters())

    def test_only_what_the_user_may_see_is_counted(self):
        self.cases[0].is_confidential = True
        for user in (self.handler, self.manager, self.auditor):
            self.assertFalse(self._clusters(user))
        self.cases[0].write({"is_confidential": False, "team_id": self.other_team.id})
        self.assertFalse(self._clusters())
        self.assertEqual(self._clusters(self.manager).customer_count, 3)
        with self.refuses(AccessError, "."):
            self._clusters(self.employee)
        with self.refuses(AccessError, "."):
            self._clusters(self.customer)

    def test_hint_on_case_and_product(self):
        self.env.flush_all()
        case = self.cases[0].with_user(self.handler)
        self.assertIn("3 customers", case.cluster_hint)
        self.assertFalse(self._case(product_id=self.other_product.id).cluster_hint)
        product = self.product.with_user(self.handler)
        self.assertEqual(product.complaint_cluster_count, 3)
        self.assertEqual(product.product_tmpl_id.complaint_cluster_count, 3)
        action = product.product_tmpl_id.action_view_complaint_cluster()
        self.assertEqual(
            self.env["complaint.case"].search(action["domain"]), self.cases
        )
        products = (self.product | self.other_product).with_user(self.handler)
        products.invalidate_recordset()
        before = self.env.cr.sql_log_count
        products.mapped("complaint_cluster_count")
        self.assertLess(self.env.cr.sql_log_count - before, 5)
