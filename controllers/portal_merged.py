from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from .portal import ComplaintPortal


class ComplaintPortalMerged(ComplaintPortal):
    """Links to a merged complaint lead to the one that remains (A7)."""

    @route()
    def portal_complaint(self, case_id, access_token=None, notice=None, **kwargs):
        """The page of the complaint, or of the one that it was merged into."""
        try:
            case, token = self._complaint_access(case_id, access_token)
        except (AccessError, MissingError):
            return self._complaint_elsewhere(case_id)
        target = case._merge_target()
        if target != case:
            url = self._complaint_merged_url(case, target, token)
            if url:
                return request.redirect(url)
        return super().portal_complaint(
            case_id, access_token=access_token, notice=notice, **kwargs
        )

    def _complaint_merged_url(self, case, target, token):
        """Where the complaint that remains is shown to this reader; None if nowhere.

        A colleague's complaint of the same company may not be theirs to see.
        """
        own = request.env["complaint.case"].browse(target.id)
        if own.has_access("read"):
            return f"/my/complaints/{target.id}?notice=merged"
        is_same_person = case.partner_id and case.partner_id == target.partner_id
        if token and is_same_person and target.access_token:
            return (
                f"/my/complaints/{target.id}?notice=merged"
                f"&access_token={target.access_token}"
            )
        return None
