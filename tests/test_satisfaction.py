from datetime import date, datetime

import lxml.html

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import Form, tagged

from .satisfaction_common import DAY, NO_ANSWER, NOW, SatisfactionCommon

MARCH = date(2026, 3, 1), date(2026, 3, 31)


@tagged("post_install", "-at_install")
class TestSatisfactionReport(SatisfactionCommon):
    """One row for each survey, and nothing made of no answer."""

    def test_which_surveys_have_a_row(self):
        asked = {
            "sent": self._survey(state="sent"),
            "expired": self._survey(state="expired"),
            "answered": self._said("basic", 7),
            "on site": self._said("satisfied", 9, sent_at=False, way="visit"),
            "declined": self._survey(state="cancelled", cancel_reason="opted_out"),
        }
        left = {
            "planned": self._survey(state="planned", sent_at=False),
            "never sent": self._survey(
                state="cancelled", cancel_reason="opted_out", sent_at=False
            ),
            "taken back": self._survey(state="cancelled", cancel_reason="reopened"),
            "by hand": self._survey(state="cancelled", cancel_reason="manual"),
        }
        for surveys, number in ((asked, 1), (left, 0)):
            for name, survey in surveys.items():
                row = self.rows.search([("feedback_id", "=", survey.id)])
                self.assertEqual(len(row), number, name)
        on_site = self.rows.search([("feedback_id", "=", asked["on site"].id)])
        self.assertEqual(on_site.asked_at, asked["on site"].answered_at)

    def test_response(self):
        surveys = (
            self._said("basic", 7)
            | self._survey(state="sent")
            | self._survey(**NO_ANSWER)
            | self._survey(state="cancelled", cancel_reason="opted_out")
        )
        self.assertEqual(
            self._figures(
                surveys,
                "sent:sum",
                "answered:sum",
                "still_open:sum",
                "response_rate:avg",
            ),
            [4, 1, 1, 0.25],
        )

    def test_verdicts(self):
        surveys = (
            self._said("satisfied", 9)
            | self._said("basic", 7)
            | self._said("dissatisfied", 2)
            | self._said("satisfied", 8)
            # Answered, but nothing that makes a verdict; and not at all.
            | self._survey()
            | self._survey(**NO_ANSWER)
        )
        self.assertEqual(
            self._figures(
                surveys,
                "is_satisfied:avg",
                "is_fully_satisfied:avg",
                "answers_verdict:sum",
                "score:avg",
                "answers_score:sum",
            ),
            [0.75, 0.5, 4, 6.5, 4],
        )

    def test_net_promoters(self):
        surveys = self.env["complaint.feedback"].union(
            *(
                self._survey(recommend=value, recommend_group=group)
                for value, group in (
                    (10, "promoter"),
                    (9, "promoter"),
                    (8, "passive"),
                    # Zero is an answer.
                    (0, "detractor"),
                    (-1, False),
                )
            )
        )
        self.assertEqual(
            self._figures(surveys, "net_promoter:avg", "answers_recommend:sum"), [25, 4]
        )

    def test_no_answers_are_no_zero(self):
        surveys = self._survey(**NO_ANSWER) | self._survey()
        averages = (
            "is_satisfied:avg",
            "is_fully_satisfied:avg",
            "net_promoter:avg",
            "score:avg",
            "score_effort:avg",
            "score_handling:avg",
        )
        self.assertEqual(self._figures(surveys, *averages), [False] * len(averages))

    def test_averages_are_of_answers(self):
        surveys = (
            self._survey(score_effort=10, score_attitude=4)
            | self._survey(score_effort=5)
            | self._survey(**NO_ANSWER)
        )
        self.assertEqual(
            self._figures(
                surveys,
                "score_effort:avg",
                "answers_effort:sum",
                "score_attitude:avg",
                "answers_attitude:sum",
                "answers_again:sum",
            ),
            [7.5, 2, 4, 1, 0],
        )

    def test_what_the_complaint_is_about(self):
        channel = self.env["complaint.channel"].search([], limit=1)
        case = self._case(
            product_id=self.product.id,
            channel_id=channel.id,
            customer_type="company",
        )
        self.customer.partner_id.lang = "en_US"
        survey = self._said("basic", 7, case=case)
        row = self.rows.search([("feedback_id", "=", survey.id)])
        self.assertEqual(row.product_id, self.product)
        self.assertEqual(row.channel_id, channel)
        self.assertEqual(row.category_id, self.category)
        self.assertEqual(row.customer_type, "company")
        self.assertEqual(row.lang, "en_US")
        self.customer.partner_id.category_id = self.env["res.partner.category"].create(
            {"name": "Wholesale"}
        )
        found = self.rows.search([("partner_id.category_id", "ilike", "wholesale")])
        self.assertEqual(found, row)

    def test_words_are_found(self):
        survey = self._said("basic", 7, comment="The courier was late")
        self._said("basic", 7, comment="All well")
        found = self.rows.search([("comment", "ilike", "courier")])
        self.assertEqual(found.feedback_id, survey)

    def test_opens_the_survey(self):
        survey = self._said("basic", 7)
        row = self.rows.with_user(self.supervisor).browse(survey.id)
        action = row.action_view_feedback()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("complaint.feedback", survey.id)
        )

    def test_a_survey_about_no_complaint(self):
        survey = self._said("basic", 7)
        survey.case_id = False
        for user in (self.handler, self.supervisor, self.manager, self.auditor):
            row = self.rows.with_user(user).search([])
            self.assertEqual(row.id, survey.id, user.login)
            self.assertFalse(row.product_id)
        self.assertFalse(self.rows.with_user(self.stranger).search([]))


