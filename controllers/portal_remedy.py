from odoo.exceptions import UserError
from odoo.http import request, route

from .portal import ComplaintPortal


def number_in(text):
    """The id that a form sent; 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


class ComplaintRemedies(ComplaintPortal):
    @route(
        "/my/complaints/<int:case_id>/remedy",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def portal_complaint_remedy(
        self, case_id, access_token=None, remedy="", decision="", reason="", **_post
    ):
        """The customer accepts or declines what is offered (E1)."""
        case, token = self._complaint_access_to_react(case_id, access_token)
        try:
            with request.env.cr.savepoint():
                case._customer_decide_remedy(
                    number_in(remedy),
                    decision,
                    reason.replace("\x00", ""),
                    author=self._complaint_author(case),
                )
        except UserError as error:
            return self._complaint_refuse(case, token, error, opened="remedy")
        return self._complaint_redirect(case, token, "remedy")
