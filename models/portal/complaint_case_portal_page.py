from datetime import datetime, timedelta
from itertools import zip_longest

import pytz

from odoo import fields, models
from odoo.tools import format_date, format_time, is_html_empty

from ..constants import MILESTONES, PHASES

#: Milestones reached within so many seconds of each other are told as one event: a
#: case settled at first contact passes five of them in one moment.
SAME_MOMENT = 60
_RANK = {milestone: rank for rank, (milestone, _label) in enumerate(MILESTONES)}


class ComplaintCase(models.Model):
    """What customers see of a complaint, in plain words (D4, I1).

    The portal reads cases with superuser rights. Whatever a page prints is made into
    plain values here, in one place, so that no internal field can slip onto a page.
    Dates are words in the time zone of the context's ``tz``.
    """

    _inherit = "complaint.case"

    # The list ----------------------------------------------------------------------

    def _portal_rows(self, partner):
        """What the list shows of each complaint; a fixed number of queries.

        :param partner: contact who reads the list
        """
        promises = self._portal_next_promises()
        return [
            {
                "url": case.access_url,
                "number": case.name,
                "subject": case.subject,
                "status": case._portal_status(),
                "order": case.order_id.name,
                "product": case.product_id.display_name,
                "received": case._portal_day(case.date_received),
                "person": case.partner_name if case.partner_id != partner else "",
                "needs_reaction": case.phase == "answered",
                "promise": promises.get(case),
            }
            for case in self
        ]

    def _portal_next_promises(self):
        """The next promised date of open complaints, as {case: what is shown}."""
        clocks = self.env["complaint.sla.clock"].search(
            [
                ("case_id", "in", self.ids),
                ("is_promised", "=", True),
                ("ended_at", "=", False),
                ("state", "in", ("running", "breached")),
                ("deadline", "!=", False),
            ],
            order="deadline",
        )
        now = fields.Datetime.now()
        labels = self._portal_promise_labels()
        promises = {}
        for clock in clocks:
            case = clock.case_id
            if clock.round == case.round and case not in promises:
                promises[case] = {
                    "label": labels[clock.milestone],
                    "until": case._portal_until(clock, short=True),
                    "late": clock.deadline < now,
                }
        return promises

    # The page ----------------------------------------------------------------------

    def _portal_page(self, links=True, is_complainant=False):
        """Everything that the page of a complaint prints.

        :param bool links: whether the reader has an account, in which links to the
            order work
        :param bool is_complainant: who may answer the survey; colleagues may not
        """
        self.ensure_one()
        is_answered = self._portal_is_answered()
        return {
            "id": self.id,
            "url": self.access_url,
            "number": self.name,
            "subject": self.subject,
            "company": self.company_id.name,
            "status": self._portal_status(),
            "steps": self._portal_steps(),
            "facts": self._portal_facts(links),
            "description": self.description
            if not is_html_empty(self.description)
            else "",
            "points": self._portal_points(),
            "demand": self.demand,
            "answer": self.answer if is_answered else "",
            "answered": self._portal_when(self.answered_at) if is_answered else "",
            "is_answered": is_answered,
            "findings": self._portal_findings(),
            "earlier_answers": self._portal_earlier_answers(),
            "awaits_customer": self.phase == "answered",
            "options": self._portal_options(),
            "is_closed": self.phase == "closed",
            "silence": self._portal_silence(),
            "waiting": self._portal_waiting(),
            "promises": self._portal_promises(),
            "timeline": self._portal_timeline(),
            "files": self._portal_files(),
            "evidence": self._portal_evidence(),
            "can_rate": is_complainant and bool(self._portal_waiting_survey()),
            "zone": self._portal_zone().zone,
        }

    def _portal_waiting(self):
        """What the complaint waits for, honestly and in plain words (C4)."""
        pause = self.pause_id
        what = pause.reason_id.customer_text
        if not what:
            return ""
        words = {"what": what, "when": self._portal_when(pause.started_at)}
        if pause.reason_id.ends_on_customer_message:
            return self.env._(
                "Since %(when)s we are waiting for %(what)s. Please write to us below, "
                "then we go on at once.",
                **words,
            )
        return self.env._("Since %(when)s we are waiting for %(what)s.", **words)

    def _portal_earlier_answers(self):
        """What we answered in the rounds before this one."""
        return [
            {"when": self._portal_when(answer.answered_at), "text": answer.body}
            for answer in self.answer_ids
            if answer.round < self.round and answer.answered_at
        ]

    def _portal_has_document(self, document):
        """Whether there is a letter that the customer may print.

        :param str document: acknowledgement, letter or review
        """
        if document == "letter":
            return self._portal_is_answered()
        return document == "acknowledgement" or bool(self._letter_review())

    def _portal_is_answered(self):
        """Whether there is an answer that the customer may read.

        A draft, and the draft of a complaint that is looked at again, are internal.
        """
        return (
            self.phase in ("answered", "closed")
            and bool(self.answered_at)
            and not is_html_empty(self.answer)
        )

    def _portal_status(self):
        """Where the complaint stands: label, sentence, and how it is coloured."""
        if self.phase == "closed":
            label, text = self._portal_closed_words()
            tone = "success" if self.outcome == "settled" else "secondary"
        else:
            label, text, tone = self._portal_open_words()
        return {"label": label, "text": text, "tone": tone}

    def _portal_open_words(self):
        handler = self.user_id.name
        if self.phase == "received":
            text = self.env._("We have your complaint. Somebody takes it up soon.")
            return self.env._("Received"), text, "info"
        if self.phase == "answered":
            text = self.env._(
                "We have answered. Please tell us whether you accept the answer."
            )
            return self.env._("Answered"), text, "warning"
        texts = {
            "accepted": self.env._("Somebody looks after your complaint."),
            "investigating": self.env._("We are finding out what happened."),
            "resolving": self.env._("We know what happened and work on what you get."),
        }
        if self.phase == "accepted" and handler:
            texts["accepted"] = self.env._(
                "%(name)s looks after your complaint.", name=handler
            )
        return self._portal_phase_labels()[self.phase], texts[self.phase], "info"

    def _portal_closed_words(self):
        if self.outcome == "settled" and self.customer_verdict == "accepted":
            return self.env._("Settled"), self.env._("You accepted our answer.")
        if self.outcome == "settled":
            return self.env._("Settled"), self.env._("The matter is settled.")
        if self.outcome == "withdrawn":
            return self.env._("Withdrawn"), self.env._("You took the complaint back.")
        if self.outcome == "merged":
            return self.env._("Merged"), self.env._(
                "We handle it together with another complaint."
            )
        if self.outcome == "refused":
            text = self.env._(
                "We could not take up your complaint. Our answer gives the reasons."
            )
            return self.env._("Closed"), text
        text = self.env._(
            "We answered, and the complaint is closed. You can still write to us."
        )
        return self.env._("Closed"), text

    def _portal_phase_labels(self):
        return {
            "received": self.env._("Received"),
            "accepted": self.env._("Taken up"),
            "investigating": self.env._("Being investigated"),
            "resolving": self.env._("Being resolved"),
            "answered": self.env._("Answered"),
            "closed": self.env._("Closed"),
        }

    def _portal_steps(self):
        """The way of a complaint, each step done, current or still to come."""
        labels = self._portal_phase_labels()
        phases = [phase for phase, _label in PHASES]
        here = phases.index(self.phase)
        steps = []
        for rank, phase in enumerate(phases):
            if self.phase == "closed":
                state = "done" if self._portal_was_in(phase) else "todo"
            else:
                state = "done" if rank < here else "todo"
                state = "current" if rank == here else state
            steps.append({"label": labels[phase], "state": state})
        return steps

    def _portal_was_in(self, phase):
        """Whether a closed complaint went through a phase; not all do."""
        milestone = {
            "accepted": "accepted_at",
            "investigating": "assessed_at",
            "resolving": "resolved_at",
            "answered": "answered_at",
        }.get(phase)
        return not milestone or bool(self[milestone])

    def _portal_facts(self, links):
        """What the complaint is about: label, value, and a link where one works."""
        order = self.order_id
        order_url = f"/my/orders/{order.id}" if links and order.state == "sale" else ""
        occurred = self.date_occurred and self._portal_date(self.date_occurred)
        facts = [
            (self.env._("Received on"), self._portal_when(self.date_received), ""),
            (self.env._("Happened on"), occurred, ""),
            (self.env._("Order"), order.name, order_url),
            (self.env._("Product"), self._portal_products(), ""),
            (self.env._("Topic"), self.category_id.complete_name, ""),
            (self.env._("Submitted by"), self.partner_name, ""),
            (self.env._("Looked after by"), self.user_id.name, ""),
        ]
        return [
            {"label": label, "value": value, "url": url}
            for label, value, url in facts
            if value
        ]

    def _portal_silence(self):
        """The day on which silence closes an answered complaint, in words."""
        if self.phase == "answered" and self.next_event_at:
            # Midnight ends the day before, which letters name as well.
            return self._portal_day(self.next_event_at - timedelta(seconds=1))
        return ""

    # Promised dates ----------------------------------------------------------------

    def _portal_promise_labels(self):
        return {
            "accepted": self.env._("We take up your complaint"),
            "assessed": self.env._("We assess your complaint"),
            "first_reply": self.env._("You hear from us"),
            "resolved": self.env._("The matter is resolved"),
            "answered": self.env._("You have our answer"),
            "closed": self.env._("The complaint is closed"),
        }

    def _portal_promises(self):
        """Dates that we promised for the present round, and whether we keep them.

        The tone "danger" is that of a promise which is not kept and still awaited.
        """
        labels = self._portal_promise_labels()
        clocks = self.clock_ids.filtered(
            lambda clock: clock.is_promised and clock.round == self.round
        ).sorted(
            lambda clock: (_RANK[clock.milestone], clock.deadline or clock.started_at)
        )
        return [
            {
                "label": labels[clock.milestone],
                **self._portal_promise(clock),
                "story": clock._story("customer"),
            }
            for clock in clocks
        ]

    def _portal_promise(self, clock):
        """One promise in honest words."""
        if clock.state == "cancelled":
            return {"tone": "muted", "text": self.env._("no longer applies")}
        if clock.state == "paused":
            return {"tone": "muted", "text": self.env._("stopped for the time being")}
        if not clock.deadline:
            return {
                "tone": "muted",
                "text": self.env._("we name a date as soon as we can"),
            }
        until = self._portal_until(clock)
        if clock.finished_at:
            done = self._portal_when(clock.finished_at)
            if clock.finished_at <= clock.deadline:
                text = self.env._(
                    "done on %(done)s, promised %(until)s", done=done, until=until
                )
                return {"tone": "success", "text": text}
            text = self.env._(
                "done on %(done)s, late: promised %(until)s", done=done, until=until
            )
            return {"tone": "warning", "text": text}
        if clock.ended_at:
            return {
                "tone": "muted",
                "text": self.env._("not kept: promised %(until)s", until=until),
            }
        # Asked of the clock on the wall: the job that notices may not have run yet.
        if clock.deadline < fields.Datetime.now():
            text = self.env._("late: promised %(until)s", until=until)
            return {"tone": "danger", "text": text}
        return {"tone": "info", "text": until}

    def _portal_until(self, clock, short=False):
        """A deadline in words. Midnight is told as the end of the day before it.

        :param bool short: leave the hour away unless it is today's
        """
        zone = self._portal_zone()
        local = pytz.utc.localize(clock.deadline).astimezone(zone)
        if local.time().isoformat() == "00:00:00":
            day = format_date(
                self.env, local.date() - timedelta(days=1), date_format="medium"
            )
            return self.env._("by the end of %(day)s", day=day)
        if short and local.date() != datetime.now(zone).date():
            return self.env._("by %(when)s", when=self._portal_day(clock.deadline))
        return self.env._("by %(when)s", when=self._portal_when(clock.deadline))

    # The story so far --------------------------------------------------------------

    def _portal_timeline(self):
        """What happened and when, over all rounds, oldest first."""
        events = sorted(self._portal_events(), key=lambda event: event[0])
        return [
            {"when": self._portal_when(moment), "text": text} for moment, text in events
        ]

    def _portal_events(self):
        """:return: list of (moment, words), in any order"""
        events = [(self.date_received, self.env._("We received your complaint."))]
        if self.acknowledged_at:
            events.append(
                (self.acknowledged_at, self.env._("We sent you a confirmation."))
            )
        events += [
            (row.reached_at, self._portal_milestone_words(row))
            for row in self._portal_notable_milestones()
        ]
        return events

    def _portal_notable_milestones(self):
        """Milestones without those that were passed on the way to a later one."""
        rows = self.milestone_ids.sorted(
            lambda row: (row.round, row.reached_at, _RANK[row.milestone])
        )
        kept = []
        for row, following in zip_longest(rows, rows[1:]):
            passed_by = (
                following
                and following.round == row.round
                and _RANK[following.milestone] > _RANK[row.milestone]
                and (following.reached_at - row.reached_at).total_seconds()
                < SAME_MOMENT
            )
            if row.milestone in ("answered", "closed") or not passed_by:
                kept.append(row)
        return kept

    def _portal_milestone_words(self, row):
        if row.round > 1 and row.milestone in ("accepted", "assessed"):
            return self.env._("We began to look at your complaint again.")
        if row.milestone == "closed" and row.round == self.round:
            return self._portal_end_words()
        return {
            "accepted": self.env._("We took up your complaint."),
            "assessed": self.env._(
                "We assessed your complaint and began to investigate."
            ),
            "first_reply": self.env._("We wrote to you for the first time."),
            "resolved": self.env._("The matter was resolved."),
            "answered": self.env._("We sent you our answer."),
            "closed": self.env._("The complaint was closed."),
        }[row.milestone]

    def _portal_end_words(self):
        if self.outcome == "withdrawn":
            return self.env._("You took the complaint back, and it was closed.")
        if self.customer_verdict == "accepted":
            return self.env._("You accepted our answer, and the complaint was closed.")
        return self.env._("The complaint was closed.")

    # Dates in words ----------------------------------------------------------------

    def _portal_zone(self):
        """The reader's time zone."""
        return self.env.tz

    def _portal_date(self, day):
        return format_date(self.env, day, date_format="medium")

    def _portal_day(self, moment):
        local = pytz.utc.localize(moment).astimezone(self._portal_zone())
        return format_date(self.env, local.date(), date_format="medium")

    def _portal_when(self, moment):
        return self.env._(
            "%(date)s, %(time)s",
            date=self._portal_day(moment),
            time=format_time(
                self.env, moment, tz=self._portal_zone().zone, time_format="short"
            ),
        )
