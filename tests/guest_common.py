import re
import time

from odoo.tools import hash_sign

from .portal_common import PortalCommon

FORM_SCOPE = "complaint.guest.form"


class GuestCommon(PortalCommon):
    """The public form and the tracking page, as somebody without an account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Many forms are sent from one address; the limits have tests of their own.
        cls.company.complaint_guest_hourly = 0
        cls.company.complaint_guest_mails_hourly = 0
        cls.consent = cls.env["complaint.consent"]._current(cls.company)

    def setUp(self):
        super().setUp()
        self.login(None)

    def form_token(self, key="0" * 32, age=60):
        """The token of a form that was opened so many seconds ago."""
        told = [key, self.company.id, int(time.time()) - age]
        return hash_sign(self.env, FORM_SCOPE, told, expiration_hours=48)

    def form_values(self, **values):
        return {
            "form_token": self.form_token(),
            "name": "Gus Guest",
            "email": "gus@example.com",
            "subject": "The kettle leaks",
            "description": "Water <b>everywhere</b>",
            "consent_id": self.consent.id,
            "consent": "1",
            **values,
        }

    def send(self, files=None, **values):
        """Send the form; return (response, new cases)."""
        before = self.env["complaint.case"].search([])
        response = self.post(
            "/complaints/new",
            self.form_values(**values),
            files=files or [("files", ("", b""))],
        )
        self.env.invalidate_all()
        return response, self.env["complaint.case"].search([]) - before

    @classmethod
    def guest_case(cls, **values):
        """A complaint as the form registers it, without the form."""
        public = cls.env.ref("base.public_user")
        cases = cls.env["complaint.case"].with_user(public).sudo()
        stated = {
            "company_id": cls.company.id,
            "subject": "The kettle leaks",
            "description": "<p>Water &lt;b&gt;everywhere&lt;/b&gt;</p>",
            "partner_name": "Gus Guest",
            "email_from": "gus@example.com",
            "guest_name": "Gus Guest",
            "guest_email": "gus@example.com",
            **values,
        }
        key = cases._request_key("test", stated["subject"], sorted(values))
        case, _is_new = cases._intake_guest(stated, key)
        return case.with_env(cls.env)

    def complain(self, **values):
        """Send a form that is taken; return the case."""
        response, case = self.send(**values)
        self.assertEqual(response.status_code, 303, response.text[:3000])
        self.assertEqual(len(case), 1)
        return case

    def refused(self, text, files=None, **values):
        response, cases = self.send(files=files, **values)
        self.assertFalse(cases)
        self.assertIn(response.status_code, (200, 429))
        page = self.read_page(response)
        self.assertIn(text, self.text)
        return page

    def open_tracker(self, case, code=None):
        """Enter number and code; return the response."""
        response = self.post(
            "/complaints/track",
            {"number": case.name, "code": code or case._tracking_code()},
        )
        if "session_id" in response.cookies:
            # Who gets in gets another session.
            self.session.sid = response.cookies["session_id"]
        return response

    def mails(self, case):
        """Mails in the queue about a case."""
        return self.env["mail.mail"].search(
            [("model", "=", case._name), ("res_id", "in", case.ids)]
        )

    @staticmethod
    def without_own(text):
        """A page without what is different each time it is shown."""
        return re.sub(r"csrf_token\W+(value=)?\W*\w+|[0-9a-f]{32,}", "", text)
