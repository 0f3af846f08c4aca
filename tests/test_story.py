from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import html2plaintext

from .common import MODULE
from .pause_common import PauseCommon
from .sla_common import TUESDAY_NOON

WEDNESDAY = datetime(2026, 3, 11, 9, 0, 0)
THURSDAY = datetime(2026, 3, 12, 10, 30, 0)
SECRET = "Secret: photos of the boiler"


class StoryCommon(PauseCommon):
    def _story_at(self, clock, moment, audience="staff"):
        with freeze_time(moment):
            story = clock.with_context(tz="UTC", lang="en_US")._story(audience)
        for line in story["lines"]:
            for key in ("when", "text"):
                line[key] = line[key].replace("\N{NARROW NO-BREAK SPACE}", " ")
        return story

    def _texts_at(self, *args):
        return [line["text"] for line in self._story_at(*args)["lines"]]

    def _waited(self, *limits):
        """Received Tuesday noon; waits from Wednesday 9:00 to Thursday 10:30 (UTC)."""
        self._policy(*limits)
        case = self._open()
        self._pause(case, WEDNESDAY, note=SECRET)
        self._resume(case, THURSDAY)
        return case

    def _clock(self, case, milestone):
        return case.clock_ids.filtered(lambda clock: clock.milestone == milestone)


