from datetime import timedelta

import pytz

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize
from odoo.tools.misc import format_date, format_time

DIGEST = "complaint_management.mail_template_notice_digest"
#: How often it is looked whether a person has an address by now.
RETRY_ADDRESS = timedelta(days=1)
#: How often it is looked whether a limit runs again that stands still.
RETRY_PAUSED = timedelta(hours=1)
#: Complaints named in one mail: mail programs cut off what is much longer.
MAX_ENTRIES = 40
_HOUR, _DAY = 3600, 86400


class ComplaintNotice(models.Model):
    """Sending: one mail for each person and run, whatever there is to say (C5)."""

    _inherit = "complaint.notice"

    def _due_lock(self, now):
        """Take with a notice all others that are due for the same person, so that they
        leave in one mail."""
        due, more = super()._due_lock(now)
        if due and more:
            others = self.search(
                [
                    ("user_id", "in", due.user_id.ids),
                    ("next_event_at", "<=", now),
                    ("id", "not in", due.ids),
                ]
            )
            due |= others.try_lock_for_update(allow_referencing=True)
        return due, more

    def _due_parts(self):
        """If the batch fails, person by person; then what cannot be put into words is
        told apart from the rest of a person's mail."""
        if len(self.user_id) > 1:
            return list(self.grouped("user_id").values())
        good = self.filtered(lambda notice: notice._can_be_told())
        if good and good != self:
            return [good, *(self - good)]
        return super()._due_parts()

    def _can_be_told(self):
        try:
            with self.env.cr.savepoint():
                self._digest_entries()
        except Exception:
            return False
        return True

    def _process_events(self, now):
        """Send each person one mail with everything that is due."""
        self.filtered(lambda notice: notice.state != "waiting").write(
            {"next_event_at": False}
        )
        waiting = self.filtered(lambda notice: notice.state == "waiting")
        due = waiting - waiting._drop_settled()
        paused = due.filtered(lambda notice: notice.clock_id.state == "paused")
        paused.write({"next_event_at": now + RETRY_PAUSED})
        due -= paused
        due -= due._redirect(now)
        unreachable = due.filtered(
            lambda notice: not email_normalize(notice.user_id.email)
        )
        unreachable._fail_for_address(now)
        (due - unreachable)._send_digests(now)

    def _drop_settled(self):
        """What needs nobody's attention any more, or must not be seen any more."""
        settled = self.filtered(
            lambda notice: (
                notice.clock_id.ended_at or not notice.clock_id._subject()._is_clocked()
            )
        )
        for person, notices in (self - settled).grouped("user_id").items():
            if person.active:
                seen = notices.clock_id._seen_by(person)
                settled |= notices.filtered(
                    lambda notice, seen=seen: notice.clock_id not in seen
                )
        settled.write({"state": "dropped", "next_event_at": False})
        return settled

    def _redirect(self, now):
        """Somebody left before the mail did: tell who stands in now.

        :return: the notices that found another person
        """
        left = self.filtered(lambda notice: not notice.user_id.active)
        if not left:
            return left
        people = {}
        for subjects, _clocks in left.clock_id._by_subject():
            people |= subjects._clock_responsibles()
        left.write({"state": "dropped", "next_event_at": False})
        held = self.search([("clock_id", "in", left.clock_id.ids)])
        told = {
            (notice.clock_id, notice.escalation_id, notice.deadline, notice.user_id)
            for notice in held
        }
        for notice in left:
            person = people[notice.clock_id._subject()]
            key = (notice.clock_id, notice.escalation_id, notice.deadline, person)
            if person and key not in told:
                told.add(key)
                notice.copy(
                    {
                        "user_id": person.id,
                        "instead_of_id": notice.user_id.id,
                        "state": "waiting",
                        "next_event_at": now + timedelta(seconds=1),
                    }
                )
        return left

    def _fail_for_address(self, now):
        """Not an error of the job: it would be switched off if nothing else is due."""
        for person, notices in self.grouped("user_id").items():
            notices.write(
                {
                    "problem": self.env._(
                        "%(person)s has no valid e-mail address. Enter one: the notice "
                        "is sent within a day.",
                        person=person.name,
                    ),
                    "next_event_at": now + RETRY_ADDRESS,
                }
            )

    def _send_digests(self, now):
        """Queue one mail for each person, and note which."""
        if not self:
            return
        template = self.env.ref(DIGEST, raise_if_not_found=False)
        if not template:
            raise UserError(
                self.env._(
                    "The mail template of the notices was deleted. Update the "
                    "Complaints app to restore it."
                )
            )
        groups = self.grouped("user_id")
        leads = self.browse(notices[0].id for notices in groups.values())
        # Put into words here and not by the template, whose errors nobody can read.
        digests = {
            notices[0].id: notices.with_context(
                lang=person.lang or self.env.lang, complaint_now=now
            )._digest_entries()
            for person, notices in groups.items()
        }
        mails = template.with_context(
            complaint_digests=digests, complaint_now=now
        ).send_mail_batch(leads.ids, email_values={"message_type": "user_notification"})
        for mail, notices in zip(mails, groups.values(), strict=True):
            notices.write(
                {
                    "state": "sent",
                    "sent_at": now,
                    "mail_id": mail.id,
                    "problem": False,
                    "next_event_at": False,
                }
            )

    def _due_failed(self, now, error):
        is_conflict, error = super()._due_failed(now, error)
        if error:
            self.write({"problem": self.event_error})
        return is_conflict, error

    # What the mail template asks for --------------------------------------------------

    def _digest(self):
        """What the mail says: one entry for each complaint, the most urgent first."""
        self.ensure_one()
        digests = self.env.context.get("complaint_digests") or {}
        return digests.get(self.id) or self._digest_entries()

    def _digest_limit(self):
        return MAX_ENTRIES

    def _digest_list_url(self):
        """Where all complaints are, for what a mail has no room for."""
        action = "complaint_management.complaint_case_action"
        return f"{self.get_base_url()}/odoo/action-{action}"

    def _digest_subject(self):
        """Subject: what is most urgent, and how much more there is."""
        entries = self._digest()
        first, more = entries[0], len(entries) - 1
        if more:
            return self.env._(
                "%(number)s and %(more)s more: %(limit)s",
                number=first["number"],
                more=more,
                limit=first["limit"],
            )
        return self.env._(
            "%(number)s: %(limit)s", number=first["number"], limit=first["limit"]
        )

    def _digest_entries(self):
        """One entry for each complaint, stating the highest that was escalated.

        :return: list of dict of plain values: number, subject, url, limit (milestone
            and time left or overdue), is_late, due, also, handler, why
        """
        now = self.env.context.get("complaint_now") or fields.Datetime.now()
        entries = []
        groups = self.grouped(lambda notice: notice.clock_id._subject())
        for subject, notices in groups.items():
            # Those that passed first come first, those to come last.
            clocks = notices.clock_id.sorted(lambda clock: (clock.deadline, clock.id))
            worst = clocks[0]
            # The highest rung is the one climbed last.
            highest = notices.grouped("clock_id")[worst].sorted("id")[-1]
            entry = highest._entry(clocks, now)
            entries.append((worst.deadline, subject.id, entry))
        return [entry for _deadline, _id, entry in sorted(entries, key=_first_two)]

    def _entry(self, clocks, now):
        """The entry of a complaint; ``self`` is the notice of the highest rung."""
        self.ensure_one()
        clock = clocks[0]
        subject = clock._subject()
        milestones = dict(clock._fields["milestone"]._description_selection(self.env))
        left = (clock.deadline - now).total_seconds()
        span = self._span_text(abs(left))
        values = {"milestone": milestones[clock.milestone], "span": span}
        return {
            **subject._clocked_words(),
            "url": f"{self.get_base_url()}/mail/view?model={subject._name}"
            f"&res_id={subject.id}",
            "is_late": left < 0,
            "limit": self.env._("%(milestone)s: %(span)s overdue", **values)
            if left < 0
            else self.env._("%(milestone)s: %(span)s left", **values),
            "due": self._moment_text(clock.deadline, self.user_id.tz or clock.tz),
            "also": ", ".join(
                dict.fromkeys(milestones[other.milestone] for other in clocks[1:])
            ),
            "handler": subject.user_id.name or "",
            "why": self._why_text(),
        }

    def _why_text(self):
        """Why the person is told."""
        self.ensure_one()
        if self.kind == "handover":
            return self.env._("It was handed over to you.")
        if self.instead_of_id:
            return self.env._(
                "You are told instead of %(person)s.", person=self.instead_of_id.name
            )
        return {
            "leader": self.env._("You lead the team."),
            "leader_manager": self.env._("The team leader reports to you."),
            "user": self.env._("You are named in the policy."),
            **self.clock_id._subject()._why_told(),
        }[self.recipient]

    def _digest_time(self):
        """When the mail was written, as the person reads times."""
        now = self.env.context.get("complaint_now") or fields.Datetime.now()
        return self._moment_text(now, self.user_id.tz or self.clock_id.tz)

    def _moment_text(self, moment, tz):
        """Day and time of a moment (naive UTC), written out.

        Midnight is told as the day that it ends: nobody understands "Friday 00:00" as
        the end of Thursday.
        """
        local = pytz.utc.localize(moment).astimezone(pytz.timezone(tz or "UTC"))
        if (local.hour, local.minute, local.second) == (0, 0, 0):
            day = local.date() - timedelta(days=1)
            return format_date(self.env, day, date_format="full")
        return self.env._(
            "%(date)s, %(time)s",
            date=format_date(self.env, local.date(), date_format="full"),
            time=format_time(self.env, local.time(), time_format="short"),
        )

    def _span_text(self, seconds):
        """A span of time on the wall in words, such as “2 days 3 h”."""
        days, rest = divmod(int(seconds), _DAY)
        hours, minutes = rest // _HOUR, rest % _HOUR // 60
        if days >= 2 or (days and not hours):
            if days == 1:
                return self.env._("1 day")
            return self.env._("%(days)s days", days=days)
        if days:
            return self.env._("1 day %(hours)s h", hours=hours)
        if hours >= 6 or (hours and not minutes):
            return self.env._("%(hours)s h", hours=hours)
        if hours:
            return self.env._(
                "%(hours)s h %(minutes)s min", hours=hours, minutes=minutes
            )
        if minutes:
            return self.env._("%(minutes)s min", minutes=minutes)
        return self.env._("less than a minute")


def _first_two(item):
    return item[:2]
