from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

from ..words import month_name

MANAGER = "complaint_management.group_manager"
TEMPLATE = "complaint_management.mail_template_feedback_result"
STATES = [
    ("waiting", "Waiting"),
    ("sent", "Handed to the mail queue"),
    ("failed", "Failed"),
    ("dropped", "Not needed any more"),
]
#: How often it is looked whether a person has an address by now, and for how long.
RETRY_ADDRESS = timedelta(days=1)
KEEP_TRYING = timedelta(days=31)


class ComplaintFeedbackResult(models.Model):
    """Who is sent the satisfaction results of a month: the ledger of the monthly mail.

    Planned once for each company and month, for the leaders of teams that asked
    customers and for the managers; one mail for each person, whatever they lead. The
    row and the queued mail belong to one transaction, and a second row is impossible:
    runs that are late, killed or doubled send nothing twice. Who is absent gets it
    too. Figures are those that the person may read.
    """

    _name = "complaint.feedback.result"
    _inherit = ["complaint.due.mixin"]
    _description = "Satisfaction Results by Mail"
    _order = "month desc, id desc"
    _rec_name = "user_id"

    month = fields.Date(required=True, readonly=True, help="Its first day.")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="waiting"
    )
    sent_at = fields.Datetime(string="Sent", readonly=True)
    lacks_address = fields.Boolean(
        string="No e-mail address",
        readonly=True,
        help="The person had no valid e-mail address when it was due.",
    )
    period = fields.Char(compute="_compute_period", help="The month, in words.")
    delivery = fields.Selection(
        selection=[
            ("waiting", "Waiting"),
            ("queued", "In the mail queue"),
            ("sent", "Handed to the mail server"),
            ("failed", "Not delivered"),
            ("dropped", "Not needed any more"),
        ],
        compute="_compute_delivery",
        search="_search_delivery",
        help="Where the mail is now. A mail that left the queue is not kept.",
    )
    problem = fields.Char(string="What went wrong", compute="_compute_delivery")

    _once = models.UniqueIndex("(company_id, month, user_id)")

    @api.depends("month")
    @api.depends_context("lang")
    def _compute_period(self):
        for row in self:
            row.period = month_name(self.env, row.month)

    @api.depends("state", "lacks_address", "user_id")
    @api.depends_context("lang")
    def _compute_delivery(self):
        mails = self._kept_mails(self.ids)
        for row in self:
            mail = mails.get(row.id)
            # sudo: the name of a colleague.
            person = row.user_id.sudo().name
            row.delivery = row.state
            row.problem = row.lacks_address and self.env._(
                "%(person)s has no valid e-mail address.", person=person
            )
            if row.state == "sent" and mail and mail.state == "exception":
                row.delivery = "failed"
                row.problem = mail.failure_reason
            elif row.state == "sent" and mail:
                row.delivery = "queued"

    @api.model
    def _kept_mails(self, ids=None):
        """{id: mail} of mails that were not handed to the mail server so far."""
        domain = Domain("model", "=", self._name) & Domain(
            "state", "in", ("outgoing", "exception")
        )
        if ids is not None:
            domain &= Domain("res_id", "in", ids)
        # sudo: who may see the row may know what became of its mail.
        mails = self.env["mail.mail"].sudo().search(domain)
        return {mail.res_id: mail for mail in mails}

    def _search_delivery(self, operator, value):
        if operator != "in":
            return NotImplemented
        kept = self._kept_mails()
        failed = [key for key, mail in kept.items() if mail.state == "exception"]
        queued = [key for key, mail in kept.items() if mail.state == "outgoing"]
        handed = Domain("state", "=", "sent")
        found = {
            "failed": Domain("state", "=", "failed") | Domain("id", "in", failed),
            "queued": handed & Domain("id", "in", queued),
            "sent": handed & Domain("id", "not in", failed + queued),
        }
        return Domain.OR(
            found.get(state, Domain("state", "=", state)) for state in value
        )

    # Planning ---------------------------------------------------------------------

    @api.model
    def _cron_send_results(self):
        """Plan what is to be sent this month, and send what is due."""
        self._plan(fields.Datetime.now())
        self._cron_process_due()

    @api.model
    def _plan(self, now):
        """Note who gets the results of last month, where nobody is noted yet.

        From the company's day on, by the time zone of the company: a job that stood
        still makes up for it. Whoever becomes a team leader later gets the next.
        """
        companies = self.env["res.company"].search(
            [("complaint_satisfaction_mail", "=", True)]
        )
        vals_list = []
        for company in companies:
            tz = company.partner_id.tz or self.env.user.tz or "UTC"
            today = fields.Date.context_today(self.with_context(tz=tz), now)
            if today.day < company.complaint_satisfaction_mail_day:
                continue
            month = today.replace(day=1) - relativedelta(months=1)
            if self._is_planned(company, month):
                continue
            vals_list += [
                {
                    "company_id": company.id,
                    "month": month,
                    "user_id": person.id,
                    "next_event_at": now,
                }
                for person in self._readers(company, month)
            ]
        return self.create(vals_list)

    @api.model
    def _is_planned(self, company, month):
        planned = [("company_id", "=", company.id), ("month", "=", month)]
        return bool(self.search_count(planned, limit=1))

    @api.model
    def _readers(self, company, month):
        """Leaders of the teams that asked customers in a month, and all managers."""
        rows = self.env["complaint.feedback.report"]
        asked = Domain("company_id", "=", company.id) & rows._asked_between(
            month, month + relativedelta(months=1, days=-1)
        )
        teams = rows._read_group(asked, aggregates=["team_id:recordset", "__count"])
        [(teams, count)] = teams
        if not count:
            return self.env["res.users"]
        managers = self.env.ref(MANAGER).all_user_ids
        return (teams.user_id | managers).filtered(
            lambda person: (
                person.active and not person.share and company in person.company_ids
            )
        )

    # Sending ----------------------------------------------------------------------

    def _process_event(self, now):
        self.ensure_one()
        if self.state != "waiting":
            self.next_event_at = False
        elif not self.user_id.active or not self._sections():
            self.write({"state": "dropped", "next_event_at": False})
        elif not email_normalize(self.user_id.email):
            self._fail_for_address(now)
        else:
            self._send(now)

    def _fail_for_address(self, now):
        """Not an error of the job: it would be switched off for one person."""
        late = now - self.create_date > KEEP_TRYING
        self.write(
            {
                "lacks_address": True,
                "state": "failed" if late else "waiting",
                "next_event_at": False if late else now + RETRY_ADDRESS,
            }
        )

    def _send(self, now):
        """Queue the mail, in the transaction that notes it.

        :raise UserError: when somebody deleted the mail template
        """
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        if not template:
            raise UserError(
                self.env._(
                    "The mail template of the satisfaction results was deleted. Update "
                    "the Complaints app to restore it."
                )
            )
        template.send_mail(self.id)
        self.write(
            {
                "state": "sent",
                "sent_at": now,
                "lacks_address": False,
                "next_event_at": False,
            }
        )

    # What the mail template asks for --------------------------------------------------

    def _rows(self):
        """The figures as the person sees them, in their language and time zone."""
        person = self.user_id
        return (
            self.env["complaint.feedback.report"]
            .with_user(person)
            .with_context(
                allowed_company_ids=self.company_id.ids,
                lang=self._lang(),
                tz=person.tz or self.company_id.partner_id.tz or "UTC",
            )
        )

    def _lang(self):
        return self.user_id.lang or self.company_id.partner_id.lang or "en_US"

    def _sections(self):
        """The figures by whom they are of: the company for managers, then each team
        that the person leads; none where the person may read none.

        :return: list of dicts as :meth:`complaint.feedback.report._told`, with a title
        """
        self.ensure_one()
        rows = self._rows()
        if not rows.has_access("read"):
            return []
        last = self.month + relativedelta(months=1, days=-1)
        asked = rows._asked_between(self.month, last)
        mine = asked & Domain("company_id", "=", self.company_id.id)
        led = mine & Domain("team_id.user_id", "=", self.user_id.id)
        [(teams,)] = rows._read_group(led, aggregates=["team_id:recordset"])
        of = [(team.sudo().name, Domain("team_id", "=", team.id)) for team in teams]
        if rows.env.user.has_group(MANAGER):
            of.insert(0, (rows.env._("All teams"), Domain.TRUE))
        sections = []
        for title, domain in of:
            overview = rows._overview(self.month, last, "team_id", domain)
            tally = overview["total"]["tally"]
            if tally.count("sent") or tally.count("answered"):
                told = rows._told(overview)
                by_level = {one["level"]: one["said"] for one in told["comments"]}
                sections.append(
                    {
                        **told,
                        "title": title,
                        "has_teams": domain.is_true() and len(told["groups"]) > 1,
                        "dissatisfied": by_level["dissatisfied"],
                        "dimensions": [
                            {"label": label, "figure": figure}
                            for label, figure in zip(
                                told["columns"]["means"],
                                told["total"]["means"],
                                strict=True,
                            )
                        ],
                    }
                )
        return sections

    def _subject(self):
        """Subject of the mail, in the person's language."""
        env = self._rows().env
        return env._(
            "How satisfied customers were in %(month)s", month=self._month_text()
        )

    def _month_text(self):
        """The month in words, as the person writes it."""
        return month_name(self._rows().env, self.month)

    def _overview_url(self):
        """Absolute address of the overview."""
        return f"{self.get_base_url()}/odoo/complaint-satisfaction-overview"
