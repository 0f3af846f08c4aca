import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

INVITATION = "complaint_management.mail_template_campaign_invite"
REMINDER = "complaint_management.mail_template_campaign_reminder"


class ComplaintFeedback(models.Model):
    """Surveys of a campaign: they have no complaint, and there are many of them (F2).

    What is done for each survey of a complaint is done for all of a batch here.
    """

    _inherit = "complaint.feedback"

    campaign_id = fields.Many2one(
        comodel_name="complaint.feedback.campaign",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )
    cancel_reason = fields.Selection(
        selection_add=[
            ("archived", "The contact is archived or gone"),
            ("invalid_email", "The e-mail address is not valid"),
            ("duplicate", "The same address is asked already"),
            ("campaign", "The campaign was cancelled"),
        ]
    )

    # Twice is impossible, not unlikely: however often a batch is begun, and however
    # many contacts share a mailbox.
    _campaign_email_unique = models.UniqueIndex(
        "(campaign_id, email) WHERE campaign_id IS NOT NULL",
        "This address is asked by the campaign already.",
    )

    @api.depends("campaign_id.display_name", "partner_id.name", "email")
    @api.depends_context("lang")
    def _compute_display_name(self):
        mine = self.filtered("campaign_id")
        for feedback in mine:
            # sudo: as the number of a complaint, for whoever may read the survey.
            who = feedback.partner_id.sudo().name or feedback.email
            feedback.display_name = self.env._(
                "%(campaign)s: %(customer)s",
                campaign=feedback.campaign_id.sudo().display_name,
                customer=who,
            )
        return super(ComplaintFeedback, self - mine)._compute_display_name()

    def action_send_now(self):
        """As for complaints; not where the campaign was cancelled.

        :raise UserError: also when the campaign asks nobody any more
        """
        # sudo: whoever may see the survey may be told why it is not sent.
        if any(f.campaign_id.state == "cancelled" for f in self.sudo()):
            raise UserError(
                self.env._("The campaign was cancelled: it asks nobody any more.")
            )
        return super().action_send_now()

    def action_open_campaign(self):
        """Open the campaign that the survey is part of."""
        self.ensure_one()
        return self.campaign_id._get_records_action()

    # Sending -----------------------------------------------------------------------

    def _send(self, now):
        mine = self.filtered("campaign_id")
        result = super(ComplaintFeedback, self - mine)._send(now)
        mine._cancel_unwanted(now)
        due = mine.filtered(lambda feedback: feedback.state == "planned")
        for company, feedbacks in due.grouped("company_id").items():
            expires_at = fields.Datetime.add(
                now, days=company.complaint_feedback_expiry_days
            )
            first = feedbacks[:1]
            feedbacks.write(
                {
                    "state": "sent",
                    "sent_at": now,
                    "expires_at": expires_at,
                    "next_event_at": first._next_after_sending(now, expires_at),
                }
            )
        for campaign, feedbacks in due.grouped("campaign_id").items():
            feedbacks.survey_id = campaign.survey_id
        due._create_campaign_sheets()
        due._queue_campaign_mail(INVITATION)
        return result

    def _remind(self, now):
        mine = self.filtered("campaign_id")
        result = super(ComplaintFeedback, self - mine)._remind(now)
        mine._cancel_unwanted(now)
        due = mine.filtered(lambda feedback: feedback.state == "sent")
        for expires_at, feedbacks in due.grouped("expires_at").items():
            feedbacks.next_event_at = expires_at
        # Whoever has the link may use it; a cancelled campaign reminds nobody of it.
        due = due.filtered(lambda feedback: feedback.campaign_id.state != "cancelled")
        due.write({"reminded_at": now})
        due._queue_campaign_mail(REMINDER)
        return result

    def _find_obstacles(self):
        mine = self.filtered("campaign_id")
        obstacles = super()._find_obstacles()
        if not mine:
            return obstacles
        blacklist = self.env["mail.blacklist"].search_fetch(
            [("email", "in", mine._list_emails())], ["email"]
        )
        blacklisted = set(blacklist.mapped("email"))
        moved = mine.filtered(lambda f: f._find_email() not in (False, f.email))
        taken = moved._write_new_addresses()
        for feedback in mine:
            partner = feedback.partner_id
            if not partner.active:
                obstacles[feedback] = "archived"
            elif obstacles.get(feedback) == "no_email" and partner.email:
                obstacles[feedback] = "invalid_email"
            elif feedback not in obstacles and feedback._find_email() in blacklisted:
                obstacles[feedback] = "opted_out"
            elif feedback not in obstacles and feedback in taken:
                obstacles[feedback] = "duplicate"
        return obstacles

    def _write_new_addresses(self):
        """Follow customers who have another address than when they were chosen.

        :return: those whose new address the campaign knows already
        """
        taken = self.browse()
        if not self:
            return taken
        known = {
            (campaign, email)
            for campaign, email in self._read_group(
                [
                    ("campaign_id", "in", self.campaign_id.ids),
                    ("email", "in", self._list_emails()),
                ],
                ["campaign_id", "email"],
            )
        }
        for feedback in self.filtered(lambda f: f.state == "planned"):
            key = (feedback.campaign_id, feedback._find_email())
            if key in known:
                taken |= feedback
            else:
                known.add(key)
                feedback.email = feedback._find_email()
        return taken

    def _find_email(self):
        if self.campaign_id:
            # As it is now: who was erased or has left the address is not written to.
            return self.partner_id.email_normalized
        return super()._find_email()

    def _choose_survey(self):
        if not self.campaign_id:
            return super()._choose_survey()
        survey = self.campaign_id.survey_id if self.state == "planned" else False
        if self.state != "planned" and self.user_input_id:
            survey = self.survey_id
        survey = survey or self.env["survey.survey"]
        return survey.filtered(lambda one: one.active and one.question_ids)

    def _create_campaign_sheets(self):
        """One empty answer sheet for each, in one go; as Odoo's ``_create_answer``,
        which knows but one at a time."""
        sheets = self.env["survey.user_input"].with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
        )
        languages = {
            code: self.env["res.lang"]._lang_get(code)
            for code in {feedback._get_lang() for feedback in self}
        }
        vals_list = []
        for survey, feedbacks in self.grouped("survey_id").items():
            questions = [(6, 0, survey._prepare_user_input_predefined_questions().ids)]
            supported = survey.lang_ids
            for feedback in feedbacks:
                language = languages[feedback._get_lang()]
                fits = not supported or language in supported
                vals_list.append(
                    {
                        "survey_id": survey.id,
                        "partner_id": feedback.partner_id.id,
                        "email": feedback.email,
                        "nickname": feedback.partner_id.name,
                        "invite_token": str(uuid.uuid4()),
                        "deadline": feedback.expires_at,
                        "lang_id": language.id if fits else False,
                        "predefined_question_ids": questions,
                        "complaint_feedback_id": feedback.id,
                    }
                )
        for sheet in sheets.create(vals_list):
            sheet.complaint_feedback_id.user_input_id = sheet

    def _queue_campaign_mail(self, template_xmlid):
        """Queue one mail for each survey; sent by the mail queue, never here.

        The message goes with its mail once sent: nobody needs thousands of copies, and
        it carries the customer's personal link. Until then only its recipient may read
        it.

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
            self.ids, email_values={"message_type": "user_notification"}
        )
        for mail, feedback in zip(mails, self, strict=True):
            mail.headers = repr(
                {
                    "List-Unsubscribe": f"<{feedback._get_optout_url()}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                }
            )

    def _get_reply_to(self):
        """Of a campaign: the person in charge, else the company."""
        if self.campaign_id:
            user, company = self.campaign_id.user_id, self.company_id
            person = user.active and user.email_normalized and user.email_formatted
            return person or company.email_formatted or False
        return super()._get_reply_to()

    # Words -------------------------------------------------------------------------

    def _log_on_cases(self, describe):
        return super(ComplaintFeedback, self.filtered("case_id"))._log_on_cases(
            describe
        )
