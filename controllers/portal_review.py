from odoo.exceptions import UserError
from odoo.http import request, route

from .portal import ComplaintPortal


class ComplaintReviews(ComplaintPortal):
    @route(
        "/my/complaints/<int:case_id>/review",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def portal_complaint_review(self, case_id, access_token=None, reason="", **_post):
        """The customer asks that somebody else reviews the answer (D4)."""
        case, token = self._complaint_access_to_react(case_id, access_token)
        reason = reason.replace("\x00", "")
        try:
            with request.env.cr.savepoint():
                case._customer_ask_review(reason, author=self._complaint_author(case))
        except UserError as error:
            return self._complaint_refuse(
                case, token, error, opened="review", typed={"reason": reason}
            )
        return self._complaint_redirect(case, token, "review")
