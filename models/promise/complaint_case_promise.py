from datetime import timedelta

from odoo import api, fields, models

from ...tools.calendars import CalendarBook

#: In these phases the customer is kept informed; before nobody has taken it up, after
#: there is an answer.
INFORMED_PHASES = ("accepted", "investigating", "resolving")
#: A second message so soon moves the promise instead of counting as another one kept:
#: nobody's figures get better by writing in small pieces.
SAME_NEWS = timedelta(hours=12)
TO_DO = "complaint_management.mail_activity_type_update"


class ComplaintCase(models.Model):
    """The duty to keep the customer informed: when they hear from us next (D4, I1).

    From acceptance on there is one open promise for each complaint that is neither
    answered nor waiting. Each message to the customer keeps it and makes the next.
    """

    _inherit = "complaint.case"

    promise_ids = fields.One2many(
        comodel_name="complaint.promise",
        inverse_name="case_id",
        string="Promised updates",
        readonly=True,
        groups="base.group_user",
    )
    next_update_at = fields.Datetime(
        string="Next update by",
        compute="_compute_next_update_at",
        store=True,
        precompute=True,
        index="btree_not_null",
        groups="base.group_user",
        help="Until then the customer was promised to hear from us.",
    )
    update_remind_at = fields.Datetime(
        compute="_compute_next_update_at",
        store=True,
        precompute=True,
        groups="base.group_user",
        help="When the handler is reminded of the update.",
    )
    is_update_due = fields.Boolean(
        compute="_compute_is_update_due", groups="base.group_user"
    )

    @api.depends("promise_ids.ended_at", "promise_ids.due_at", "promise_ids.remind_at")
    def _compute_next_update_at(self):
        for case in self:
            promise = case.promise_ids.filtered(lambda promise: not promise.ended_at)
            case.next_update_at = promise[:1].due_at
            case.update_remind_at = promise[:1].remind_at

    @api.depends("update_remind_at")
    def _compute_is_update_due(self):
        now = fields.Datetime.now()
        for case in self:
            remind_at = case.update_remind_at
            case.is_update_due = bool(remind_at) and remind_at <= now

    # When it follows from what happens to the case ------------------------------------

    def _enter_phases(self, before):
        result = super()._enter_phases(before)
        self.filtered(lambda case: case.phase != before[case])._promises_follow()
        return result

    def _pause(self, reason, note=None, until=None):
        # Waiting for something else instead is no reason to promise in between.
        waiting = self.with_context(complaint_goes_on_waiting=True)
        result = super(ComplaintCase, waiting)._pause(reason, note=note, until=until)
        self._promises_follow()
        return result

    def _resume(self, note=None, at=None):
        resumed = super()._resume(note=note, at=at)
        if not self.env.context.get("complaint_goes_on_waiting"):
            resumed._promises_follow()
        return resumed

    def _note_dialogue(self, message):
        result = super()._note_dialogue(message)
        if message.author_id and not message.author_id.partner_share:
            self._promises_keep(message.date or fields.Datetime.now())
        return result

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals:
            # sudo: the to-do moves with the case, whoever hands it over.
            self.sudo()._update_to_dos(raise_new=False)
        return result

    # Making and keeping ---------------------------------------------------------------

    def _promises_follow(self):
        """Make the promises that are owed, end those that are not owed any more.

        Costs a fixed number of queries, however many cases there are.
        """
        # sudo: promises are written by the case only, by nobody's hand.
        cases = self.sudo()
        if not cases or (self.env.su and self._is_history()):
            return
        now = fields.Datetime.now()
        promises = cases._promises_open().grouped("case_id")
        owed = cases.filtered(lambda case: case._promise_days())
        over = [promise for case, promise in promises.items() if case not in owed]
        for is_answered, ended in (
            self.env["complaint.promise"]
            .sudo()
            .union(*over)
            .grouped(lambda promise: bool(promise.case_id.answered_at))
            .items()
        ):
            ended._end(now, informed=is_answered)
            ended.case_id._update_to_dos(raise_new=False)
        owed.filtered(lambda case: case not in promises)._promises_make(now)

    def _promises_keep(self, at):
        """The customer heard from us: the promise is kept, and the next one made.

        :param datetime at: UTC
        """
        # sudo: as in _promises_follow.
        if self.env.su and self._is_history():
            return
        promises = self.sudo()._promises_open()
        # A message that is older than the promise does not keep it.
        promises = promises.filtered(lambda promise: promise.promised_at <= at)
        fresh = promises.filtered(
            lambda promise: (
                promise.promised_at > at - SAME_NEWS
                and promise.due_at > at
                and promise.case_id._promise_days()
            )
        )
        book = CalendarBook(self.env)
        for promise in fresh:
            promise.write(promise.case_id._promise_plan(at, book))
        (promises - fresh)._end(at, informed=True)
        self._promises_follow()
        self.sudo()._update_to_dos(raise_new=False)

    def _promises_open(self):
        """Promises that are waited for, with one query."""
        return self.env["complaint.promise"].search(
            [("case_id", "in", self.ids), ("ended_at", "=", False)]
        )

    def _promise_days(self):
        """Within how many working days the customer hears from us; 0: not owed."""
        self.ensure_one()
        waits = self.pause_id.stops_clock
        if self.phase not in INFORMED_PHASES or waits or not self.active:
            return 0
        return self.sla_policy_id.update_days or self.company_id.complaint_update_days

    def _promises_make(self, now):
        if not self:
            return
        book = CalendarBook(self.env)
        self.env["complaint.promise"].create(
            [
                {
                    "case_id": case.id,
                    "company_id": case.company_id.id,
                    "team_id": case.team_id.id,
                    "user_id": case.user_id.id,
                    "promised_at": now,
                    **case._promise_plan(now, book),
                }
                for case in self
            ]
        )

    def _promise_plan(self, start, book):
        """When a promise made at a moment (UTC) is due, and when to think of it."""
        self.ensure_one()
        days = self._promise_days()
        due_at, problem = self._plan_work_days(days, start, book)
        remind_at = start + (due_at - start) / 2
        if days > 1:
            # When the last day begins: the one before it is over.
            remind_at, _problem = self._plan_work_days(days - 1, start, book)
        return {
            "due_at": due_at,
            "remind_at": remind_at.replace(microsecond=0),
            "next_event_at": remind_at.replace(microsecond=0),
            "problem": problem,
        }

    # The handler's to-do --------------------------------------------------------------

    def _update_to_dos(self, raise_new=True):
        """Have one to-do for each complaint whose customer waits for news.

        :param bool raise_new: otherwise those that are there are brought up to date:
            they go when no news is due, and to the handler when that is another one
        """
        kind = self._to_do_type(TO_DO)
        if not self or not kind:
            return
        # sudo: the to-do is the system's, and it is the notice itself: no mail.
        to_dos = (
            self.env["mail.activity"]
            .sudo()
            .with_context(mail_activity_quick_update=True)
        )
        held = to_dos.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", kind),
            ]
        )
        if not held and not raise_new:
            return
        by_case = held.grouped("res_id")
        people = self._clock_responsibles()
        obsolete, new = held.browse(), []
        for case in self:
            mine = by_case.get(case.id, held.browse())
            if not case.is_update_due:
                obsolete |= mine
            elif mine:
                mine.filtered(
                    lambda to_do, person=people[case]: to_do.user_id != person
                ).write({"user_id": people[case].id})
            elif raise_new and people[case]:
                new.append(case._update_to_do(kind, people[case]))
        obsolete.unlink()
        to_dos.create(new)

    def _update_to_do(self, kind, person):
        env = self.with_context(lang=person.lang or self.env.lang).env
        due = fields.Datetime.context_timestamp(
            self.with_context(tz=person.tz or "UTC"),
            self.next_update_at - timedelta(seconds=1),
        )
        return self._to_do_values(kind, person) | {
            "summary": env._("The customer was promised an update"),
            "note": env._(
                "Write to the customer, or send the holding letter with the button on "
                "the complaint."
            ),
            "date_deadline": due.date(),
        }

    # For the customer -----------------------------------------------------------------

    def _portal_page(self, links=True, is_complainant=False):
        page = super()._portal_page(links=links, is_complainant=is_complainant)
        return page | {"next_update": self._portal_next_update()}

    def _portal_next_update(self):
        """When the customer hears from us next, as plain values; None: not promised."""
        due_at = self.next_update_at
        if not due_at:
            return None
        return {
            # The end of a day is told as that day.
            "until": self._portal_day(due_at - timedelta(seconds=1)),
            "is_late": due_at < fields.Datetime.now(),
        }
