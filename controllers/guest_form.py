import binascii
import re
import time
import uuid

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route
from odoo.tools import email_normalize, hash_sign, verify_hash_signed

from ..models.case.complaint_case_behalf import RELATIONS
from ..tools import uploads
from .customer_form import CustomerForm
from .portal_points import number
from .tracker import TrackerSession

LINES = {
    "name": 120,
    "email": 200,
    "phone": 40,
    "order_number": 40,
    "behalf_name": 120,
}
LONG = {"behalf_authority": 2000}
TICKS = ("is_anonymous", "is_on_behalf", "consent")
#: Of somebody unknown less is taken than of a customer.
MAX_FILES = 5
MAX_REQUEST_BYTES = (MAX_FILES + 2) * uploads.MAX_FILE_BYTES
#: Nobody fills in the form in less time; programs do.
LEAST_SECONDS = 3
FORM_HOURS = 48
FORM_SCOPE = "complaint.guest.form"
#: Forms sent from one address, right or wrong, within ten minutes.
POSTS_LIMIT, POSTS_SECONDS = 60, 600


class GuestForm(CustomerForm):
    """What somebody without an account typed into the public form."""

    texts = {"subject": 200, **CustomerForm.texts}
    max_files = MAX_FILES

    def __init__(self, env, company, data=None, files=(), authority=()):
        self.env = env
        self.company = company
        self.errors = {}
        data = data or {}
        self.values = {
            name: self._clean(data.get(name), name in LINES)
            for name in (*self.texts, *LINES, *LONG, "date_occurred", "category_id")
        }
        self.values["behalf_relation"] = (
            data.get("behalf_relation")
            if data.get("behalf_relation") in dict(RELATIONS)
            else ""
        )
        self.values |= {name: bool(data.get(name)) for name in TICKS}
        if not company.complaint_guest_anonymous:
            self.values["is_anonymous"] = False
        self.uploads = list(files)
        self.authority = list(authority)
        self.trap = bool(data.get("website"))
        self.consent = env["complaint.consent"]._current(company)
        self.consent_seen = data.get("consent_id") or ""
        self.categories = env["complaint.category"].search([("parent_id", "=", False)])
        self.token, self.key, self.started = self._read_token(data.get("form_token"))

    @staticmethod
    def _clean(value, is_line):
        value = (value or "").replace("\x00", "").replace("\r\n", "\n").strip()
        return " ".join(value.split()) if is_line else value

    def _read_token(self, token):
        """The signed note of which form this is and when it was opened."""
        try:
            key, company_id, started = verify_hash_signed(
                self.env, FORM_SCOPE, token or ""
            )
        except (TypeError, ValueError, binascii.Error):
            return self._new_token()
        if company_id != self.company.id:
            return self._new_token()
        return token, key, started

    def _new_token(self):
        key, now = uuid.uuid4().hex, int(time.time())
        told = [key, self.company.id, now]
        token = hash_sign(self.env, FORM_SCOPE, told, expiration_hours=FORM_HOURS)
        return token, key, now

    # Checks ---------------------------------------------------------------------------

    def check(self):
        """Fill ``errors``; return the values of the case."""
        self._check_human()
        vals = {
            "company_id": self.company.id,
            "category_id": self._check_category().id,
            "date_occurred": self._check_date(),
            "guest_order_number": self.values["order_number"],
            **self._check_texts(),
            **self._check_contact(),
            **self._check_behalf(),
            **self._check_consent(),
        }
        self._check_lengths()
        return vals

    def _check_human(self):
        if self.trap:
            self.errors["website"] = self.env._("Please leave this field empty.")
        elif time.time() - self.started < LEAST_SECONDS:
            self.errors["form"] = self.env._(
                "That was very quick. Please check what you wrote and send it again."
            )

    def _check_category(self):
        chosen = number(self.values["category_id"])
        category = self.categories.filtered(lambda one: one.id == chosen)
        if self.values["category_id"] and not category:
            self.errors["category_id"] = self.env._("Please choose from the list.")
        return category

    def _check_texts(self):
        if not self.values["subject"]:
            self.errors["subject"] = self.env._(
                "Please say in a few words what it is about."
            )
        return {"subject": self.values["subject"], **super()._check_texts()}

    def _check_contact(self):
        if self.values["is_anonymous"]:
            return {"is_anonymous": True}
        name, email, phone = (self.values[key] for key in ("name", "email", "phone"))
        if not name:
            self.errors["name"] = self.env._("Please tell us your name.")
        if not email and not phone:
            self.errors["email"] = self.env._(
                "Please give an e-mail address or a telephone number, so that we can "
                "reach you."
            )
        if email and not self._is_reachable(email):
            self.errors["email"] = self.env._("Please check the e-mail address.")
        if phone and len(re.sub(r"\D", "", phone)) < 5:
            self.errors["phone"] = self.env._("Please check the telephone number.")
        return {
            "partner_name": name,
            "email_from": email,
            "phone": phone,
            "guest_name": name,
            "guest_email": email_normalize(email),
            "guest_phone": phone,
        }

    def _is_reachable(self, email):
        """A valid address that is not our own: our mail would come back as new
        complaints, and be answered."""
        normalized = email_normalize(email)
        return normalized and not self.env["mail.alias.domain"]._find_aliases(
            [normalized]
        )

    def _check_behalf(self):
        if not self.values["is_on_behalf"]:
            return {}
        if not self.values["behalf_name"]:
            self.errors["behalf_name"] = self.env._("Please tell us for whom.")
        if not self.values["behalf_relation"]:
            self.errors["behalf_relation"] = self.env._("Please choose from the list.")
        if not self.values["behalf_authority"] and not self._has_files(self.authority):
            self.errors["behalf_authority"] = self.env._(
                "Please tell us how you are authorised, or attach a proof."
            )
        return {
            "is_on_behalf": True,
            "behalf_name": self.values["behalf_name"],
            "behalf_relation": self.values["behalf_relation"],
            "behalf_authority": self.values["behalf_authority"],
        }

    @staticmethod
    def _has_files(storages):
        return any(upload.filename for upload in storages)

    def _check_consent(self):
        if not self.consent:
            return {}
        if self.consent_seen != str(self.consent.id):
            self.values["consent"] = False
            self.errors["consent"] = self.env._(
                "The text that you agree to was changed. Please read it once more."
            )
        elif not self.values["consent"]:
            self.errors["consent"] = self.env._(
                "Please agree: without it we may not work on your complaint."
            )
        return {"consent_id": self.consent.id}

    def _check_lengths(self):
        for name, limit in (LINES | LONG).items():
            if len(self.values[name]) > limit:
                self.errors[name] = self.env._(
                    "This is too long: %(length)s characters, at most %(limit)s.",
                    length=len(self.values[name]),
                    limit=limit,
                )

    def read_authority(self):
        """Proof of authority, checked as the other files."""
        if not self.values["is_on_behalf"]:
            return []
        own, self.uploads = self.uploads, self.authority
        before = self.errors.pop("files", None)
        found = self.read_files()
        if "files" in self.errors:
            self.errors["authority"] = self.errors.pop("files")
        if before:
            self.errors["files"] = before
        self.uploads = own
        return found

    def request_key(self):
        """What makes two submissions the same: the form, and what was typed into it."""
        return self.env["complaint.case"]._request_key("guest", self.key, self.values)

    # Out ------------------------------------------------------------------------------

    def page(self):
        """Plain values for the template."""
        return {
            "values": self.values,
            "errors": self.errors,
            "had_files": self._has_files(self.uploads + self.authority),
            "form_token": self.token,
            "company": {"id": self.company.id, "name": self.company.name},
            "today": self.today().isoformat(),
            "may_be_anonymous": self.company.complaint_guest_anonymous,
            "trap_is_shown": self.trap,
            "relations": self.env["complaint.case"]
            ._fields["behalf_relation"]
            ._description_selection(self.env),
            "consent": self.consent
            and {"id": self.consent.id, "body": self.consent.body},
            "categories": [
                {"id": str(category.id), "name": category.name}
                for category in self.categories
            ],
            "limits": {
                "files": self.max_files,
                "megabytes": uploads.MAX_FILE_MEGABYTES,
                "accept": uploads.ACCEPT,
                **self.texts,
                **LINES,
                **LONG,
            },
        }


