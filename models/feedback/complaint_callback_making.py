from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain

from ...tools.calendars import CalendarBook
from ...tools.worktime import DeadlineError
from .complaint_callback import STATES
from .complaint_callback_way import SUPERVISOR
from .complaint_feedback import WAITING


class ComplaintFeedback(models.Model):
    """Poor answers bring a call-back (F3)."""

    _inherit = "complaint.feedback"

    callback_ids = fields.One2many(
        comodel_name="complaint.callback",
        inverse_name="feedback_id",
        string="Call-backs",
        readonly=True,
        groups="complaint_management.group_supervisor,complaint_management.group_auditor",
    )

    @api.readonly
    def action_view_callback(self):
        """Open the call-back that the answer brought, for who may see it."""
        self.ensure_one()
        return self.callback_ids[:1]._get_records_action()

    def _collect_answers(self):
        waiting = self.filtered(lambda feedback: feedback.state in WAITING)
        result = super()._collect_answers()
        waiting.filtered(lambda feedback: feedback.state == "answered")._call_back()
        return result

    def _call_back(self):
        """Make the call-backs that these answers ask for; none twice."""
        poor = self.filtered(
            lambda one: (
                # Who answered on site left no name: there is nobody to call.
                (one.case_id or one.partner_id or one.email)
                and one.level in one.company_id._complaint_callback_levels()
            )
        )
        if not poor:
            return
        # By the system: call-backs are made by the answers, not by the customer who
        # gives one in the browser.
        callbacks = self.env["complaint.callback"].with_user(SUPERUSER_ID)
        present = callbacks.search([("feedback_id", "in", poor.ids)]).feedback_id
        book = CalendarBook(self.env)
        # The to-do tells whose it is, and no second mail does.
        made = callbacks.with_context(mail_auto_subscribe_no_notify=True).create(
            [one._callback_values(book) for one in poor.sudo() - present]
        )
        made._tell_assignee()
        made.feedback_id._log_on_cases(
            lambda feedback: feedback.env._("The customer is called back.")
        )

    def _callback_values(self, book):
        """Values of the call-back for one answer.

        :param book: CalendarBook, shared by whoever plans for many
        """
        self.ensure_one()
        # From now: an answer on paper that is recorded days later is not late at once.
        due_at = self._callback_due(fields.Datetime.now(), book)
        return {
            "feedback_id": self.id,
            "case_id": self._callback_case().id,
            "partner_id": self.partner_id.id,
            "handler_id": (self.user_id or self.case_id.user_id).id,
            "company_id": self.company_id.id,
            "user_id": self._callback_person().id,
            "due_at": due_at,
            "next_event_at": due_at,
        }

    def _callback_due(self, start, book):
        """When the company's working days are over, naive UTC; calendar days where
        working days cannot be counted.

        :param datetime start: naive UTC
        """
        days = self.company_id.complaint_callback_days
        if self.case_id:
            return self.case_id._plan_work_days(days, start, book)[0]
        calendar = self.team_id.calendar_id or self.company_id.resource_calendar_id
        zone = calendar.tz or self.company_id.partner_id.tz or "UTC"
        plan = (days, start, calendar, self.company_id, zone)
        try:
            return book.plan("work_day", *plan)[0]
        except DeadlineError:
            return book.plan("calendar_day", *plan)[0]

    def _callback_case(self):
        """The complaint of the call: what became of that of the answer."""
        self.ensure_one()
        return self.case_id and self.case_id._merge_target()

    def _callback_person(self, besides=None, case=None):
        """Who calls back: the team leader, the leader's manager or a manager of the
        company, or who stands in; never who handled the complaint.

        :param besides: users who are not meant
        :param case: the complaint, by default that of the answer
        :return: an empty user where there is nobody
        """
        self.ensure_one()
        users = self.env["res.users"]
        # sudo: whom to turn to does not depend on who asks.
        feedback = self.sudo()
        case = (case or feedback._callback_case()).sudo()
        barred = feedback.user_id | case.user_id | (besides or users)
        leader = (case.team_id or feedback.team_id).user_id
        chain = leader | leader.complaint_manager_id
        chain |= feedback.company_id._complaint_managers()
        now = fields.Datetime.now()
        for meant in chain:
            person = meant._complaint_stand_in(now)
            if (
                person
                and person not in barred
                and feedback._callback_may_go_to(person, case)
            ):
                return person
        return users

    def _callback_may_go_to(self, person, case):
        """Whether a call-back can be given to somebody: they see what it is about.

        :param person: res.users
        :param case: the complaint, or an empty one
        """
        self.ensure_one()
        # sudo: whoever asks.
        feedback = self.sudo()
        if feedback.company_id not in person.company_ids:
            return False
        if not person.active or not person.has_group(SUPERVISOR):
            return False
        # sudo: as above.
        return not case or bool(case.sudo()._seen_by(person))


class ComplaintCase(models.Model):
    """The latest call-back of a complaint, for who may see it (F3)."""

    _inherit = "complaint.case"

    callback_id = fields.Many2one(
        comodel_name="complaint.callback",
        string="Call-back",
        compute="_compute_callback_id",
        groups="complaint_management.group_supervisor,complaint_management.group_auditor",
    )
    callback_state = fields.Selection(
        selection=STATES,
        compute="_compute_callback_id",
        string="Status of the call-back",
        groups="complaint_management.group_supervisor,complaint_management.group_auditor",
    )
    callback_due_at = fields.Datetime(
        compute="_compute_callback_id",
        string="Call back by",
        groups="complaint_management.group_supervisor,complaint_management.group_auditor",
    )

    @api.depends_context("uid")
    def _compute_callback_id(self):
        latest = {
            one.case_id: one
            for one in self.env["complaint.callback"].search(
                Domain("case_id", "in", self.ids), order="id"
            )
        }
        for case in self:
            one = latest.get(case._origin, self.env["complaint.callback"])
            case.callback_id = one
            case.callback_state = one.state
            case.callback_due_at = one.due_at

    def _keep_out_involved(self):
        result = super()._keep_out_involved()
        # sudo: as for what else hangs on the complaint.
        open_ones = self.env["complaint.callback"].sudo()
        for one in open_ones.search(
            [("case_id", "in", self.ids), ("state", "=", "open")]
        ):
            one._keep_out(one.case_id.involved_user_ids)
        return result
