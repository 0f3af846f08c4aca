import io

from PIL import Image

from odoo.exceptions import UserError
from odoo.tests import mute_logger, tagged

from ..tools import uploads
from .common import MODULE
from .portal_common import PortalCommon

JSON = {"Accept": "application/json"}


@tagged("post_install", "-at_install")
class TestPortalEvidence(PortalCommon):
    """A customer adds evidence to a complaint (D3, D4)."""

    def setUp(self):
        super().setUp()
        self.case = self._case(user_id=self.handler.id)
        self.login(self.customer)
        self.page(f"/my/complaints/{self.case.id}")

    def add(self, *files, shows="The crack", headers=None, **data):
        files = files or [("crack.txt", b"A crack", "text/plain")]
        return self.post(
            f"/my/complaints/{self.case.id}/evidence",
            {"shows": shows, **data},
            files=[("files", file) for file in files],
            headers=headers,
        )

    def kept(self):
        return self.env["ir.attachment"].search(
            [("res_model", "=", "complaint.case"), ("res_id", "=", self.case.id)],
            order="id",
        )

    def test_files_are_listed_with_what_they_show_and_when(self):
        response = self.add(
            ("crack.txt", b"A crack", "text/plain"),
            ("bill.txt", b"Bill", "text/plain"),
            shows="  The crack,\n and the bill ",
        )
        self.assertEqual(response.status_code, 303)
        page = self.page(response.headers["Location"])
        self.assertIn("Your files are with the complaint", self.text)
        items = page.xpath("//ul[contains(@class, 'o_complaint_filelist')]/li")
        self.assertEqual(len(items), 2)
        said = " ".join(items[0].text_content().split())
        self.assertRegex(said, r"^crack.txt The crack, and the bill \w+ \d+, \d{4}, ")
        [link] = items[1].xpath(".//a/@href")
        self.assertEqual(self.url_open(link).content, b"Bill")
        files = self.kept()
        self.assertEqual(set(files.mapped("description")), {"The crack, and the bill"})
        self.assertEqual(files.create_uid, self.customer)

    def test_whoever_follows_is_told(self):
        self.case.message_subscribe(self.handler.partner_id.ids)
        mails = self.env["mail.mail"].search([])
        self.add()
        message = self.case_as(self.case).message_ids[0]
        self.assertIn("New evidence: The crack", message.body)
        self.assertEqual(message.author_id, self.customer.partner_id)
        self.assertEqual(message.attachment_ids, self.kept())
        mail = self.env["mail.mail"].search([]) - mails
        self.assertIn(self.handler.partner_id, mail.recipient_ids)
        self.assertEqual(set(mail.mapped("state")), {"outgoing"}, "through the queue")

    def test_ends_a_wait_for_the_customer(self):
        reason = self.env.ref(f"{MODULE}.pause_reason_customer")
        self.case.with_user(self.handler)._pause(reason, "Ask for a photo")
        self.add()
        self.assertFalse(self.case_as(self.case).pause_id)

    def test_photos_are_kept_unaltered(self):
        """Odoo would make large ones smaller, and drop when they were taken."""
        buffer = io.BytesIO()
        exif = Image.Exif()
        exif[0x0132] = "2026:01:02 03:04:05"
        Image.new("RGB", (2400, 60)).save(buffer, "JPEG", exif=exif)
        photo = buffer.getvalue()
        self.add(("photo.jpg", photo, "image/jpeg"))
        self.assertEqual(self.kept().raw, photo)

    def test_sent_again_is_kept_once(self):
        self.add()
        messages = self.case_as(self.case).message_ids
        response = self.add()
        self.assertEqual(response.status_code, 303)
        self.assertEqual(self.case_as(self.case).message_ids, messages)
        self.assertEqual(len(self.kept()), 1)
        self.add(shows="The same from behind")
        self.assertEqual(len(self.kept()), 2)

    def test_mistakes(self):
        large = b"x" * (uploads.MAX_FILE_BYTES + 1)
        for files, shows, text in (
            ([("", b"")], "The crack", "Please choose the files to add"),
            ([], " ", "Please say in a few words what they show"),
            ([("page.html", b"<p>")], "The crack", "“page.html” cannot be taken"),
            ([("film.txt", large)], "The crack", "“film.txt” is larger than 10 MB"),
        ):
            with self.subTest(text=text):
                response = self.add(*files, shows=shows)
                self.assertEqual(response.status_code, 200)
                page = self.read_page(response)
                self.assertIn(text, self.text)
                [form] = page.xpath("//details[@open]//form")
                self.assertIn("/evidence", form.get("action"))
                self.assertEqual(
                    form.xpath(".//input[@name='shows']/@value"),
                    [shows.strip()]
                    if shows.strip()
                    else form.xpath(".//input[@name='shows']/@value"),
                )
                response = self.add(*files, shows=shows, headers=JSON)
                self.assertEqual(response.status_code, 422)
                self.assertIn(text, response.json()["errors"]["form"])
        self.assertFalse(self.kept())

    def test_script_gets_words_instead_of_pages(self):
        response = self.add(headers=JSON)
        self.assertEqual(
            response.json(),
            {"url": f"/my/complaints/{self.case.id}?notice=evidence"},
        )

    def test_after_closing_the_handler_is_alerted(self):
        self.case.with_user(self.handler)._withdraw("By phone")
        self.add()
        activity = self.case_as(self.case).activity_ids
        self.assertEqual(activity.user_id, self.handler)
        self.assertIn("after the complaint was closed", activity.summary)

    def test_by_link_without_login(self):
        token = self.token(self.case)
        self.login(None)
        self.page(f"/my/complaints/{self.case.id}?access_token={token}")
        response = self.add(access_token=token)
        self.assertEqual(response.status_code, 303)
        self.page(response.headers["Location"])
        self.assertIn("The crack", self.text)
        message = self.case_as(self.case).message_ids[0]
        self.assertEqual(message.author_id, self.customer.partner_id)
        self.assertEqual(message.attachment_ids, self.kept())

    def test_complaint_contact_adds_for_the_company(self):
        self.customer_colleague.partner_id.is_complaint_contact = True
        self.login(self.customer_colleague)
        self.page(f"/my/complaints/{self.case.id}")
        self.assertEqual(self.add().status_code, 303)
        message = self.case_as(self.case).message_ids[0]
        self.assertEqual(message.author_id, self.customer_colleague.partner_id)

    def test_nobody_takes_it_out_again(self):
        """Neither the file, nor the message that it came with."""
        self.add()
        message = self.case_as(self.case).message_ids[0]
        file = self.kept()
        for route, params in (
            (
                "/mail/attachment/delete",
                {
                    "attachment_id": file.id,
                    "access_token": file._get_ownership_token(),
                },
            ),
            (
                "/mail/message/update_content",
                {
                    "message_id": message.id,
                    "update_data": {"body": "", "attachment_ids": []},
                },
            ),
        ):
            with self.subTest(route=route), mute_logger("odoo.http"):
                answer = self.opener.post(
                    self.base_url() + route, json={"params": params}
                ).json()
                self.assertEqual(answer["error"]["code"], 404)
        self.assertEqual(self.case_as(self.case).message_ids[0].attachment_ids, file)
        self.assertIn("The crack", message.body)

    def test_files_of_messages_are_checked_alike(self):
        for name, raw, text in (
            ("page.html", b"<p>", "cannot be taken"),
            ("film.txt", b"x" * (uploads.MAX_FILE_BYTES + 1), "larger than 10 MB"),
        ):
            response = self.post(
                "/mail/attachment/upload",
                {
                    "thread_model": "complaint.case",
                    "thread_id": self.case.id,
                    "is_pending": "true",
                },
                files={"ufile": (name, raw)},
            )
            self.assertIn(text, response.json()["error"])

    def test_many_are_too_many_in_an_hour(self):
        limit = self.env["ir.config_parameter"].set_param
        limit("complaint_management.portal_files_limit", "1")
        limit("complaint_management.portal_message_limit", "1")
        self.assertEqual(self.add().status_code, 303)
        response = self.add(shows="Another view")
        self.read_page(response)
        self.assertIn("many files within the last hour", self.text)
        self.assertIn("Another view", response.text, "what was typed is kept")
        self.assertEqual(len(self.kept()), 1)
        upload = self.post(
            "/mail/attachment/upload",
            {
                "thread_model": "complaint.case",
                "thread_id": self.case.id,
                "is_pending": "true",
            },
            files={"ufile": ("x.txt", b"x")},
        )
        self.assertIn("many files", upload.json()["error"])
        said = {
            "thread_model": "complaint.case",
            "thread_id": self.case.id,
            "post_data": {"body": "Hello"},
        }
        self.make_jsonrpc_request("/mail/message/post", said)
        with mute_logger("odoo.http"):
            answer = self.opener.post(
                self.base_url() + "/mail/message/post", json={"params": said}
            ).json()
        self.assertIn("many messages", answer["error"]["data"]["message"])
        self.login(self.handler)
        for _time in range(2):
            self.make_jsonrpc_request("/mail/message/post", said)


