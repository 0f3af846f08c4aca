import contextlib
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .content import MESSAGE_LENGTH, TEXTS, Content
from .errors import ApiError
from .finding import Finding

GROUP = "complaint_management.group_api"
#: Complaints told in one page, and at most.
PAGE, LONGEST_PAGE = 100, 500
#: A change that is being written while a page is read shows only later, with an
#: earlier time. So far back the next reading begins.
OVERLAP = timedelta(minutes=5)

SUBMIT_FIELDS = {
    *TEXTS,
    "customer",
    "source",
    "received",
    "occurred",
    "on_behalf",
    "allegations",
    "files",
}


class ComplaintApi(models.AbstractModel):
    """The door for other software (A1, I1): hand in, ask, write, follow.

    Called through Odoo's JSON-2 as ``POST /json/2/complaint.api/<method>`` by a
    technical user with the role *Complaints API*, who reaches nothing but what it
    handed in itself. docs/api.md tells how. Every other method is private.

    All methods raise :class:`ApiError`, which HTTP turns into 403, 404, 409 or 422.
    """

    _name = "complaint.api"
    _description = "Complaints for Other Software"

    # Public -------------------------------------------------------------------------

    @api.model
    def submit(self, **complaint):
        """Hand in a complaint; the same ``reference`` again is the same complaint.

        :param complaint: as in docs/api.md
        :return: what :meth:`status` returns, and ``is_new``
        """
        self = self._as_software()
        content = Content(self.env, complaint, SUBMIT_FIELDS)
        values, files = content.complaint(), content.files()
        case, is_new = self._submit(values, files, content.fingerprint(files))
        case._portal_ensure_token()
        return case._api_answer(values["reference"]) | {"is_new": is_new}

    @api.model
    @api.readonly
    def status(self, **which):
        """Where a complaint stands.

        :param which: ``reference``, or the complaint's ``number``
        """
        self = self._as_software()
        content = Content(self.env, which, {"reference", "number"})
        request = self._find_request(content)
        return self._in_words(request.case_id)._api_answer(request.key)

    @api.model
    def add_message(self, **message):
        """Add the customer's words and files to a complaint.

        :param message: ``reference`` or ``number``, ``key`` (the sender's own number of
            the message: the same again is the same message), ``message``, ``files``
        :return: number and reference of the complaint, and ``is_new``
        """
        self = self._as_software()
        content = Content(
            self.env, message, {"reference", "number", "key", "message", "files"}
        )
        request = self._find_request(content)
        key = content.text("key", TEXTS["reference"], required=True)
        text = content.text("message", MESSAGE_LENGTH, required=True)
        files = content.files()
        is_new = self._add_message(
            request.case_id, key, text, files, content.fingerprint(files)
        )
        return {
            "number": request.case_id.name,
            "reference": request.key,
            "is_new": is_new,
        }

    @api.model
    @api.readonly
    def changes(self, **page):
        """The software's complaints that changed, oldest change first.

        :param page: ``since`` (a moment, or ``next`` of the page before), ``limit``
        :return: ``complaints`` as :meth:`status` tells them, ``more`` (whether there
            are further ones now) and ``next``
        """
        self = self._as_software()
        content = Content(self.env, page, {"since", "limit"})
        since = self._read_since(content)
        limit = content.number("limit", PAGE, LONGEST_PAGE)
        rows = self._changed(since, limit + 1)
        more, rows = len(rows) > limit, rows[:limit]
        cases = self._in_words(
            # sudo: the rows were chosen by the user's own requests.
            self.env["complaint.case"].sudo().browse(row[0] for row in rows)
        )
        return {
            "complaints": [
                case._api_answer(key)
                for case, (_id, key, _at) in zip(cases, rows, strict=True)
            ],
            "more": more,
            "next": self._next_since(since, rows, more),
        }

    # Who calls ----------------------------------------------------------------------

    def _as_software(self):
        """Check the caller's role; forget the context but for the language.

        Anybody may send any word in the context: none of them changes what is done.
        """
        languages = dict(self.env["res.lang"].get_installed())
        lang = self.env.context.get("lang")
        lang = lang if lang in languages else self.env.user.lang
        self = self.with_env(self.env(context={"lang": lang}))
        if self.env.su or not self.env.user.has_group(GROUP):
            raise ApiError(
                "not_allowed",
                self.env._(
                    "This is for technical users with the role “Complaints API”. Ask "
                    "your administrator for it."
                ),
                status=403,
            )
        return self

    def _door(self, company):
        """The cases as any customer's door has them: no member of staff did it.

        Who sent it stays on record in complaint.api.request.
        """
        public = self.env.ref("base.public_user")
        context = {"lang": self.env.lang, "allowed_company_ids": company.ids}
        # sudo: other software creates complaints through this one door only.
        return self.env(user=public.id, su=True, context=context)["complaint.case"]

    # Handing in ---------------------------------------------------------------------

    def _submit(self, values, files, fingerprint):
        """:return: (case, whether it is new)"""
        user, cases = self.env.user, self.env["complaint.case"]
        told_hash = cases._request_key("api content", user.id, fingerprint)
        # sudo: requests are written by this door only, by nobody's hand.
        request, is_new = (
            self.env["complaint.api.request"]
            .sudo()
            ._claim(user, "submit", values["reference"], told_hash)
        )
        if not is_new:
            return self._in_words(request.case_id), False
        finding = Finding(self.env, user.company_ids)
        vals = finding.case_values(values)
        vals["api_request_ids"] = [fields.Command.link(request.id)]
        door = self._door(finding.company)
        key = cases._request_key("api", user.id, values["reference"])
        try:
            case, _is_new = door._intake_once(vals, finding.channel, key, files)
        except ApiError:
            raise
        except UserError as error:
            raise ApiError("not_accepted", error.args[0]) from error
        case._message_log(
            body=self.env._(
                "Handed in by other software, as its number %(reference)s.",
                reference=values["reference"],
            ),
            author_id=user.partner_id.id,
        )
        return self._in_words(case), True

    # Finding again ------------------------------------------------------------------

    def _find_request(self, content):
        """The request by which the caller handed in the complaint that it names.

        Another's complaint and one that is not there are the same.
        """
        reference = content.text("reference", TEXTS["reference"])
        number = content.text("number", TEXTS["reference"], required=not reference)
        domain = [("user_id", "=", self.env.uid), ("kind", "=", "submit")]
        if reference:
            domain.append(("key", "=", reference))
        if number:
            domain.append(("case_id.name", "=", number))
        # sudo: of all requests only those of the caller.
        found = self.env["complaint.api.request"].sudo().search(domain, limit=1)
        if not found:
            raise ApiError(
                "not_found",
                self.env._("You handed in no complaint with this number."),
                "reference" if reference else "number",
                status=404,
            )
        return found

    def _in_words(self, cases):
        """The cases of the caller in the caller's language, to be told of."""
        return cases.with_env(self.env(su=True)).with_context(active_test=False)

    # Messages -----------------------------------------------------------------------

    def _add_message(self, case, key, text, files, fingerprint):
        """:return: whether it is new"""
        told_hash = case._request_key("api message", self.env.uid, fingerprint)
        # sudo: as for complaints.
        request, is_new = (
            self.env["complaint.api.request"]
            .sudo()
            ._claim(self.env.user, "message", key, told_hash)
        )
        if is_new:
            request.case_id = case
            self._door(case.company_id).browse(case.id)._api_post(text, files)
        return is_new

    # Following ----------------------------------------------------------------------

    def _read_since(self, content):
        """(moment, id) after which to tell; both comparable with what is stored."""
        text = content.text("since", 60)
        moment, _bar, last_id = text.partition("|")
        if last_id.isdecimal():
            with contextlib.suppress(ValueError):
                return datetime.fromisoformat(moment).replace(tzinfo=None), int(last_id)
        return content.moment("since") or datetime(1970, 1, 1), 0

    def _changed(self, since, limit):
        """Rows of case, own number and moment of the last change; by the clock of the
        database, to the microsecond."""
        return self.env.execute_query(
            SQL(
                """
                SELECT complaint.id, request.key, complaint.write_date
                  FROM complaint_api_request request
                  JOIN complaint_case complaint ON complaint.id = request.case_id
                 WHERE request.user_id = %s AND request.kind = 'submit'
                   AND (complaint.write_date, complaint.id) > (%s, %s)
                 ORDER BY complaint.write_date, complaint.id
                 LIMIT %s
                """,
                self.env.uid,
                *since,
                limit,
            )
        )

    def _next_since(self, since, rows, more):
        """Where the next reading begins; what is younger than safe is told again."""
        last = (rows[-1][2], rows[-1][0]) if rows else since
        if not more:
            last = min(last, (fields.Datetime.now() - OVERLAP, 0))
        return f"{last[0].isoformat()}|{last[1]}"
