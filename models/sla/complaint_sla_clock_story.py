from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.tools import format_date, format_time

from ...tools.calendars import CalendarBook
from ...tools.worktime import WORK_UNITS, DeadlineError

#: Units whose limits end with a day.
WHOLE_DAYS = ("working_day", "calendar_day", "calendar_week")
#: What customers are told of a clock, besides its pauses; the rest is internal.
_TOLD_TO_CUSTOMERS = (
    "started",
    "resumed",
    "replanned",
    "breached",
    "met",
    "late",
    "cancelled",
    "failed",
)


class ComplaintSlaClock(models.Model):
    """Why this deadline? The ledger of a clock in plain words (C4, C5).

    Staff read who did what and why; customers read what it means for their date.
    """

    _inherit = "complaint.sla.clock"

    story = fields.Html(
        string="Why this deadline",
        compute="_compute_story",
        sanitize=False,
        groups="base.group_user",
        help="What happened to the limit, in plain words.",
    )

    unspent = fields.Char(
        string="Left when paused",
        compute="_compute_unspent",
        groups="base.group_user",
    )

    @api.depends("state", "left", "unit")
    def _compute_unspent(self):
        for clock in self:
            is_paused = clock.state == "paused"
            clock.unspent = is_paused and clock._duration(clock.left, clock.unit)

    def _compute_story(self):
        # Rendered from escaped values: nothing to sanitize.
        for clock in self:
            clock.story = self.env["ir.qweb"]._render(
                "complaint_management.clock_story", {"story": clock._story()}
            )

    def action_why(self):
        """Open the story of the clock in a dialogue."""
        self.ensure_one()
        self.check_access("read")
        view = self.env.ref("complaint_management.complaint_sla_clock_view_form_why")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why? %(limit)s", limit=self.display_name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(view.id, "form")],
            "target": "new",
        }

    def _story(self, audience="staff"):
        """The ledger as sentences in order of time, and what was used so far.

        Plain values only; templates may print all of them to their audience. The caller
        checked that the reader may see the complaint. Times are words in the time zone
        of the context's ``tz``.

        :param str audience: ``staff``, or ``customer``: no names, notes and policies
        :return: dict: limit, basis (how it is counted, maybe empty), policy (empty for
            customers), lines (list of dict: at (UTC), when, text, who, note), used,
            left, over (words, maybe empty), share (used percent of the limit, or None)
            and zone
        """
        self.ensure_one()
        # sudo: names of people, policies and reasons, which readers of the complaint
        # may know, though not all may read the records.
        clock = self.sudo()
        is_staff = audience == "staff"
        lines = clock._staff_lines() if is_staff else clock._customer_lines()
        lines.sort(key=lambda line: line["at"])
        return {
            "limit": clock._limit_words(),
            "basis": clock._basis_words(),
            "policy": clock.policy_id.display_name if is_staff else "",
            "lines": [
                {"who": "", "note": "", **line, "when": clock._when(line["at"])}
                for line in lines
            ],
            **clock._usage_words(),
            "zone": self.env.tz.zone,
        }

    def _limit_words(self):
        """The limit in words, and what sets it apart."""
        limit = self.env["complaint.sla.target"]._limit_text(self.amount, self.unit)
        if self.is_statutory:
            return self.env._("%(limit)s, set by law or contract", limit=limit)
        return limit

    def _basis_words(self):
        """How limits in days are counted: the day of receipt does not count."""
        if self.unit not in WHOLE_DAYS:
            return ""
        return self.env._(
            "The day on which it starts does not count, and the limit lasts until the "
            "end of its last day."
        )

    # For staff --------------------------------------------------------------------

    def _staff_lines(self):
        lines = [
            {
                "at": event.at,
                "text": self._staff_text(event),
                "who": event.user_id.name or "",
                "note": self._staff_note(event),
            }
            for event in self.event_ids.sorted("id")
        ]
        # What the ledger of this clock has no line of its own for.
        lines += [
            {
                "at": pause.started_at,
                "text": self._unlisted_pause_text(pause),
                "who": pause.user_id.name or "",
                "note": pause.note or "",
            }
            for pause in self._pauses_of_the_case() - self.event_ids.pause_id
        ]
        return lines

    def _staff_text(self, event):
        left = self._duration(event.left or 0, event.unit or self.unit)
        texts = {
            "started": lambda: self.env._(
                "Started: %(limit)s.", limit=self._set_by(event)
            ),
            "paused": lambda: self.env._(
                "Paused: %(reason)s. %(left)s left.",
                reason=event.pause_id.reason_id.name
                or self.env._("the complaint waits"),
                left=left,
            ),
            "resumed": lambda: self.env._("Resumed with %(left)s left.", left=left),
            "replanned": lambda: self.env._(
                "Planned anew: %(limit)s.", limit=self._set_by(event)
            ),
            "warned": lambda: self.env._(
                "The limit came near: the handler was warned."
            ),
            "escalated": lambda: (
                self.env._("Escalated to %(person)s.", person=event.recipient_id.name)
                if event.recipient_id
                else self.env._("Escalated.")
            ),
            "acknowledged": lambda: self.env._("The escalation was acknowledged."),
            "breached": lambda: self.env._("The limit passed."),
            "met": lambda: self.env._("Reached in time."),
            "late": lambda: self.env._("Reached, after the limit."),
            "cancelled": lambda: self.env._("The limit no longer applies."),
            "failed": lambda: self.env._("No deadline could be computed."),
            "explained": lambda: self.env._("It was said why the limit was missed."),
        }
        text = texts[event.kind]()
        if event.deadline and event.kind in ("started", "resumed", "replanned"):
            due = self.env._("Due %(due)s.", due=self._due_words(event.deadline))
            text = f"{text} {due}"
        return text

    def _staff_note(self, event):
        if event.escalation_id:
            return self._rung_note(event)
        # A new plan names its policy by default: the sentence says that already.
        if event.note == event.policy_id.display_name:
            return ""
        return event.note or ""

    def _rung_note(self, event):
        """The rung in the reader's language; the note has it in that of the scheduled
        action."""
        rung = event.escalation_id.display_name
        notices = self.env["complaint.notice"].search(
            [
                ("clock_id", "=", self.id),
                ("escalation_id", "=", event.escalation_id.id),
            ],
            limit=1,
        )
        if not notices.instead_of_id:
            return rung
        return self.env._(
            "%(rung)s (instead of %(person)s)",
            rung=rung,
            person=notices.instead_of_id.name,
        )

    def _set_by(self, event):
        """A limit with the policy and version that set it."""
        limit = self.env["complaint.sla.target"]._limit_text(
            event.amount or self.amount, event.unit or self.unit
        )
        if not event.policy_id:
            return limit
        return self.env._(
            "%(limit)s by “%(policy)s”",
            limit=limit,
            policy=event.policy_id.display_name,
        )

    def _pauses_of_the_case(self):
        """Times that stop time limits and fell into those in which this one ran."""
        end = min(
            filter(None, (self.breached_at, self.finished_at, self.ended_at)),
            default=fields.Datetime.now(),
        )
        return self.case_id.pause_ids.filtered(
            lambda pause: (
                pause.stops_clock
                and pause.started_at < end
                and (not pause.ended_at or pause.ended_at > self.started_at)
            )
        )

    def _unlisted_pause_text(self, pause):
        reason = pause.reason_id.name
        if pause.ended_at:
            until = self._when(pause.ended_at)
            if self.is_statutory:
                return self.env._(
                    "The complaint waited until %(until)s: %(reason)s. This limit is "
                    "set by law or contract and ran on.",
                    until=until,
                    reason=reason,
                )
            return self.env._(
                "The complaint waited until %(until)s: %(reason)s. This limit stood "
                "still.",
                until=until,
                reason=reason,
            )
        if self.is_statutory:
            return self.env._(
                "The complaint waits: %(reason)s. This limit is set by law or contract "
                "and runs on.",
                reason=reason,
            )
        return self.env._("The complaint waits: %(reason)s.", reason=reason)

    # For customers ----------------------------------------------------------------

    def _customer_lines(self):
        lines = [
            {"at": event.at, "text": self._customer_text(event)}
            for event in self.event_ids.sorted("id")
            if event.kind in _TOLD_TO_CUSTOMERS
        ]
        if not self.is_statutory:
            lines += [
                {
                    "at": max(pause.started_at, self.started_at),
                    "text": self._customer_pause_text(pause),
                }
                for pause in self._pauses_of_the_case()
            ]
        return [line for line in lines if line["text"]]

    def _customer_text(self, event):
        due = event.deadline and self._due_words(event.deadline)
        if event.kind == "started":
            limit = self.env["complaint.sla.target"]._limit_text(
                event.amount or self.amount, event.unit or self.unit
            )
            if due:
                return self.env._(
                    "Counted from here: %(limit)s, by %(due)s.", limit=limit, due=due
                )
            return self.env._("Counted from here: %(limit)s.", limit=limit)
        if event.kind == "resumed":
            return due and self.env._("Goes on: by %(due)s.", due=due)
        if event.kind == "replanned":
            return due and self.env._("A new date: by %(due)s.", due=due)
        return {
            "breached": self.env._("The date passed."),
            "met": self.env._("Done in time."),
            "late": self.env._("Done, late."),
            "cancelled": self.env._("The date no longer applies."),
            "failed": self.env._("We could not name a date yet."),
        }[event.kind]

    def _customer_pause_text(self, pause):
        """A pause as the customer reads it: what we waited for, and until when."""
        what = pause.reason_id.customer_text
        if not pause.ended_at:
            if what:
                return self.env._("Paused while we wait for %(what)s.", what=what)
            return self.env._("Paused.")
        until = self._when(pause.ended_at)
        if what:
            return self.env._(
                "Paused until %(until)s while we waited for %(what)s.",
                until=until,
                what=what,
            )
        return self.env._("Paused until %(until)s.", until=until)

    # Used and left ----------------------------------------------------------------

    def _usage(self):
        """What was used of the budget, and by how much the limit was passed.

        :return: (used, over) in seconds of the limit's own time, up to when the clock
            ended, else to now; None where there is no plan to measure by
        """
        self.ensure_one()
        if not self.budget:
            return None
        book = CalendarBook(self.env)
        calendar, company = self._calendar(), self.case_id.company_id
        at = self.finished_at or self.ended_at or fields.Datetime.now()

        def spent(begin, end):
            return book.spent(self.unit, begin, end, calendar, company)

        try:
            if self.state in ("running", "breached") and self.deadline < at:
                return self.budget, spent(self.deadline, at)
            used, since = 0, self.started_at
            for stopped_at, end in self._stops_before(at):
                used += spent(since, max(stopped_at, since))
                since = max(end, since)
            return min(used + spent(since, at), self.budget), 0
        except DeadlineError:
            return None

    def _stops_before(self, at):
        if self.is_statutory:
            return []
        return self._stops_until(self._stops(self.case_id)[self.case_id], at)

    def _usage_words(self):
        usage = self._usage()
        if usage is None:
            return {"used": "", "left": "", "over": "", "share": None}
        used, over = usage
        is_over = self.state == "breached" or over
        return {
            "used": self._duration(used, self.unit),
            "left": "" if is_over else self._duration(self.budget - used, self.unit),
            "over": self._duration(over, self.unit) if is_over else "",
            "share": round(100 * (used + over) / self.budget),
        }

    # Words ------------------------------------------------------------------------

    def _duration(self, seconds, unit):
        """A time span in words, whole minutes, of working time where that counts."""
        hours, minutes = divmod(seconds // 60, 60)
        if unit in WORK_UNITS:
            return self.env._(
                "%(span)s of working time", span=self._span(0, hours, minutes)
            )
        days, hours = divmod(hours, 24)
        return self._span(days, hours, 0 if days else minutes)

    def _span(self, days, hours, minutes):
        """Days, hours and minutes in words; what is zero is not said."""
        parts = [
            days and self.env._("%(days)s d", days=days),
            hours and self.env._("%(hours)s h", hours=hours),
            minutes and self.env._("%(minutes)s min", minutes=minutes),
        ]
        return " ".join(filter(None, parts)) or self.env._("0 min")

    def _when(self, moment):
        """A moment in words, in the reader's time zone."""
        zone = self.env.tz
        local = pytz.utc.localize(moment).astimezone(zone)
        return self.env._(
            "%(date)s, %(time)s",
            date=format_date(self.env, local.date(), date_format="medium"),
            time=format_time(self.env, moment, tz=zone.zone, time_format="short"),
        )

    def _due_words(self, moment):
        """A deadline in words. Midnight is told as the end of the day before it."""
        local = pytz.utc.localize(moment).astimezone(self.env.tz)
        if local.time().isoformat() != "00:00:00":
            return self._when(moment)
        day = format_date(
            self.env, local.date() - timedelta(days=1), date_format="medium"
        )
        return self.env._("the end of %(day)s", day=day)
