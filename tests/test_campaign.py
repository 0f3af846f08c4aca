from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Date, Datetime
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.complaint_management.models.feedback import (
    complaint_feedback_campaign_work as work,
)

from .campaign_common import LATER, QUARTER_DAY, START, CampaignCommon
from .common import MODULE


@tagged("post_install", "-at_install")
class TestCampaignPeople(CampaignCommon):
    """Who is asked, and why others are not (F2)."""

    def test_the_quarter_before_is_the_default(self):
        with freeze_time("2026-02-20"):
            campaign = self.env["complaint.feedback.campaign"].create({})
        self.assertEqual(campaign.date_from, Date.to_date("2025-10-01"))
        self.assertEqual(campaign.date_to, Date.to_date("2025-12-31"))
        self.assertEqual(campaign.survey_id, self.survey)
        self.assertIn("2025", campaign.display_name)

    def test_name_follows_the_period_until_somebody_gives_one(self):
        campaign = self._campaign()
        before = campaign.display_name
        with Form(campaign) as form:
            form.date_from = "2025-11-01"
        self.assertNotEqual(campaign.display_name, before)
        with Form(campaign) as form:
            form.name = "Autumn"
            form.date_from = "2025-10-15"
        self.assertEqual(campaign.display_name, "Autumn")

    def test_named_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        campaign = self._campaign()
        there = campaign.with_context(lang="zh_CN")
        self.assertIn("Customers served", campaign.display_name)
        self.assertIn("客户", there.display_name)
        self.assertNotIn("Customers", there.display_name)
        feedback = self.env["complaint.feedback"].create(
            {
                "campaign_id": campaign.id,
                "touchpoint": "campaign",
                "partner_id": self.people[0].id,
                "company_id": self.company.id,
            }
        )
        self.assertIn("Customers served", feedback.display_name)
        self.assertIn("客户", feedback.with_context(lang="zh_CN").display_name)
        for mine, words in ((campaign, "quarter 4 of 2025"), (there, "2025")):
            found = mine.name_search(words)
            self.assertIn(campaign.id, [number for number, _name in found])
        campaign.name = "Autumn"
        self.assertEqual(there.display_name, "Autumn")
        self.assertEqual(campaign.search([("display_name", "=", "Autumn")]), campaign)
        others = campaign.search([("display_name", "not ilike", "Autumn")])
        self.assertNotIn(campaign, others)
        self.assertIn(self._campaign(), campaign.search([("display_name", "!=", "x")]))
        self.assertFalse(campaign.copy().name)
        odd = self._campaign(date_from="2025-10-02")
        self.assertIn("10/02/2025", odd.display_name)

    def test_served_in_the_period(self):
        self._served("early", day="2025-09-30 21:59:00")
        self._served("late", day="2026-01-01 12:00:00")
        quotation = self._served("quotation")
        self.env["sale.order"].search([("partner_id", "in", quotation.ids)]).write(
            {"state": "draft"}
        )
        self.assertEqual(
            set(self._reasons(self._campaign())), set(self.people.mapped("name"))
        )

    def test_days_are_those_of_the_company(self):
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        # 1 October, 00:30 and 31 December, 23:30 in Shanghai.
        self._served("first", day="2025-09-30 16:30:00")
        self._served("last", day="2025-12-31 15:30:00")
        # 30 September, 23:30 and 1 January, 00:30.
        self._served("before", day="2025-09-30 15:30:00")
        self._served("after", day="2025-12-31 16:30:00")
        names = set(self._reasons(self._campaign()))
        self.assertEqual(names - set(self.people.mapped("name")), {"first", "last"})

    def test_tag_of_the_customer_or_its_company(self):
        company = self.env["res.partner"].create(
            {"name": "Big", "is_company": True, "category_id": self.tag.ids}
        )
        self._served("employee", parent_id=company.id, category_id=False)
        self._served("untagged", category_id=False)
        names = self._reasons(self._campaign())
        self.assertIn("employee", names)
        self.assertNotIn("untagged", names)

    def _complained(self, name, when=QUARTER_DAY, **values):
        partner = self.env["res.partner"].create(
            {
                "name": name,
                "email": f"{name}@served.example.com",
                "category_id": self.tag.ids,
            }
        )
        with freeze_time(when):
            case = self._answered(partner_id=partner.id, date_received=when, **values)
            case._customer_accept()
            case.flush_recordset()
        return case

    def test_customers_who_complained(self):
        self._complained("complained")
        self._complained("confidential", is_confidential=True)
        self._complained("too late", when="2026-01-02 10:00:00")
        self._complained("elsewhere", team_id=self.other_team.id)
        both = self._reasons(self._campaign())
        self.assertIn("complained", both)
        self.assertNotIn("too late", both)
        self.assertNotIn("confidential", both)
        self.assertIn("p1", both)
        only = self._reasons(self._campaign(with_orders=False, team_ids=self.team.ids))
        self.assertEqual(list(only), ["complained"])
        category = self.env.ref(f"{MODULE}.category_quality_defect")
        others = self.env["complaint.category"].search(
            [("id", "not in", [category.id, category.parent_id.id])], limit=1
        )
        self.assertFalse(
            self._reasons(self._campaign(with_orders=False, category_ids=others.ids))
        )
        parent = category.parent_id or category
        self.assertIn(
            "complained",
            self._reasons(self._campaign(with_orders=False, category_ids=parent.ids)),
        )

    def test_withdrawn_is_not_served(self):
        case = self._complained("withdrawn")
        self.env.cr.execute(
            "UPDATE complaint_case SET outcome = 'withdrawn' WHERE id = %s", [case.id]
        )
        self.assertNotIn("withdrawn", self._reasons(self._campaign()))

    def test_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env.cr.execute(
            "UPDATE sale_order SET company_id = %s WHERE partner_id = %s",
            [other.id, self.people[0].id],
        )
        self.assertNotIn("p0", self._reasons(self._campaign()))

    def test_somebody_must_be_asked(self):
        with self.refuses(ValidationError, "Choose whom to ask"):
            self._campaign(with_orders=False, with_complaints=False)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._campaign(date_to="2025-09-01")

    # Why not -----------------------------------------------------------------------

    def test_opted_out(self):
        self.people[0].complaint_feedback_optout = True
        company = self.env["res.partner"].create(
            {"name": "Declines", "is_company": True, "complaint_feedback_optout": True}
        )
        self.people[1].parent_id = company
        # The same mailbox of another contact, and one who used the link in a mail.
        self.env["res.partner"].create(
            {
                "name": "Same mailbox",
                "email": "P2 <P2@SERVED.example.com>",
                "complaint_feedback_optout": True,
            }
        )
        self.env["complaint.feedback"].create(
            {
                "email": "p3@served.example.com",
                "opted_out_at": START,
                "company_id": self.company.id,
            }
        )
        self.env["mail.blacklist"].create({"email": "p4@served.example.com"})
        reasons = self._reasons(self._campaign())
        for name in ("p0", "p1", "p2", "p3", "p4"):
            with self.subTest(name=name):
                self.assertEqual(reasons[name], "opted_out")
        self.assertFalse(reasons["p5"])

    def test_staff(self):
        self._order(self.handler.partner_id, self.product).date_order = QUARTER_DAY
        self.handler.partner_id.category_id = self.tag
        self.people[0].email = "supervisor@staff.example.com"
        reasons = self._reasons(self._campaign())
        self.assertEqual(reasons[self.handler.name], "staff")
        self.assertEqual(reasons["p0"], "staff")

    def test_portal_customers_are_no_staff(self):
        self._order(self.customer.partner_id, self.product).date_order = QUARTER_DAY
        self.customer.partner_id.category_id = self.tag
        self.assertFalse(self._reasons(self._campaign())[self.customer.name])

    def test_no_address_an_invalid_one_and_archived(self):
        self.people[0].email = False
        self.people[1].email = "  "
        self.people[2].email = "call me"
        self.people[3].active = False
        reasons = self._reasons(self._campaign())
        self.assertEqual(
            [reasons[f"p{number}"] for number in range(5)],
            ["no_email", "no_email", "invalid_email", "archived", ""],
        )

    def test_one_mail_for_a_shared_address(self):
        self.people[1].email = "P0 <p0@SERVED.example.com>"
        self.people[4].email = "p0@served.example.com"
        campaign = self._campaign()
        reasons = self._reasons(campaign)
        self.assertEqual(
            (reasons["p0"], reasons["p1"], reasons["p4"]),
            ("", "duplicate", "duplicate"),
        )
        feedbacks = self._choose(campaign)
        self.assertEqual(len(feedbacks), 4)
        self.assertEqual(campaign.left_out, {"duplicate": 2})

    def test_asked_shortly_before(self):
        self.company.complaint_feedback_cooldown_days = 14
        asked = {"company_id": self.company.id, "state": "expired"}
        self.env["complaint.feedback"].create(
            [
                {**asked, "email": "p0@served.example.com", "sent_at": "2025-12-23"},
                {**asked, "email": "p1@served.example.com", "sent_at": "2025-12-21"},
                {
                    **asked,
                    "email": "p2@served.example.com",
                    "sent_at": "2025-12-30",
                    "state": "cancelled",
                },
                {
                    **asked,
                    "email": "p3@served.example.com",
                    # In the portal, without being asked.
                    "answered_at": "2025-12-30",
                    "state": "answered",
                },
            ]
        )
        campaign = self._campaign()
        reasons = self._reasons(campaign)
        self.assertEqual(reasons["p0"], "cooldown")
        self.assertEqual(reasons["p3"], "cooldown")
        self.assertFalse(reasons["p1"] or reasons["p2"])
        self.company.complaint_feedback_cooldown_days = 0
        self.assertFalse(self._reasons(campaign)["p0"])

    def test_latest_order_of_the_period(self):
        partner = self.people[0]
        orders = self.env["sale.order"]
        for day in ("2025-12-20 10:00:00", "2025-12-10 10:00:00", "2026-01-02"):
            order = self._order(partner, self.product)
            order.date_order = day
            orders |= order
        feedback = self._choose(self._campaign()).filtered(
            lambda one: one.partner_id == partner
        )
        self.assertEqual(feedback.order_id, orders[0])

    # The sample --------------------------------------------------------------------

    def _asked(self, campaign):
        return {name for name, why in self._reasons(campaign).items() if not why}

    def test_preview_and_campaign_choose_the_same(self):
        self._served(*(f"m{number}" for number in range(60)))
        for values in (
            {"sample": "percent", "sample_percent": 30},
            {"sample": "number", "sample_number": 17},
            {"sample": "all"},
        ):
            with self.subTest(**values):
                campaign = self._campaign(**values)
                asked = self._asked(campaign)
                self.assertEqual(asked, self._asked(campaign))
                feedbacks = self._choose(campaign)
                self.assertEqual(set(feedbacks.partner_id.mapped("name")), asked)
                left = campaign.left_out or {}
                self.assertEqual(left.get("sampled_out", 0), 66 - len(asked))
                self.assertEqual(campaign.served_count, 66)
                self.assertEqual(campaign.found_count, 66)
        self.assertEqual(len(asked), 66)

    def test_size_of_the_sample(self):
        self._served(*(f"m{number}" for number in range(200)))
        few = self._campaign(sample="percent", sample_percent=25)
        self.assertLess(abs(len(self._asked(few)) - 51.5), 30)
        number = self._campaign(sample="number", sample_number=17)
        self.assertEqual(len(self._asked(number)), 17)
        self.assertNotEqual(
            self._asked(number),
            self._asked(self._campaign(sample="number", sample_number=17)),
            "the next campaign asks others",
        )
        more = self._campaign(sample="number", sample_number=5000)
        self.assertEqual(len(self._asked(more)), 206)
        everybody = self._campaign(sample="percent", sample_percent=100)
        self.assertEqual(len(self._asked(everybody)), 206)

    def test_at_most_holds_although_customers_come_into_question(self):
        self.people[:4].complaint_feedback_optout = True
        campaign = self._campaign(sample="number", sample_number=2)
        self.patch(work, "BATCH", 2)
        with freeze_time(START):
            campaign._start()
            campaign._process_event(Datetime.now())
        self.people.complaint_feedback_optout = False
        self._run_campaigns(LATER)
        self.assertEqual(campaign.state, "running")
        self.assertLessEqual(len(campaign.feedback_ids), 2)


