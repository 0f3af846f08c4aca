from odoo import api, fields, models

from ...tools.calendars import CalendarBook, explain
from ...tools.worktime import DeadlineError
from .complaint_sla_clock import RETRY_PLAN


class ComplaintSlaClock(models.Model):
    """How clocks stop and go on, and keep what was used (C4).

    A pause keeps the unspent part of the budget, in the limit's own time; going on
    plans the deadline anew from that moment with it. Both are sums of whole seconds:
    any number of pauses leaves no drift, and one of no length changes nothing.
    """

    _inherit = "complaint.sla.clock"

    @api.model
    def _stops(self, cases):
        """When the clocks of cases stood still.

        :return: {case: [(from, to)]}, in order, UTC; ``to`` is None while it lasts
        """
        return {
            case: [
                (pause.started_at, pause.ended_at or None)
                for pause in case.pause_ids
                if pause.stops_clock
            ]
            for case in cases
        }

    def _pause(self, pauses):
        """Stop clocks that run; statutory ones go on, whatever the reason (C4).

        A limit that passed before the pause began was breached then.

        :param dict pauses: {case: complaint.pause} that begin now
        :return: those whose limit turned out to have passed, for the first time
        """
        book = CalendarBook(self.env)
        running = self.filtered(
            lambda clock: clock.state == "running" and not clock.finished_at
        )
        passed = running.filtered(
            lambda clock: clock.deadline < pauses[clock.case_id].started_at
        )
        news = passed._pass()
        stopping = (running - passed).filtered(lambda clock: not clock.is_statutory)
        values, moments = {}, {}
        for clock in stopping:
            moments[clock] = pauses[clock.case_id].started_at
            values[clock] = clock._stopped(book, moments[clock])
        self._write_each(values)
        stopped = stopping.filtered(lambda clock: clock.state == "paused")
        self.env["complaint.sla.event"]._record(
            "paused",
            stopped,
            notes={clock: pauses[clock.case_id].note or None for clock in stopped},
            moments=moments,
            pauses={clock: pauses[clock.case_id] for clock in stopped},
        )
        (stopping - stopped)._note_problems()
        return news

    def _stopped(self, book, at):
        """Values of a running clock that stops at a moment."""
        self.ensure_one()
        try:
            used = book.spent(
                self.unit,
                self._runs_since(),
                at,
                self._calendar(),
                self.case_id.company_id,
            )
        except DeadlineError as error:
            return self._unplannable(error)
        return {
            "state": "paused",
            # Never negative: working hours may have been added meanwhile.
            "left": max(self.left - used, 0),
            "deadline": False,
            "next_event_at": False,
            **({} if self.warned_at else {"warn_at": False}),
        }

    def _resume(self, pauses):
        """Let paused clocks go on with what is left (C4).

        :param dict pauses: {case: complaint.pause} that have just ended
        """
        book = CalendarBook(self.env)
        paused = self.filtered(lambda clock: clock.state == "paused")
        self._write_each(
            {
                clock: clock._resumed(book, pauses[clock.case_id].ended_at)
                for clock in paused
            }
        )
        running = paused.filtered(lambda clock: clock.state == "running")
        self.env["complaint.sla.event"]._record(
            "resumed",
            running,
            notes={clock: pauses[clock.case_id].end_note or None for clock in running},
            pauses={clock: pauses[clock.case_id] for clock in running},
        )
        (paused - running)._note_problems()

    def _resumed(self, book, at):
        """Values of a paused clock that goes on at a moment."""
        self.ensure_one()
        company = self.case_id.company_id
        calendar = self._calendar()
        plan = {
            "state": "running",
            "problem": False,
            "started_at": self.started_at,
            "resumed_at": at,
            "budget": self.budget,
            "left": self.left,
            "warned_at": self.warned_at,
            "warn_at": self.warn_at,
        }
        try:
            plan["deadline"] = self._due(
                book, self.unit, self.left, at, calendar, company
            )
            if not self.warned_at:
                plan["warn_at"] = self._warning(book, self, plan, calendar, company)
            plan["next_event_at"] = self._first_event(
                book, self.case_id, self, plan, clock=self
            )
        except DeadlineError as error:
            return self._unplannable(error)
        return plan

    def _unplannable(self, error):
        """Values of a clock whose calendar cannot be read any more.

        The job plans it afresh, over all its pauses, once the calendar is put right.
        """
        return {
            "state": "unplanned",
            "deadline": False,
            "warn_at": False,
            "problem": explain(self.env, error),
            "next_event_at": fields.Datetime.now() + RETRY_PLAN,
        }

    def _runs_since(self):
        """When the clock last began to run (UTC)."""
        self.ensure_one()
        return self.resumed_at or self.started_at

    def _calendar(self):
        """The hours it was planned by; those that apply now if they were deleted."""
        self.ensure_one()
        return self.calendar_id or self.policy_id._calendar_for(self.case_id)
