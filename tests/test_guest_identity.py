import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .guest_common import GuestCommon


@tagged("post_install", "-at_install")
class TestGuestIdentity(GuestCommon):
    """Anybody can type anybody's address: whose complaint is it?"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = cls.customer.partner_id
        cls.ann.write({"name": "Ann Real", "phone": "+32 2 555 77 66"})

    def stolen(self, **values):
        """A stranger sends the form with the address of a customer."""
        case = self.guest_case(
            partner_name="Eve Stranger",
            guest_name="Eve Stranger",
            email_from=self.ann.email,
            guest_email=self.ann.email,
            **values,
        )
        self.url = f"/complaints/track/{case.id}"
        self.open_tracker(case)
        return case

    # The order ------------------------------------------------------------------------

    def test_order_with_the_customers_address(self):
        case = self.complain(
            email=self.acme.email.upper(), order_number=f" {self.order.name.lower()} "
        )
        self.assertEqual((case.order_id, case.partner_id), (self.order, self.acme))
        self.assertEqual(case.guest_name, "Gus Guest")

    def test_order_with_a_colleagues_address(self):
        case = self.complain(email=self.ann.email, order_number=self.order.name)
        self.assertEqual((case.order_id, case.partner_id), (self.order, self.ann))

    def test_order_with_the_customers_phone(self):
        self.acme.phone = "+32 2 555 11 22"
        case = self.complain(email="", phone="02-5551122", order_number=self.order.name)
        self.assertEqual((case.order_id, case.partner_id), (self.order, self.acme))

    def test_order_of_somebody_else(self):
        """Kept as stated, and told to nobody."""
        draft = self.env["sale.order"].create({"partner_id": self.acme.id})
        thanks, tracked = set(), []
        for number, email in (
            (self.other_order.name, self.ann.email),
            (self.order.name, "gus@example.com"),
            (draft.name, self.acme.email),
            ("NO-SUCH-ORDER", self.ann.email),
            (self.order.name, self.ann.email),
        ):
            response, case = self.send(order_number=number, email=email)
            self.assertEqual(case.guest_order_number, number)
            is_real = (number, email) == (self.order.name, self.ann.email)
            self.assertEqual(bool(case.order_id), is_real)
            thanks.add(self.impersonal(response.headers["Location"], case))
            tracked.append(self.impersonal(f"/complaints/track/{case.id}", case))
        # Apart from what the sender typed, a linked order shows nowhere. (A contact
        # that came with the complaint may print its own letters.)
        self.assertEqual(len(thanks), 1)
        known = [text for text in tracked if "Documents" not in text]
        self.assertEqual(len(known), 4)
        self.assertEqual(len(set(known)), 1)

    def impersonal(self, url, case):
        """What a page says, without what is this complaint's own."""
        self.page(url)
        own = (case.name, case._tracking_code(), case.guest_order_number)
        text = self.text
        for word in own:
            text = text.replace(word, "…")
        # The minute may have turned, and with it the time left.
        return re.sub(r"[0-9]+:[0-9]{2}|Left: [^.]*\.[^.]*\.?", "…", text)

    def test_same_queries_whether_the_order_exists(self):
        self.complain(email=self.ann.email, order_number="X")
        counts = []
        for number in ("NO-SUCH-ORDER", self.other_order.name, self.order.name):
            vals = [
                {
                    "company_id": self.company.id,
                    "is_guest": True,
                    "guest_email": self.ann.email,
                    "guest_order_number": number,
                }
            ]
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["complaint.case"]._guest_order_contacts(vals)
            counts.append(self.env.cr.sql_log_count - start)
        # Whose order it is makes no difference; reading one is a millisecond beside
        # what it costs to register a complaint.
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[1] - counts[0], 3, counts)

    def test_contact_of_another_company_is_not_used(self):
        other = self.env["res.company"].create({"name": "Other branch"})
        theirs = self.env["res.partner"].create(
            {"name": "Theirs", "email": "gus@example.com", "company_id": other.id}
        )
        case = self.complain()
        self.assertTrue(case.partner_id)
        self.assertNotEqual(case.partner_id, theirs)

    def test_staff_link_the_stated_order(self):
        case = self.complain(email="", phone="0151 234567", order_number="x")
        staff = case.with_user(self.handler)
        with self.refuses(UserError, "Choose the customer first"):
            staff.action_link_stated_order()
        staff.partner_id = self.acme
        with self.refuses(UserError, "has no order x"):
            staff.action_link_stated_order()
        case.guest_order_number = self.other_order.name
        with self.refuses(UserError, "has no order"):
            staff.action_link_stated_order()
        case.guest_order_number = f"#{self.order.name.lower()}"
        staff.action_link_stated_order()
        self.assertEqual(case.order_id, self.order)
        for user in (self.auditor, self.customer):
            with self.refuses(AccessError, "allow|rights|access"):
                case.with_user(user).action_link_stated_order()

    # The stranger ---------------------------------------------------------------------

    def test_customer_sees_it_stranger_sees_no_customer(self):
        case = self.stolen()
        self.assertEqual(case.partner_id, self.ann)
        self.page(self.url)
        self.assertIn("Eve Stranger", self.text)
        for secret in ("Ann Real", "Acme", "555 77 66"):
            self.assertNotIn(secret, self.text)
        self.assertNotIn("Documents", self.text)
        for document in ("acknowledgement", "letter"):
            response = self.url_open(f"{self.url}/{document}")
            self.assertEqual(response.status_code, 404)
        self.login(self.customer)
        self.page(f"/my/complaints/{case.id}")
        self.assertIn("Did you send this?", self.text)

    def test_what_the_customer_writes_stays_hidden(self):
        case = self.stolen()
        case.write({"user_id": self.handler.id, "category_id": self.category.id})
        case.with_user(self.customer).sudo().message_post(
            body="My bank account is 123",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        file = (
            case.with_user(self.customer)
            .sudo()
            ._intake_attach([{"name": "passport.txt", "raw": b"x"}])
        )
        case.with_user(self.handler).message_post(
            body="To whoever sent it: which kettle?",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        case.answer = "<p>Our answer.</p>"
        case.with_user(self.handler).action_answer()
        self.page(self.url)
        self.assertIn("which kettle", self.text)
        self.assertIn("Our answer.", self.text)
        for secret in ("bank account", "passport", "Ann Real"):
            self.assertNotIn(secret, self.text)
        # Once the customer says that both are one person, all of it is there.
        case._guest_confirm()
        self.page(self.url)
        self.assertIn("bank account", self.text)
        self.assertIn(file.name, self.text)

    def test_name_of_a_member_of_staff(self):
        """A stranger who calls himself like a manager is marked as a complainant."""
        self.complain(name=self.manager.name)
        case = self.env["complaint.case"].search([], order="id desc", limit=1)
        self.page(f"/complaints/track/{case.id}")
        self.post(f"/complaints/track/{case.id}/message", {"message": "Pay at once"})
        message = case.message_ids.filtered(lambda one: "Pay" in one.body)
        self.assertIn("(complainant)", message.email_from)

    # The owner of the address ---------------------------------------------------------

    def answer_question(self, case, answer, token=None):
        self.page(
            f"/my/complaints/{case.id}" + (f"?access_token={token}" if token else "")
        )
        response = self.post(
            f"/my/complaints/{case.id}/identity",
            {"answer": answer, **({"access_token": token} if token else {})},
        )
        self.env.invalidate_all()
        return response

    def test_mine(self):
        case = self.stolen()
        self.login(self.customer)
        response = self.answer_question(case, "mine")
        self.assertEqual(case.guest_identity, "confirmed")
        self.page(response.headers["Location"])
        self.assertIn("Now we know that it is you", self.text)
        self.assertNotIn("Did you send this?", self.text)

    def test_not_mine_by_the_link_in_the_mail(self):
        case = self.stolen()
        self.login(None)
        token = self.token(case)
        response = self.answer_question(case, "not_mine", token)
        self.assertEqual(response.status_code, 200)
        self.read_page(response)
        self.assertIn("Thank you for telling us", self.text)
        self.assertEqual(case.guest_identity, "denied")
        self.assertFalse(case.partner_id or case.email_from or case.order_id)
        self.assertEqual(case.partner_name, "Eve Stranger")
        self.assertEqual(case.guest_email, self.ann.email_normalized)
        self.assertTrue(case.activity_ids)
        # The link is dead, and the customer's list does not have it any more.
        response = self.url_open(
            f"/my/complaints/{case.id}?access_token={token}", allow_redirects=False
        )
        self.assertIn("/web/login", response.headers["Location"])
        self.login(self.customer)
        self.page("/my/complaints")
        self.assertNotIn(case.name, self.text)
        # Whoever sent it still has the tracking page.
        self.login(None)
        self.open_tracker(case)
        self.page(self.url)
        self.assertIn("Eve Stranger", self.text)

    def test_only_the_owner_is_asked(self):
        case = self.stolen()
        self.customer_colleague.partner_id.is_complaint_contact = True
        for user in (self.customer_colleague, self.handler):
            self.login(user)
            self.page(f"/my/complaints/{case.id}")
            response = self.post(
                f"/my/complaints/{case.id}/identity", {"answer": "not_mine"}
            )
            self.assertEqual(response.status_code, 404)
        self.assertEqual(self.case_as(case).guest_identity, "unconfirmed")

    def test_staff_confirm(self):
        case = self.stolen()
        for user in (self.auditor, self.customer, self.employee):
            with self.refuses(AccessError, "allow|rights|access"):
                case.with_user(user).action_confirm_identity()
        case.with_user(self.handler).action_confirm_identity()
        self.assertEqual(case.guest_identity, "confirmed")

    def test_customers_read_no_internal_field(self):
        case = self.stolen()
        theirs = case.with_user(self.customer)
        self.assertTrue(theirs.has_access("read"))
        for name in (
            "guest_identity",
            "guest_email",
            "guest_phone",
            "guest_order_number",
            "is_guest",
            "is_anonymous",
            "consent_id",
            "behalf_name",
            "behalf_authority",
            "tracking_salt",
        ):
            with self.refuses(AccessError, "allow|rights|access"):
                theirs.read([name])

    # Mail to unverified addresses -----------------------------------------------------

    def test_few_automatic_mails_to_one_address(self):
        self.company.complaint_guest_mails_hourly = 3
        cases = self.env["complaint.case"]
        for number in range(5):
            cases |= self.guest_case(subject=f"Complaint {number}")
        self.assertEqual(len(self.mails(cases)), 3)
        held = cases.filtered(lambda case: not case.acknowledged_at)
        self.assertEqual(len(held), 2)
        self.assertIn("No confirmation was sent", held[0].message_ids[0].body)
        # A person who looked at it may send it.
        held[0].with_user(self.handler).action_acknowledge()
        self.assertEqual(len(self.mails(cases)), 4)


@tagged("post_install", "-at_install")
class TestConsent(GuestCommon):
    """What is agreed to stays readable as it was."""

    def draft(self, **values):
        return self.env["complaint.consent"].create(
            {"body": "<p>Your data.</p>", **values}
        )

    def test_latest_published_is_shown(self):
        draft = self.draft(body="<p>Second wording</p>").with_user(self.manager)
        self.page("/complaints/new")
        self.assertNotIn("Second wording", self.text)
        draft.action_publish()
        self.assertEqual(draft.version, self.consent.version + 1)
        self.page("/complaints/new")
        self.assertIn("Second wording", self.text)
        # Who has the old page open reads the new text first.
        self.refused("was changed")
        case = self.complain(consent_id=draft.id)
        self.assertEqual(case.consent_id, draft)

    def test_own_text_of_a_company_comes_first(self):
        own = self.draft(company_id=self.company.id)
        own.action_publish()
        for_all = self.draft()
        for_all.action_publish()
        current = self.env["complaint.consent"]._current
        self.assertEqual(current(self.company), own)
        other = self.env["res.company"].create({"name": "Other branch"})
        self.assertEqual(current(other), for_all)
        self.assertEqual((own.version, for_all.version > 1), (1, True))

    def test_published_text_is_on_record(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        consent = self.draft().with_user(self.manager)
        consent.body = "<p>Better words.</p>"
        consent.action_publish()
        for change in (
            lambda: consent.write({"body": "<p>Other words.</p>"}),
            lambda: consent.with_context(lang="zh_CN").write({"body": "<p>别的</p>"}),
            lambda: consent.update_field_translations(
                "body", {"zh_CN": {"Better words.": "别的"}}
            ),
            consent.unlink,
            consent.action_publish,
        ):
            with self.refuses(UserError, "on record|存档"):
                change()
        copy = consent.browse(consent.action_new_version()["res_id"])
        self.assertFalse(copy.published_at or copy.version)
        self.assertIn("Better words", copy.body)
        copy.body = "<p>Third words.</p>"
        consent.active = False

    def test_without_a_text_nothing_is_asked(self):
        self.env["complaint.consent"].search([]).active = False
        page = self.page("/complaints/new")
        self.assertFalse(page.xpath("//input[@name='consent']"))
        case = self.complain(consent="", consent_id="")
        self.assertFalse(case.consent_id or case.consent_at)

    def test_roles(self):
        for user in (self.handler, self.auditor):
            consents = self.env["complaint.consent"].with_user(user)
            self.assertTrue(consents.has_access("read"))
            self.assertFalse(consents.has_access("write"))
        for user in (self.customer, self.employee):
            consents = self.env["complaint.consent"].with_user(user)
            self.assertFalse(consents.has_access("read"))
