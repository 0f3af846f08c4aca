from werkzeug.exceptions import NotFound

from odoo.http import request, route

from .portal import ComplaintPortal
from .tracker import TrackerSession


class ComplaintRating(ComplaintPortal):
    @route(
        "/my/complaints/<int:case_id>/rate",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def portal_complaint_rate(self, case_id, access_token=None, **_post):
        """To the customer's own questionnaire, from the page of the complaint (F1).

        For the complainant only: colleagues who see the page do not rate for them.
        """
        case, token = self._complaint_access_to_react(case_id, access_token)
        if self._complaint_author(case) != case.partner_id:
            raise NotFound()
        url = case._customer_rate()
        if url:
            return request.redirect(url)
        return self._complaint_redirect(case, token, "rated")


class TrackerRating(TrackerSession):
    @route(
        "/complaints/track/<int:case_id>/rate",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def tracker_rate(self, case_id, **_post):
        """The same for who opened the page by number and code."""
        case = self._tracked_case(case_id)
        if not case or not case._tracker_is_customer():
            return request.redirect("/complaints/track")
        url = case._customer_rate()
        return request.redirect(url or f"/complaints/track/{case.id}")
