import re

from werkzeug.exceptions import NotFound

from odoo.http import request, route

from .tracker import TrackerSession


class SatisfactionPage(TrackerSession):
    """What customers told the company, and what it changed; for everybody."""

    @route(
        "/complaints/what-you-told-us",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
        readonly=True,
    )
    def satisfaction_page(self, company=None, **_kwargs):
        """The page, where the company shows it; ``company`` names one by its id.

        404 where it is switched off, as for a company that is not there.
        """
        # The public user's environment with superuser rights: numbers alone leave it.
        env = self._tracker_env()
        shown = env.company
        if company:
            if not re.fullmatch(r"[0-9]{1,9}", company):
                raise NotFound()
            shown = env["res.company"].browse(int(company)).exists()
        if not shown.complaint_public_summary:
            raise NotFound()
        rows = env["complaint.feedback.report"].with_company(shown)
        summary = rows._public_summary(shown)
        return request.render(
            "complaint_management.satisfaction_page",
            {
                "no_breadcrumbs": True,
                "company_name": shown.name,
                "has_form": shown.complaint_guest_form,
                "form_url": f"/complaints/new?company={shown.id}",
                "words": rows._public_words(summary),
                **summary,
            },
        )
