from odoo import fields, models

MANAGERS = "complaint_management.group_manager"


class ComplaintClockedMixin(models.AbstractModel):
    """Something that time limits are set on: a complaint, a corrective action (C5).

    It has clocks (``clock_ids``), somebody whose it is (``user_id``), a team and a
    company. This file says whom to turn to about it: never somebody who is away, never
    somebody who must not see it (H1). ``complaint_clocked_alert`` has the to-dos,
    ``complaint_clocked_escalation`` what rungs of the ladder do.
    """

    _name = "complaint.clocked.mixin"
    _description = "Complaint: something with time limits"

    def _escalation_people(self, wanted, now):
        """Who is told when rungs of the ladder are climbed.

        The person that the rung means, or the deputy of an absent one; else the next
        one up: team leader, the leader's manager, a manager of the company. For a
        confidential complaint at last those who are named on it.

        :param set wanted: of (case, rung); the cases are of ``self``
        :param datetime now: UTC
        :return: {(case, rung): (user, user meant)}; the second is empty where it is
            the first; both may be empty
        """
        desk = _Desk(self, now)
        return {
            (case, rung): desk.find(
                case,
                case._chain(rung.recipient, rung.user_id),
                takes_over=rung.do_reassign,
            )
            for case, rung in wanted
        }

    def _supervisor_who(self, may):
        """Whom to ask for a decision: the team leader, the leader's manager, or a
        manager of the company, or who stands in for them.

        :param may: called with a user, says whether they may decide
        :return: an empty user where nobody may who sees the complaint
        """
        self.ensure_one()
        now = fields.Datetime.now()
        # sudo: whom to ask does not depend on who asks.
        case = self.sudo()
        leader = case.team_id.user_id
        chain = [leader, leader.complaint_manager_id]
        chain += list(case._company_managers()[case.company_id])
        for meant in filter(None, chain):
            person = meant._complaint_stand_in(now)
            if person and self._seen_by(person) and may(person):
                return person
        return self.env["res.users"]

    def _clock_responsibles(self):
        """Who is to do something: the handler, else the team leader, else a manager
        (A5).

        :return: {case: user}, an empty user where there is nobody at all
        """
        desk = _Desk(self, fields.Datetime.now())
        return {case: desk.find(case, case._chain("handler"))[0] for case in self}

    def _chain(self, recipient, named=None):
        """Whom to turn to, in order, for a recipient of a rung; may hold empty users.

        :param str recipient: one of RECIPIENTS
        """
        self.ensure_one()
        leader = self.team_id.user_id
        up = [leader, leader.complaint_manager_id]
        return {
            "handler": [self.user_id, *up],
            "handler_manager": [self.user_id.complaint_manager_id, *up],
            "leader": up,
            "leader_manager": [leader.complaint_manager_id],
            "user": [named, *up],
        }[recipient]

    def _company_managers(self):
        """{company: its complaint managers}; one query."""
        managers = self.env["res.users"].search(
            [
                ("all_group_ids", "in", self.env.ref(MANAGERS).ids),
                ("company_ids", "in", self.company_id.ids),
            ],
            order="id",
        )
        return {
            company: managers.filtered(
                lambda user, company=company: company in user.company_ids
            )
            for company in self.company_id
        }

    def _seen_by(self, person):
        """Those of the cases that a person may read, by the rules that hold for them.

        Evaluated in memory, so that a batch costs no query for each person.
        """
        companies = {"allowed_company_ids": person.company_ids.ids}
        theirs = self.env(user=person.id, su=False, context=companies)
        if not theirs[self._name].has_access("read"):
            return self.browse()
        return self.filtered_domain(theirs["ir.rule"]._compute_domain(self._name))

    # What a model says ----------------------------------------------------------------

    def _handled_by(self, person):
        """Those that somebody may be put in charge of by the ladder, or who cannot see
        them yet; none by default."""
        return self.browse()

    def _is_told(self, rung):
        """Whether climbing the rung is told by mail, apart from a hand-over."""
        return rung.do_notify

    def _clocked_words(self):
        """What a mail calls it: a dict of ``number`` and ``subject``."""
        raise NotImplementedError

    def _why_told(self):
        """Why somebody is told who is in charge of it, or above who is: a dict of
        ``handler`` and ``handler_manager``, two sentences."""
        raise NotImplementedError


class _Desk:
    """Finds people for a batch of cases, remembering what it found out."""

    def __init__(self, cases, now):
        # sudo: whom to tell does not depend on who asks.
        self._cases = cases.sudo()
        self._now = now
        self._seen = {}
        self._handled = {}
        self._managers = None

    def find(self, case, chain, takes_over=False):
        """(person, person meant) of a chain of users, see _escalation_people."""
        # sudo: the owner is found whatever the user may read.
        case = case.sudo()
        nobody = case.env["res.users"]
        meant = chain[0] or nobody
        for candidate in self._candidates(case, chain):
            person = candidate._complaint_stand_in(self._now)
            if person and self._may(person, case, takes_over):
                return person, meant if meant != person else nobody
        return nobody, nobody

    def _candidates(self, case, chain):
        yield from filter(None, chain)
        # The next one up is somebody else than those below, where there is one.
        below = case.user_id | case.team_id.user_id
        managers = self._managers_of(case.company_id)
        yield from managers - below
        yield from managers & below
        if case.is_confidential:
            yield from case.user_id | case.confidential_user_ids

    def _managers_of(self, company):
        if self._managers is None:
            self._managers = self._cases._company_managers()
        return self._managers[company]

    def _may(self, person, case, takes_over):
        if person.share:
            # A customer may see the own complaint, and is no member of staff.
            return False
        if person not in self._seen:
            self._seen[person] = set(self._cases._seen_by(person).ids)
        if case.id in self._seen[person]:
            return True
        if not takes_over:
            return False
        if person not in self._handled:
            self._handled[person] = set(self._cases._handled_by(person).ids)
        return case.id in self._handled[person]