class GuestFormPortal(TrackerSession):
    """The public form (A1-A3, I1): no account, no website needed."""

    @route(
        "/complaints/new",
        type="http",
        auth="public",
        website=True,
        readonly=True,
        methods=["GET"],
    )
    def guest_complaint_new(self, company=None, **_kwargs):
        """The empty form; ``company`` names one of several companies by its id."""
        env, company = self._guest_company(company)
        return self._guest_render(GuestForm(env, company))

    @route(
        "/complaints/new",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["POST"],
        max_content_length=MAX_REQUEST_BYTES,
    )
    def guest_complaint_submit(self, company=None, **post):
        """Register the complaint, or show the form again with all that was typed."""
        env, company = self._guest_company(company)
        files = request.httprequest.files
        form = GuestForm(
            env, company, post, files.getlist("files"), files.getlist("authority")
        )
        if not self._guest_may_post(env):
            return self._guest_slow_down(form)
        case = self._guest_known(form)
        if case:
            return self._guest_thanks(case, again=True)
        vals = form.check()
        handed_in = form.read_files()
        authority = form.read_authority()
        if not form.errors:
            self._guest_check_captcha(form)
        if form.errors:
            return self._guest_render(form)
        if not self._guest_may_complain(env, company, vals):
            return self._guest_slow_down(form)
        try:
            case, is_new = env["complaint.case"]._intake_guest(
                vals | self._guest_accepted(form),
                form.request_key(),
                handed_in,
                authority,
            )
        except UserError as error:
            form.errors["form"] = error.args[0]
            return self._guest_render(form)
        return self._guest_thanks(case, again=not is_new)

    @route(
        "/complaints/thanks/<int:case_id>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        readonly=True,
        methods=["GET"],
    )
    def guest_complaint_thanks(self, case_id, again=None, **_kwargs):
        """Number and code, for whoever has just sent the complaint."""
        case = self._tracked_case(case_id)
        if not case:
            return request.redirect("/complaints/track")
        return self._tracker_private(
            request.render(
                "complaint_management.guest_thanks",
                {
                    "no_breadcrumbs": True,
                    "number": case.name,
                    "code": case._tracking_code(),
                    "address": case._tracking_address(),
                    "track_url": f"/complaints/track/{case.id}",
                    "is_anonymous": case.is_anonymous,
                    "is_again": bool(again),
                    "company_name": case.company_id.name,
                },
            )
        )

    # Who may --------------------------------------------------------------------------

    def _guest_company(self, company_id):
        """(environment, company) of the form; not found when it is closed."""
        env = self._tracker_env()
        company = env.company
        if company_id:
            if not re.fullmatch(r"[0-9]{1,9}", company_id):
                raise NotFound()
            company = env["res.company"].browse(int(company_id)).exists()
        if not company.complaint_guest_form:
            raise NotFound()
        env = env["base"].with_company(company).env
        return env, company.with_env(env)

    def _guest_may_post(self, env):
        """Right or wrong, so many forms can be sent from one address."""
        throttle = env["complaint.throttle"]
        return throttle._hit(
            "guest:post",
            throttle._request_address(),
            limit=POSTS_LIMIT,
            seconds=POSTS_SECONDS,
        )

    def _guest_may_complain(self, env, company, vals):
        """So many complaints are taken from one address, and with one e-mail."""
        throttle = env["complaint.throttle"]
        hourly = company.complaint_guest_hourly
        if not throttle._hit(
            "guest:address", throttle._request_address(), limit=hourly, seconds=3600
        ):
            return False
        return not vals.get("guest_email") or throttle._hit(
            "guest:email",
            vals["guest_email"],
            limit=hourly and max(1, hourly // 2),
            seconds=3600,
        )

    def _guest_check_captcha(self, form):
        """Odoo's own hook: does nothing without a captcha app."""
        try:
            request.env["ir.http"]._verify_request_recaptcha_token("complaint_guest")
        except (UserError, ValidationError) as error:
            form.errors["form"] = error.args[0]

    def _guest_known(self, form):
        """The complaint that this very form was sent as before, if it was."""
        return form.env["complaint.case"].search(
            [("request_key", "=", form.request_key())], limit=1
        )

    def _guest_accepted(self, form):
        if not form.consent:
            return {}
        return {"consent_at": form.env.cr.now().replace(microsecond=0)}

    # Answers --------------------------------------------------------------------------

    def _guest_thanks(self, case, again=False):
        self._track(case)
        suffix = "?again=1" if again else ""
        return request.redirect(f"/complaints/thanks/{case.id}{suffix}")

    def _guest_slow_down(self, form):
        form.errors["form"] = form.env._(
            "Too many complaints came from here in a short time. What you wrote is not "
            "lost: please wait a few minutes and send it again."
        )
        return self._guest_render(form, status=429)

    def _guest_render(self, form, status=200):
        response = request.render(
            "complaint_management.guest_new",
            {
                "no_breadcrumbs": True,
                "is_signed_in": not request.env.user._is_public(),
                **form.page(),
            },
            status=status,
        )
        if status == 429:
            response.headers["Retry-After"] = "300"
        return response
