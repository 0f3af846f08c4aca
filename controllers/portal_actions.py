from odoo.exceptions import UserError
from odoo.http import request, route

from ..tools import uploads
from . import limits
from .portal import ComplaintPortal


class ComplaintActions(ComplaintPortal):
    """What customers do with a complaint under way (D3, D4, I1).

    As everywhere: only by POST, and not found for whoever may not see the complaint.
    """

    @route(
        "/my/complaints/<int:case_id>/evidence",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
        max_content_length=uploads.MAX_REQUEST_BYTES,
    )
    def portal_complaint_evidence(self, case_id, access_token=None, shows="", **_post):
        """Hand in files, with a few words on what they show."""
        case, token = self._complaint_access_to_react(case_id, access_token)
        shows = shows.replace("\x00", "")
        try:
            files = self._complaint_files()
            if limits.is_over("files", case):
                raise UserError(limits.words(request.env)["files"])
            with request.env.cr.savepoint():
                case._customer_add_evidence(
                    files, shows, author=self._complaint_author(case)
                )
        except UserError as error:
            return self._complaint_refuse(
                case, token, error, opened="evidence", typed={"shows": shows}
            )
        return self._complaint_redirect(case, token, "evidence")

    def _complaint_files(self):
        """The files of the request, checked.

        :raise UserError: for the first that is not taken
        """
        try:
            return uploads.read_uploads(request.httprequest.files.getlist("files"))
        except uploads.UploadError as error:
            raise UserError(uploads.in_words(request.env, error)) from error

    @route(
        "/my/complaints/<int:case_id>/withdraw",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def portal_complaint_withdraw(
        self, case_id, access_token=None, reason="", confirm=None, **_post
    ):
        """Take the complaint back; asked for twice, as it cannot be undone here."""
        case, token = self._complaint_access_to_react(case_id, access_token)
        reason = reason.replace("\x00", "")
        try:
            if not confirm:
                raise UserError(
                    request.env._("Please tick that you take the complaint back.")
                )
            with request.env.cr.savepoint():
                case._customer_withdraw(reason, author=self._complaint_author(case))
        except UserError as error:
            return self._complaint_refuse(
                case, token, error, opened="withdraw", typed={"reason": reason}
            )
        return self._complaint_redirect(case, token, "withdrawn")
