from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import MODULE
from .satisfaction_common import NO_ANSWER, SatisfactionCommon

FEBRUARY = date(2026, 2, 1)
IN_FEBRUARY = datetime(2026, 2, 10, 9)
MARCH_2, MARCH_3, MARCH_19 = (datetime(2026, 3, day, 8) for day in (2, 3, 19))


@tagged("post_install", "-at_install")
class TestSatisfactionMail(SatisfactionCommon):
    """Results by mail: once for each person and month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.env["res.company"].search([])
        (companies - cls.company).complaint_satisfaction_mail = False
        cls.results = cls.env["complaint.feedback.result"]
        # Managers that others made would get mail, too.
        others = cls.env.ref(f"{MODULE}.group_manager").all_user_ids - cls.manager
        others.active = False
        cls.other_team.user_id = cls.stranger
        cls._said(
            "dissatisfied", 2, asked=IN_FEBRUARY, comment="Nobody <b>called</b> back"
        )
        cls._said("satisfied", 9, asked=IN_FEBRUARY, score_attitude=9)
        cls._survey(asked=IN_FEBRUARY, **NO_ANSWER)
        cls._said(
            "satisfied",
            9,
            asked=IN_FEBRUARY,
            case=cls._case(team_id=cls.other_team.id),
            comment="Only for Online",
        )

    def _run(self, when):
        with freeze_time(when), self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_feedback_result").method_direct_trigger()
        self.env.invalidate_all()

    def _mails(self, user=None):
        domain = [("model", "=", "complaint.feedback.result")]
        mails = self.env["mail.mail"].search(domain)
        if user:
            mails = mails.filtered(lambda mail: user.partner_id in mail.recipient_ids)
        return mails

    def test_who_gets_it(self):
        self._run(MARCH_2)
        self.assertFalse(self._mails(), "the third is the day")
        self._run(MARCH_3)
        sent = self.results.search([("month", "=", FEBRUARY)])
        self.assertEqual(sent.user_id, self.supervisor | self.stranger | self.manager)
        self.assertEqual(set(sent.mapped("state")), {"sent"})
        self.assertEqual(len(self._mails()), 3)
        for user in sent.user_id:
            self.assertEqual(len(self._mails(user)), 1, user.login)

    def test_own_team_or_all(self):
        self._run(MARCH_3)
        leader = self._mails(self.supervisor)
        self.assertIn("February 2026", leader.subject)
        self.assertIn("Retail", leader.body_html)
        self.assertNotIn("Online", leader.body_html)
        text = " ".join(leader.body_html.split())
        self.assertIn("2 answers to 3 surveys", text)
        self.assertIn("9% to 91%", text)
        self.assertIn("Nobody &lt;b&gt;called", text)
        manager = self._mails(self.manager).body_html
        for words in ("All teams", "Retail", "Online", "Target"):
            self.assertIn(words, manager)
        # Of the satisfied nothing is quoted.
        self.assertNotIn("Only for Online", manager)

    def test_what_became_of_the_mail(self):
        self._run(MARCH_3)
        mine, theirs = (
            self.results.search([("user_id", "=", user.id)])
            for user in (self.supervisor, self.manager)
        )
        self.assertEqual((mine | theirs).mapped("delivery"), ["queued", "queued"])
        self._mails(self.supervisor).write(
            {"state": "exception", "failure_reason": "No such mailbox"}
        )
        # What the mail server took is deleted.
        self._mails(self.manager).unlink()
        self.env.invalidate_all()
        self.assertEqual((mine.delivery, mine.problem), ("failed", "No such mailbox"))
        self.assertEqual((theirs.delivery, theirs.problem), ("sent", False))
        for state, expected in (
            ("failed", mine),
            ("sent", theirs),
            ("queued", self.results),
        ):
            found = self.results.search(
                [("delivery", "=", state), ("id", "in", (mine | theirs).ids)]
            )
            self.assertEqual(found, expected, state)
        shown = theirs.with_user(self.manager)
        self.assertEqual(shown.delivery, "sent")
        self.assertEqual(shown.with_context(lang="en_US").period, "February 2026")
        self.env["res.lang"]._activate_lang("zh_CN")
        self.assertEqual(shown.with_context(lang="zh_CN").period, "2026年2月")

    def test_never_twice(self):
        self._run(MARCH_3)
        self._run(MARCH_3)
        self._run(MARCH_19)
        self.assertEqual(len(self._mails()), 3)

    def test_late_is_not_lost(self):
        self._run(MARCH_19)
        self.assertEqual(len(self._mails()), 3)

    @mute_logger("odoo.sql_db")
    def test_twice_is_impossible(self):
        vals = {
            "company_id": self.company.id,
            "month": FEBRUARY,
            "user_id": self.manager.id,
        }
        self.results.create(vals)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.results.create(vals)

    def test_killed_in_the_middle(self):
        """What was not noted as sent was not queued either."""
        with freeze_time(MARCH_3):
            planned = self.results._plan(MARCH_3)
            one = planned.filtered(lambda result: result.user_id == self.manager)
            with self.assertRaises(RuntimeError), self.cr.savepoint():
                one._process_event(MARCH_3)
                self.assertEqual((one.state, len(self._mails())), ("sent", 1))
                raise RuntimeError("killed")
        self.env.invalidate_all()
        self.assertEqual((one.state, len(self._mails())), ("waiting", 0))
        self._run(MARCH_3)
        self.assertEqual(len(self._mails()), 3)

    def test_one_failure_does_not_stop_the_others(self):
        self.manager.email = False
        self._run(MARCH_3)
        row = self.results.search([("user_id", "=", self.manager.id)])
        self.assertEqual((row.state, len(self._mails())), ("waiting", 2))
        self.assertIn("no valid e-mail", row.problem)
        self.manager.email = "manager@staff.example.com"
        self._run(datetime(2026, 3, 5, 8))
        self.assertEqual((row.state, len(self._mails())), ("sent", 3))

    def test_one_mail_for_two_teams(self):
        self.other_team.user_id = self.supervisor
        self.other_team.member_ids += self.supervisor
        self._run(MARCH_3)
        body = self._mails(self.supervisor).body_html
        self.assertIn("Retail", body)
        self.assertIn("Online", body)

    def test_what_a_person_may_not_see(self):
        self.env["complaint.feedback"].search(
            [("comment", "like", "called")]
        ).case_id.is_confidential = True
        self._run(MARCH_3)
        for user in (self.manager, self.supervisor):
            self.assertNotIn("called", self._mails(user).body_html)
        row = self.results.search([("user_id", "=", self.supervisor.id)])
        [section] = row._sections()
        self.assertEqual(section["total"]["sent"], 2)

    def test_leader_without_a_role_gets_nothing(self):
        self.team.user_id = self.employee
        self._run(MARCH_3)
        row = self.results.search([("user_id", "=", self.employee.id)])
        self.assertEqual(row.state, "dropped")
        self.assertFalse(self._mails(self.employee))

    def test_absent_people_get_it(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "resource_id": self.env["resource.resource"]
                .create({"name": "Manager", "user_id": self.manager.id})
                .id,
                "date_from": datetime(2026, 3, 1),
                "date_to": datetime(2026, 3, 30),
            }
        )
        self._run(MARCH_3)
        self.assertEqual(len(self._mails(self.manager)), 1)

    def test_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.manager.lang = "fr_FR"
        self._run(MARCH_3)
        self.assertIn("février 2026", self._mails(self.manager).subject)

    def test_switched_off(self):
        self.company.complaint_satisfaction_mail = False
        self._run(MARCH_3)
        self.assertFalse(self.results.search([]))

    def test_nothing_asked_no_mail(self):
        self.env["complaint.feedback"].search([]).unlink()
        self._run(MARCH_3)
        self.assertFalse(self.results.search([]))

    def test_rights(self):
        self._run(MARCH_3)
        for user in (self.manager, self.auditor):
            self.assertEqual(len(self.results.with_user(user).search([])), 3)
        for user in (self.supervisor, self.employee):
            with self.assertRaises(AccessError):
                self.results.with_user(user).search([])
        with self.assertRaises(AccessError):
            self.results.with_user(self.manager).create({"month": FEBRUARY})
