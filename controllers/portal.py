import pytz
from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..tools import uploads
from . import replies

#: Few enough to read on a phone.
COMPLAINTS_A_PAGE = 20
#: Home only asks whether there are any.
COUNT_LIMIT = 100
SEARCH_LENGTH = 100

DOCUMENTS = {
    "acknowledgement": "complaint_management.report_complaint_acknowledgement",
    "letter": "complaint_management.report_complaint_resolution",
    "review": "complaint_management.report_complaint_review_decision",
}


class ComplaintPortal(CustomerPortal):
    """What customers do with complaints in the portal (I1, D4, E4).

    Whoever may not see a complaint gets the same response as for one that does not
    exist: pages lead back to the own list (or to the login), changes are not found.
    """

    # Home --------------------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        domains = {
            "complaint_count": Domain.TRUE,
            "complaint_answer_count": Domain("phase", "=", "answered"),
        }
        for counter, domain in domains.items():
            if counter in counters:
                values[counter] = self._complaint_count(domain)
        return values

    def _complaint_count(self, domain):
        cases = request.env["complaint.case"]
        if not cases.has_access("read"):
            return 0
        own = cases._portal_domain(request.env.user.partner_id)
        return cases.search_count(own & domain, limit=COUNT_LIMIT)

    # List --------------------------------------------------------------------------

    def _complaint_sortings(self):
        return {
            "newest": {
                "label": request.env._("Newest first"),
                "order": "date_received desc, id desc",
            },
            "oldest": {
                "label": request.env._("Oldest first"),
                "order": "date_received, id",
            },
            "subject": {
                "label": request.env._("By subject"),
                "order": "subject, id desc",
            },
        }

    def _complaint_filters(self):
        return {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "open": {
                "label": request.env._("Open"),
                "domain": Domain("phase", "!=", "closed"),
            },
            "waiting": {
                "label": request.env._("Waiting for you"),
                "domain": Domain("phase", "=", "answered"),
            },
            "closed": {
                "label": request.env._("Closed"),
                "domain": Domain("phase", "=", "closed"),
            },
        }

    @route(
        ["/my/complaints", "/my/complaints/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def portal_complaints(
        self, page=1, sortby=None, filterby=None, search=None, **_kwargs
    ):
        """The customer's complaints: search, sort, filter, page by page."""
        cases = request.env["complaint.case"]
        if not cases.has_access("read"):
            return request.redirect("/my")
        partner = request.env.user.partner_id
        sortings, filters = self._complaint_sortings(), self._complaint_filters()
        sortby = sortby if sortby in sortings else "newest"
        filterby = filterby if filterby in filters else "all"
        search = (search or "").replace("\x00", "").strip()[:SEARCH_LENGTH]
        domain = cases._portal_domain(partner) & filters[filterby]["domain"]
        if search:
            domain &= cases._portal_search_domain(partner, search)
        pages = pager(
            url="/my/complaints",
            total=cases.search_count(domain),
            page=page,
            step=COMPLAINTS_A_PAGE,
            url_args={"sortby": sortby, "filterby": filterby, "search": search},
        )
        found = cases.search(
            domain,
            order=sortings[sortby]["order"],
            limit=COMPLAINTS_A_PAGE,
            offset=max(pages["offset"], 0),
        )
        values = self._prepare_portal_layout_values()
        values.update(
            {
                "page_name": "complaint",
                # sudo: promised dates and names; only plain values come out.
                "rows": self._complaint_in_words(found.sudo())._portal_rows(partner),
                "pager": pages,
                "sortings": sortings,
                "sortby": sortby,
                "filters": filters,
                "filterby": filterby,
                "search": search,
                "is_narrowed": bool(search) or filterby != "all",
            }
        )
        return request.render("complaint_management.portal_complaints", values)

    # One complaint -----------------------------------------------------------------

    @route(
        "/my/complaints/<int:case_id>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        readonly=True,
        methods=["GET"],
    )
    def portal_complaint(self, case_id, access_token=None, notice=None, **kwargs):
        """Status, timeline, promised dates, answer, documents and messages."""
        try:
            case, token = self._complaint_access(case_id, access_token)
        except (AccessError, MissingError):
            return self._complaint_elsewhere(case_id)
        return self._complaint_render(case, token, notice=notice, **kwargs)

    @route(
        "/my/complaints/<int:case_id>/<any(acknowledgement, letter, review):document>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def portal_complaint_document(
        self, case_id, document, access_token=None, download=False, **_kwargs
    ):
        """Acknowledgement, and the letters that there are, as PDF (I4)."""
        try:
            case, _token = self._complaint_access(case_id, access_token)
        except (AccessError, MissingError):
            return self._complaint_elsewhere(case_id)
        if not case._portal_has_document(document):
            raise NotFound()
        return self._show_report(
            model=case.with_context(complaint_document=document),
            report_type="pdf",
            report_ref=DOCUMENTS[document],
            download=download,
        )

    @route(
        "/my/complaints/<int:case_id>/accept",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def portal_complaint_accept(self, case_id, access_token=None, **_post):
        """The customer accepts the answer."""
        case, token = self._complaint_access_to_react(case_id, access_token)
        try:
            with request.env.cr.savepoint():
                case._customer_accept(author=self._complaint_author(case))
        except UserError as error:
            return self._complaint_refuse(case, token, error)
        return self._complaint_redirect(case, token, "accepted")

    @route(
        "/my/complaints/<int:case_id>/object",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def portal_complaint_object(self, case_id, access_token=None, reason="", **_post):
        """The customer does not accept the answer and says why."""
        case, token = self._complaint_access_to_react(case_id, access_token)
        reason = reason.replace("\x00", "")
        try:
            with request.env.cr.savepoint():
                case._customer_object(reason, author=self._complaint_author(case))
        except UserError as error:
            return self._complaint_refuse(
                case, token, error, opened="object", typed={"reason": reason}
            )
        return self._complaint_redirect(case, token, "objected")

    # Who may -----------------------------------------------------------------------

    def _complaint_access(self, case_id, access_token=None):
        """The case for whoever may read it or holds its token.

        :return: (case with superuser rights, of which only ``_portal_`` methods are
            printed; the token, or None when the user may read the case without it)
        :raise AccessError, MissingError: which callers answer alike
        """
        # Other characters make the comparison raise, which would tell of the case.
        token = access_token if access_token and access_token.isascii() else None
        self._document_check_access("complaint.case", case_id, token)
        case = request.env["complaint.case"].browse(case_id)
        is_reader = case.has_access("read")
        # sudo, but still the user: files and messages are theirs, not the superuser's.
        return case.sudo(), None if is_reader else token

    def _complaint_access_to_react(self, case_id, access_token):
        try:
            case, token = self._complaint_access(case_id, access_token)
        except (AccessError, MissingError) as error:
            raise NotFound() from error
        if not self._complaint_is_customer(case):
            raise NotFound()
        return case, token

    def _complaint_is_customer(self, case):
        """Staff look at the page, but do not react to their own answers."""
        user = request.env.user
        return not user._is_internal() or user.partner_id == case.partner_id

    def _complaint_author(self, case):
        """Who reacts: the user, or the complainant to whom the link was sent."""
        user = request.env.user
        return case.partner_id if user._is_public() else user.partner_id

    def _complaint_elsewhere(self, case_id):
        """Lead away from a complaint that is not there for this reader."""
        if request.env.user._is_public():
            # Owners who follow an old link arrive after logging in.
            return request.redirect(f"/web/login?redirect=/my/complaints/{case_id}")
        return request.redirect("/my/complaints")

    # The page ----------------------------------------------------------------------

    def _complaint_in_words(self, case):
        """The case with the reader's time zone in its context."""
        user = request.env.user
        zone = user.tz or request.cookies.get("tz")
        if user._is_public():
            zone = request.cookies.get("tz") or case[:1].partner_id.tz
        if zone not in pytz.all_timezones_set:
            # sudo: customers cannot read calendars.
            zone = request.env.company.sudo().resource_calendar_id.tz or "UTC"
        return case.with_context(tz=zone)

    def _complaint_render(self, case, token, notice=None, **extra):
        """Render the page; the values are plain, but for the thread's record.

        ``extra``: error, what went wrong; opened, the form in which it did; typed, what
        that form shows again, by name of the field.
        """
        is_public = request.env.user._is_public()
        is_customer = self._complaint_is_customer(case)
        page = self._complaint_in_words(case)._portal_page(
            links=not token,
            is_complainant=is_customer
            and self._complaint_author(case) == case.partner_id,
        )
        values = self._get_page_view_values(
            case,
            token,
            {
                **self._prepare_portal_layout_values(),
                "page_name": "complaint",
                "complaint": page,
                "can_react": is_customer and page["awaits_customer"],
                "can_write": is_customer,
                "is_staff": not is_customer,
                "notice": notice,
                "error": extra.get("error"),
                "opened": extra.get("opened"),
                "typed": extra.get("typed", {}),
                "limits": uploads.limits(),
                "link_args": f"?access_token={token}" if token else "",
            },
            session_history="my_complaints_history",
            no_breadcrumbs=is_public,
            # Who may read the case posts under the own name.
            **({key: extra.get(key) for key in ("pid", "hash")} if token else {}),
        )
        return request.render("complaint_management.portal_complaint", values)

    def _complaint_redirect(self, case, token, notice):
        suffix = f"&access_token={token}" if token else ""
        return replies.done(f"/my/complaints/{case.id}?notice={notice}{suffix}")

    def _complaint_refuse(self, case, token, error, opened=None, typed=None):
        """What was asked for cannot be done: say why, and keep what was typed."""
        if replies.wants_json():
            return replies.refused({"form": error.args[0]})
        return self._complaint_render(
            case, token, error=error.args[0], opened=opened, typed=typed or {}
        )
