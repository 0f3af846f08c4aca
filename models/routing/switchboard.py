"""Chooses handlers for a batch of complaints (A5, G4).

Everything that is asked about people is read once for the batch.
"""

from collections import Counter, defaultdict
from typing import NamedTuple

from odoo import SUPERUSER_ID, models

from ..facts import path_of

HANDLERS = "complaint_management.group_handler"
#: What an open complaint weighs, by its priority.
WEIGHTS = {"0": 1, "1": 2, "2": 3}
#: So many of the latest turns are looked at to see whose turn it is.
TURNS_SEEN = 500


class Choice(NamedTuple):
    """Who gets a complaint, and why."""

    person: models.Model
    note: str
    #: number of the turn, 0 where nobody takes turns
    turn: int = 0


class Switchboard:
    """Who is there, qualified and how busy, for a batch of complaints."""

    def __init__(self, cases, now):
        """:param cases: complaint.case, readable whatever the rights of who asks
        :param datetime now: UTC
        """
        self._cases = cases
        self._now = now
        self._env = cases.env
        self._lines = {
            team: team.routing_line_ids.filtered("user_id") for team in cases.team_id
        }
        members = cases.team_id.member_ids
        people = members | cases.team_id.routing_line_ids.user_id | self._env.user
        people |= people.complaint_deputy_id
        self._people = people
        self._handlers = people.filtered(
            lambda person: (
                person.active
                and not person.share
                and person.id != SUPERUSER_ID
                and person.has_group(HANDLERS)
            )
        )
        self._read_qualifications()
        self._read_load()
        self._turns = _Turns(cases)

    def choose(self):
        """:return: {case: Choice}; who fits nobody is not in it"""
        choices = {}
        for case in self._cases:
            choice = self._dedicated(case) or self._by_method(case)
            if choice:
                choices[case] = choice
                self._load[choice.person] += WEIGHTS[case.priority]
                self._open[choice.person] += 1
        return choices

    def least_busy(self, case, barred):
        """Who of the team fits and has least to do, however the team assigns.

        :param barred: users who are passed over
        :return: the user; empty when there is none
        """
        present, _deputies = self._candidates(case)
        people = [user for user in present if user not in barred]
        return min(
            people,
            key=lambda user: (self._load[user], user.id),
            default=self._env["res.users"],
        )

    # Ways ----------------------------------------------------------------------------

    def _dedicated(self, case):
        lines = self._lines.get(case.team_id)
        line = lines and lines._fitting(self._env["complaint.rule"]._draft_of(case))
        if not line:
            return None
        person = line.user_id._complaint_stand_in(self._now)
        if not person or not self._fits(case, person):
            return None
        if person != line.user_id:
            return Choice(person, self._deputy_note(line.user_id))
        return Choice(person, self._env._("Dedicated handler of these complaints."))

    def _by_method(self, case):
        method = case.team_id.routing_method or "none"
        if method == "none":
            return None
        if method == "first_contact":
            taker = self._env.user
            if not taker._complaint_is_absent(self._now) and self._fits(case, taker):
                return Choice(taker, self._env._("Took the complaint down."))
        present, instead_of = self._candidates(case)
        if not present:
            return None
        if method == "round_robin":
            person, turn = self._turns.next(case.team_id, present)
            note = self._env._("In turn.")
        else:
            person = min(present, key=lambda user: (self._load[user], user.id))
            turn = 0
            note = self._env._(
                "Has least to do: %(number)s in work.", number=self._open[person]
            )
        if person in instead_of:
            note = f"{note} {self._deputy_note(instead_of[person])}"
        return Choice(person, note, turn)

    def _candidates(self, case):
        """Members who may get the case; where all are absent, their deputies.

        :return: list of users, {deputy: the absent member}
        """
        members = case.team_id.member_ids.sorted("id")
        absent = members.filtered(lambda user: user._complaint_is_absent(self._now))
        present = [user for user in members - absent if self._fits(case, user)]
        if present:
            return present, {}
        deputies = {}
        for user in absent:
            person = user._complaint_stand_in(self._now)
            if person and person not in deputies and self._fits(case, person):
                deputies[person] = user
        return list(deputies), deputies

    def _deputy_note(self, absent):
        return self._env._("Stands in for %(person)s.", person=absent.name)

    # Whether a person fits ------------------------------------------------------------

    def _fits(self, case, person):
        """Never who is complained about, nor who complains; and who may handle it, is
        qualified, and has room."""
        return (
            person in self._handlers
            and case.company_id in person.company_ids
            and person not in case.involved_user_ids
            and person.partner_id != case.partner_id
            and (not case.is_confidential or person in case.confidential_user_ids)
            and self._is_qualified(case, person)
            and self._has_room(case, person)
        )

    def _is_qualified(self, case, person):
        path = set(path_of(case.category_id))
        if path.isdisjoint(self._demanding):
            return True
        return not path.isdisjoint(self._qualified[person])

    def _has_room(self, case, person):
        most = person.complaint_max_open or case.team_id.routing_max_open
        return not most or self._open[person] < most

    def _read_qualifications(self):
        demanding = self._env["complaint.category"].search(
            [("needs_qualification", "=", True)]
        )
        self._demanding = set(demanding.ids)
        self._qualified = defaultdict(set)
        if demanding:
            today = self._now.date()
            for line in self._env["complaint.qualification"].search(
                [("user_id", "in", self._people.ids)]
            ):
                if line._is_valid_on(today):
                    self._qualified[line.user_id].add(line.category_id.id)

    def _read_load(self):
        """What people have in work: answered complaints wait for the customer."""
        self._load, self._open = Counter(), Counter()
        for person, priority, number in self._env["complaint.case"]._read_group(
            [
                ("user_id", "in", self._people.ids),
                ("phase", "not in", ("answered", "closed")),
            ],
            ["user_id", "priority"],
            ["__count"],
        ):
            self._load[person] += WEIGHTS[priority] * number
            self._open[person] += number


class _Turns:
    """Whose turn it is: who had none for longest.

    Two intakes at the same time do not see each other's assignments, but the numbers
    that they draw show that there are some: each number that was drawn since the last
    turn on record, and is not on record, stands for one in the making (or one that came
    to nothing). So many people are passed over, and nobody waits for anybody.
    """

    def __init__(self, cases):
        self._handovers = cases.env["complaint.handover"]
        self._wanted = len(
            cases.filtered(lambda case: case.team_id.routing_method == "round_robin")
        )
        self._drawn = None

    def next(self, team, people):
        """:param list people: who may get it, not empty
        :return: (user, number of the turn)
        """
        if self._drawn is None:
            self._read()
        turn = self._drawn.pop(0)
        last = self._last[team.id]
        if last:
            first = max(*last.values(), turn - TURNS_SEEN) + 1
            pending = sum(number not in self._known for number in range(first, turn))
        else:
            # Nobody had a turn yet: two that begin together begin at two people.
            pending = turn
        waiting = sorted(people, key=lambda user: (last.get(user.id, 0), user.id))
        person = waiting[pending % len(waiting)]
        last[person.id] = turn
        self._known.add(turn)
        return person, turn

    def _read(self):
        self._drawn = self._handovers._draw_turns(self._wanted)
        self._last = defaultdict(dict)
        self._known = set()
        for turn, team_id, user_id in self._handovers._turns_since(
            self._drawn[0] - TURNS_SEEN
        ):
            self._known.add(turn)
            self._last[team_id][user_id] = max(
                turn, self._last[team_id].get(user_id, 0)
            )
