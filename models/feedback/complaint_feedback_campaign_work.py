from collections import Counter
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import UserError

#: Customers looked at between two commits.
BATCH = 1000
#: How often a campaign that is in progress is looked at, whether it is over.
LOOK_AGAIN = timedelta(hours=6)
CRON = "complaint_management.ir_cron_feedback_campaign"
CRON_SENDING = "complaint_management.ir_cron_feedback"


class ComplaintFeedbackCampaign(models.Model):
    """Starting, choosing in batches, ending, and doing it again (F2)."""

    _inherit = "complaint.feedback.campaign"

    # Start -------------------------------------------------------------------------

    def _start(self):
        """Have the scheduled action begin.

        :raise UserError: when nobody could be asked as things are
        """
        self.ensure_one()
        if self.state != "draft":
            raise UserError(
                self.env._(
                    "“%(campaign)s” has started already.", campaign=self.display_name
                )
            )
        self._check_can_ask()
        now = fields.Datetime.now()
        # sudo: the state follows from the buttons; scheduled actions are the system's.
        self.sudo().write(
            {"state": "preparing", "started_at": now, "next_event_at": now}
        )
        self.sudo().env.ref(CRON)._trigger()

    def _check_can_ask(self):
        if not self.company_id.complaint_feedback_enabled:
            raise UserError(
                self.env._(
                    "Satisfaction surveys are switched off for %(company)s, in the "
                    "settings.",
                    company=self.company_id.name,
                )
            )
        # sudo: employees read no questionnaires; this says but whether it can be taken.
        survey = self.sudo().survey_id
        if not survey:
            raise UserError(
                self.env._(
                    "“%(campaign)s” has no questionnaire, or it was deleted. Choose "
                    "one.",
                    campaign=self.display_name,
                )
            )
        if not survey.active or not survey.question_ids:
            raise UserError(
                self.env._(
                    "The questionnaire “%(survey)s” is archived or has no question. "
                    "Choose another one.",
                    survey=survey.title,
                )
            )

    # Choosing, batch after batch -----------------------------------------------------

    def _due_attempt(self, now):
        result = super()._due_attempt(now)
        # The next batch is due at once; the job commits in between.
        unfinished = self.filtered(lambda one: one.state == "preparing")
        if unfinished:
            unfinished.next_event_at = now
            # Where this run ends before the customers do.
            self.env.ref(CRON)._trigger()
        return result

    def _process_event(self, now):
        """Choose the next customers, notice the end, or make the next campaign."""
        self.ensure_one()
        if self.state == "preparing":
            self._prepare(now)
        elif self.state == "running" and not self._is_underway():
            self.state = "done"
        if self.state in ("running", "done") and self._repeat_due(now):
            self._repeat()
        self.next_event_at = self._next_look(now)

    def _prepare(self, now):
        """Plan surveys for the next customers; one transaction, with the cursor (F2).

        What was killed goes on after the last customer that was committed, and the
        database knows each address of a campaign but once.
        """
        if not self.threshold:
            # All of them, once: how many there are, and who is in a sample by number.
            people = self._people()
            self.served_count = len(people)
            self.threshold = self._find_threshold(people)
        people = self._people(self.cursor, BATCH)
        if not people:
            self.state = "running"
            return
        judged = self._drawn(people, self.threshold)
        chosen = [person for person in judged if not person.reason]
        present = self._count_prepared()
        if self.sample == "number":
            # Customers may have come into question since the draw.
            room = max(self.sample_number - present, 0)
            chosen, beyond = chosen[:room], len(chosen[room:])
        else:
            beyond = 0
        left = Counter(self.left_out or {})
        left.update(person.reason for person in judged if person.reason)
        left.update({"sampled_out": beyond} if beyond else {})
        self.env["complaint.feedback"].create(
            [
                self._feedback_values(person, present + number, now)
                for number, person in enumerate(chosen)
            ]
        )
        self.write({"cursor": people[-1].partner_id, "left_out": dict(left)})
        if chosen and not self.mails_per_hour:
            self.env.ref(CRON_SENDING)._trigger()

    def _count_prepared(self):
        return self.env["complaint.feedback"].search_count(
            [("campaign_id", "=", self.id)]
        )

    def _feedback_values(self, person, number, now):
        """Values of a planned survey.

        :param int number: how many of the campaign are before it
        """
        planned_at = now
        if self.mails_per_hour:
            wait = number * 3600 // self.mails_per_hour
            planned_at = max(now, self.started_at + timedelta(seconds=wait))
        return {
            "campaign_id": self.id,
            "touchpoint": "campaign",
            "partner_id": person.partner_id,
            "email": person.email,
            "order_id": person.order_id or False,
            "company_id": self.company_id.id,
            "state": "planned",
            "planned_at": planned_at,
            "next_event_at": planned_at,
        }

    # The end, and again --------------------------------------------------------------

    def _is_underway(self):
        return bool(
            self.env["complaint.feedback"].search_count(
                [("campaign_id", "=", self.id), ("state", "in", ("planned", "sent"))],
                limit=1,
            )
        )

    def _next_look(self, now):
        """When the job looks at this campaign next (UTC); False: never again."""
        self.ensure_one()
        if self.state == "preparing":
            # More than now, or it would count as stuck; see _due_attempt.
            return now + timedelta(seconds=1)
        looks = []
        if self.state == "running":
            looks.append(now + LOOK_AGAIN)
        if self.state in ("running", "done") and self._repeats():
            looks.append(max(self._repeat_at(), now + timedelta(seconds=1)))
        return min(looks) if looks else False

    def _repeats(self):
        return self.repeat_months and not self.next_ids

    def _repeat_at(self):
        """When the next period is over (naive UTC)."""
        _first, last = self._next_period()
        return self._midnight(last + timedelta(days=1))

    def _next_period(self, today=None):
        """First and last day of the period that follows.

        :param date today: of several periods that are over, the latest
        """
        months = relativedelta(months=self.repeat_months)
        day = timedelta(days=1)
        first = self.date_to + day
        while today and first + months + months <= today:
            first += months
        return first, first + months - day

    def _repeat_due(self, now):
        return self._repeats() and self._repeat_at() <= now

    def _repeat(self):
        """Make the next campaign; it starts by itself only where that was chosen."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        first, last = self._next_period(today)
        following = self.copy(
            {"date_from": first, "date_to": last, "previous_id": self.id}
        )
        # The to-do is for one reader.
        lang = self.user_id.lang or self.company_id.partner_id.lang
        mine = following.with_context(lang=lang)
        note = mine.env._("Look at who would be asked, and start it.")
        if self.repeat_auto:
            try:
                mine._start()
                return following
            except UserError as error:
                # It waits as a draft, with the reason where people look.
                note = str(error)
        if following.user_id.active:
            following.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=mine.env._("Satisfaction campaign to start"),
                note=note,
                user_id=following.user_id.id,
            )
        return following
