from datetime import datetime, timedelta

from odoo.tests import freeze_time, tagged

from .common import MODULE
from .escalation_common import EscalationCommon
from .sla_common import FRIDAY_NOON, TUESDAY_NOON

CLIMB_LOGGER = f"odoo.addons.{MODULE}.models.sla.complaint_sla_clock_climb"


@tagged("post_install", "-at_install")
class TestWhen(EscalationCommon):
    """Each rung at the right moment, in the time it is measured in (C5)."""

    def _moments(self, case):
        """Run the job again and again from one event to the next.

        :return: {rung: when it was climbed}
        """
        clock = self._clock(case)
        climbed = {}
        for _event in range(10):
            if not clock.next_event_at:
                break
            now = clock.next_event_at
            self._tick((now - TUESDAY_NOON) / timedelta(hours=1))
            for rung in self._climbed(clock):
                climbed.setdefault(rung, now)
        return climbed

    def test_shares_of_elapsed_time(self):
        early, quarters, limit = (
            self._rung(at=at, who="handler") for at in (25, 75, 100)
        )
        climbed = self._moments(self._at_noon())
        self.assertEqual(
            climbed,
            {
                early: TUESDAY_NOON + timedelta(hours=2),
                quarters: TUESDAY_NOON + timedelta(hours=6),
                limit: TUESDAY_NOON + timedelta(hours=8),
            },
        )

    def test_shares_of_working_time(self):
        """A limit in working hours never escalates at night."""
        self.team.calendar_id = self.calendar
        self.policy.target_ids[0].unit = "work_hour"
        half, after = (
            self._rung(at=50, who="handler"),
            self._rung(
                timing="after", offset_amount=2, offset_unit="work_hour", who="leader"
            ),
        )
        with freeze_time(FRIDAY_NOON):
            case = self._case(user_id=self.handler.id)
        # Friday 13-17 is half; the other half Monday 9-14, with lunch.
        self.assertEqual(self._clock(case).deadline, datetime(2026, 3, 16, 14, 0))
        self.assertEqual(
            self._moments(case),
            {half: datetime(2026, 3, 13, 17, 0), after: datetime(2026, 3, 16, 16, 0)},
        )

    def test_before_and_after(self):
        two, four, day = (
            self._rung(
                timing="before",
                offset_amount=2,
                offset_unit="elapsed_hour",
                who="handler",
            ),
            self._rung_after(4, who="leader"),
            self._rung(timing="after", offset_amount=1, offset_unit="work_day"),
        )
        self.assertEqual(
            self._moments(self._at_noon()),
            {
                two: TUESDAY_NOON + timedelta(hours=6),
                four: TUESDAY_NOON + timedelta(hours=12),
                # Due on Tuesday at 20:00; Wednesday closes at 17:00.
                day: datetime(2026, 3, 11, 17, 0),
            },
        )

    def test_working_hours_before(self):
        self.team.calendar_id = self.calendar
        self.policy.target_ids[0].write({"amount": 1, "unit": "work_day"})
        rung = self._rung(
            timing="before", offset_amount=5, offset_unit="work_hour", who="handler"
        )
        # Due on Wednesday at 17:00: 13-17 is four hours, 11-12 the fifth.
        self.assertEqual(
            self._moments(self._at_noon())[rung], datetime(2026, 3, 11, 11, 0)
        )

    def test_what_lies_before_the_start_does_not_apply(self):
        self._rung(
            timing="before", offset_amount=9, offset_unit="elapsed_hour", who="handler"
        )
        self.assertFalse(self._moments(self._at_noon()))

    def test_first_event_is_the_earliest(self):
        """Of warning, ladder and deadline, from the start."""
        self._rung(at=90)
        case = self._at_noon()
        self.assertEqual(
            self._clock(case).next_event_at, TUESDAY_NOON + timedelta(hours=6)
        )
        self._rung(at=50)
        case = self._at_noon()
        self.assertEqual(
            self._clock(case).next_event_at, TUESDAY_NOON + timedelta(hours=4)
        )

    def test_only_the_limit_that_is_named(self):
        self._rung(at=50, who="handler")
        every = self._rung(at=25, milestone=False)
        case = self._at_noon()
        self._tick(7)
        answered = self._clock(case, "answered")
        self.assertEqual(self._climbed(answered), every)
        self.assertEqual(len(self._climbed(self._clock(case))), 2)

    def test_late_by_three_days(self):
        """Each rung is on record once; nobody gets more than a notice for each."""
        rungs = [
            self._rung(at=50, who="handler"),
            self._rung(at=100),
            self._rung_after(24),
        ]
        case = self._at_noon()
        self._tick(80)
        clock = self._clock(case)
        self.assertEqual(list(self._climbed(clock)), rungs)
        people = [self.handler, self.supervisor, self.boss]
        self.assertEqual(self._told(case), list(zip(people, rungs, strict=True)))
        self._tick(80)
        self._tick(200)
        self.assertEqual(list(self._climbed(clock)), rungs)
        self.assertEqual(len(self._notices(case)), 3)
        self.assertFalse(clock.next_event_at)

    def test_reached_limits_do_not_escalate(self):
        self._rung(at=100)
        self._rung_after(2)
        case = self._at_noon()
        with freeze_time(TUESDAY_NOON + timedelta(hours=9)):
            case.with_user(self.handler).action_accept()
        self._tick(30)
        self.assertFalse(self._notices(case))

    def test_closed_and_archived_are_quiet(self):
        self._rung_after(2)
        closed, archived = self._at_noon(), self._at_noon()
        archived.active = False
        with freeze_time(TUESDAY_NOON + timedelta(hours=1)):
            closed.with_user(self.handler)._withdraw("Never mind")
        self._tick(30)
        self.assertFalse(self._notices(closed | archived))
        with freeze_time(TUESDAY_NOON + timedelta(hours=31)):
            archived.active = True
        self._tick(31)
        self.assertEqual(len(self._notices(archived)), 1, "found again")

    def test_ladder_goes_on_after_a_pause(self):
        """What was climbed is not climbed again, the rest waits for the new limit."""
        early, late = self._rung(at=50, who="handler"), self._rung(at=90)
        case = self._at_noon()
        self._tick(5)
        reason = self.env["complaint.pause.reason"].search(
            [("stops_clock", "=", True)], limit=1
        )
        with freeze_time(TUESDAY_NOON + timedelta(hours=5)):
            case._pause(reason)
        self._tick(30)
        with freeze_time(TUESDAY_NOON + timedelta(hours=40)):
            case._resume()
        clock = self._clock(case)
        self.assertEqual(clock.deadline, TUESDAY_NOON + timedelta(hours=43))
        self._tick(40)
        self._tick(41)
        self.assertEqual(self._climbed(clock), early)
        self._tick(42.5)
        self.assertEqual(list(self._climbed(clock)), [early, late])

    def test_another_policy_has_another_ladder(self):
        old = self._rung(at=50, who="handler")
        major = self._policy(
            ("accepted", 10, "elapsed_hour", {"warn_percent": 0}),
            nature="major",
            sequence=0,
        )
        new = self._rung(at=50, policy=major)
        case = self._at_noon()
        self._tick(4)
        with freeze_time(TUESDAY_NOON + timedelta(hours=4.5)):
            case.nature = "major"
        self._tick(4.9)
        self.assertEqual(self._climbed(self._clock(case)), old)
        self._tick(5)
        self.assertEqual(list(self._climbed(self._clock(case))), [old, new])


