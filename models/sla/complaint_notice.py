from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...tools import worktime
from ...tools.calendars import CalendarBook
from ...tools.quiet import MAX_DAYS, next_loud
from .complaint_sla_escalation import RECIPIENTS

STATES = [
    ("waiting", "Waiting"),
    ("sent", "Sent"),
    ("failed", "Failed"),
    ("dropped", "Not needed any more"),
]
KINDS = [
    ("near", "Limit near"),
    ("passed", "Limit passed"),
    ("handover", "Handed over"),
]


class ComplaintNotice(models.Model):
    """What a person must be told about a limit: the queue of the digest mails (C5).

    A notice is written in the same transaction as the line of the ledger. The scheduled
    action sends each person one mail with everything that is due.
    """

    _name = "complaint.notice"
    _inherit = ["complaint.due.mixin"]
    _description = "Complaint Notice"
    _order = "id desc"
    _rec_name = "case_id"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    instead_of_id = fields.Many2one(
        comodel_name="res.users",
        string="Instead of",
        readonly=True,
        ondelete="set null",
        help="Whom it was meant for: absent, or not allowed to see the complaint.",
    )
    case_id = fields.Many2one(
        comodel_name="complaint.case",
        string="Complaint",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    clock_id = fields.Many2one(
        comodel_name="complaint.sla.clock",
        string="Time Limit",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    escalation_id = fields.Many2one(
        comodel_name="complaint.sla.escalation",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    deadline = fields.Datetime(readonly=True)
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    recipient = fields.Selection(
        selection=RECIPIENTS, string="As", required=True, readonly=True
    )
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="waiting", index=True
    )
    sent_at = fields.Datetime(
        string="Sent", readonly=True, help="When the mail was put into the mail queue."
    )
    mail_id = fields.Many2one(
        comodel_name="mail.mail",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_system",
    )
    problem = fields.Text(
        readonly=True, help="Why it could not be delivered, and what to do about it."
    )

    _once = models.UniqueIndex(
        "(clock_id, escalation_id, COALESCE(deadline, '-infinity'::timestamp), user_id)"
    )
    _waiting_idx = models.Index("(user_id, next_event_at) WHERE state = 'waiting'")

    # Queueing -----------------------------------------------------------------------

    @api.model
    def _queue(self, steps, handovers, now):
        """Write down what people must be told, for when they may be written to.

        :param list steps: of Step; those that say nothing are passed over
        :param dict handovers: {case: the step that hands it over}
        :param datetime now: UTC
        """
        loud = _LoudHours(CalendarBook(self.env), now)
        handed = {(step.clock, step.rung) for step in handovers.values()}
        return self.create(
            [
                {
                    "user_id": step.person.id,
                    "instead_of_id": step.meant.id,
                    "case_id": step.clock.case_id.id,
                    "clock_id": step.clock.id,
                    "escalation_id": step.rung.id,
                    "deadline": step.clock.deadline,
                    "recipient": step.rung.recipient,
                    "kind": "handover"
                    if (step.clock, step.rung) in handed
                    else "passed"
                    if step.clock.breached_at
                    else "near",
                    "next_event_at": loud.from_now(step.person, step.clock),
                }
                for step in steps
                if (step.clock, step.rung) in handed
                or step.clock._subject()._is_told(step.rung)
            ]
        )

    # Buttons --------------------------------------------------------------------------

    def action_send_again(self):
        """Put failed notices back into the queue; for managers."""
        self.check_access("read")
        if not self.env.user.has_group("complaint_management.group_manager"):
            raise AccessError(self.env._("Only managers may send notices again."))
        # sudo: notices are written by the system only, mails read by nobody.
        failed = self.sudo().filtered(
            lambda notice: (
                notice.state == "failed"
                or (notice.state == "waiting" and notice.problem)
            )
        )
        # The administrator may still have the mail sent that failed.
        failed.mail_id.filtered(lambda mail: mail.state == "exception").cancel()
        failed.write(
            {
                "state": "waiting",
                "sent_at": False,
                "problem": False,
                "event_failures": 0,
                "event_error": False,
                "next_event_at": fields.Datetime.now(),
            }
        )
        return True

    @api.readonly
    def action_view_case(self):
        """Open the complaint."""
        self.ensure_one()
        return self.case_id._get_records_action()


class _LoudHours:
    """When people may be written to, for a batch of notices."""

    def __init__(self, book, now):
        self._book = book
        self._now = now
        self._found = {}
        self._days = {}

    def from_now(self, person, clock):
        """The first moment at which a person may be told about a clock (UTC): not in
        the quiet hours of the company, on a day on which the team works."""
        company = clock.company_id
        calendar = clock.case_id.team_id.calendar_id or company.resource_calendar_id
        key = (person, company, calendar)
        if key not in self._found:
            days = self._working_days(calendar, company)
            self._found[key] = next_loud(
                self._now,
                company.complaint_quiet_from,
                company.complaint_quiet_to,
                person.tz or clock.tz,
                (lambda day: day in days) if days else (lambda _day: True),
            )
        return self._found[key]

    def _working_days(self, calendar, company):
        """The days to come on which the team works; empty where that is unknown."""
        key = (calendar, company)
        if key not in self._days:
            try:
                page = self._book.get(
                    calendar,
                    company,
                    self._now,
                    self._now + timedelta(days=MAX_DAYS + 2),
                )
                zone = worktime.zone_of(page.tz)
                self._days[key] = {
                    worktime.local_day(start, zone) for start in page.days.starts
                }
            except worktime.DeadlineError:
                # No hours to read: then every day is one to be told on.
                self._days[key] = set()
        return self._days[key]