@tagged("post_install", "-at_install")
class TestPortalWithdraw(PortalCommon):
    """A customer takes a complaint back (D4)."""

    def setUp(self):
        super().setUp()
        self.case = self._case(user_id=self.handler.id)
        self.login(self.customer)
        self.page(f"/my/complaints/{self.case.id}")

    def withdraw(self, **data):
        return self.post(f"/my/complaints/{self.case.id}/withdraw", data)

    def test_is_closed_and_on_record(self):
        response = self.withdraw(confirm="1", reason="It was <b>me</b>\nafter all")
        self.assertEqual(response.status_code, 303)
        self.assertRecordValues(
            self.case_as(self.case), [{"phase": "closed", "outcome": "withdrawn"}]
        )
        log = self.case.message_ids.filtered(
            lambda message: "took the complaint back" in message.body
        )
        self.assertEqual(log.author_id, self.customer.partner_id)
        self.assertIn("It was &lt;b&gt;me&lt;/b&gt;<br>", log.body)
        self.assertEqual(self.case.activity_ids.user_id, self.handler)
        self.page(response.headers["Location"])
        self.assertIn("You took the complaint back, and it is closed", self.text)
        self.assertIn("You took the complaint back, and it was closed", self.text)
        self.assertNotIn("after all", self.text)

    def test_must_be_confirmed(self):
        response = self.withdraw(reason="Let me think")
        page = self.read_page(response)
        self.assertIn("Please tick that you take the complaint back", self.text)
        self.assertEqual(self.case_as(self.case).phase, "received")
        [form] = page.xpath("//details[@open]//form")
        self.assertEqual(form.xpath("string(.//textarea)"), "Let me think")

    def test_from_every_phase_before_the_answer(self):
        for action in (None, "accept", "investigate", "resolve"):
            with self.subTest(action=action):
                self.case = self._case(user_id=self.handler.id)
                if action:
                    getattr(self.case.with_user(self.handler), f"action_{action}")()
                self.withdraw(confirm="1")
                self.assertEqual(self.case_as(self.case).outcome, "withdrawn")

    def test_while_it_waits(self):
        reason = self.env.ref(f"{MODULE}.pause_reason_customer")
        self.case.with_user(self.handler)._pause(reason, "Ask for a photo")
        self.withdraw(confirm="1")
        self.assertEqual(self.case_as(self.case).outcome, "withdrawn")
        self.assertFalse(self.case.pause_id)
        self.assertEqual(set(self.case.clock_ids.mapped("state")), {"cancelled"})

    def test_not_once_it_is_answered_or_closed(self):
        self.case.answer = "<p>We replace it.</p>"
        self.case.with_user(self.handler).action_answer()
        for phase in ("answered", "closed"):
            if phase == "closed":
                self.case.with_user(self.customer).sudo()._customer_accept()
            with self.subTest(phase=phase):
                page = self.page(f"/my/complaints/{self.case.id}")
                self.assertFalse(page.xpath("//form[contains(@action, '/withdraw')]"))
                response = self.withdraw(confirm="1")
                self.read_page(response)
                self.assertIn("cannot be taken back any more", self.text)
                self.assertEqual(self.case_as(self.case).phase, phase)
        self.assertEqual(self.case.outcome, "settled")

    def test_no_survey_follows(self):
        self.withdraw(confirm="1")
        feedback = self.case_as(self.case).feedback_ids
        self.assertEqual(feedback.cancel_reason, "withdrawn")

    def test_by_link_without_login(self):
        token = self.token(self.case)
        self.login(None)
        self.page(f"/my/complaints/{self.case.id}?access_token={token}")
        self.withdraw(confirm="1", access_token=token)
        self.assertEqual(self.case_as(self.case).outcome, "withdrawn")

    def test_colleague_only_as_complaint_contact(self):
        self.login(self.customer_colleague)
        self.assertEqual(self.withdraw(confirm="1").status_code, 404)
        self.assertEqual(self.case_as(self.case).phase, "received")
        self.customer_colleague.partner_id.is_complaint_contact = True
        self.assertEqual(self.withdraw(confirm="1").status_code, 303)
        log = self.case_as(self.case).message_ids.filtered(
            lambda message: "took the complaint back" in message.body
        )
        self.assertEqual(log.author_id, self.customer_colleague.partner_id)

    def test_methods_are_nobodys_to_call(self):
        """What the pages do is not open to RPC."""
        own = self.case.with_user(self.customer)
        for work in (
            lambda: own.write({"outcome": "withdrawn"}),
            lambda: own.read(["allegation_ids"]),
            lambda: (
                self.env["complaint.allegation"].with_user(self.customer).search([])
            ),
        ):
            with self.assertRaises(UserError):
                work()
