import logging
from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools.calendars import explain
from ...tools.worktime import DeadlineError

_logger = logging.getLogger(__name__)

#: How long until a rung that failed is tried again.
RETRY_RUNG = timedelta(minutes=15)
#: Characters kept of an error message.
ERROR_LENGTH = 500


class Step(NamedTuple):
    """A rung that is due for a clock, with who is to be told."""

    clock: models.Model
    rung: models.Model
    #: who is told
    person: models.Model
    #: whom the rung means, where that is somebody else (absent, nobody there ...)
    meant: models.Model


class ComplaintSlaClock(models.Model):
    """The ladder of escalation: what a clock tells to whom, and when (C5).

    Which rungs were climbed is known from the ledger alone; nothing else decides
    whether one is climbed.
    """

    _inherit = "complaint.sla.clock"

    escalated_at = fields.Datetime(
        string="Escalated", readonly=True, help="When it was last escalated."
    )
    escalated_to_id = fields.Many2one(
        comodel_name="res.users",
        string="Escalated to",
        readonly=True,
        ondelete="set null",
    )
    acknowledged_at = fields.Datetime(
        string="Acknowledged",
        readonly=True,
        help="When somebody acknowledged the last escalation. Empty: nobody has.",
    )
    acknowledged_until = fields.Datetime(
        string="Held until",
        readonly=True,
        help="Until then it is not escalated to a person who has not been told before.",
    )
    ladder_problem = fields.Text(
        string="Escalation Problem",
        readonly=True,
        help="Why a step of the escalation cannot be taken. It is tried again.",
    )

    _escalated_idx = models.Index(
        "(case_id) WHERE escalated_at IS NOT NULL AND acknowledged_at IS NULL"
        " AND ended_at IS NULL"
    )

    def _climb(self, book, now):
        """Climb the rungs that are due, and set when to look at each clock next.

        A fixed number of queries for the batch. A rung that fails stops nothing else:
        it is put aside, shown, and tried again.

        :param CalendarBook book: shared by the whole batch
        :param datetime now: UTC
        """
        due, ahead, problems = self._rungs(book, now)
        steps = self._steps(due, ahead, problems, now)
        values = {}
        for clock in self:
            moments = [clock._next_event(), *ahead[clock]]
            values[clock] = {"next_event_at": min(filter(None, moments), default=False)}
        self._write_each(
            {
                clock: vals
                for clock, vals in values.items()
                if clock.next_event_at != vals["next_event_at"]
            }
        )
        problems |= self._take(steps, now)
        self._note_ladder_problems(problems, now)

    def _note_ladder_problems(self, problems, now):
        """Show why rungs cannot be climbed; what is in order again is cleared.

        :param dict problems: {clock: text}
        """
        retry = now + RETRY_RUNG
        values = {}
        for clock in self:
            text = (problems.get(clock) or "")[:ERROR_LENGTH] or False
            if text:
                next_event = min(clock.next_event_at or retry, retry)
                values[clock] = {"ladder_problem": text, "next_event_at": next_event}
            elif clock.ladder_problem:
                values[clock] = {"ladder_problem": False}
        self._write_each(values)

    # Which rungs --------------------------------------------------------------------

    def _rungs(self, book, now):
        """What is due and what is to come on the ladders of these clocks.

        :return: {clock: rungs due, in the order of their moments}, {clock: moments to
            come}, {clock: why a rung has no moment}
        """
        due, ahead, problems = {}, defaultdict(list), {}
        ladders = {
            clock: clock.policy_id._ladder(clock.milestone)
            for clock in self
            if clock._subject()._is_clocked()
        }
        climbing = self.browse(clock.id for clock, rungs in ladders.items() if rungs)
        done = climbing._rungs_done()
        for clock in climbing:
            moments = []
            for rung in ladders[clock] - done[clock]:
                try:
                    moment = clock._rung_moment(book, rung)
                except DeadlineError as error:
                    problems[clock] = f"{rung.display_name}: {explain(self.env, error)}"
                    continue
                if moment is None or not rung._applies_to(clock, moment):
                    continue
                if moment <= now:
                    moments.append((moment, rung))
                else:
                    ahead[clock].append(moment)
            # sorted() keeps the order of the ladder where moments are equal.
            moments.sort(key=lambda item: item[0])
            if moments:
                due[clock] = [rung for _moment, rung in moments]
        return due, ahead, problems

    def _rungs_done(self):
        """{clock: rungs climbed since it was last planned}; one query."""
        events = self.env["complaint.sla.event"].search_fetch(
            [
                ("clock_id", "in", self.ids),
                ("kind", "in", ("started", "replanned", "escalated")),
            ],
            ["clock_id", "kind", "escalation_id"],
            order="id",
        )
        done = defaultdict(self.env["complaint.sla.escalation"].browse)
        for event in events:
            if event.kind == "escalated":
                done[event.clock_id] |= event.escalation_id
            else:
                # Another limit or another start: the ladder begins anew. That a rung
                # is not climbed twice for one deadline is the ledger's business.
                done.pop(event.clock_id, None)
        return done

    def _rung_moment(self, book, rung):
        return rung._moment(
            book, self, self.unit, self.calendar_id, self.company_id, self.tz
        )

    # Who ----------------------------------------------------------------------------

    def _steps(self, due, ahead, problems, now):
        """Whom the rungs that are due are for.

        What an acknowledgement holds up is put into ``ahead``, what nobody can be told
        into ``problems``.

        :return: list of Step, in the order in which they are taken
        """
        if not due:
            return []
        people = {}
        for subjects, clocks in self.browse(clock.id for clock in due)._by_subject():
            people |= subjects._escalation_people(
                {(clock._subject(), rung) for clock in clocks for rung in due[clock]},
                now,
            )
        told = self.browse(clock.id for clock in due)._people_told(now)
        steps = []
        for clock, rungs in due.items():
            for rung in rungs:
                person, meant = people[clock._subject(), rung]
                if not person:
                    problems[clock] = self.env._(
                        "%(rung)s: there is nobody who may see the complaint. Name a "
                        "handler or a team leader.",
                        rung=rung.display_name,
                    )
                elif clock in told and person not in told[clock]:
                    ahead[clock].append(clock.acknowledged_until)
                else:
                    steps.append(Step(clock, rung, person, meant))
        return steps

    def _people_told(self, now):
        """{clock: people it was escalated to}, of clocks that an acknowledgement holds
        up at the moment."""
        held = self.filtered(
            lambda clock: clock.acknowledged_until and clock.acknowledged_until > now
        )
        told = {clock: self.env["res.users"] for clock in held}
        if held:
            events = self.env["complaint.sla.event"].search_fetch(
                [("clock_id", "in", held.ids), ("kind", "=", "escalated")],
                ["clock_id", "recipient_id"],
            )
            for event in events:
                told[event.clock_id] |= event.recipient_id
        return told

    # What ---------------------------------------------------------------------------

    def _take(self, steps, now):
        """Take steps together; if that fails, one by one to find those at fault.

        :return: {clock: why a step of it failed}
        """
        if not steps:
            return {}
        try:
            self._take_attempt(steps, now)
            return {}
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            if len(steps) == 1:
                return self._take_failed(steps[0], error)
        problems = {}
        for step in steps:
            problems |= self._take([step], now)
        return problems

    def _take_failed(self, step, error):
        _logger.warning(
            "%s: escalation %s failed", step.clock, step.rung, exc_info=error
        )
        return {step.clock: f"{step.rung.display_name}: {error or repr(error)}"}

    def _take_attempt(self, steps, now):
        """Announce steps and do what they say, in a savepoint."""
        with self.env.cr.savepoint():
            fresh = self.env["complaint.sla.event"]._record_escalated(steps)
            self._write_each(
                {
                    step.clock: {
                        "escalated_at": now,
                        "escalated_to_id": step.person.id,
                        "acknowledged_at": False,
                    }
                    for step in fresh
                }
            )
            told = self.browse(step.clock.id for step in fresh)
            for subjects, clocks in told._by_subject():
                subjects._escalate(
                    [step for step in fresh if step.clock in clocks], now
                )

    # Acknowledging --------------------------------------------------------------------

    def _acknowledge(self):
        """Somebody looks after it: do not climb to the next person for a while.

        :return: the clocks that had an escalation to acknowledge
        """
        now = fields.Datetime.now()
        escalated = self.filtered(
            lambda clock: (
                clock.escalated_at and not clock.acknowledged_at and not clock.ended_at
            )
        )
        for company, clocks in escalated.grouped("company_id").items():
            clocks.write(
                {
                    "acknowledged_at": now,
                    "acknowledged_until": now
                    + timedelta(hours=company.complaint_acknowledge_hours),
                }
            )
        return self.env["complaint.sla.event"]._record("acknowledged", escalated)