@tagged("post_install", "-at_install")
class TestStory(StoryCommon):
    """Why this deadline? (C4, C5)"""

    def test_staff_read_who_did_what_and_why(self):
        case = self._waited(("resolved", 10, "work_hour"))
        clock = case.clock_ids.with_user(self.handler)
        story = self._story_at(clock, datetime(2026, 3, 12, 11, 30))
        self.assertEqual(
            [
                (line["when"], line["text"], line["who"], line["note"])
                for line in story["lines"]
            ],
            [
                (
                    "Mar 10, 2026, 12:00 PM",
                    "Started: 10 working hours by “Policy”. Due Mar 11, 2026, 4:00 PM.",
                    "",
                    "",
                ),
                (
                    "Mar 11, 2026, 9:00 AM",
                    "Paused: Waiting for the customer. 6 h of working time left.",
                    self.handler.name,
                    SECRET,
                ),
                (
                    "Mar 12, 2026, 10:30 AM",
                    "Resumed with 6 h of working time left. Due Mar 13, 2026, 9:30 AM.",
                    self.handler.name,
                    "",
                ),
            ],
        )
        self.assertEqual(story["used"], "5 h of working time")
        self.assertEqual(story["left"], "5 h of working time")
        self.assertEqual((story["over"], story["share"]), ("", 50))
        self.assertEqual((story["policy"], story["zone"]), ("Policy", "UTC"))

    def test_times_are_the_readers(self):
        clock = self._waited(("resolved", 2, "calendar_day")).clock_ids
        with freeze_time(THURSDAY):
            story = clock.with_context(tz="Asia/Kathmandu")._story()
        self.assertEqual(
            story["lines"][0]["when"], "Mar 10, 2026, 5:45\N{NARROW NO-BREAK SPACE}PM"
        )
        self.assertEqual(story["zone"], "Asia/Kathmandu")

    def test_midnight_is_the_end_of_the_day(self):
        self._policy(("resolved", 2, "calendar_day"))
        clock = self._open().clock_ids
        self.assertEqual(
            self._texts_at(clock, TUESDAY_NOON),
            ["Started: 2 days by “Policy”. Due the end of Mar 12, 2026."],
        )

    def test_customers_read_what_it_means_for_them(self):
        clock = self._waited(("resolved", 10, "work_hour")).clock_ids
        story = self._story_at(clock, THURSDAY, "customer")
        self.assertEqual(
            [line["text"] for line in story["lines"]],
            [
                "Counted from here: 10 working hours, by Mar 11, 2026, 4:00 PM.",
                "Paused until Mar 12, 2026, 10:30 AM while we waited for your reply.",
                "Goes on: by Mar 13, 2026, 9:30 AM.",
            ],
        )
        self.assertFalse(any(line["who"] or line["note"] for line in story["lines"]))
        self.assertNotIn("Policy", str(story))
        self.assertNotIn(self.handler.name, str(story))
        self.assertNotIn("Secret", str(story))

    def test_while_it_waits(self):
        self._policy(("resolved", 10, "work_hour"))
        case = self._open()
        self._pause(case, WEDNESDAY)
        clock = case.clock_ids
        story = self._story_at(clock, datetime(2026, 6, 1), "customer")
        self.assertEqual(
            story["lines"][-1]["text"], "Paused while we wait for your reply."
        )
        self.assertEqual(story["used"], "4 h of working time")
        self.assertEqual(story["left"], "6 h of working time")
        # A reason without words for customers says nothing of why.
        self.customer_reason.customer_text = False
        self.assertEqual(
            self._texts_at(clock, datetime(2026, 6, 1), "customer")[-1], "Paused."
        )

    def test_statutory_limits_ran_on(self):
        case = self._waited(("answered", 100, "elapsed_hour", {"is_statutory": True}))
        clock = case.clock_ids
        story = self._story_at(clock, datetime(2026, 3, 12, 14, 0))
        self.assertEqual(story["limit"], "100 hours, set by law or contract")
        self.assertEqual(
            story["lines"][1]["text"],
            "The complaint waited until Mar 12, 2026, 10:30 AM: Waiting for the "
            "customer. This limit is set by law or contract and ran on.",
        )
        self.assertEqual((story["used"], story["left"]), ("2 d 2 h", "2 d 2 h"))
        self.assertEqual(
            self._texts_at(clock, THURSDAY, "customer"),
            ["Counted from here: 100 hours, by Mar 14, 2026, 4:00 PM."],
        )

    def test_passed_and_explained(self):
        self._policy(("resolved", 2, "work_hour"))
        case = self._open()
        clock = case.clock_ids
        now = datetime(2026, 3, 10, 16, 30)
        with freeze_time(now):
            clock._process_events(now)
            case.with_user(self.handler)._explain_breaches(
                self.env.ref(f"{MODULE}.breach_reason_capacity"), "Two were ill"
            )
        story = self._story_at(clock, now)
        self.assertIn("The limit passed.", [line["text"] for line in story["lines"]])
        last = story["lines"][-1]
        self.assertEqual(last["text"], "It was said why the limit was missed.")
        self.assertEqual(last["note"], "Not enough people: Two were ill")
        self.assertEqual(last["who"], self.handler.name)
        self.assertEqual(story["used"], "2 h of working time")
        self.assertEqual(story["over"], "1 h 30 min of working time")
        self.assertEqual((story["left"], story["share"]), ("", 175))
        told = self._story_at(clock, now, "customer")
        self.assertEqual(told["lines"][-1]["text"], "The date passed.")
        self.assertNotIn("ill", str(told))

    def test_reached_and_cancelled(self):
        self._policy(("accepted", 4, "elapsed_hour"), ("closed", 40, "elapsed_hour"))
        case = self._open()
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            case.with_user(self.handler).action_accept()
        with freeze_time(TUESDAY_NOON + timedelta(hours=2)):
            self._clock(case, "closed")._cancel()
        later = datetime(2026, 8, 1)
        story = self._story_at(self._clock(case, "accepted"), later)
        self.assertEqual(story["lines"][-1]["text"], "Reached in time.")
        self.assertEqual((story["used"], story["share"]), ("1 h", 25))
        cancelled = self._clock(case, "closed")
        story = self._story_at(cancelled, later)
        self.assertEqual(story["lines"][-1]["text"], "The limit no longer applies.")
        self.assertEqual((story["used"], story["share"]), ("2 h", 5))
        self.assertEqual(
            self._texts_at(cancelled, later, "customer")[-1],
            "The date no longer applies.",
        )

    def test_without_a_deadline(self):
        self._policy(("resolved", 2, "work_hour"))
        self.calendar.attendance_ids.unlink()
        clock = self._open().clock_ids
        self.assertEqual(clock.state, "unplanned")
        story = self._story_at(clock, TUESDAY_NOON)
        self.assertEqual(story["lines"][-1]["text"], "No deadline could be computed.")
        self.assertIn("Office", story["lines"][-1]["note"])
        self.assertEqual((story["used"], story["share"]), ("", None))
        told = self._story_at(clock, TUESDAY_NOON, "customer")
        self.assertEqual(told["lines"][-1]["text"], "We could not name a date yet.")
        self.assertNotIn("Office", str(told))

    def test_another_policy_is_told(self):
        self._policy(("resolved", 10, "work_hour"))
        case = self._open()
        self._policy(
            ("resolved", 4, "work_hour"), name="Urgent", priority="2", sequence=1
        )
        with freeze_time(datetime(2026, 3, 10, 14, 0)):
            case.with_user(self.handler).priority = "2"
        line = self._story_at(case.clock_ids, THURSDAY)["lines"][1]
        self.assertEqual(
            line["text"],
            "Planned anew: 4 working hours by “Urgent”. Due Mar 10, 2026, 5:00 PM.",
        )
        self.assertEqual(line["note"], "")
        self.assertEqual(line["who"], self.handler.name)

    def test_dialogue_shows_it_to_whoever_sees_the_clock(self):
        clock = self._waited(("resolved", 10, "work_hour")).clock_ids
        for user in (self.handler, self.auditor):
            with self.subTest(user.login):
                own = clock.with_user(user).with_context(tz="UTC", lang="en_US")
                action = own.action_why()
                self.assertEqual(action["res_id"], clock.id)
                own.get_views(action["views"])
                text = html2plaintext(own.read(["story"])[0]["story"])
                self.assertIn(SECRET, text)
                self.assertIn("Mar 11, 2026, 9:00", text)
        for user in (self.stranger, self.employee, self.customer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                clock.with_user(user).action_why()

    def test_words_of_people_are_escaped(self):
        self._policy(("resolved", 10, "work_hour"))
        case = self._open()
        self._pause(case, WEDNESDAY, note="<script>alert(1)</script>")
        self.assertNotIn("<script>", case.clock_ids.story)
        self.assertIn("&lt;script&gt;", case.clock_ids.story)

    def test_print(self):
        case = self._waited(("resolved", 10, "work_hour"), ("closed", 90, "work_hour"))
        report = f"{MODULE}.report_complaint_clocks"
        for user in (self.handler, self.auditor):
            with self.subTest(user.login):
                html, _kind = (
                    self.env["ir.actions.report"]
                    .with_user(user)
                    .with_context(tz="UTC", lang="en_US")
                    ._render_qweb_html(report, case.ids)
                )
                text = html2plaintext(html.decode())
                self.assertIn(case.name, text)
                self.assertEqual(text.count(SECRET), 2)
                self.assertIn("10 working hours", text)
        for user in (self.stranger, self.employee, self.customer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["ir.actions.report"].with_user(user)._render_qweb_html(
                    report, case.ids
                )
        self.assertEqual(
            case._clock_report_name(),
            f"Time limits of complaint {case.name.replace('/', '-')}",
        )


@tagged("post_install", "-at_install")
class TestStoryPortal(HttpCase, StoryCommon):
    """Under each promised date the portal says why it is that one (I1)."""

    def test_page(self):
        case = self._waited(
            ("resolved", 10, "work_hour", {"is_promised": True}),
            ("closed", 90, "work_hour"),
        )
        self.authenticate("cm_ann", "cm_ann")
        page = self.url_open(f"/my/complaints/{case.id}")
        self.assertEqual(page.status_code, 200)
        self.assertEqual(page.text.count("Why this date?"), 1)
        self.assertIn("while we waited for your reply", page.text)
        for internal in (SECRET, "Waiting for the customer", "Policy", "90 working"):
            self.assertNotIn(internal, page.text)
