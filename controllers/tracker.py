import uuid

from werkzeug.exceptions import NotFound

from odoo.api import Environment
from odoo.exceptions import UserError
from odoo.http import request, route
from odoo.tools import consteq

from ..tools import uploads
from .portal import DOCUMENTS, ComplaintPortal
from .portal_remedy import number_in

SESSION_KEY = "complaint_tracked"
#: A visitor follows this many complaints at once; the oldest is forgotten first.
MOST_TRACKED = 10
#: Attempts to open a complaint from one address, right or wrong.
ATTEMPTS_LIMIT, ATTEMPTS_SECONDS = 20, 900
#: Messages to one complaint within an hour.
MESSAGES_LIMIT, MESSAGES_SECONDS = 30, 3600
MAX_FILES = 5
MESSAGE_LENGTH = 10000


class TrackerSession(ComplaintPortal):
    """Which complaints a visitor has opened by number and code: kept in the session.

    Whoever is logged in is nobody in particular here: what is done with a code is
    done by the public user, so that an anonymous complaint stays one.
    """

    def _tracker_env(self):
        """The public user's environment, with superuser rights."""
        env = request.env
        # sudo: visitors have no rights; the code is the key, see each route.
        public_id = env["ir.model.data"].sudo()._xmlid_to_res_id("base.public_user")
        return Environment(env.cr, public_id, dict(env.context), su=True)

    def _track(self, case):
        """Remember in the session that this visitor may see the complaint."""
        tracked = dict(request.session.get(SESSION_KEY) or {})
        tracked.pop(str(case.id), None)
        tracked[str(case.id)] = case._tracking_mark()
        request.session[SESSION_KEY] = dict(list(tracked.items())[-MOST_TRACKED:])

    def _tracked_case(self, case_id):
        """The complaint if this visitor opened it, else none.

        Whether it exists makes no difference.
        """
        cases = self._tracker_env()["complaint.case"]
        mark = (request.session.get(SESSION_KEY) or {}).get(str(case_id))
        case = cases.browse(case_id).exists() if mark else cases
        if not case or not consteq(mark, case._tracking_mark()):
            return cases
        return case.with_company(case.company_id)

    def _tracker_private(self, response):
        """Nobody finds the page in the memory of a shared computer, or on the web."""
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Referrer-Policy"] = "same-origin"
        return response


