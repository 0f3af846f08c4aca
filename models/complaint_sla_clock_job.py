from odoo import api, models


class ComplaintSlaClock(models.Model):
    """What the scheduled action does about clocks: warnings and passed limits (C5)."""

    _inherit = "complaint.sla.clock"

    @api.model
    def _first_event(self, book, case, limit, plan, clock=None):
        """When the job must look next at a clock that is just planned (UTC).

        :param CalendarBook book: shared by the whole batch
        :param limit: the target or clock that is planned
        :param dict plan: values about to be written: deadline, budget, left, warn_at
            (False when no warning is to come any more) ...
        :param clock: the clock, when there is one already
        """
        return plan["warn_at"] or plan["deadline"]

    def _process_events(self, now):
        """Notice what has come due: plans to retry, warnings, passed limits (C5).

        A fixed number of queries for the batch. A limit that passed before its warning
        was given is announced as passed only.
        """
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
        waiting = running - passed - near
        self._write_each(
            {clock: {"next_event_at": clock._next_event()} for clock in waiting}
            | {
                clock: {"warned_at": now, "next_event_at": clock.deadline}
                for clock in near
            }
        )
        idle = (self - reached).filtered(
            lambda clock: clock.state not in ("running", "unplanned")
        )
        idle.filtered("next_event_at").write({"next_event_at": False})
        news = self.env["complaint.sla.event"]._record("warned", near)
        news |= passed._pass()
        news.case_id._clocks_alert()

    def _next_event(self):
        """When the job must look at a running clock next."""
        self.ensure_one()
        if self.warn_at and not self.warned_at:
            return self.warn_at
        return self.deadline

    def _pass(self):
        """The limit of these running clocks has passed: breached (C5).

        :return: those for which this was not on record yet
        """
        values = {
            clock: {
                "state": "breached",
                "breached_at": clock.deadline,
                "next_event_at": False,
            }
            for clock in self
        }
        self._write_each(values)
        return self.env["complaint.sla.event"]._record("breached", self)