@tagged("post_install", "-at_install")
class TestCampaignChoosing(CampaignCommon):
    """Started, chosen in batches, over, and again."""

    def test_in_batches(self):
        self.patch(work, "BATCH", 4)
        campaign = self._campaign()
        with freeze_time(START):
            campaign.with_user(self.manager).action_start()
            self.assertEqual(campaign.state, "preparing")
            campaign._process_event(Datetime.now())
            campaign.invalidate_recordset()
            self.assertEqual(len(campaign.feedback_ids), 4)
            self.assertEqual(campaign.state, "preparing")
            self.assertAlmostEqual(campaign.progress, 400 / 6)
        self._run_campaigns(LATER)
        self.assertEqual(campaign.state, "running")
        self.assertEqual(campaign.feedback_ids.partner_id, self.people)
        self.assertEqual(set(campaign.feedback_ids.mapped("state")), {"planned"})
        self.assertEqual(set(campaign.feedback_ids.mapped("touchpoint")), {"campaign"})
        self.assertFalse(campaign.feedback_ids.case_id)

    def test_run_again_chooses_nobody_twice(self):
        campaign = self._campaign()
        feedbacks = self._choose(campaign)
        campaign.write({"state": "preparing", "cursor": 0, "next_event_at": START})
        self._run_campaigns(LATER)
        self.assertEqual(campaign.feedback_ids, feedbacks)
        self.assertEqual(campaign.state, "running")

    @mute_logger("odoo.sql_db")
    def test_an_address_twice_is_impossible(self):
        [first, *_others] = self._choose(self._campaign())
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env["complaint.feedback"].create(
                {
                    "campaign_id": first.campaign_id.id,
                    "email": first.email,
                    "company_id": self.company.id,
                }
            )

    def test_a_batch_that_fails_is_tried_again(self):
        campaign = self._campaign()
        with freeze_time(START):
            campaign._start()
        self.env.cr.execute(
            "ALTER TABLE complaint_feedback ADD CONSTRAINT broken"
            " CHECK (campaign_id IS NULL)"
        )
        with (
            mute_logger("odoo.sql_db"),
            self.assertLogs(f"odoo.addons.{MODULE}", "WARNING"),
        ):
            self._run_campaigns(START)
        self.assertEqual(campaign.state, "preparing")
        self.assertTrue(campaign.event_error)
        self.assertFalse(campaign.feedback_ids or campaign.left_out)
        self.env.cr.execute("ALTER TABLE complaint_feedback DROP CONSTRAINT broken")
        self._run_campaigns(LATER)
        self.assertEqual(campaign.state, "running")
        self.assertEqual(len(campaign.feedback_ids), 6)
        self.assertFalse(campaign.event_failures)

    def test_mails_per_hour(self):
        feedbacks = self._choose(self._campaign(mails_per_hour=2))
        self.assertEqual(
            sorted(str(moment)[11:16] for moment in feedbacks.mapped("planned_at")),
            ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"],
        )
        self._run_sending("2026-01-05 10:15:00")
        self.assertEqual(len(feedbacks.filtered("sent_at")), 3)

    def test_cannot_start(self):
        campaign = self._campaign(survey_id=False)
        with self.refuses(UserError, "no questionnaire"):
            campaign.with_user(self.manager).action_start()
        own = self.survey.copy()
        campaign.survey_id = own
        own.action_archive()
        with self.refuses(UserError, "archived or has no question"):
            campaign.with_user(self.manager).action_start()
        own.action_unarchive()
        own.question_ids.unlink()
        with self.refuses(UserError, "archived or has no question"):
            campaign.with_user(self.manager).action_start()
        campaign.survey_id = self.survey
        self.company.complaint_feedback_enabled = False
        with self.refuses(UserError, "switched off"):
            campaign.with_user(self.manager).action_start()
        self.company.complaint_feedback_enabled = True
        campaign.with_user(self.manager).action_start()
        with self.refuses(UserError, "started already"):
            campaign.with_user(self.manager).action_start()

    def test_nobody_served(self):
        campaign = self._campaign(date_from="2001-01-01", date_to="2001-03-31")
        self.assertFalse(self._choose(campaign))
        self.assertEqual((campaign.state, campaign.served_count), ("running", 0))
        self._run_campaigns("2026-01-06 10:00:00")
        self.assertEqual(campaign.state, "done")

    def test_what_started_stays_as_it_is(self):
        campaign = self._campaign()
        self._choose(campaign)
        mine = campaign.with_user(self.manager)
        with self.refuses(UserError, "has started"):
            mine.write({"date_to": "2026-01-31"})
        with self.refuses(UserError, "has started and stays on record"):
            mine.unlink()
        mine.write({"name": "Winter", "repeat_months": 0})
        with self.refuses(UserError, "by hand"):
            mine.write({"state": "done"})
        draft = self._campaign()
        draft.with_user(self.manager).unlink()

    def test_cancel(self):
        campaign = self._campaign(mails_per_hour=2)
        feedbacks = self._choose(campaign)
        self._run_sending("2026-01-05 10:15:00")
        campaign.with_user(self.manager).action_cancel()
        self.env.invalidate_all()
        self.assertEqual(campaign.state, "cancelled")
        states = feedbacks.grouped("state")
        self.assertEqual(len(states["sent"]), 3)
        self.assertEqual(set(states["cancelled"].mapped("cancel_reason")), {"campaign"})
        self._run_sending("2026-01-05 14:15:00")
        self.assertEqual(len(self._mails(feedbacks)), 3)
        with self.refuses(UserError, "cancelled: it asks nobody"):
            states["cancelled"][0].with_user(self.supervisor).action_send_now()
        # Nobody is reminded, and links stay open until they expire.
        self._run_sending("2026-01-10 14:15:00")
        self.assertEqual(len(self._mails(feedbacks)), 3)
        self.assertEqual(set(states["sent"].mapped("state")), {"sent"})
        with self.refuses(UserError, "over"):
            campaign.with_user(self.manager).action_cancel()

    def test_cancel_while_customers_are_chosen(self):
        self.patch(work, "BATCH", 4)
        campaign = self._campaign()
        with freeze_time(START):
            campaign._start()
            campaign._process_event(Datetime.now())
            campaign.with_user(self.manager).action_cancel()
        self._run_campaigns(LATER)
        self.assertEqual(len(campaign.feedback_ids), 4)
        self.assertEqual(set(campaign.feedback_ids.mapped("state")), {"cancelled"})

    # Again -------------------------------------------------------------------------

    def _over(self, **values):
        campaign = self._campaign(**values)
        self._choose(campaign)
        self._run_sending(LATER)
        self._run_sending("2026-02-01 09:00:00")
        self._run_campaigns("2026-02-01 10:00:00")
        self.assertEqual(campaign.state, "done")
        return campaign

    def test_the_next_one_is_a_draft(self):
        campaign = self._over()
        self.assertFalse(campaign.next_ids)
        self._run_campaigns("2026-03-31 12:00:00")
        self.assertFalse(campaign.next_ids, "the quarter is not over")
        self._run_campaigns("2026-04-01 12:00:00")
        following = campaign.next_ids
        self.assertEqual(following.state, "draft")
        self.assertEqual(str(following.date_from), "2026-01-01")
        self.assertEqual(str(following.date_to), "2026-03-31")
        self.assertIn("2026", following.display_name)
        self.assertFalse(following.name, "in the language of whoever reads it")
        self.assertNotEqual(following.seed, campaign.seed)
        self.assertEqual(following.partner_tag_ids, self.tag)
        self.assertEqual(following.activity_ids.user_id, self.manager)
        self.assertFalse(campaign.next_event_at)
        campaign.next_event_at = START
        self._run_campaigns("2026-04-02 12:00:00")
        self.assertEqual(campaign.next_ids, following)

    def test_to_do_is_in_the_language_of_who_has_it(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        own = self.survey.copy()
        campaign = self._over(repeat_auto=True, survey_id=own.id)
        campaign.user_id.lang = "zh_CN"
        own.action_archive()
        self._run_campaigns("2026-04-01 12:00:00")
        to_do = campaign.next_ids.activity_ids
        for text in (to_do.summary, str(to_do.note)):
            self.assertRegex(text, "[一-鿿]")

    def test_the_next_one_starts_by_itself(self):
        campaign = self._over(repeat_auto=True)
        self._served("again", day="2026-02-03 10:00:00")
        self._run_campaigns("2026-04-01 12:00:00")
        following = campaign.next_ids
        self.assertEqual(following.state, "running")
        self.assertEqual(following.feedback_ids.partner_id.name, "again")
        self.assertEqual(str(following.next_event_at), "2026-04-01 18:00:00")

    def test_the_next_one_cannot_start(self):
        own = self.survey.copy()
        campaign = self._over(repeat_auto=True, survey_id=own.id)
        own.action_archive()
        self._run_campaigns("2026-04-01 12:00:00")
        following = campaign.next_ids
        self.assertEqual(following.state, "draft")
        self.assertIn("archived", following.activity_ids.note)

    def test_periods_that_were_slept_through_are_left_out(self):
        campaign = self._over()
        self._run_campaigns("2026-11-05 12:00:00")
        self.assertEqual(str(campaign.next_ids.date_from), "2026-07-01")
        self.assertEqual(str(campaign.next_ids.date_to), "2026-09-30")

    def test_never_again(self):
        campaign = self._over(repeat_months=0)
        self.assertFalse(campaign.next_event_at)
        campaign.with_user(self.manager).repeat_months = 1
        self.assertTrue(campaign.next_event_at)
        campaign.with_user(self.manager).repeat_months = 0
        self.assertFalse(campaign.next_event_at)

    def test_cancelled_ends_the_series(self):
        campaign = self._campaign()
        self._choose(campaign)
        campaign.with_user(self.manager).action_cancel()
        self._run_campaigns("2026-04-01 12:00:00")
        self.assertFalse(campaign.next_ids)

    def test_nothing_due_costs_one_query(self):
        campaigns = self.env["complaint.feedback.campaign"]
        with freeze_time("2020-01-01"), self.enter_registry_test_mode():
            self.env.flush_all()
            with self.assertQueryCount(1):
                campaigns._cron_process_due()
