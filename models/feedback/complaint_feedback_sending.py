import uuid

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, formataddr, hmac

from .complaint_touchpoint import EVENTS

QUESTIONNAIRE = "complaint_management.complaint_survey"
INVITATION = "complaint_management.mail_template_feedback_invite"
REMINDER = "complaint_management.mail_template_feedback_reminder"


class ComplaintFeedback(models.Model):
    """Sending: who is asked, with which questionnaire, by which mail (F2)."""

    _inherit = "complaint.feedback"

    def _send(self, now):
        """Invite the customers of planned surveys; at most one mail each, queued.

        Who must not or cannot be asked any more has the survey cancelled instead.
        :param datetime now: naive UTC
        """
        self._cancel_unwanted(now)
        due = self.filtered(lambda feedback: feedback.state == "planned")
        for feedback in due:
            company = feedback.company_id
            expires_at = fields.Datetime.add(
                now, days=company.complaint_feedback_expiry_days
            )
            feedback.write(
                {
                    "survey_id": feedback._choose_survey().id,
                    "email": feedback._find_email(),
                    "state": "sent",
                    "sent_at": now,
                    "expires_at": expires_at,
                    "next_event_at": feedback._next_after_sending(now, expires_at),
                }
            )
            feedback._prepare_answer_sheet()
        due._queue_mail(INVITATION)
        due._log_on_cases(
            lambda feedback: feedback.env._(
                "Satisfaction survey sent to %(address)s.", address=feedback.email
            )
        )

    def _next_after_sending(self, sent_at, expires_at):
        """When to come back: for the reminder, or else when the survey expires."""
        days = self.company_id.complaint_feedback_reminder_days
        remind_at = fields.Datetime.add(sent_at, days=days)
        return remind_at if days and remind_at < expires_at else expires_at

    def _remind(self, now):
        self._cancel_unwanted(now)
        due = self.filtered(lambda feedback: feedback.state == "sent")
        for feedback in due:
            feedback.write({"reminded_at": now, "next_event_at": feedback.expires_at})
        due._queue_mail(REMINDER)
        due._log_on_cases(
            lambda feedback: feedback.env._(
                "Reminder of the satisfaction survey sent to %(address)s.",
                address=feedback.email,
            )
        )

    # Who is asked, and how -----------------------------------------------------

    def _cancel_unwanted(self, now):
        """Cancel what must not or cannot be sent at this moment (F2).

        Costs a fixed number of queries, however many surveys.
        """
        asked = self - self._cancel_uninvited()
        late = asked.filtered(lambda feedback: feedback._is_late(now))
        late._cancel("late")
        asked -= late
        recent = asked.filtered(lambda f: f.state == "planned")._asked_recently(now)
        recent._cancel("cooldown")
        (asked - recent).filtered(lambda f: not f._choose_survey())._cancel("no_survey")

    def _asked_recently(self, now):
        """Those whose customer got another survey within the company's days of rest, or
        answered one without being asked, or gets one of these: whoever complains twice
        is not asked twice (F2)."""
        recent = self.browse()
        for company, feedbacks in self.grouped("company_id").items():
            days = company.complaint_feedback_cooldown_days
            if not days:
                continue
            since = fields.Datetime.subtract(now, days=days)
            emails = feedbacks._list_emails()
            asked = {
                email
                for email, _count in self._read_group(
                    Domain("email", "in", emails)
                    & (
                        Domain("sent_at", ">", since)
                        | Domain("answered_at", ">", since)
                    )
                    # Taken back because the complaint was opened again.
                    & Domain("state", "!=", "cancelled"),
                    ["email"],
                    ["__count"],
                )
            }
            for feedback in feedbacks.sorted(lambda one: (one.planned_at, one.id)):
                email = feedback._find_email()
                if email in asked:
                    recent |= feedback
                asked.add(email)
        return recent

    def _cancel_uninvited(self):
        """Cancel the surveys of customers who are not to be asked; return them."""
        by_reason = {}
        for feedback, reason in self._find_obstacles().items():
            by_reason[reason] = by_reason.get(reason, self.browse()) | feedback
        for reason, feedbacks in by_reason.items():
            feedbacks._cancel(reason)
        return self.browse().union(*by_reason.values())

    def _find_obstacles(self):
        """Why customers are not to be asked, as {feedback: cancel reason}."""
        if not self:
            return {}
        staff, declined = self._find_staff(), self._find_declined_emails()
        obstacles = {}
        for feedback in self:
            case, partner = feedback.case_id, feedback.partner_id
            email = feedback._find_email()
            if case.outcome in ("withdrawn", "merged"):
                obstacles[feedback] = case.outcome
            elif feedback._is_overtaken():
                obstacles[feedback] = "reopened"
            elif not feedback.company_id.complaint_feedback_enabled:
                obstacles[feedback] = "disabled"
            elif (
                partner.complaint_feedback_optout
                or partner.commercial_partner_id.complaint_feedback_optout
                or email in declined
            ):
                obstacles[feedback] = "opted_out"
            elif partner.id in staff or email in staff:
                obstacles[feedback] = "staff"
            elif not email:
                obstacles[feedback] = "no_email"
        return obstacles

    def _is_late(self, now):
        """Whether it should have gone out so long ago that it would puzzle."""
        days = self.company_id.complaint_feedback_expiry_days
        latest = fields.Datetime.add(self.planned_at, days=days)
        return self.state == "planned" and latest < now

    def _find_staff(self):
        """Partner ids and addresses of employees among those to be asked."""
        users = self.env["res.users"].search_fetch(
            Domain("share", "=", False)
            & (
                Domain("partner_id", "in", self.partner_id.ids)
                | Domain("email_normalized", "in", self._list_emails())
            ),
            ["partner_id", "email_normalized"],
        )
        addresses = filter(None, users.mapped("email_normalized"))
        return {*users.partner_id.ids, *addresses}

    def _find_declined_emails(self):
        """Addresses whose owners opted out, guests without a contact among them."""
        return set(
            self.search(
                [("opted_out_at", "!=", False), ("email", "in", self._list_emails())]
            ).mapped("email")
        )

    def _list_emails(self):
        return [email for email in (f._find_email() for f in self) if email]

    def _find_email(self):
        """The complainant's address: the case's, or else the contact's; normalised."""
        self.ensure_one()
        return self.case_id.email_normalized or email_normalize(self.partner_id.email)

    def _choose_survey(self):
        """The questionnaire of the team, the company, or else the shipped one.

        Once sent, the one that was sent. Empty when it is archived, has no question,
        or is gone with its answers: what cannot be taken is not sent.
        """
        self.ensure_one()
        survey = self.env["survey.survey"]
        if self.state == "planned" or (self.state == "cancelled" and not self.sent_at):
            survey = (
                self._touchpoint().survey_id
                or self.team_id.survey_id
                or self.company_id.complaint_feedback_survey_id
                or self.env.ref(QUESTIONNAIRE, raise_if_not_found=False)
                or survey
            )
        elif self.user_input_id:
            survey = self.survey_id
        return survey.filtered(lambda survey: survey.active and survey.question_ids)

    def _touchpoint(self):
        """The line that says how customers are asked here; empty where there is none,
        as for campaigns."""
        self.ensure_one()
        event = EVENTS.get(self.touchpoint)
        rows = self.env["complaint.touchpoint"]
        if event:
            rows = rows._of_event(event, self.company_id)[self.company_id]
        return rows.filtered(lambda row: row.touchpoint == self.touchpoint)

    def _prepare_answer_sheet(self):
        """A sheet to fill in until the survey expires: the one that the customer began,
        where it is of the same questionnaire, or else a new one."""
        self.ensure_one()
        begun = self.user_input_id.filtered(lambda sheet: sheet.state != "done")
        if begun and begun.survey_id == self.survey_id:
            begun.write({"deadline": self.expires_at})
            return
        begun.write({"deadline": fields.Datetime.now()})
        self.user_input_id = self._create_answer_sheet()

    def _create_answer_sheet(self):
        self.ensure_one()
        language = self.env["res.lang"]._lang_get(self._get_lang())
        supported = self.survey_id.lang_ids
        quiet = self.survey_id.with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
        )
        return quiet._create_answer(
            partner=self.partner_id,
            email=self.email,
            check_attempts=False,
            # Attempts are counted by this token, so that a customer with a second
            # complaint can answer again, and nobody can answer one survey twice.
            invite_token=str(uuid.uuid4()),
            deadline=self.expires_at,
            lang_id=language.id if not supported or language in supported else False,
            complaint_feedback_id=self.id,
        )

    def _queue_mail(self, template_xmlid):
        """Queue one mail for each survey; sent by the mail queue, never here.

        The mail belongs to the complaint, so that a reply to it arrives there. As a
        message for one recipient alone it stays out of the chatter: it carries the
        customer's personal link, with which staff could answer in their place.

        :raise UserError: when somebody deleted the mail template
        """
        if not self:
            return
        template = self.env.ref(template_xmlid, raise_if_not_found=False)
        if not template:
            raise UserError(
                self.env._(
                    "The mail template %(name)s of the satisfaction survey was "
                    "deleted. Update the Complaints app to restore it.",
                    name=template_xmlid,
                )
            )
        mails = template.send_mail_batch(
            self.ids,
            email_values={"message_type": "user_notification", "is_notification": True},
        )
        for mail, feedback in zip(mails, self, strict=True):
            link = feedback._get_optout_url()
            mail.write(
                {
                    "model": "complaint.case",
                    "res_id": feedback.case_id.id,
                    "headers": repr(
                        {
                            "List-Unsubscribe": f"<{link}>",
                            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                        }
                    ),
                }
            )

    # What the mail templates ask for -------------------------------------------

    def _get_lang(self):
        """Language code of the customer, or else of the company."""
        self.ensure_one()
        return self.partner_id.lang or self.company_id.partner_id.lang or self.env.lang

    def _get_recipient(self):
        """Formatted address of the customer."""
        self.ensure_one()
        name = self.partner_id.name or self.case_id.partner_name or ""
        return formataddr((name, self.email))

    def _get_reply_to(self):
        """Where a reply goes: to the complaint's team."""
        self.ensure_one()
        case = self.case_id
        return case._notify_get_reply_to(default=self.company_id.email)[case.id]

    def _get_start_url(self):
        """Absolute address of the customer's own questionnaire.

        Also of one that was not sent: whoever edits the mail template looks at that.
        """
        self.ensure_one()
        sheet = self.user_input_id
        return self.get_base_url() + (sheet.get_start_url() if sheet else "")

    def _get_optout_url(self):
        """Absolute address where the customer can decline further surveys."""
        self.ensure_one()
        token = self._get_optout_token()
        return f"{self.get_base_url()}/complaint/feedback/optout/{self.id}/{token}"

    def _get_optout_token(self):
        self.ensure_one()
        # sudo: the database's secret signs the link; it does not leave this method.
        return hmac(self.sudo().env, "complaint-feedback-optout", self.id)
