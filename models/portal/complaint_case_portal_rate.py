from odoo import fields, models


class ComplaintCase(models.Model):
    """Rating from the page of the complaint, besides the link in the mail (F1)."""

    _inherit = "complaint.case"

    def _portal_page(self, links=True, is_complainant=False):
        page = super()._portal_page(links, is_complainant)
        return page | {"rated": self._portal_rated() if is_complainant else ""}

    def _tracker_page(self):
        page = super()._tracker_page()
        if not self._tracker_is_customer():
            return page
        return page | {
            "can_rate": bool(self._portal_waiting_survey()),
            "rated": self._portal_rated(),
        }

    def _portal_rated(self):
        """When the customer rated how this round was handled, in words, or nothing."""
        rated = self.feedback_ids.filtered(
            lambda feedback: feedback.counts and feedback.round == self.round
        )
        latest = rated.sorted("answered_at")[-1:]
        return self._portal_day(latest.answered_at) if latest else ""

    def _portal_waiting_survey(self):
        """The satisfaction survey that the customer can answer now; empty for none.

        One that was sent, or else one that is only planned: whoever has just accepted
        an answer need not wait for the mail.
        """
        now = fields.Datetime.now()
        mine = self.feedback_ids
        sent = mine.filtered(lambda feedback: feedback._is_open(now))
        return (sent or mine.filtered(lambda feedback: feedback._can_begin(now)))[:1]

    def _customer_rate(self):
        """The customer begins to rate on the page of the complaint.

        :return: address of the own questionnaire; empty when none waits
        """
        self.ensure_one()
        # sudo: surveys are nobody's to write; the caller checked who it is.
        feedback = self.sudo()._portal_waiting_survey()
        # Who presses twice, or while the mail goes out, gets one sheet.
        if not feedback.try_lock_for_update(allow_referencing=True):
            return ""
        feedback.invalidate_recordset(["state", "user_input_id"])
        now = fields.Datetime.now()
        if feedback._can_begin(now):
            feedback._begin(now)
        if not feedback._has_open_sheet(now):
            return ""
        feedback.way = "portal"
        return feedback.user_input_id.get_start_url()
