from odoo import fields, models

#: Touch-points at which the complaint is over for the customer.
AT_THE_END = ("resolved", "closed")
#: Why no mail asked, although the customer may well tell.
NOT_ASKED = ("no_email", "cooldown")


class ComplaintFeedback(models.Model):
    """Customers who look at their closed complaint rate it there and then, without
    waiting for a mail, or where none is sent to them (F1).

    The survey stays planned: who begins and does not finish gets the mail on the day
    on which it would have come, with what was filled in already.
    """

    _inherit = "complaint.feedback"

    def _can_begin(self, now):
        """Whether the customer may rate although no mail has asked so far.

        :param datetime now: naive UTC
        """
        self.ensure_one()
        company = self.company_id
        days = company.complaint_feedback_expiry_days
        unasked = self.state == "planned" or (
            self.state == "cancelled"
            and not self.sent_at
            and self.cancel_reason in NOT_ASKED
        )
        return bool(
            unasked
            and self.touchpoint in AT_THE_END
            and self.case_id.phase == "closed"
            and not self._is_overtaken()
            and company.complaint_feedback_enabled
            and now <= fields.Datetime.add(self.planned_at, days=days)
            and self.user_input_id.state != "done"
            and self._choose_survey()
        )

    def _begin(self, now):
        """Make the sheet that the customer fills in; one that was begun goes on.

        :param datetime now: naive UTC
        """
        self.ensure_one()
        days = self.company_id.complaint_feedback_expiry_days
        expires_at = fields.Datetime.add(now, days=days)
        values = {"survey_id": self._choose_survey().id, "expires_at": expires_at}
        if self.state == "cancelled":
            # When it expires it is looked at again, and cancelled for the same reason.
            values |= {
                "state": "planned",
                "cancel_reason": False,
                "next_event_at": expires_at,
            }
        self.write(values)
        self._prepare_answer_sheet()

    def _is_open(self, now):
        """Whether a mail asked, and the customer has not answered so far."""
        return self.state == "sent" and self._has_open_sheet(now)

    def _has_open_sheet(self, now):
        sheet = self.user_input_id
        return bool(
            sheet
            and sheet.state != "done"
            and sheet.survey_id.active
            and (not self.expires_at or self.expires_at > now)
        )