@tagged("post_install", "-at_install")
class TestSatisfactionRights(SatisfactionCommon):
    """Figures are of the surveys that their reader may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls._said("basic", 7, comment="Fine")

    def _sees(self, user):
        self.env.invalidate_all()
        rows = self.rows.with_user(user).search([])
        surveys = self.env["complaint.feedback"].with_user(user).search([])
        # One cannot be told apart from the other by what it shows.
        self.assertEqual(rows.ids, surveys.ids)
        return bool(rows)

    def test_by_role(self):
        for user in (self.handler, self.supervisor, self.manager, self.auditor):
            self.assertTrue(self._sees(user), user.login)
        self.assertFalse(self._sees(self.stranger))
        for user in (self.employee, self.customer):
            with self.assertRaises(AccessError):
                self.rows.with_user(user).search([])
            with self.assertRaises(AccessError):
                self.rows.with_user(user).browse(self.survey.id).read(["comment"])

    def test_confidential(self):
        self.survey.case_id.write(
            {"is_confidential": True, "confidential_user_ids": self.colleague.ids}
        )
        for user in (self.handler, self.colleague):
            self.assertTrue(self._sees(user), user.login)
        for user in (self.supervisor, self.manager, self.auditor):
            self.assertFalse(self._sees(user), user.login)

    def test_not_for_those_involved(self):
        self.survey.case_id.user_id = self.colleague
        for user in (self.supervisor, self.manager, self.auditor):
            self.survey.case_id.sudo().involved_user_ids = user
            self.assertFalse(self._sees(user), user.login)
            self.survey.case_id.sudo().involved_user_ids = False

    def test_other_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.survey.company_id = elsewhere
        for user in (self.manager, self.auditor):
            self.assertFalse(self._sees(user), user.login)

    def test_nobody_writes(self):
        row = self.rows.browse(self.survey.id)
        for user in (self.handler, self.manager, self.auditor):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"comment": "Better"})
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()

    def test_who_has_the_overview(self):
        pages = self.env["complaint.feedback.overview"]
        for user in (self.supervisor, self.manager, self.auditor):
            self.assertIn("Fine", Form(pages.with_user(user)).body)
        for user in (self.handler, self.employee):
            with self.assertRaises(AccessError):
                pages.with_user(user).create({})
        with self.assertRaises(AccessError):
            pages.with_user(self.employee).get_page("2026-03-01", "2026-03-31", "way")

    def test_the_overview_is_of_its_reader(self):
        self.survey.case_id.is_confidential = True
        pages = self.env["complaint.feedback.overview"]
        self.assertNotIn("Fine", Form(pages.with_user(self.manager)).body)


@tagged("post_install", "-at_install")
class TestSatisfactionOverview(SatisfactionCommon):
    """The page for managers."""

    def _page(self, division="team_id", first=MARCH[0], last=MARCH[1], **context):
        self.env.invalidate_all()
        pages = self.env["complaint.feedback.overview"].with_user(self.manager)
        pages = pages.with_context(**context)
        return str(pages.get_page(first.isoformat(), last.isoformat(), division))

    def _lines(self, division="team_id"):
        rows = self.rows.with_user(self.manager)
        overview = rows._overview(*MARCH, division)
        return {line["label"]: line["tally"] for line in overview["groups"]}

    def test_divided(self):
        self._said("satisfied", 9)
        self._survey(**NO_ANSWER)
        other = self._case(team_id=self.other_team.id)
        self._said("dissatisfied", 2, case=other)
        lines = self._lines()
        self.assertEqual(list(lines), ["Retail", "Online"])
        self.assertEqual(lines["Retail"].csat.value, 1)
        self.assertEqual(lines["Retail"].response_rate.value * 2, 1)
        self.assertEqual(lines["Online"].csat.value, 0)
        for division in dict(
            self.env["complaint.feedback.overview"]._fields["division"].selection
        ):
            with self.subTest(division):
                counted = sum(
                    tally.count("sent") for tally in self._lines(division).values()
                )
                self.assertEqual(counted, 3)
                self.assertIn("67%", self._page(division).replace("\xa0", ""))

    def test_few_answers_are_told_with_bounds(self):
        for _number in range(3):
            self._said("satisfied", 9)
        page = self._page()
        self.assertIn("44% to 100%", page)
        self.assertIn("n = 3", " ".join(page.split()).replace("<t> </t>", " "))
        many = self.rows.with_user(self.manager)
        tally = many._overview(*MARCH, "team_id")["total"]["tally"]
        for name in tally.sums:
            tally.sums[name] *= 10
        told = many._told_line({"label": "", "tally": tally}, 85)
        self.assertFalse(told["csat"]["bounds"])
        self.assertTrue(told["is_reached"])

    def _tiles(self, **period):
        """{heading: text} of what stands above the tables."""
        page = lxml.html.fromstring(self._page(**period))
        tiles = page.xpath("//div[contains(@class, 'o_complaint_tile ')]")
        words = [[text.strip() for text in tile.itertext()] for tile in tiles]
        words = [[text for text in texts if text] for texts in words]
        return {texts[0]: " ".join(texts[1:]) for texts in words}

    def test_first_what_one_wants_to_know(self):
        self.company.complaint_satisfaction_target = 60
        self._said("satisfied", 9, recommend=10, recommend_group="promoter")
        self._said("dissatisfied", 2)
        tiles = self._tiles()
        self.assertEqual(
            list(tiles), ["CSAT", "NPS", "Response rate", "CES", "Answers"]
        )
        self.assertIn("50% n = 2, 9% to 91%", tiles["CSAT"])
        self.assertIn("Below the target of 60%", tiles["CSAT"])
        self.assertIn("100 n = 1", tiles["NPS"])
        self.assertIn("100%", tiles["Response rate"])
        self.assertEqual(tiles["CES"], "no answers")
        self.assertEqual(tiles["Answers"], "2 to surveys sent: 2 of 2")
        self.company.complaint_satisfaction_target = 50
        self.assertIn("Target of 50% reached", self._tiles()["CSAT"])
        self.assertNotIn("before", " ".join(tiles.values()))
        self._said("satisfied", 9, asked=datetime(2026, 2, 1))
        self._said("dissatisfied", 9, asked=datetime(2026, 1, 28))
        tiles = self._tiles()
        # The 31 days from 29 January.
        self.assertIn("31 days before: 100% (n = 1)", tiles["CSAT"])
        self.assertIn("31 days before: 100% (n = 1)", tiles["Response rate"])
        self.assertNotIn("before", tiles["NPS"])
        nothing = {"first": date(2025, 3, 1), "last": date(2025, 3, 31)}
        self.assertFalse(self._tiles(**nothing))

    def test_answers_that_nobody_asked_for_are_in_no_rate(self):
        self._said("satisfied", 9)
        self._survey(state="expired")
        self._said("satisfied", 9, sent_at=False, way="portal")
        tiles = self._tiles()
        self.assertIn("50%", tiles["Response rate"])
        self.assertEqual(tiles["Answers"], "2 to surveys sent: 1 of 2")

    def test_on_a_phone_cells_carry_their_headings(self):
        self._said("satisfied", 9)
        page = lxml.html.fromstring(self._page())
        for table in page.xpath("//table[contains(@class, 'o_complaint_cards')]"):
            heads = [th.text.strip() for th in table.xpath("./thead//th")][1:]
            for row in table.xpath("./tbody/tr | ./tfoot/tr"):
                self.assertEqual(row.xpath("./td/@data-label"), heads)

    def test_no_answers(self):
        self._survey(**NO_ANSWER)
        page = self._page()
        self.assertIn("no answers", page)
        self.assertNotIn("n = 0", page)
        self.assertNotIn("No survey was sent", page)
        page = self._page(first=date(2025, 3, 1), last=date(2025, 3, 31))
        self.assertIn("No survey was sent in this period", page)

    def test_days_are_the_readers(self):
        """Sent on 28 February at 23:30 in UTC, which is March in Shanghai."""
        survey = self._said("satisfied", 9, asked=datetime(2026, 2, 28, 23, 30))
        rows = self.rows.with_user(self.manager)
        asked = Domain("feedback_id", "=", survey.id)
        self.assertFalse(rows.search(asked & rows._asked_between(*MARCH)))
        rows = rows.with_context(tz="Asia/Shanghai")
        self.assertTrue(rows.search(asked & rows._asked_between(*MARCH)))
        trend = rows._overview(*MARCH, "month")["trend"]
        self.assertEqual(
            [line["label"] for line in trend if line["tally"].count("sent")],
            ["March 2026"],
        )

    def test_trend_against_the_target(self):
        self.company.complaint_satisfaction_target = 60
        self._said("satisfied", 5, asked=datetime(2025, 3, 31))
        for month, level in ((1, "satisfied"), (2, "dissatisfied")):
            self._said(level, 5, asked=datetime(2026, month, 10))
        rows = self.rows.with_user(self.manager)
        told = rows._told(rows._overview(*MARCH, "team_id"))
        trend = {line["label"]: line for line in told["trend"]}
        self.assertEqual(list(trend), ["January 2026", "February 2026", "March 2026"])
        self.assertTrue(trend["January 2026"]["is_reached"])
        self.assertFalse(trend["February 2026"]["is_reached"])
        self.assertIsNone(trend["March 2026"]["csat"])
        self.assertEqual(told["target"], "60%")
        self.assertIn("below target", self._page())

    def test_words_are_escaped_and_lead_to_their_survey(self):
        survey = self._said("dissatisfied", 2, comment="<script>alert(1)</script>")
        page = self._page()
        self.assertNotIn("<script>", page)
        self.assertIn("&lt;script&gt;alert(1)", page)
        self.assertIn(f"complaint_feedback_action/{survey.id}", page)
        self.assertIn(survey.case_id.name, page)

    def test_only_one_team(self):
        self._said("satisfied", 9)
        self._said("basic", 7, case=self._case(team_id=self.other_team.id))
        page = Form(self.env["complaint.feedback.overview"].with_user(self.manager))
        page.first, page.last = MARCH
        self.assertIn("Online", page.body)
        page.team_id = self.team
        self.assertNotIn("Online", page.body)

    def test_what_cannot_be_asked(self):
        page = self._page(first=MARCH[1], last=MARCH[0])
        self.assertIn("the first comes first", page)
        self.assertIn("cannot be divided", self._page("partner_id"))

    def test_opens_its_surveys(self):
        survey = self._said("satisfied", 9)
        self._said("satisfied", 9, asked=NOW - 40 * DAY)
        page = (
            self.env["complaint.feedback.overview"]
            .with_user(self.manager)
            .create({"first": MARCH[0], "last": MARCH[1]})
        )
        action = page.action_view_surveys()
        found = self.rows.with_user(self.manager).search(action["domain"])
        self.assertEqual(found.feedback_id, survey)

    def test_costs_a_fixed_number_of_queries(self):
        def measure():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._page("user_id")
            return self.cr.sql_log_count - before

        self._said("satisfied", 9, comment="Well")
        measure()
        few = measure()
        users = self.colleague | self.supervisor | self.manager
        for user in users:
            for level in ("satisfied", "basic", "dissatisfied"):
                case = self._case(user_id=user.id)
                self._said(level, 5, case=case, comment="Words")
        self.assertLessEqual(measure(), few + 4)
        self.assertLessEqual(measure(), 30)
