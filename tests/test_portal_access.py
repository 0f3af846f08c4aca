import re

from odoo.tests import mute_logger, tagged

from .portal_common import PortalCommon

#: An id that no complaint has.
NOWHERE = 2_000_000_000


@tagged("post_install", "-at_install")
class TestPortalAccess(PortalCommon):
    """Who reaches a complaint, by which route, and what everybody else is told (T7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._case(
            user_id=cls.handler.id,
            subject="Secret subject",
            answer="<p>Secret answer</p>",
            order_id=cls.order.id,
        )
        cls.case.with_user(cls.handler).action_answer()
        cls.file = (
            cls.case.with_user(cls.customer)
            .sudo()
            ._intake_attach([{"name": "secret.txt", "raw": b"Secret file"}])
        )
        cls.files = cls._files()

    @classmethod
    def _files(cls):
        return cls.env["ir.attachment"].search(
            [("res_model", "=", "complaint.case"), ("res_id", "=", cls.case.id)]
        )

    def routes(self):
        """Every way to a complaint: method, path, and what is sent."""
        return [
            ("GET", "/my/complaints/%s", {}),
            ("GET", "/my/complaints/%s/acknowledgement", {}),
            ("GET", "/my/complaints/%s/letter", {}),
            ("POST", "/my/complaints/%s/accept", {}),
            ("POST", "/my/complaints/%s/object", {"reason": "No"}),
            ("POST", "/my/complaints/%s/evidence", {"shows": "Nothing"}),
            ("POST", "/my/complaints/%s/withdraw", {"confirm": "1"}),
        ]

    def answer_to(self, method, path, data, case_id, token):
        """Status, target and text of a response, without what is the request's own."""
        url = path % case_id
        if method == "GET":
            query = f"?access_token={token}" if token else ""
            response = self.url_open(url + query, allow_redirects=False)
        else:
            response = self.post(url, {**data, "access_token": token or ""})
        return (
            response.status_code,
            *(
                re.sub(rf"complaints/{case_id}\b|csrf_token: \S+", "", text)
                for text in (response.headers.get("Location", ""), response.text)
            ),
        )

    def check_out_of_reach(self, token=None):
        for method, path, data in self.routes():
            with self.subTest(method=method, path=path):
                there = self.answer_to(method, path, data, self.case.id, token)
                nowhere = self.answer_to(method, path, data, NOWHERE, token)
                self.assertEqual(there, nowhere)
                self.assertEqual(there[0], 303 if method == "GET" else 404)
                self.assertNotIn("Secret", there[2])
        self.assertEqual(self.case_as(self.case).phase, "answered")
        self.assertEqual(self._files(), self.files)
        self.check_files_out_of_reach()

    def check_files_out_of_reach(self):
        """Whoever may not see the complaint sees none of its files."""
        for route in ("/web/content/%s", "/web/image/%s"):
            there, nowhere = (
                self.url_open(route % file_id, allow_redirects=False)
                for file_id in (self.file.id, NOWHERE)
            )
            self.assertEqual(there.status_code, nowhere.status_code)
            self.assertNotEqual(there.content, b"Secret file")
        there, nowhere = (
            self.call("/mail/attachment/delete", 0, attachment_id=file_id)
            for file_id in (self.file.id, NOWHERE)
        )
        self.assertEqual(there, nowhere)
        self.assertTrue(self.file.exists())

    def call(self, route, case_id, **params):
        """What a JSON route of the portal chatter answers, be it an error."""
        thread = {"thread_model": "complaint.case", "thread_id": case_id}
        if "attachment" in route:
            thread = {}
        with mute_logger("odoo.http"):
            answer = self.opener.post(
                self.base_url() + route, json={"params": {**thread, **params}}
            ).json()
        if "error" not in answer:
            return answer["result"]
        return {"error": answer["error"]["message"], "code": answer["error"]["code"]}

    def check_messages_out_of_reach(self, **access):
        """The routes of Odoo's own portal chatter."""
        messages = self.case.sudo().message_ids
        post = {"post_data": {"body": "Intruder"}}
        for route, params in (
            ("/mail/chatter_fetch", {}),
            ("/mail/message/post", post),
        ):
            with self.subTest(route=route, **access):
                there = self.call(route, self.case.id, **params, **access)
                self.assertEqual(there, self.call(route, NOWHERE, **params, **access))
                self.assertFalse(there.get("messages"))
                self.assertNotIn("message_id", there)
        for case_id in (self.case.id, NOWHERE):
            response = self.post(
                "/mail/attachment/upload",
                {"thread_model": "complaint.case", "thread_id": case_id, **access},
                files={"ufile": ("x.txt", b"x")},
            )
            self.assertEqual(response.status_code, 404)
        self.assertEqual(self.case_as(self.case).sudo().message_ids, messages)

    def test_another_customer(self):
        self.login(self.other_customer)
        self.check_out_of_reach()
        self.check_messages_out_of_reach()

    def test_colleague_who_is_no_contact(self):
        self.login(self.customer_colleague)
        self.check_out_of_reach()
        self.check_messages_out_of_reach()

    def test_employee_without_rights(self):
        self.login(self.employee)
        self.check_out_of_reach()
        self.check_messages_out_of_reach()

    def test_handler_of_another_team(self):
        self.login(self.stranger)
        self.check_out_of_reach()

    def test_guest(self):
        self.login(None)
        self.check_out_of_reach()
        self.check_messages_out_of_reach()

    def test_wrong_token(self):
        """Also before the case has one, and with what breaks comparisons."""
        for user in (None, self.other_customer):
            self.login(user)
            for has_token in (False, True):
                if has_token:
                    self.token(self.case)
                for token in ("wrong", "False", "%C3%BC", "0" * 5000):
                    with self.subTest(token=token[:10], has_token=has_token, user=user):
                        self.check_out_of_reach(token)
                for access in (
                    {"token": "wrong"},
                    {"token": "ü"},
                    {"token": 1},
                    {"hash": "wrong", "pid": self.customer.partner_id.id},
                    {"hash": "ü", "pid": "x"},
                ):
                    self.check_messages_out_of_reach(**access)

    def test_token_of_another_case(self):
        other = self._case(partner_id=self.other_customer.partner_id.id)
        self.login(None)
        self.check_out_of_reach(self.token(other))

    def test_other_customers_list_and_search_are_empty(self):
        self.login(self.other_customer)
        for url in (
            "/my/complaints",
            "/my/complaints?search=Secret",
            f"/my/complaints?search={self.case.name}",
            f"/my/complaints?search={self.order.name}",
        ):
            self.page(url)
            self.assertNotIn("Secret", self.text)
            self.assertNotIn(self.case.name, self.text)

    def test_token_opens_everything_without_login(self):
        self.login(None)
        token = self.token(self.case)
        page = self.page(f"/my/complaints/{self.case.id}?access_token={token}")
        self.assertIn("Secret subject", self.text)
        self.assertIn("Secret answer", self.text)
        # What needs an account is not linked, the rest carries the token.
        self.assertFalse(page.xpath("//main//a[contains(@href, '/my/orders')]"))
        for link in page.xpath("//a[contains(@href, '.pdf') or contains(., 'PDF')]"):
            self.assertIn(token, link.get("href"))
            self.assertEqual(self.url_open(link.get("href")).status_code, 200)
        [chatter] = page.xpath("//div[@id='discussion']")
        self.assertEqual(chatter.get("data-token"), token)

    def test_token_accepts(self):
        self.login(None)
        token = self.token(self.case)
        self.page(f"/my/complaints/{self.case.id}?access_token={token}")
        response = self.post(
            f"/my/complaints/{self.case.id}/accept", {"access_token": token}
        )
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.case_as(self.case).phase, "closed")
        self.assertEqual(self.case.outcome, "settled")
        log = self.case.message_ids.filtered(
            lambda message: "accepted the answer" in message.body
        )
        self.assertEqual(log.author_id, self.customer.partner_id)
        self.page(response.headers["Location"])
        self.assertIn("Thank you. You accepted the answer", self.text)

    def test_token_objects_and_replies(self):
        self.login(None)
        token = self.token(self.case)
        self.page(f"/my/complaints/{self.case.id}?access_token={token}")
        response = self.post(
            f"/my/complaints/{self.case.id}/object",
            {"access_token": token, "reason": "It <b>still</b> leaks"},
        )
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.case_as(self.case).phase, "investigating")
        self.assertEqual(self.case.customer_verdict, "objected")
        self.page(response.headers["Location"])
        self.assertIn("We look at your complaint again", self.text)
        self.assertIn("What we answered before", self.text)
        objection = self.case.message_ids.filtered(
            lambda message: "leaks" in message.body
        )
        self.assertIn("&lt;b&gt;still", objection.body)
        self.assertEqual(objection.author_id, self.customer.partner_id)
        told = self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "complaint.case",
                "thread_id": self.case.id,
                "post_data": {"body": "One more thing"},
                "token": token,
            },
        )
        message = self.env["mail.message"].browse(told["message_id"])
        self.assertEqual(message.author_id, self.customer.partner_id)

    def test_forms_need_post_and_csrf(self):
        self.login(self.customer)
        for action in ("accept", "object", "evidence", "withdraw"):
            url = f"/my/complaints/{self.case.id}/{action}"
            self.assertEqual(self.url_open(url).status_code, 405)
            with mute_logger("odoo.http"):
                response = self.url_open(url, data={"reason": "No", "confirm": "1"})
            self.assertEqual(response.status_code, 400)
        with mute_logger("odoo.http"):
            response = self.url_open("/my/complaints/new", data={"summary_1": "x"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.case_as(self.case).phase, "answered")

    def test_complaint_contact_acts_for_the_company(self):
        self.customer_colleague.partner_id.is_complaint_contact = True
        self.login(self.customer_colleague)
        self.page("/my/complaints")
        self.assertIn("Secret subject", self.text)
        self.assertIn("By Ann", self.text)
        self.page(f"/my/complaints/{self.case.id}")
        self.post(f"/my/complaints/{self.case.id}/accept")
        self.assertEqual(self.case_as(self.case).phase, "closed")
        log = self.case.message_ids.filtered(
            lambda message: "accepted the answer" in message.body
        )
        self.assertEqual(log.author_id, self.customer_colleague.partner_id)

    def test_complaint_contact_of_another_company(self):
        self.other_customer.partner_id.is_complaint_contact = True
        self.login(self.other_customer)
        self.check_out_of_reach()

    def test_confidential_is_for_the_complainant_only(self):
        self.customer_colleague.partner_id.is_complaint_contact = True
        self.case.is_confidential = True
        self.login(self.customer_colleague)
        self.check_out_of_reach()
        self.login(self.customer)
        self.page(f"/my/complaints/{self.case.id}")
        self.assertIn("Secret subject", self.text)

    def test_staff_see_the_page_but_do_not_react(self):
        """Neither by their rights nor by the link that they can share."""
        token = self.token(self.case)
        self.login(self.handler)
        for query in ("", f"?access_token={token}"):
            page = self.page(f"/my/complaints/{self.case.id}{query}")
            self.assertFalse(page.xpath("//form[contains(@action, '/accept')]"))
            self.assertFalse(page.xpath("//form[contains(@action, '/object')]"))
            self.assertFalse(page.xpath("//form[contains(@action, '/evidence')]"))
            self.assertFalse(page.xpath("//form[contains(@action, '/withdraw')]"))
        for action in ("accept", "object", "evidence", "withdraw"):
            response = self.post(
                f"/my/complaints/{self.case.id}/{action}",
                {"access_token": token, "reason": "No"},
            )
            self.assertEqual(response.status_code, 404)
        self.assertEqual(self.case_as(self.case).phase, "answered")

    def test_message_of_the_customer_with_a_file(self):
        """The file belongs to the customer, is listed, and cannot run."""
        self.login(self.customer)
        self.page(f"/my/complaints/{self.case.id}")
        thread = {"thread_model": "complaint.case", "thread_id": self.case.id}
        uploaded = self.post(
            "/mail/attachment/upload",
            {**thread, "is_pending": "true"},
            files={"ufile": ("page.txt", b"<html><script>1</script></html>")},
        ).json()["data"]
        file = self.env["ir.attachment"].browse(uploaded["attachment_id"])
        [stored] = uploaded["store_data"]["ir.attachment"]
        told = self.make_jsonrpc_request(
            "/mail/message/post",
            {
                **thread,
                "post_data": {
                    "body": "See the file",
                    "attachment_ids": file.ids,
                    "attachment_tokens": [stored["ownership_token"]],
                },
            },
        )
        message = self.env["mail.message"].browse(told["message_id"])
        self.assertEqual(message.author_id, self.customer.partner_id)
        self.assertEqual(message.attachment_ids, file)
        self.assertEqual(file.mimetype, "text/plain")
        page = self.page(f"/my/complaints/{self.case.id}")
        [link] = page.xpath("//a[contains(., 'page.txt')]/@href")
        response = self.url_open(link)
        self.assertIn("text/plain", response.headers["Content-Type"])
        self.assertIn("attachment", response.headers["Content-Disposition"])

    def test_staff_find_only_their_own_in_the_list(self):
        self.login(self.manager)
        self.page("/my/complaints")
        self.assertNotIn("Secret subject", self.text)

    def test_employee_without_rights_has_no_complaints_in_the_portal(self):
        self.login(self.employee)
        self.page("/my")
        self.assertNotIn("Complaints", self.text)
        for url in ("/my/complaints", "/my/complaints/new"):
            response = self.url_open(url, allow_redirects=False)
            self.assertEqual(response.headers["Location"].rstrip("/")[-3:], "/my")

    def test_owner_with_the_link_from_the_mail(self):
        """With rights of one's own the token is not needed, and not in the way."""
        self.login(self.customer)
        page = self.page(
            f"/my/complaints/{self.case.id}?access_token={self.token(self.case)}"
        )
        self.assertIn("Secret answer", self.text)
        [chatter] = page.xpath("//div[@id='discussion']")
        self.assertIsNone(chatter.get("data-token"))
        told = self.make_jsonrpc_request(
            "/mail/chatter_fetch",
            {"thread_model": "complaint.case", "thread_id": self.case.id},
        )
        self.assertTrue(told["messages"])
