from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MODULE, ComplaintCommon
from .portal_common import PortalCommon

NOON = datetime(2026, 3, 10, 12, 0, 0)
WHY = "Nobody looked at my photos."


class ReviewCommon(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.complaint_external_body = "Arbitration Board\nMain Street 1"
        cls.customer.partner_id.tz = "Asia/Shanghai"

    def _answered_then(self, **values):
        with freeze_time(NOON):
            return self._answered(date_received=NOON, **values)

    def _ask(self, case, at=NOON + timedelta(days=1), reason=WHY):
        with freeze_time(at):
            return case.with_user(self.customer).sudo()._customer_ask_review(reason)

    def _decide(self, review, verdict, at=NOON + timedelta(days=2)):
        mine = review.with_user(review.user_id)
        with freeze_time(at):
            mine.write({"verdict": verdict, "decision": "<p>We measured again.</p>"})
            mine.action_decide()


@tagged("post_install", "-at_install")
class TestReviewAsked(ReviewCommon):
    def test_somebody_else_reviews(self):
        case = self._answered_then()
        review = self._ask(case)
        self.assertEqual(review.answer_id, case.answer_ids)
        self.assertEqual(review.asked_by_id, self.customer.partner_id)
        self.assertEqual(review.reason, WHY)
        self.assertEqual(review.user_id, self.colleague, "of the team, less to do")
        to_do = case.activity_ids.filtered(lambda one: one.user_id == self.colleague)
        self.assertEqual(len(to_do), 1)
        self.assertEqual(to_do.date_deadline, review.deadline.date())
        self.assertIn(WHY, case.message_ids[0].body + case.message_ids[1].body)

    def test_working_days_of_the_team(self):
        self.company.complaint_review_limit_days = 3
        review = self._ask(self._answered_then())
        # Asked on a Wednesday: Thursday, Friday, Monday.
        self.assertEqual(review.deadline.date().isoformat(), "2026-03-16")
        self.assertFalse(review.deadline_problem)

    def test_silence_waits_for_the_decision(self):
        case = self._answered_then()
        self.assertTrue(case.next_event_at)
        self._ask(case)
        self.assertFalse(case.next_event_at)
        with freeze_time(NOON + timedelta(days=2)):
            case.with_user(self.customer).sudo().message_post(
                body="One more thing",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                author_id=self.customer.partner_id.id,
            )
        self.assertFalse(case.next_event_at)

    def test_until_the_end_of_the_customers_last_day(self):
        self.company.complaint_review_days = 5
        case = self._answered_then()
        end = datetime(2026, 3, 15, 16, 0, 0)
        self.assertEqual(case._letter_review_until(), "Sunday, March 15, 2026")
        with self.refuses(UserError, "until Sunday, March 15, 2026"):
            self._ask(case, at=end)
        self.assertTrue(self._ask(case, at=end - timedelta(seconds=1)))

    def test_none_offered(self):
        self.company.complaint_review_days = 0
        case = self._answered_then()
        self.assertEqual(case._letter_review_until(), "")
        self.assertNotIn("review", case._portal_options())
        with self.refuses(UserError, "no answer that could be reviewed"):
            self._ask(case)

    def test_what_cannot_be_reviewed(self):
        answered = self._answered_then()
        with self.refuses(UserError, "what we should look at again"):
            self._ask(answered, reason=" ")
        with freeze_time(NOON):
            answered.with_user(self.customer).sudo()._customer_accept()
        with freeze_time(NOON):
            open_case = self._case()
        for case in (answered, open_case):
            with self.refuses(UserError, "no answer that could be reviewed"):
                self._ask(case)

    def test_withdrawn_after_the_answer(self):
        case = self._answered_then()
        with freeze_time(NOON):
            case.sudo()._move_to("closed", outcome="withdrawn")
        with self.refuses(UserError, "no answer that could be reviewed"):
            self._ask(case)

    def test_closed_by_silence_and_refused_are_reviewed(self):
        closed = self._answered_then()
        with freeze_time(NOON):
            closed.sudo()._move_to("closed", outcome="answered_without_agreement")
            refused = self._case(user_id=self.handler.id)
            refused.with_user(self.handler)._refuse("<p>Not ours</p>")
        for case in (closed, refused):
            self.assertEqual(self._ask(case).state, "underway")

    def test_once_only(self):
        case = self._answered_then()
        review = self._ask(case)
        with self.refuses(UserError, "reviewed already"):
            self._ask(case)
        self._decide(review, "confirm")
        with self.refuses(UserError, "reviewed once only"):
            self._ask(case)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            review.copy({"case_id": case.id, "reason": "x", "asked_at": NOON})

    def test_found_by_its_state(self):
        asked, other = self._answered_then(), self._answered_then()
        self._ask(asked)
        cases = self.env["complaint.case"].with_user(self.handler)
        for value, found in (
            ("underway", asked),
            ("decided", cases.browse()),
            (False, other),
        ):
            domain = [("id", "in", (asked | other).ids), ("review_state", "=", value)]
            self.assertEqual(cases.search(domain), found, value)

    def test_staff_record_a_letter(self):
        case = self._answered()
        wizard = self.env["complaint.reason.wizard"].with_user(self.handler)
        wizard.create(
            {
                "case_ids": case.ids,
                "operation": "review",
                "reason": f"<p>{WHY}</p>",
            }
        ).action_confirm()
        review = case.review_ids
        self.assertEqual((review.channel, review.reason), ("staff", WHY))
        self.assertEqual(review.user_id, self.colleague)


@tagged("post_install", "-at_install")
class TestReviewer(ReviewCommon):
    def test_never_who_had_a_part_in_the_answer(self):
        review = self._ask(self._answered_then())
        for env in (self.env, self.env(user=SUPERUSER_ID, su=True)):
            with self.refuses(ValidationError, "had a part in the answer"):
                review.with_env(env).user_id = self.handler

    def test_never_an_earlier_handler(self):
        with freeze_time(NOON):
            case = self._case(user_id=self.colleague.id, answer="<p>No.</p>")
            case.with_user(self.colleague)._hand_over(self.handler, "Holidays")
            case.with_user(self.handler).action_answer()
        review = self._ask(case)
        self.assertEqual(review.user_id, self.supervisor, "who is left of the team")
        with self.refuses(ValidationError, "had a part in the answer"):
            review.sudo().user_id = self.colleague

    def test_never_who_is_involved(self):
        case = self._answered_then()
        case.involved_user_ids = self.colleague
        review = self._ask(case)
        self.assertEqual(review.user_id, self.supervisor)
        with self.refuses(ValidationError, "involved"):
            review.sudo().user_id = self.colleague
        with self.assertRaises(AccessError):
            review.with_user(self.colleague).read(["reason"])

    def test_nobody_left(self):
        case = self._answered_then()
        managers = self.env.ref(f"{MODULE}.group_manager").all_user_ids
        case.involved_user_ids = (
            self.colleague | self.supervisor | managers
        ) - self.env.ref("base.user_root")
        review = self._ask(case)
        self.assertFalse(review.user_id)
        self.assertFalse(case.activity_ids, "nobody is told who may not know of it")
        listed = self.env["complaint.review"].search([("user_id", "=", False)])
        self.assertIn(review, listed)

    def test_team_leader_names_one(self):
        """Who answered may name the reviewer, but not be it."""
        case = self._answered_then()
        managers = self.company._complaint_managers()
        case.involved_user_ids = self.colleague | managers
        with freeze_time(NOON):
            case.with_user(self.supervisor)._hand_over(self.supervisor, "Mine")
        review = self._ask(case)
        self.assertFalse(review.user_id)
        to_do = case.activity_ids
        self.assertEqual(to_do.user_id, self.supervisor)
        self.assertIn("name a reviewer", to_do.summary)

    def test_manager_of_another_company_is_not_told(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.team.user_id = False
        self.company._complaint_managers().sudo().write(
            {"company_id": other.id, "company_ids": [(6, 0, other.ids)]}
        )
        review = self._ask(self._answered_then())
        self.assertFalse(review._supervising_user())

    def test_turns_out_to_be_involved(self):
        case = self._answered_then()
        review = self._ask(case)
        self.assertEqual(review.user_id, self.colleague)
        case.with_user(self.supervisor).involved_user_ids = self.colleague
        self.assertEqual(review.user_id, self.supervisor)
        self.assertNotIn(self.colleague, case.activity_ids.user_id)
        self.assertIn(self.supervisor, case.activity_ids.user_id)

    def test_checked_again_when_deciding(self):
        case = self._answered_then()
        review = self._ask(case)
        mine = review.with_user(self.colleague)
        mine.write({"verdict": "confirm", "decision": "<p>It stands.</p>"})
        case.with_user(self.supervisor)._hand_over(self.colleague, "Holidays")
        with self.refuses(ValidationError, "had a part in the answer"):
            mine.action_decide()
        self.assertEqual(review.state, "underway")

    def test_reviewer_taken_away(self):
        review = self._ask(self._answered_then())
        review.with_user(self.supervisor).write({"user_id": False})
        to_do = review.case_id.activity_ids
        self.assertEqual(to_do.user_id, self.supervisor)
        self.assertIn("name a reviewer", to_do.summary)

    def test_confidential(self):
        with freeze_time(NOON):
            case = self._answered(date_received=NOON, is_confidential=True)
        case.confidential_user_ids = self.supervisor
        review = self._ask(case)
        self.assertEqual(review.user_id, self.supervisor, "the only one who may know")
        with self.refuses(ValidationError, "cannot open"):
            review.sudo().user_id = self.colleague

    def test_must_be_able_to_open_it(self):
        review = self._ask(self._answered_then())
        for person in (self.stranger, self.employee, self.customer):
            with self.refuses(ValidationError, "cannot open"):
                review.sudo().user_id = person

    def test_who_may_do_what(self):
        review = self._ask(self._answered_then())
        self.assertTrue(review.with_user(self.auditor).read(["reason"]))
        for user in (self.stranger, self.employee, self.customer):
            with self.assertRaises(AccessError):
                review.with_user(user).read(["reason"])
        with self.assertRaises(AccessError):
            review.with_user(self.auditor).write({"decision": "x"})
        for user in (self.handler, self.supervisor, self.manager):
            with self.refuses(UserError, "Only the reviewer decides"):
                review.with_user(user).write({"verdict": "confirm"})
            with self.refuses(UserError, "Only the reviewer decides"):
                review.with_user(user).action_decide()
        with self.refuses(UserError, "Only supervisors and managers"):
            review.with_user(self.colleague).write({"user_id": self.manager.id})
        for name, value in (("state", "decided"), ("reason", "x"), ("deadline", NOON)):
            with self.refuses(UserError, "entered by hand"):
                review.with_user(self.colleague).write({name: value})
        with self.assertRaises(AccessError):
            review.with_user(self.manager).unlink()
        with self.refuses(UserError, "cannot be deleted"):
            review.sudo().unlink()
        review.with_user(self.supervisor).write({"user_id": self.manager.id})
        self.assertEqual(review.user_id, self.manager)
        self.assertEqual(
            review.case_id.activity_ids.filtered(
                lambda one: "Review the answer" in (one.summary or "")
            ).user_id,
            self.manager,
            "the to-do moves",
        )


@tagged("post_install", "-at_install")
class TestReviewDecided(ReviewCommon):
    def test_confirmed(self):
        case = self._answered_then()
        answer = case.answer_ids.body
        review = self._ask(case)
        self._decide(review, "confirm")
        self.assertEqual(
            (case.phase, case.outcome), ("closed", "answered_without_agreement")
        )
        self.assertEqual(case.answer_ids.body, answer)
        self.assertFalse(
            case.activity_ids.filtered(lambda one: "Review" in (one.summary or ""))
        )
        mail = self.env["mail.mail"].search(
            [
                ("model", "=", "complaint.case"),
                ("res_id", "=", case.id),
                ("body_html", "ilike", "Our answer stands"),
                ("recipient_ids", "in", self.customer.partner_id.ids),
            ]
        )
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertEqual(mail.state, "outgoing")

    def test_overturned(self):
        case = self._answered_then()
        review = self._ask(case)
        self._decide(review, "overturn")
        self.assertEqual((case.phase, case.round), ("investigating", 2))
        self.assertEqual(case.user_id, self.colleague, "the reviewer answers anew")
        self.assertEqual(case.answer_ids.round, 1, "the first answer is on record")
        self.assertFalse(case.answer)

    def test_amended_after_closing(self):
        case = self._answered_then()
        with freeze_time(NOON):
            case.sudo()._move_to("closed", outcome="answered_without_agreement")
        self._decide(self._ask(case), "amend")
        self.assertEqual((case.phase, case.round), ("investigating", 2))

    def test_reasons_are_needed(self):
        review = self._ask(self._answered_then())
        mine = review.with_user(review.user_id)
        mine.verdict = "confirm"
        with self.refuses(UserError, "Choose a verdict and give the reasons"):
            mine.action_decide()

    def test_on_record(self):
        review = self._ask(self._answered_then())
        self._decide(review, "confirm")
        for values in ({"decision": "x"}, {"verdict": "amend"}, {"user_id": False}):
            with self.refuses(UserError, "on record"):
                review.sudo().write(values)
        for name, value in (
            ("state", "underway"),
            ("decided_at", NOON),
            ("reason", "x"),
            ("asked_at", NOON),
            ("deadline", NOON),
        ):
            with self.refuses(UserError, "on record"):
                review.sudo().write({name: value})
        with self.refuses(UserError, "once only"):
            review.with_user(review.user_id).action_decide()

    def test_request_is_on_record(self):
        review = self._ask(self._answered_then())
        for name, value in (
            ("reason", "x"),
            ("asked_by_id", False),
            ("deadline", NOON),
        ):
            with self.refuses(UserError, "on record"):
                review.sudo().write({name: value})

    def test_nothing_else_happens_meanwhile(self):
        case = self._answered_then()
        self._ask(case)
        with self.refuses(UserError, "under review"):
            case.with_user(self.handler)._reopen("<p>Again</p>")
        case.outcome = "answered_without_agreement"
        with self.refuses(UserError, "under review"):
            case.with_user(self.handler).action_close()
        stages = self.env["complaint.stage"]._by_phase()
        for phase in ("accepted", "investigating", "resolving", "closed"):
            # As the status bar and the board do.
            with self.refuses(UserError, "under review"):
                case.with_user(self.handler).stage_id = stages[phase]
        self.assertEqual((case.phase, case.round), ("answered", 1))
        for act in ("_customer_accept", "_customer_object"):
            with self.refuses(UserError, "being reviewed"):
                arguments = ("No",) if act == "_customer_object" else ()
                getattr(case.with_user(self.customer).sudo(), act)(*arguments)

    def test_taken_back(self):
        case = self._answered_then()
        review = self._ask(case)
        review.with_user(self.supervisor).action_withdraw()
        self.assertEqual(review.state, "withdrawn")
        self.assertTrue(case.next_event_at, "silence counts again")
        self.assertEqual(self._ask(case).state, "underway", "within the time")

    def test_late_is_told_once(self):
        review = self._ask(self._answered_then())
        case = review.case_id
        later = review.deadline + timedelta(hours=1)

        def late():
            return case.activity_ids.filtered(lambda one: "late" in (one.summary or ""))

        with self.enter_registry_test_mode():
            cron = self.env.ref(f"{MODULE}.ir_cron_review")
            with freeze_time(review.deadline - timedelta(hours=1)):
                cron.method_direct_trigger()
            self.assertFalse(late())
            for moment in (later, later + timedelta(days=1)):
                with freeze_time(moment):
                    cron.method_direct_trigger()
        self.assertEqual(late().user_id, self.supervisor)
        self.assertEqual(review.overdue_told_at, later)
        review.with_user(self.supervisor).user_id = self.manager
        self.assertEqual(late().user_id, self.supervisor, "late whoever reviews")

    def test_letter(self):
        case = self._answered_then()
        report = self.env["ir.actions.report"].with_user(self.colleague)
        name = f"{MODULE}.complaint_review_decision"
        with self.refuses(UserError, "no decided review"):
            report._render_qweb_html(name, case.ids)
        self._decide(self._ask(case), "amend")
        html = report._render_qweb_html(name, case.ids)[0].decode()
        for words in (
            "We change our answer in part",
            "We measured again",
            "Arbitration",
        ):
            self.assertIn(words, html)
        self.customer.partner_id.lang = "zh_CN"
        html = report._render_qweb_html(name, case.ids)[0].decode()
        self.assertIn("复议", html)


@tagged("post_install", "-at_install")
class TestReviewPortal(PortalCommon):
    def setUp(self):
        super().setUp()
        self.case = self._answered()

    def ask(self, reason=WHY):
        return self.post(f"/my/complaints/{self.case.id}/review", {"reason": reason})

    def test_asked_on_the_page(self):
        self.login(self.customer)
        self.page(f"/my/complaints/{self.case.id}")
        self.assertIn("Ask for a review", self.text)
        self.assertIn("what we should look at again", self.ask(" ").text)
        self.assertFalse(self.case.review_ids)
        response = self.ask()
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.case.review_ids.reason, WHY)
        self.page(response.headers["Location"])
        self.assertIn("reviewed by somebody who had no part", self.text)
        self.assertIn(self.colleague.name, self.text)
        self.assertNotIn("I accept the answer", self.text)
        self.assertNotIn("Ask for a review", self.text)
        self.assertIn("being reviewed already", self.ask().text)
        self.assertEqual(len(self.case.review_ids), 1)

    def test_complaint_of_somebody_else(self):
        self.login(self.other_customer)
        self.page("/my/complaints")
        self.assertEqual(self.ask().status_code, 404)
        self.assertFalse(self.case.review_ids)
