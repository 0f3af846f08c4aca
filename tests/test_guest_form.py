import base64
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import mute_logger, tagged

from ..controllers import guest_form
from .guest_common import GuestCommon

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestGuestForm(GuestCommon):
    """Somebody without an account complains (A1-A3, A6)."""

    # The page -------------------------------------------------------------------------

    def test_every_field_has_its_label(self):
        page = self.page("/complaints/new")
        [form] = page.xpath("//form[contains(@class, 'o_complaint_guest_form')]")
        for field in form.xpath(
            ".//select | .//textarea | .//input[@type != 'hidden']"
        ):
            label = form.xpath(f".//label[@for='{field.get('id')}']")
            self.assertEqual(len(label), 1, field.get("name"))

    def test_reached_from_the_login(self):
        response = self.url_open("/my")
        self.assertIn("/web/login", response.url)
        self.assertIn('href="/complaints/new"', response.text)
        self.assertIn('href="/complaints/track"', response.text)
        self.company.complaint_guest_form = False
        self.assertNotIn("/complaints/new", self.url_open("/web/login").text)

    def test_closed_form_is_not_found(self):
        self.company.complaint_guest_form = False
        self.assertEqual(self.url_open("/complaints/new").status_code, 404)
        response, cases = self.send()
        self.assertEqual((response.status_code, len(cases)), (404, 0))

    def test_form_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other branch"})
        self.page(f"/complaints/new?company={other.id}")
        self.assertIn("Other branch", self.text)
        for wrong in ("0", "x", "999999999", "-1"):
            response = self.url_open(f"/complaints/new?company={wrong}")
            self.assertEqual(response.status_code, 404)

    def test_speaks_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        page = self.url_open("/zh_CN/complaints/new")
        self.assertEqual(page.status_code, 200)
        self.assertIn('lang="zh-CN"', page.text)

    # What is kept ---------------------------------------------------------------------

    def test_unknown_person(self):
        case = self.complain(
            phone="+49 151 2345678",
            order_number="#X-1",
            demand="A new one",
            date_occurred="2026-01-02",
            category_id=self.category.parent_id.id,
        )
        self.assertRecordValues(
            case,
            [
                {
                    "subject": "The kettle leaks",
                    "partner_name": "Gus Guest",
                    "email_from": "gus@example.com",
                    "phone": "+49 151 2345678",
                    "demand": "A new one",
                    "date_occurred": fields.Date.to_date("2026-01-02"),
                    "category_id": self.category.parent_id.id,
                    "channel_id": self.env.ref(
                        "complaint_management.channel_website"
                    ).id,
                    "is_guest": True,
                    "is_anonymous": False,
                    "guest_identity": "unconfirmed",
                    "guest_name": "Gus Guest",
                    "guest_email": "gus@example.com",
                    "guest_order_number": "#X-1",
                    "order_id": False,
                    "consent_id": self.consent.id,
                    "phase": "received",
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertIn("Water &lt;b&gt;everywhere", case.description)
        self.assertTrue(case.consent_at and case.acknowledged_at and case.clock_ids)
        self.assertEqual(case.partner_id.name, "Gus Guest")
        self.assertEqual(case.create_uid, self.env.ref("base.public_user"))

    def test_files(self):
        case = self.complain(
            files=[
                ("files", ("kettle.png", PNG, "image/png")),
                ("files", ("bill.txt", b"Bill", "text/plain")),
            ]
        )
        files = self.env["ir.attachment"].search(
            [("res_model", "=", case._name), ("res_id", "=", case.id)]
        )
        self.assertEqual(set(files.mapped("name")), {"kettle.png", "bill.txt"})
        # The same once more, with another file: it is said where that one goes.
        response, more = self.send(files=[("files", ("new.txt", b"x", "text/plain"))])
        self.assertFalse(more)
        self.page(response.headers["Location"])
        self.assertIn("If a file is missing", self.text)

    def test_files_that_are_not_taken(self):
        self.refused("cannot be taken", files=[("files", ("x.exe", b"MZ", ""))])
        self.refused("is empty", files=[("files", ("x.txt", b"", "text/plain"))])
        too_many = [("files", (f"{n}.txt", b"x", "text/plain")) for n in range(6)]
        self.refused("at most", files=too_many)

    def test_phone_is_enough(self):
        case = self.complain(email="", phone="0151 2345678")
        self.assertFalse(case.partner_id)
        self.assertFalse(case.acknowledged_at)
        self.assertEqual(case.phone, "0151 2345678")

    def test_anonymous(self):
        """Nothing that was typed about the person is kept."""
        case = self.complain(is_anonymous="1", phone="0151 2345678")
        self.assertTrue(case.is_anonymous and case.is_guest)
        self.assertFalse(case.partner_id)
        for name in ("partner_name", "email_from", "phone", "guest_name"):
            self.assertFalse(case[name], name)
        self.assertFalse(case.guest_email or case.guest_phone or case.guest_identity)
        self.assertEqual(case.create_uid, self.env.ref("base.public_user"))
        self.assertFalse(self.mails(case))

    def test_anonymous_though_signed_in(self):
        self.login(self.customer)
        self.page("/complaints/new")
        self.assertIn("You are signed in", self.text)
        case = self.complain(is_anonymous="1")
        self.assertEqual(case.create_uid, self.env.ref("base.public_user"))
        authors = case.message_ids.author_id
        self.assertNotIn(self.customer.partner_id, authors)

    def test_anonymous_may_be_forbidden(self):
        self.company.complaint_guest_anonymous = False
        page = self.page("/complaints/new")
        self.assertFalse(page.xpath("//input[@name='is_anonymous']"))
        self.refused("Please tell us your name", is_anonymous="1", name="")

    def test_on_behalf(self):
        case = self.complain(
            is_on_behalf="1",
            behalf_name="Ida Infirm",
            behalf_relation="guardian",
            behalf_authority="Court order of 3 May",
            files=[("authority", ("order.pdf", b"%PDF-1.4", "application/pdf"))],
        )
        self.assertRecordValues(
            case,
            [
                {
                    "is_on_behalf": True,
                    "behalf_name": "Ida Infirm",
                    "behalf_relation": "guardian",
                    "behalf_authority": "Court order of 3 May",
                    "behalf_checked": False,
                }
            ],
        )
        self.assertEqual(case.behalf_attachment_ids.name, "order.pdf")

    def test_on_behalf_needs_authority(self):
        told = {"is_on_behalf": "1", "behalf_name": "Ida", "behalf_relation": "lawyer"}
        self.refused("how you are authorised", **told)
        self.refused("for whom", **{**told, "behalf_name": ""})
        self.refused("choose from the list", **{**told, "behalf_relation": "king"})
        self.complain(
            **told, files=[("authority", ("power.txt", b"Power", "text/plain"))]
        )

    def test_what_is_not_ticked_is_not_kept(self):
        case = self.complain(behalf_name="Ida", behalf_authority="None")
        self.assertFalse(case.is_on_behalf or case.behalf_name)

    # What is refused ------------------------------------------------------------------

    def test_missing_or_wrong(self):
        for text, values in (
            ("tell us your name", {"name": " "}),
            ("so that we can reach you", {"email": ""}),
            ("check the e-mail", {"email": "gus@"}),
            ("check the telephone", {"phone": "call me"}),
            ("in a few words", {"subject": ""}),
            ("what happened", {"description": "\n"}),
            ("too long", {"subject": "x" * 201}),
            ("too long", {"name": "x" * 121}),
            ("Please agree", {"consent": ""}),
            ("was changed", {"consent_id": "0"}),
            ("still to come", {"date_occurred": "2200-01-01"}),
        ):
            with self.subTest(**values):
                page = self.refused(text, **values)
                typed = page.xpath("//textarea[@name='demand']")
                self.assertEqual(len(typed), 1)

    def test_what_was_typed_is_shown_again(self):
        opened = self.form_token()
        page = self.refused(
            "check the e-mail",
            email="gus@",
            demand="A <new> one",
            order_number="S1",
            form_token=opened,
        )
        [demand] = page.xpath("//textarea[@name='demand']")
        self.assertEqual(demand.text, "A <new> one")
        self.assertEqual(page.xpath("//input[@name='order_number']/@value"), ["S1"])
        # The token stays: the form was not opened just now.
        [token] = page.xpath("//input[@name='form_token']/@value")
        self.assertEqual(token, opened)

    def test_our_own_address_is_no_address(self):
        """Our mail would come back as new complaints, and be answered."""
        domain = self.env["mail.alias.domain"].create({"name": "us.example.com"})
        self.company.alias_domain_id = domain
        self.team.write({"alias_name": "complaints", "alias_domain_id": domain.id})
        for email in ("complaints@us.example.com", domain.catchall_email):
            self.refused("check the e-mail", email=email)

    def test_programs(self):
        page = self.refused("leave this field empty", website="https://example.com")
        # A person whose browser filled it in sees it now.
        self.assertFalse(page.xpath("//*[contains(@class, 'o_complaint_trap')]"))
        self.refused("very quick", form_token=self.form_token(age=0))
        for token in ("", "x", "AAAA", self.form_token()[:-4] + "AAAA"):
            self.refused("very quick", form_token=token)

    def test_token_of_another_company(self):
        """Each form is for the company that it was shown for."""
        other = self.env["res.company"].create({"name": "Other branch"})
        self.refused("very quick", company=other.id)

    def test_captcha_hook(self):
        reason = "Suspicious"

        def refuse(_self, action):
            self.assertEqual(action, "complaint_guest")
            raise UserError(reason)

        model = self.env.registry["ir.http"]
        with patch.object(model, "_verify_request_recaptcha_token", refuse):
            self.refused("Suspicious")
        self.complain()

    @mute_logger("odoo.http")
    def test_csrf(self):
        response = self.url_open("/complaints/new", data=self.form_values())
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.url_open("/complaints/thanks/1").status_code, 200)

    # Once -----------------------------------------------------------------------------

    def test_sent_twice_is_one(self):
        case = self.complain()
        for _index in range(2):
            response, more = self.send()
            self.assertFalse(more)
            self.assertEqual(response.status_code, 303)
            self.assertIn(f"/{case.id}?again", response.headers["Location"])
        self.assertEqual(len(self.mails(case)), 1)
        other = self.complain(description="Something else")
        self.assertNotEqual(case, other)

    def test_sent_again_though_the_limit_is_reached(self):
        self.company.complaint_guest_hourly = 1
        case = self.complain()
        response, more = self.send()
        self.assertFalse(more)
        self.assertIn(str(case.id), response.headers["Location"])
        self.refused("wait a few minutes", description="Another")

    # Thanks ---------------------------------------------------------------------------

    def test_number_and_code(self):
        response, case = self.send()
        page = self.page(response.headers["Location"])
        self.assertIn(case.name, self.text)
        self.assertIn(case._tracking_code(), self.text)
        self.assertRegex(case._tracking_code(), r"^(\w{4}-){2}\w{4}$")
        self.assertTrue(page.xpath("//button[contains(@class, 'o_complaint_copy')]"))
        again = self.url_open(response.headers["Location"])
        self.assertEqual(again.headers["Cache-Control"], "no-store")
        # Nobody else gets there.
        self.login(None)
        response = self.url_open(f"/complaints/thanks/{case.id}", allow_redirects=False)
        self.assertTrue(response.headers["Location"].endswith("/complaints/track"))

    # Limits ---------------------------------------------------------------------------

    def test_flood_from_one_address(self):
        """200 forms within a minute: few are taken, all are answered, little mail."""
        self.company.write(
            {"complaint_guest_hourly": 10, "complaint_guest_mails_hourly": 3}
        )
        before = self.env["complaint.case"].search_count([])
        answers = []
        for number in range(200):
            response = self.post(
                "/complaints/new",
                self.form_values(
                    form_token=self.form_token(f"{number:032x}"),
                    email="gus@example.com" if number < 8 else f"g{number}@example.com",
                ),
            )
            answers.append((response.status_code, response.elapsed.total_seconds()))
        statuses = [status for status, _seconds in answers]
        self.assertEqual(set(statuses), {303, 429})
        # Five with the first e-mail address; ten from this network address.
        taken = self.env["complaint.case"].search_count([]) - before
        self.assertEqual(taken, statuses.count(303))
        self.assertTrue(5 < taken <= 10, taken)
        mails = self.env["mail.mail"].search([("model", "=", "complaint.case")])
        self.assertLessEqual(len(mails), 3 + taken - 5)
        # What is turned away costs little: the server has time for others.
        refused = sorted(seconds for status, seconds in answers if status == 429)
        self.assertLess(refused[len(refused) // 2], 1)
        self.assertEqual(self.url_open("/complaints/new").status_code, 200)

    def test_too_many_forms_right_or_wrong(self):
        with patch.object(guest_form, "POSTS_LIMIT", 3):
            for _index in range(3):
                self.refused("tell us your name", name="")
            response, cases = self.send()
        self.assertFalse(cases)
        self.assertEqual(response.status_code, 429)
        self.assertEqual(response.headers["Retry-After"], "300")
        self.read_page(response)
        self.assertIn("What you wrote is not lost", self.text)
        self.assertIn("Water <b>everywhere</b>", self.text)