class ComplaintTracker(TrackerSession):
    """Following a complaint by number and code (I1).

    A complaint that this visitor did not open is answered like one that does not
    exist: the way leads back to where number and code are asked for.
    """

    # The key --------------------------------------------------------------------------

    @route(
        "/complaints/track",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def tracker_open(self, number="", **_kwargs):
        """Ask for number and code; the code is never part of an address."""
        return self._tracker_ask({"number": number[:40]})

    @route(
        "/complaints/track",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
        max_content_length=16 * 1024,
    )
    def tracker_check(self, number="", code="", **_post):
        """Open the complaint for this session if number and code fit together."""
        env = self._tracker_env()
        throttle = env["complaint.throttle"]
        if not throttle._hit(
            "tracking:address",
            throttle._request_address(),
            limit=ATTEMPTS_LIMIT,
            seconds=ATTEMPTS_SECONDS,
        ):
            error = env._("Too many attempts. Please wait a quarter of an hour.")
            return self._tracker_ask({"number": number[:40], "error": error}, 429)
        case = env["complaint.case"]._tracking_find(number[:100], code[:100])
        if not case:
            error = env._(
                "Number and code do not fit together. You find both where you sent the "
                "complaint, and in our confirmation."
            )
            return self._tracker_ask({"number": number[:40], "error": error})
        self._track(case)
        # A session that somebody else may know of must not be the one that has access.
        request.session.should_rotate = True
        return request.redirect(f"/complaints/track/{case.id}")

    @route(
        "/complaints/track/leave",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def tracker_leave(self, **_post):
        """Forget what this visitor opened, as on a computer that others use."""
        request.session.pop(SESSION_KEY, None)
        return request.redirect("/complaints/track")

    # The page -------------------------------------------------------------------------

    @route(
        "/complaints/track/<int:case_id>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        readonly=True,
        methods=["GET"],
    )
    def tracker_page(self, case_id, notice=None, **_kwargs):
        """Status, promised dates, answer and messages."""
        case = self._tracked_case(case_id)
        if not case:
            return request.redirect("/complaints/track")
        return self._tracker_render(case, notice=notice)

    @route(
        "/complaints/track/<int:case_id>"
        "/<any(acknowledgement, letter, review):document>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def tracker_document(self, case_id, document, download=False, **_kwargs):
        """The letters as PDF, for the customer only: they name the contact (I4)."""
        case = self._tracked_case(case_id)
        if not case:
            return request.redirect("/complaints/track")
        is_there = case._portal_has_document(document)
        if not is_there or not case._tracker_is_customer():
            raise NotFound()
        return self._show_report(
            model=case.with_context(complaint_document=document),
            report_type="pdf",
            report_ref=DOCUMENTS[document],
            download=download,
        )

    @route(
        "/complaints/track/<int:case_id>"
        "/<any(accept, object, withdraw, review, remedy, message):action>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
        max_content_length=(MAX_FILES + 1) * uploads.MAX_FILE_BYTES,
    )
    def tracker_act(self, case_id, action, **post):
        """What the complainant may do: accept, object, withdraw, have it reviewed,
        decide on an offer, write."""
        case = self._tracked_case(case_id)
        if not case:
            return request.redirect("/complaints/track")
        texts = {
            name: (post.get(name) or "").replace("\x00", "")[:MESSAGE_LENGTH]
            for name in ("reason", "message", "request_key", "remedy", "decision")
        }
        try:
            with case.env.cr.savepoint():
                notice = getattr(self, f"_tracker_{action}")(case, texts)
        except UserError as error:
            return self._tracker_render(
                case, error=error.args[0], action=action, texts=texts
            )
        return request.redirect(f"/complaints/track/{case.id}?notice={notice}")

    def _tracker_accept(self, case, _texts):
        case._customer_accept(author=case.env["res.partner"])
        return "accepted"

    def _tracker_object(self, case, texts):
        case._customer_object(texts["reason"], author=case.env["res.partner"])
        return "objected"

    def _tracker_withdraw(self, case, texts):
        case._customer_withdraw(texts["reason"], author=case.env["res.partner"])
        return "withdrawn"

    def _tracker_review(self, case, texts):
        case._customer_ask_review(texts["reason"], author=case.env["res.partner"])
        return "review"

    def _tracker_remedy(self, case, texts):
        case._customer_decide_remedy(
            number_in(texts["remedy"]),
            texts["decision"],
            texts["reason"],
            author=case.env["res.partner"],
        )
        return "remedy"

    def _tracker_message(self, case, texts):
        if not case.env["complaint.throttle"]._hit(
            "tracking:message",
            str(case.id),
            limit=MESSAGES_LIMIT,
            seconds=MESSAGES_SECONDS,
        ):
            raise UserError(
                case.env._(
                    "Many messages were sent in the last hour. Please wait a while, "
                    "then send this one again."
                )
            )
        files = self._tracker_read_files(case)
        case._tracker_say(texts["message"], texts["request_key"], files)
        return "sent"

    def _tracker_read_files(self, case):
        """The files of a message, checked.

        :raise UserError: for the first one that is not taken
        """
        storages = request.httprequest.files.getlist("files")
        try:
            return uploads.read_uploads(storages, MAX_FILES)
        except uploads.UploadError as error:
            raise UserError(uploads.in_words(case.env, error, MAX_FILES)) from error

    def _tracker_ask(self, values, status=200):
        return self._tracker_private(
            request.render(
                "complaint_management.guest_track",
                {"no_breadcrumbs": True, "error": "", **values},
                status=status,
            )
        )

    def _tracker_render(self, case, notice=None, error=None, action=None, texts=None):
        texts = texts or {}
        page = self._complaint_in_words(case)._tracker_page()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "complaint",
            "no_breadcrumbs": True,
            "is_tracker": True,
            "complaint": page,
            "can_react": page["awaits_customer"],
            "is_staff": False,
            "notice": notice,
            "error": error,
            "typed": texts,
            "message_text": texts.get("message", ""),
            "opened": action,
            "link_args": "",
            "token": None,
            "request_key": uuid.uuid4().hex,
            "message_limits": {
                "text": MESSAGE_LENGTH,
                "files": MAX_FILES,
                "megabytes": uploads.MAX_FILE_MEGABYTES,
                "accept": uploads.ACCEPT,
            },
        }
        return self._tracker_private(
            request.render("complaint_management.portal_complaint", values)
        )


class GuestIdentity(ComplaintPortal):
    """The owner of a stated address says whether the complaint is theirs."""

    @route(
        "/my/complaints/<int:case_id>/identity",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
    )
    def portal_complaint_identity(self, case_id, access_token=None, answer="", **_post):
        """``answer`` is mine or not_mine; asked for on the page of the complaint."""
        case, token = self._complaint_access_to_react(case_id, access_token)
        if self._complaint_author(case) != case.partner_id or answer not in (
            "mine",
            "not_mine",
        ):
            raise NotFound()
        if answer == "mine":
            case._guest_confirm()
            return self._complaint_redirect(case, token, "confirmed")
        case._guest_deny()
        return request.render(
            "complaint_management.guest_denied", {"no_breadcrumbs": True}
        )
