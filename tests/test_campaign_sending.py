from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import HttpCase, freeze_time, tagged

from .campaign_common import EXPIRED, LATER, REMINDED, START, CampaignCommon
from .common import MODULE


@tagged("post_install", "-at_install")
class TestCampaignSending(CampaignCommon):
    """Surveys without a complaint: queued, reminded, expired, answered (F1, F2)."""

    def _answer(self, feedback, scores, comment=False):
        sheet = feedback.user_input_id
        for name, value in scores.items():
            sheet._save_lines(self.questions[name], str(value))
        if comment:
            sheet._save_lines(self.questions["comment"], comment)
        public = self.env.ref("base.public_user")
        sheet.with_user(public).sudo()._mark_done()

    def test_sent_once(self):
        feedbacks = self._sent()
        self.assertEqual(set(feedbacks.mapped("state")), {"sent"})
        self.assertEqual(feedbacks.survey_id, self.survey)
        self.assertEqual(len(feedbacks.user_input_id), 6)
        mails = self._mails(feedbacks)
        self.assertEqual(len(mails), 6)
        for feedback in feedbacks:
            mail = mails.filtered(lambda one, f=feedback: one.res_id == f.id)
            self.assertEqual(mail.state, "outgoing", "sent by the mail queue")
            self.assertIn(feedback.email, mail.email_to)
            self.assertIn(feedback.partner_id.name, mail.email_to)
            self.assertIn(feedback.user_input_id.access_token, mail.body_html)
            self.assertIn(feedback._get_optout_url(), mail.body_html)
            self.assertIn(feedback._get_optout_url(), mail.headers)
            self.assertIn("One-Click", mail.headers)
            self.assertNotIn("False", mail.body_html)
            self.assertEqual(mail.reply_to, self.manager.email_formatted)
            self.assertTrue(mail.auto_delete)
            sheet = feedback.user_input_id
            self.assertEqual(sheet.complaint_feedback_id, feedback)
            self.assertEqual(sheet.partner_id, feedback.partner_id)
            self.assertEqual(sheet.deadline, feedback.expires_at)
            self.assertEqual(sheet.predefined_question_ids, self.survey.question_ids)
            self.assertEqual(sheet.state, "new")
        tokens = feedbacks.user_input_id.mapped("access_token")
        invites = feedbacks.user_input_id.mapped("invite_token")
        self.assertEqual((len(set(tokens)), len(set(invites))), (6, 6))
        self._run_sending(LATER)
        self._run_sending("2026-01-06 09:00:00")
        self.assertEqual(self._mails(feedbacks), mails)
        self.assertEqual(feedbacks.campaign_id.sent_count, 6, "queued counts as sent")

    def test_sheet_is_as_odoos_own(self):
        feedback = self._sent()[0]
        ours = feedback.user_input_id
        theirs = self.survey._create_answer(
            partner=feedback.partner_id,
            email=feedback.email,
            check_attempts=False,
            invite_token="an-own-one",
            deadline=feedback.expires_at,
            lang_id=ours.lang_id.id,
        )
        skipped = {
            "access_token",
            "complaint_feedback_id",
            "create_date",
            "display_name",
            "id",
            "invite_token",
            "write_date",
        }
        names = [
            name
            for name, field in ours._fields.items()
            if field.store and field.type != "one2many" and name not in skipped
        ]
        self.assertEqual(
            ours.read(names)[0] | {"id": 0}, theirs.read(names)[0] | {"id": 0}
        )

    def test_one_reminder_then_expired_then_done(self):
        feedbacks = self._sent()
        campaign = feedbacks.campaign_id
        self._answer(feedbacks[0], {"overall": 9})
        self._run_sending(REMINDED)
        self.assertEqual(len(self._mails(feedbacks)), 6 + 5)
        self._run_sending("2026-01-16 09:00:00")
        self.assertEqual(len(self._mails(feedbacks)), 6 + 5)
        self._run_sending(EXPIRED)
        self.assertEqual(
            sorted(feedbacks.mapped("state")), ["answered"] + ["expired"] * 5
        )
        self._run_campaigns(EXPIRED)
        self.assertEqual(campaign.state, "done")
        self.assertAlmostEqual(campaign.answered_percent, 16.7)
        self.assertEqual(campaign.score, 9)
        self.assertEqual(campaign.progress, 100)

    def test_scores_without_a_complaint(self):
        feedback = self._sent()[0]
        again = self.questions["again"].suggested_answer_ids[0]
        feedback.user_input_id._save_lines(self.questions["again"], str(again.id))
        self._answer(
            feedback,
            {"overall": 8, "attitude": 10, "effect": 6, "recommend": 9},
            "Keep it up",
        )
        self.assertEqual(feedback.state, "answered")
        self.assertEqual(feedback.score, 8)
        self.assertEqual(feedback.score_handling, 10)
        self.assertEqual(feedback.score_outcome, 8)
        self.assertEqual(feedback.recommend_group, "promoter")
        self.assertEqual(feedback.level, "satisfied")
        self.assertEqual(feedback.comment, "Keep it up")
        self.assertEqual(feedback.way, "mail")
        self.assertIn(feedback.partner_id.name, feedback.display_name)

    def assertLeftOut(self, feedback, reason):
        self.assertEqual(
            (feedback.state, feedback.cancel_reason), ("cancelled", reason)
        )
        self.assertFalse(self._mails(feedback))

    def test_what_happened_between_choosing_and_sending(self):
        feedbacks = self._choose(self._campaign()).sorted(lambda f: f.email)
        partners = feedbacks.partner_id
        partners[0].complaint_feedback_optout = True
        partners[1].active = False
        partners[2].email = False
        partners[3].email = "nobody knows"
        partners[4].email = "p5@served.example.com"
        self.env["mail.blacklist"].create({"email": "p5@served.example.com"})
        more = self._served("m1", "m2")
        other = self._choose(self._campaign(name="Second"), when=LATER)
        self.assertEqual(other.partner_id, more)
        more[0].email = "new@served.example.com"
        self._run_sending("2026-01-05 10:00:00")
        for feedback, reason in zip(
            feedbacks,
            [
                "opted_out",
                "archived",
                "no_email",
                "invalid_email",
                "opted_out",
                "opted_out",
            ],
            strict=True,
        ):
            with self.subTest(reason=reason, email=feedback.email):
                self.assertLeftOut(feedback, reason)
        moved = other.filtered(lambda one: one.partner_id == more[0])
        self.assertEqual(moved.email, "new@served.example.com")
        self.assertIn("new@served", self._mails(moved).email_to)

    def test_address_became_that_of_another(self):
        feedbacks = self._choose(self._campaign()).sorted(lambda f: f.email)
        feedbacks[4].partner_id.email = "p5@served.example.com"
        self._run_sending(LATER)
        self.assertLeftOut(feedbacks[4], "duplicate")
        self.assertEqual(len(self._mails(feedbacks[5])), 1)

    def test_became_staff(self):
        feedbacks = self._choose(self._campaign())
        self.env["res.users"].with_context(no_reset_password=True).create(
            {
                "name": "New colleague",
                "login": "new_colleague",
                "partner_id": feedbacks[0].partner_id.id,
            }
        )
        self._run_sending(LATER)
        self.assertLeftOut(feedbacks[0], "staff")

    def test_asked_by_a_complaint_meanwhile(self):
        feedbacks = self._choose(self._campaign())
        self.env["complaint.feedback"].create(
            {
                "email": feedbacks[0].email,
                "company_id": self.company.id,
                "state": "sent",
                "sent_at": START,
                "expires_at": EXPIRED,
            }
        )
        self._run_sending(LATER)
        self.assertLeftOut(feedbacks[0], "cooldown")

    def test_two_campaigns_at_once_write_once(self):
        first = self._choose(self._campaign(name="First"))
        second = self._choose(self._campaign(name="Second"))
        self.assertEqual((len(first), len(second)), (6, 6))
        self._run_sending(LATER)
        mails = self._mails(first | second)
        self.assertEqual(len(mails), 6)
        self.assertEqual(len(set(mails.mapped("email_to"))), 6)
        self.assertEqual(set(second.mapped("cancel_reason")), {"cooldown"})

    def test_opted_out_before_the_reminder(self):
        feedbacks = self._sent()
        feedbacks[0]._opt_out()
        self.assertTrue(feedbacks[0].partner_id.complaint_feedback_optout)
        self.assertEqual(feedbacks[0].state, "cancelled")
        self._run_sending(REMINDED)
        self.assertEqual(len(self._mails(feedbacks[0])), 1)
        self.assertEqual(len(self._mails(feedbacks)), 6 + 5)

    def test_questionnaire_archived_or_deleted(self):
        own = self.survey.copy()
        feedbacks = self._choose(self._campaign(survey_id=own.id))
        own.action_archive()
        self._run_sending(LATER)
        self.assertEqual(set(feedbacks.mapped("cancel_reason")), {"no_survey"})
        own = self.survey.copy()
        feedbacks = self._choose(self._campaign(survey_id=own.id))
        own.unlink()
        self._run_sending(LATER)
        self.assertEqual(set(feedbacks.mapped("cancel_reason")), {"no_survey"})

    def test_deleted_mail_template(self):
        feedbacks = self._choose(self._campaign())
        self.env.ref(f"{MODULE}.mail_template_campaign_invite").unlink()
        with self.assertLogs(f"odoo.addons.{MODULE}", "WARNING"):
            self._run_sending(LATER)
        self.assertEqual(set(feedbacks.mapped("state")), {"planned"})
        self.assertIn("mail_template_campaign_invite", feedbacks[0].event_error)

    def test_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref(f"{MODULE}.mail_template_campaign_invite")
        template.with_context(lang="fr_FR").subject = "Votre avis ?"
        self.people[0].lang = "fr_FR"
        feedbacks = self._sent().sorted(lambda f: f.email)
        self.assertEqual(self._mails(feedbacks[0]).subject, "Votre avis ?")
        self.assertEqual(feedbacks[0].user_input_id.lang_id.code, "fr_FR")
        self.assertNotEqual(self._mails(feedbacks[1]).subject, "Votre avis ?")

    def test_queries_for_each(self):
        """Three queries a customer at most, choosing and sending together (F2)."""
        self._sent()  # fills the caches
        counts = []
        for amount in (40, 200):
            self._served(*(f"q{amount}-{number}" for number in range(amount)))
            campaign = self._campaign()
            self.company.complaint_feedback_cooldown_days = 14
            with freeze_time(START):
                campaign._start()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._run_campaigns(START)
            self._run_sending(LATER)
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(self._mails(campaign.feedback_ids)), amount)
        each = (counts[1] - counts[0]) / 160
        self.assertLess(each, 3, f"queries for each customer, of {counts}")
        self.assertLess(counts[1] / 200, 3)


