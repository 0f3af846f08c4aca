import io
import zipfile
from datetime import date

from odoo.tests import tagged

from .satisfaction_common import NO_ANSWER, SatisfactionCommon

MARCH = date(2026, 3, 1), date(2026, 3, 31)


@tagged("post_install", "-at_install")
class TestSatisfactionTags(SatisfactionCommon):
    """By customer group: customers with two tags count in both, and once in all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tags = cls.env["res.partner.category"]
        cls.gold, cls.trade, cls.idle = tags.create(
            [{"name": name} for name in ("Gold", "Trade", "Idle")]
        )
        # The contact has one that the company has as well, and one of its own.
        contact = cls.customer.partner_id
        cls.acme.category_id = cls.gold
        contact.category_id = cls.gold | cls.trade
        cls.colleague_there = cls.env["res.partner"].create(
            {"name": "Cyd", "parent_id": cls.acme.id}
        )
        cls.both = cls._said("satisfied", 9, recommend_group="promoter")
        cls.silent = cls._survey(**NO_ANSWER)
        case = cls._case(partner_id=cls.colleague_there.id, order_id=False)
        cls.company_only = cls._said("dissatisfied", 2, case=case)
        cls.bare = cls._said(
            "basic", 6, case=cls._case(partner_id=cls.beta.id, order_id=False)
        )
        cls.on_site = cls._said("satisfied", 10, partner_id=False, sent_at=False)
        cls.all = cls.both | cls.silent | cls.company_only | cls.bare | cls.on_site

    def _grouped(self, groupby, *aggregates):
        self.env.invalidate_all()
        return self.rows.with_user(self.manager).formatted_read_group(
            [("feedback_id", "in", self.all.ids)], groupby, aggregates
        )

    def test_each_group_and_its_surveys(self):
        groups = self._grouped(["partner_tag_ids"], "__count", "score:avg")
        expected = {
            "Gold": (self.both | self.silent | self.company_only, 5.5),
            "Trade": (self.both | self.silent, 9),
            False: (self.bare | self.on_site, 8),
        }
        self.assertEqual(len(groups), 3)
        for group in groups:
            tag = group["partner_tag_ids"]
            surveys, score = expected[tag and tag[1]]
            with self.subTest(tag):
                self.assertEqual(group["__count"], len(surveys))
                self.assertEqual(group["score:avg"], score)
                found = self.rows.search(
                    [
                        ("feedback_id", "in", self.all.ids),
                        *group["__extra_domain"],
                    ]
                )
                self.assertEqual(found.feedback_id, surveys)

    def test_total_of_a_pivot(self):
        self.env.invalidate_all()
        sets = self.rows.with_user(self.manager).formatted_read_grouping_sets(
            [("feedback_id", "in", self.all.ids)],
            [[], ["partner_tag_ids"], ["partner_tag_ids", "level"]],
            ["__count", "sent:sum", "score:avg"],
        )
        [[total], by_tag, _by_both] = sets
        self.assertEqual((total["__count"], total["sent:sum"]), (5, 4))
        self.assertEqual(total["score:avg"], 6.75)
        self.assertEqual(sum(group["__count"] for group in by_tag), 7)

    def test_overview_counts_everybody_once(self):
        rows = self.rows.with_user(self.manager)
        overview = rows._overview(*MARCH, "partner_tag_ids")
        lines = [
            (
                line["label"],
                line["tally"].count("sent"),
                line["tally"].count("answered"),
            )
            for line in overview["groups"]
        ]
        self.assertEqual(lines, [("Gold", 3, 2), ("Trade", 2, 1), ("(no tag)", 1, 2)])
        total = overview["total"]
        self.assertIn("once", total["label"])
        told = total["tally"]
        self.assertEqual((told.count("sent"), told.count("answered")), (4, 4))
        self.assertEqual(told.csat.value * 4, 3)
        self.assertEqual(told.nps.answers, 1)
        self.assertEqual(
            told.sums, rows._overview(*MARCH, "level")["total"]["tally"].sums
        )

    def test_found_by_tag(self):
        rows = self.rows.with_user(self.handler)
        for domain, surveys in (
            (
                [("partner_tag_ids", "ilike", "gol")],
                self.all - self.bare - self.on_site,
            ),
            ([("partner_tag_ids", "in", self.trade.ids)], self.both | self.silent),
            ([("partner_tag_ids", "=", self.idle.id)], self.all.browse()),
            ([("partner_tag_ids", "not in", self.gold.ids)], self.bare | self.on_site),
            ([("partner_tag_ids", "=", False)], self.bare | self.on_site),
            ([("partner_tag_ids", "!=", False)], self.all - self.bare - self.on_site),
        ):
            with self.subTest(domain):
                mine = [("feedback_id", "in", self.all.ids)]
                self.assertEqual(rows.search(mine + domain).feedback_id, surveys)
        row = rows.search([("feedback_id", "=", self.company_only.id)])
        self.assertEqual(row.partner_tag_ids, self.gold)

    def test_not_looked_up_unasked(self):
        asked = {}
        for groupby in ("team_id", "partner_tag_ids"):
            query = self.rows._search([])
            self.rows._read_group_groupby(self.rows._table, groupby, query)
            asked[groupby] = query.from_clause.code
        self.assertNotIn("category_rel", asked["team_id"])
        self.assertIn("category_rel", asked["partner_tag_ids"])

    def test_in_the_spreadsheet(self):
        pages = self.env["complaint.feedback.overview"].with_user(self.manager)
        content = pages._spreadsheet(*MARCH, "partner_tag_ids")
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            words = book.read("xl/sharedStrings.xml").decode()
        for word in ("Gold", "Gold, Trade", "(no tag)", "All, each survey once"):
            self.assertIn(word, words)
