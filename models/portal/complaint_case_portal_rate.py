from odoo import models


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
            "survey_url": self._portal_survey_url(),
            "rated": self._portal_rated(),
        }

    def _portal_rated(self):
        """When the customer rated how this round was handled, in words, or nothing."""
        rated = self.feedback_ids.filtered(
            lambda feedback: feedback.counts and feedback.round == self.round
        )
        latest = rated.sorted("answered_at")[-1:]
        return self._portal_day(latest.answered_at) if latest else ""

    def _customer_rate(self):
        """The customer begins to rate on the page of the complaint.

        :return: address of the own questionnaire; empty when none waits
        """
        self.ensure_one()
        # sudo: surveys are nobody's to write; the caller checked who it is.
        feedback = self.sudo()._portal_waiting_survey()
        if not feedback:
            return ""
        feedback.way = "portal"
        return feedback.user_input_id.get_start_url()
