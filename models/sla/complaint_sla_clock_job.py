from odoo import api, fields, models

from ...tools.calendars import CalendarBook

#: How often a clock is looked at again when what was done about it made more of it due:
#: the priority can be raised twice.
MAX_TIMES = 4


class ComplaintSlaClock(models.Model):
    """What the scheduled action does about clocks: warnings, passed limits, and the
    ladder of escalation (C5)."""

    _inherit = "complaint.sla.clock"

    @api.model
    def _first_event(self, book, case, limit, plan, clock=None):
        """When the job must look next at a clock that is just planned (UTC).

        :param CalendarBook book: shared by the whole batch
        :param limit: the target or clock that is planned
        :param dict plan: values about to be written: started_at, resumed_at, deadline,
            budget, left, warn_at (False when no warning is to come any more) ...
        :param clock: the clock, when there is one already
        """
        warns = bool(plan["warn_at"]) and not plan.get("warned_at")
        first = plan["warn_at"] if warns else plan["deadline"]
        rungs = limit.policy_id._rungs_before(limit, warns)
        moments = [rung._early_moment(book, case, limit, plan) for rung in rungs]
        return min([first, *filter(None, moments)])

    def _process_events(self, now):
        """Notice what has come due: plans to retry, warnings, passed limits, rungs of
        the ladder (C5).

        A fixed number of queries for the batch. A limit that passed before its warning
        was given is announced as passed only.
        """
        due = self
        for _time in range(MAX_TIMES):
            due._notice(now)
            # Raising the priority may have brought other limits, and brought them
            # forward.
            due = due.filtered(
                lambda clock: clock.next_event_at and clock.next_event_at <= now
            )
            if not due:
                break

    def _notice(self, now):
        self._heal()
        reached = self.filtered(
            lambda clock: clock.state == "running" and clock.finished_at
        )
        reached._reach({clock: clock.finished_at for clock in reached})
        running = (self - reached).filtered(lambda clock: clock.state == "running")
        passed = running.filtered(lambda clock: clock.deadline <= now)
        near = (running - passed).filtered(
            lambda clock: clock.warn_at and clock.warn_at <= now and not clock.warned_at
        )
        near.write({"warned_at": now})
        news = self.env["complaint.sla.event"]._record("warned", near)
        news |= passed._pass()
        news._alert()
        still_open = self.filtered(
            lambda clock: clock.state in ("running", "breached") and not clock.ended_at
        )
        idle = (self - still_open).filtered(lambda clock: clock.state != "unplanned")
        idle.filtered("next_event_at").write({"next_event_at": False})
        still_open._climb(CalendarBook(self.env), now)

    def _next_event(self):
        """When the job must look at a running clock next, but for its ladder."""
        self.ensure_one()
        if self.state != "running":
            return False
        if self.warn_at and not self.warned_at:
            return self.warn_at
        return self.deadline

    def _pass(self, quiet=False):
        """The limit of these running clocks has passed: breached (C5).

        :param bool quiet: nobody is told, now or later
        :return: those for which this was not on record yet
        """
        now = fields.Datetime.now()
        values = {
            clock: {
                "state": "breached",
                "breached_at": clock.deadline,
                # The ladder may go on after the limit.
                "next_event_at": not quiet
                and bool(clock.policy_id._ladder(clock.milestone))
                and now,
            }
            for clock in self
        }
        self._write_each(values)
        return self.env["complaint.sla.event"]._record("breached", self)