@tagged("post_install", "-at_install")
class TestWho(EscalationCommon):
    """The right person, the deputy of an absent one, never a stranger (C5, H1)."""

    def _person(self, who="leader", case=None, **rung):
        """Who is told of a limit that has passed."""
        self._rung(who=who, **rung)
        case = case or self._at_noon()
        self._tick(9)
        return self._notices(case)[-1:].user_id

    def test_handler(self):
        self.assertEqual(self._person("handler"), self.handler)

    def test_handlers_manager(self):
        self.handler.complaint_manager_id = self.colleague
        self.assertEqual(self._person("handler_manager"), self.colleague)

    def test_leader(self):
        self.assertEqual(self._person("leader"), self.supervisor)

    def test_leaders_manager(self):
        self.assertEqual(self._person("leader_manager"), self.boss)

    def test_named_person(self):
        self.assertEqual(
            self._person("user", user_id=self.colleague.id), self.colleague
        )

    def test_nobody_there_goes_up(self):
        self.assertEqual(
            self._person("handler", case=self._at_noon(user_id=False)), self.supervisor
        )

    def test_at_last_a_manager_of_the_company(self):
        self.team.user_id = False
        person = self._person("leader")
        self.assertTrue(person.has_group(f"{MODULE}.group_manager"))

    def test_absent_until(self):
        self.supervisor.write(
            {
                "complaint_deputy_id": self.colleague.id,
                "complaint_absent_until": datetime(2026, 3, 10),
            }
        )
        case = self._at_noon()
        self.assertEqual(self._person("leader", case=case), self.colleague)
        self.assertEqual(self._notices(case).instead_of_id, self.supervisor)
        line = self._clock(case).event_ids.filtered("escalation_id")
        self.assertEqual(line.recipient_id, self.colleague)
        self.assertIn(f"instead of {self.supervisor.name}", line.note)

    def test_last_day_of_absence_ends_at_home(self):
        """At 21:00 UTC it is Wednesday in Shanghai, and the person is back."""
        self.supervisor.write(
            {
                "tz": "Asia/Shanghai",
                "complaint_deputy_id": self.colleague.id,
                "complaint_absent_until": datetime(2026, 3, 10),
            }
        )
        self.assertEqual(self._person("leader"), self.supervisor)

    def test_out_of_office(self):
        self.supervisor.write(
            {
                "complaint_deputy_id": self.colleague.id,
                "out_of_office_from": TUESDAY_NOON,
                "out_of_office_to": TUESDAY_NOON + timedelta(days=1),
            }
        )
        self.assertEqual(self._person("leader"), self.colleague)

    def test_archived_person(self):
        self.supervisor.write(
            {"complaint_deputy_id": self.colleague.id, "active": False}
        )
        self.assertEqual(self._person("leader"), self.colleague)

    def test_deputies_in_a_circle(self):
        """Both are away: the next one up is told."""
        absent = {"complaint_absent_until": datetime(2026, 3, 31)}
        self.supervisor.write({**absent, "complaint_deputy_id": self.colleague.id})
        self.colleague.write({**absent, "complaint_deputy_id": self.supervisor.id})
        self.assertEqual(self._person("leader"), self.boss)

    def test_to_do_of_an_absent_handler_is_the_deputys(self):
        self.handler.write(
            {
                "complaint_deputy_id": self.colleague.id,
                "complaint_absent_until": datetime(2026, 3, 10),
            }
        )
        case = self._at_noon()
        self._tick(6)
        self.assertEqual(self._to_dos(case).user_id, self.colleague)

    def test_somebody_who_may_not_see_it_is_passed_over(self):
        """A handler of another team, or no longer of the department at all."""
        for person in (self.stranger, self.employee):
            rung = self._rung(who="user", user_id=person.id)
            case = self._at_noon()
            self._tick(9)
            self.assertEqual(self._told(case), [(self.supervisor, rung)])
            self.assertEqual(self._notices(case).instead_of_id, person)
            rung.active = False

    def test_customer_is_never_told(self):
        """Though the customer may see the own complaint, and whoever names them."""
        rung = self._rung(who="user", user_id=self.customer.id, do_reassign=True)
        case = self._at_noon()
        self._tick(9)
        self.assertEqual(self._told(case), [(self.supervisor, rung)])

    def test_confidential_stays_with_those_named(self):
        case = self._at_noon(
            is_confidential=True, confidential_user_ids=self.colleague.ids
        )
        self.assertEqual(self._person("leader", case=case), self.handler)
        self.assertEqual(self._notices(case).instead_of_id, self.supervisor)
        self.handler.active = False
        case = self._at_noon(
            is_confidential=True, confidential_user_ids=self.colleague.ids
        )
        self.assertEqual(self._person("leader", case=case), self.colleague)

    def test_confidential_of_nobody_is_a_problem_that_is_seen(self):
        rung = self._rung()
        case = self._at_noon(is_confidential=True, user_id=False)
        self._tick(9)
        clock = self._clock(case)
        self.assertEqual(clock.state, "breached", "noticed all the same")
        self.assertFalse(self._climbed(clock))
        self.assertIn("nobody who may see", clock.ladder_problem)
        self.assertFalse(self._to_dos(case), "not the business of a manager either")
        case.user_id = self.handler
        self._tick(9.3)
        self.assertEqual(self._told(case), [(self.handler, rung)])
        self.assertFalse(clock.ladder_problem)

    def test_who_may_see_is_what_the_rules_say(self):
        """Evaluated in memory, and yet exactly what each person may search."""
        foreign = self.env["res.company"].create({"name": "Elsewhere"})
        cases = self.env["complaint.case"].union(
            self._case(),
            self._case(user_id=self.stranger.id),
            self._case(team_id=self.other_team.id),
            self._case(team_id=self.other_team.id, user_id=self.handler.id),
            self._case(is_confidential=True, user_id=self.colleague.id),
            self._case(is_confidential=True, confidential_user_ids=self.supervisor.ids),
            self.env["complaint.case"].create(
                {"subject": "Elsewhere", "company_id": foreign.id}
            ),
        )
        self.boss.company_ids |= foreign
        people = (
            self.handler,
            self.stranger,
            self.supervisor,
            self.manager,
            self.boss,
            self.auditor,
            self.employee,
        )
        for person in people:
            theirs = self.env["complaint.case"].with_user(person)
            theirs = theirs.with_context(allowed_company_ids=person.company_ids.ids)
            with self.subTest(person.login):
                if theirs.has_access("read"):
                    expected = theirs.search([("id", "in", cases.ids)]).sudo()
                else:
                    expected = cases.browse()
                self.assertEqual(
                    set(cases.sudo()._seen_by(person).ids), set(expected.ids)
                )