@tagged("post_install", "-at_install")
class TestCampaignRights(CampaignCommon):
    def test_who_sees_answers(self):
        feedbacks = self._sent()
        feedback = feedbacks[0]
        for user in (self.supervisor, self.manager, self.auditor):
            with self.subTest(user=user.login):
                mine = feedback.with_user(user)
                self.assertEqual(mine.state, "sent")
                self.assertIn(feedback.partner_id.name, mine.display_name)
                found = mine.search([("campaign_id", "=", feedback.campaign_id.id)])
                self.assertEqual(found, feedbacks)
                with self.assertRaises(AccessError):
                    mine.write({"score": 10})
                with self.assertRaises(AccessError):
                    mine.read(["user_input_id"])
                with self.assertRaises(AccessError):
                    self._mails(feedback).mail_message_id.with_user(user).read(["body"])
                counted = feedback.campaign_id.with_user(user)
                self.assertEqual(counted.sent_count, 6)
        for user in (self.handler, self.stranger):
            with self.subTest(user=user.login):
                mine = feedback.with_user(user)
                self.assertFalse(mine.search([("id", "in", feedbacks.ids)]))
                with self.assertRaises(AccessError):
                    mine.read(["score"])
        for user in (self.employee, self.customer, self.env.ref("base.public_user")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                feedback.with_user(user).read(["state"])

    def test_handlers_still_see_surveys_of_complaints(self):
        case = self._answered()
        case._customer_accept()
        self.assertTrue(case.feedback_ids.with_user(self.handler).read(["state"]))

    def test_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        feedback = self._sent()[0]
        campaign = feedback.campaign_id
        for user in (self.supervisor, self.manager, self.auditor):
            user.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    feedback.with_user(user).read(["state"])
                with self.assertRaises(AccessError):
                    campaign.with_user(user).read(["name"])

    def test_who_does_what(self):
        campaign = self._campaign()
        for user in (self.supervisor, self.auditor):
            with self.subTest(user=user.login):
                mine = campaign.with_user(user)
                self.assertTrue(mine.display_name)
                for act in (
                    mine.action_start,
                    mine.action_cancel,
                    mine.unlink,
                    lambda mine=mine: mine.write({"name": "Mine"}),
                    lambda mine=mine: mine.create({}),
                ):
                    with self.assertRaises(AccessError):
                        act()
        for user in (self.handler, self.employee, self.customer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                campaign.with_user(user).read(["name"])
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                campaign.with_user(user).action_preview()

    def test_preview_as_each(self):
        self.people[0].complaint_feedback_optout = True
        campaign = self._campaign()
        for user in (self.supervisor, self.manager, self.auditor):
            with self.subTest(user=user.login):
                action = campaign.with_user(user).action_preview()
                preview = self.env[action["res_model"]].with_user(user)
                preview = preview.browse(action["res_id"])
                self.assertEqual((preview.asked_count, preview.left_count), (5, 1))
                self.assertEqual(preview.asked_ids.partner_id, self.people[1:])
                self.assertEqual(preview.left_ids.partner_id, self.people[0])
                self.assertIn("does not want surveys", preview.left_ids.reason)
                self.assertEqual(preview.count_ids.number, 1)
                name = {"fields": {"display_name": {}}}
                [shown] = preview.web_read(
                    {
                        "asked_ids": {"fields": {"partner_id": name, "order_id": name}},
                        "campaign_id": name,
                    }
                )
                self.assertTrue(shown["asked_ids"][0]["order_id"]["display_name"])
                [shown] = campaign.with_user(user).web_read(
                    {"survey_id": name, "partner_tag_ids": name, "left_out_text": {}}
                )
                self.assertEqual(
                    shown["survey_id"]["display_name"], self.survey.display_name
                )
                others = self.manager | self.supervisor
                with self.assertRaises(AccessError):
                    preview.with_user((others - user)[:1]).read(["asked_count"])

    def test_state_is_nobodys_to_write(self):
        campaigns = self.env["complaint.feedback.campaign"].with_user(self.manager)
        with self.refuses(UserError, "by hand"):
            campaigns.create({"state": "running"})
        forged = campaigns.with_context(
            default_state="running", default_seed="0", default_cursor=7
        )
        campaign = forged.create({}).sudo()
        self.assertEqual((campaign.state, campaign.cursor), ("draft", 0))
        self.assertNotEqual(campaign.seed, "0")


@tagged("post_install", "-at_install")
class TestCampaignPages(CampaignCommon, HttpCase):
    """What customers, and scanners of their mail, do with the links."""

    def setUp(self):
        super().setUp()
        campaign = self._campaign()
        campaign._start()
        now = Datetime.now()
        while campaign.state == "preparing":
            campaign._process_event(now)
        self.feedback = campaign.feedback_ids[0]
        campaign.feedback_ids._process_events(now)
        self.sheet = self.feedback.user_input_id
        self.page = f"/survey/{self.survey.access_token}/{self.sheet.access_token}"

    def _links(self):
        body = self._mails(self.feedback).body_html.replace("&amp;", "&")
        return [part.split('"')[0] for part in body.split('href="')[1:]]

    def test_a_scanner_that_opens_every_link_answers_nothing(self):
        links = [link for link in self._links() if link.startswith("http")]
        self.assertGreaterEqual(len(links), 2)
        for _again in range(2):
            for link in links:
                path = "/" + link.split("/", 3)[3]
                if not path.startswith(("/survey/", "/complaint/")):
                    continue
                self.assertEqual(self.url_open(path).status_code, 200)
                self.url_open(path, method="HEAD")
        self.env.invalidate_all()
        self.assertEqual(self.sheet.state, "new")
        self.assertFalse(self.sheet.user_input_line_ids or self.sheet.start_datetime)
        self.assertEqual(self.feedback.state, "sent")
        self.assertFalse(self.feedback.opted_out_at)
        self.assertFalse(self.feedback.partner_id.complaint_feedback_optout)
        self.assertEqual(
            self.survey.user_input_ids.complaint_feedback_id,
            self.feedback.campaign_id.feedback_ids,
            "no second sheet",
        )

    def test_answered_without_login(self):
        self.assertIn("How satisfied are you", self.url_open(self.page).text)
        _nothing, content = self.make_jsonrpc_request(
            self.page.replace("/survey/", "/survey/begin/"), {}
        )
        self.assertIn("All in all", content["survey_content"])
        answers = {str(self.questions["overall"].id): "8"}
        _nothing, content = self.make_jsonrpc_request(
            self.page.replace("/survey/", "/survey/submit/"), answers
        )
        self.assertIn("Thank you!", content["survey_content"])
        self.env.invalidate_all()
        self.assertEqual((self.feedback.state, self.feedback.score), ("answered", 8))

    def test_opt_out(self):
        url = self.feedback._get_optout_url()
        path = "/" + url.split("/", 3)[3]
        page = self.url_open(path, data={"List-Unsubscribe": "One-Click"})
        self.assertIn("no more surveys", page.text)
        self.env.invalidate_all()
        self.assertEqual(self.feedback.cancel_reason, "opted_out")
        again = self._campaign()
        self.assertEqual(
            self._reasons(again)[self.feedback.partner_id.name], "opted_out"
        )
