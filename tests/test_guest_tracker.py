import re

from odoo.exceptions import AccessError
from odoo.tests import mute_logger, tagged

from ..controllers import tracker
from .guest_common import GuestCommon

#: An id that no complaint has.
NOWHERE = 2_000_000_000


@tagged("post_install", "-at_install")
class TestGuestTracker(GuestCommon):
    """Number and code open a complaint, and nothing else (I1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.guest_case()
        cls.url = f"/complaints/track/{cls.case.id}"

    def setUp(self):
        super().setUp()
        self.open_tracker(self.case)

    def answer(self, case=None):
        """The handler answers."""
        case = case or self.case
        case.write({"user_id": self.handler.id, "category_id": self.category.id})
        case.with_user(self.handler).answer = "<p>We replace it.</p>"
        case.with_user(self.handler).action_answer()

    def act(self, action, case=None, files=None, **data):
        url = f"/complaints/track/{(case or self.case).id}/{action}"
        response = self.post(url, data, files=files)
        self.env.invalidate_all()
        return response

    def test_decides_on_an_offer(self):
        remedy = self.env["complaint.remedy"].create(
            {"case_id": self.case.id, "kind": "goodwill", "amount": 5}
        )
        remedy._set("offered")
        page = self.page(self.url)
        [form] = page.xpath("//section[@id='remedies']//form")
        self.assertTrue(form.get("action").endswith(f"{self.url}/remedy"))
        response = self.act("remedy", remedy=str(remedy.id), decision="accept")
        self.assertEqual(response.status_code, 303)
        self.assertEqual(remedy.state, "accepted")
        again = self.act("remedy", remedy=str(remedy.id), decision="decline")
        self.assertIn("does not wait for you any more", again.text)
        self.assertEqual(remedy.state, "accepted")

    def test_asks_for_a_review(self):
        self.answer()
        page = self.page(self.url)
        self.assertIn("Ask for a review", self.text)
        [form] = page.xpath("//form[contains(@class, 'o_complaint_review_form')]")
        self.assertTrue(form.get("action").endswith(f"{self.url}/review"))
        self.assertIn("look at again", self.act("review", reason=" ").text)
        self.assertFalse(self.case.review_ids)
        response = self.act("review", reason="Nobody called me.")
        self.assertEqual(response.status_code, 303)
        review = self.case.review_ids
        self.assertEqual(review.reason, "Nobody called me.")
        self.assertFalse(review.asked_by_id, "the sender is no contact")
        self.page(f"{self.url}?notice=review")
        self.assertIn("You asked for a review", self.text)
        self.assertNotIn("I accept the answer", self.text)

    # The key --------------------------------------------------------------------------

    def test_opens_with_number_and_code(self):
        self.login(None)
        response = self.open_tracker(self.case)
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith(self.url))
        self.page(self.url)
        self.assertIn("The kettle leaks", self.text)
        self.assertIn("Water <b>everywhere</b>", self.text)
        self.assertIn("Somebody takes it up soon", self.text)
        self.assertIn("What we promise", self.text)

    def test_code_as_people_type_it(self):
        code = self.case._tracking_code()
        for typed in (
            code.lower(),
            code.replace("-", ""),
            f" {code.replace('-', ' ')}",
        ):
            self.login(None)
            self.assertEqual(self.open_tracker(self.case, typed).status_code, 303)
        confused = code.replace("0", "O").replace("1", "l")
        find = self.env["complaint.case"]._tracking_find
        self.assertEqual(find(f" {self.case.name.lower()} ", confused), self.case)

    def test_code_is_not_stored(self):
        code = self.case._tracking_code()
        plain = code.replace("-", "")
        row = str(self.case.sudo().read())
        self.assertNotIn(code, row)
        self.assertNotIn(plain, row)
        for message in self.case.message_ids:
            self.assertNotIn(code, message.body)
        with self.refuses(AccessError, "tracking_salt"):
            self.case.with_user(self.manager).read(["tracking_salt"])

    def test_confirmation_brings_the_code_to_the_complainant_only(self):
        self.case.message_subscribe(self.handler.partner_id.ids)
        case = self.case
        case.acknowledged_at = False
        self.mails(case).unlink()
        case._acknowledge()
        code = case._tracking_code()
        mails = self.mails(case)
        told = mails.filtered(lambda mail: code in mail.body_html)
        self.assertEqual(told.recipient_ids, case.partner_id)
        self.assertNotIn("Gus", told.body_html)
        self.assertNotIn("everywhere", told.body_html)
        self.assertNotIn("kettle", told.body_html)
        others = mails - told
        self.assertNotIn(case.partner_id, others.recipient_ids)

    def test_wrong_number_and_wrong_code_are_answered_alike(self):
        self.login(None)
        code = self.case._tracking_code()
        answers = set()
        for number, typed in (
            (self.case.name, "AAAA-AAAA-AAAA"),
            ("CMP/1999/00001", code),
            ("CMP/1999/00001", ""),
            (self.case.name, ""),
            (self._case().name, code),
        ):
            response = self.post("/complaints/track", {"number": number, "code": typed})
            text = self.without_own(response.text).replace(f'"{number}"', "")
            answers.add((response.status_code, text))
        self.assertEqual(len(answers), 1)
        [(status, text)] = answers
        self.assertEqual(status, 200)
        self.assertIn("do not fit together", text)

    def test_attempts_are_throttled(self):
        code = self.case._tracking_code()
        # One attempt was made before the test. When a window of the throttle ends
        # meanwhile, one more is let through.
        answers = [
            self.open_tracker(self.case, "wrong").status_code
            for _index in range(tracker.ATTEMPTS_LIMIT + 1)
        ]
        refused = answers.index(429)
        self.assertGreaterEqual(refused, tracker.ATTEMPTS_LIMIT - 1)
        self.assertEqual(set(answers[:refused]), {200})
        response = self.open_tracker(self.case, code)
        self.assertEqual(response.status_code, 429)
        self.assertIn("Too many attempts", response.text)

    def test_new_code_shuts_out_the_old_one(self):
        old = self.case._tracking_code()
        self.assertEqual(self.url_open(self.url).status_code, 200)
        action = self.case.with_user(self.handler).action_new_tracking_code()
        new = self.case._tracking_code()
        self.assertNotEqual(old, new)
        self.assertIn(new, action["params"]["message"])
        self.assertIn("new tracking code", self.case.message_ids[0].body)
        self.assertNotIn(new, str(self.case.message_ids.mapped("body")))
        self.check_out_of_reach(self.case.id)
        self.assertEqual(self.open_tracker(self.case, old).status_code, 200)
        self.assertEqual(self.open_tracker(self.case, new).status_code, 303)

    def test_staff_hand_out_a_code(self):
        """A complaint taken down on the phone can be followed, too."""
        case = self._case()
        self.assertEqual(case._tracking_code(), "")
        for user in (self.auditor, self.customer, self.employee):
            with self.refuses(AccessError, "allow"):
                case.with_user(user).action_new_tracking_code()
        case.with_user(self.handler).action_new_tracking_code()
        self.login(None)
        self.assertEqual(self.open_tracker(case).status_code, 303)
        self.page(f"/complaints/track/{case.id}")
        self.assertIn("The kettle leaks", self.text)

    def test_leave(self):
        self.page(self.url)
        self.assertEqual(self.post("/complaints/track/leave").status_code, 303)
        self.check_out_of_reach(self.case.id)

    def test_page_is_not_kept(self):
        response = self.url_open(self.url)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(response.headers["X-Robots-Tag"], "noindex")

    # Who does not get there -----------------------------------------------------------

    def routes(self):
        return [
            ("GET", "", {}),
            ("GET", "/acknowledgement", {}),
            ("GET", "/letter", {}),
            ("POST", "/accept", {}),
            ("POST", "/object", {"reason": "No"}),
            ("POST", "/withdraw", {}),
            ("POST", "/message", {"message": "Hello"}),
        ]

    def told(self, method, path, data, base):
        url = base + path
        if method == "GET":
            response = self.url_open(url, allow_redirects=False)
        else:
            response = self.post(url, data)
        return (
            response.status_code,
            response.headers.get("Location", ""),
            re.sub(
                r"(track|thanks|complaints)/[0-9]+", "", self.without_own(response.text)
            ),
        )

    def check_out_of_reach(self, case_id):
        """Every route answers as for a complaint that does not exist."""
        phase = self.case.phase
        base = "/complaints/track/%s"
        for method, path, data in self.routes():
            with self.subTest(method=method, path=path):
                there = self.told(method, path, data, base % case_id)
                nowhere = self.told(method, path, data, base % NOWHERE)
                self.assertEqual(there, nowhere)
                self.assertEqual(there[0], 303)
                self.assertTrue(there[1].endswith("/complaints/track"))
        there = self.told("GET", "", {}, f"/complaints/thanks/{case_id}")
        nowhere = self.told("GET", "", {}, f"/complaints/thanks/{NOWHERE}")
        self.assertEqual(there, nowhere)
        identity = {"answer": "not_mine"}
        there = self.told("POST", "", identity, f"/my/complaints/{case_id}/identity")
        nowhere = self.told("POST", "", identity, f"/my/complaints/{NOWHERE}/identity")
        self.assertEqual((there[0], nowhere[0]), (404, 404))
        self.assertEqual(there[2], nowhere[2])
        self.env.invalidate_all()
        self.assertEqual(self.case.phase, phase)
        self.assertNotEqual(self.case.guest_identity, "denied")

    def test_stranger_customer_and_staff_without_the_code(self):
        for user in (None, self.customer, self.other_customer, self.employee):
            with self.subTest(user=user and user.login):
                self.login(user)
                self.check_out_of_reach(self.case.id)

    def test_one_code_opens_one_complaint(self):
        other = self.complain(description="Another thing", name="Somebody Else")
        self.login(None)
        self.open_tracker(other)
        self.check_out_of_reach(self.case.id)
        self.page(f"/complaints/track/{other.id}")
        self.assertNotIn(self.case.name, self.text)

    def test_portal_page_stays_closed(self):
        """The code opens the tracking page, not the portal's page."""
        self.page(self.url)
        response = self.url_open(
            f"/my/complaints/{self.case.id}", allow_redirects=False
        )
        self.assertIn("/web/login", response.headers["Location"])

    @mute_logger("odoo.http")
    def test_changes_need_post_and_csrf(self):
        self.answer()
        for action in ("accept", "object", "withdraw", "message"):
            url = f"{self.url}/{action}"
            self.assertEqual(self.url_open(url).status_code, 405)
            response = self.url_open(url, data={"reason": "x", "message": "x"})
            self.assertEqual(response.status_code, 400)
        self.assertEqual(self.case_as(self.case).phase, "answered")

    # What the complainant does --------------------------------------------------------

    def test_accept(self):
        self.answer()
        self.page(self.url)
        self.assertIn("We replace it", self.text)
        self.act("accept")
        self.assertEqual((self.case.phase, self.case.outcome), ("closed", "settled"))
        self.page(f"{self.url}?notice=accepted")
        self.assertIn("You accepted the answer", self.text)
        # Once more: told calmly, nothing happens.
        response = self.act("accept")
        self.assertEqual(response.status_code, 200)
        self.read_page(response)
        self.assertIn("dealt with in the meantime", self.text)

    def test_object(self):
        self.answer()
        self.page(self.url)
        response = self.act("object", reason="")
        self.read_page(response)
        self.assertIn("what you do not agree with", self.text)
        self.act("object", reason="It <b>still</b> leaks")
        self.assertEqual(self.case.phase, "investigating")
        self.assertEqual(self.case.customer_verdict, "objected")
        objection = self.case.message_ids.filtered(
            lambda message: "still" in message.body
        )
        self.assertFalse(objection.author_id)
        self.assertIn("&lt;b&gt;", objection.body)
        self.assertIn("(complainant)", objection.email_from)
        self.page(self.url)
        self.assertIn("It <b>still</b> leaks", self.text)

    def test_withdraw(self):
        self.page(self.url)
        self.act("withdraw", reason="Found it")
        self.assertEqual((self.case.phase, self.case.outcome), ("closed", "withdrawn"))
        self.page(f"{self.url}?notice=withdrawn")
        self.assertIn("You took the complaint back", self.text)
        response = self.act("withdraw")
        self.assertEqual(response.status_code, 200)

    def test_dialogue(self):
        """Both sides write; the pause for the complainant ends with the reply."""
        self.case.write({"user_id": self.handler.id, "category_id": self.category.id})
        case = self.case.with_user(self.handler)
        case.action_accept()
        case.message_post(
            body="Which kettle is it?",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[("kettles.txt", b"List")],
        )
        case.message_post(body="Internal thought", subtype_xmlid="mail.mt_note")
        reason = self.env["complaint.pause.reason"].search(
            [("ends_on_customer_message", "=", True)], limit=1
        )
        case._pause(reason)
        page = self.page(self.url)
        self.assertIn("Which kettle is it?", self.text)
        self.assertNotIn("Internal thought", self.text)
        self.assertIn("we are waiting for", self.text)
        [link] = page.xpath("//a[contains(., 'kettles.txt')]/@href")
        self.assertEqual(self.url_open(link).content, b"List")
        key = page.xpath("//input[@name='request_key']/@value")[0]
        for _index in range(2):
            response = self.act(
                "message",
                message="The <i>red</i> one",
                request_key=key,
                files=[("files", ("photo.txt", b"Red", "text/plain"))],
            )
            self.assertEqual(response.status_code, 303)
        self.assertFalse(self.case.is_paused)
        reply = self.case.message_ids.filtered(
            lambda message: "red&lt;" in message.body
        )
        self.assertEqual(len(reply), 1, "sent twice is one")
        self.assertEqual(reply.attachment_ids.name, "photo.txt")
        self.assertFalse(reply.author_id)
        self.page(f"{self.url}?notice=sent")
        self.assertIn("The <i>red</i> one", self.text)
        self.assertIn("photo.txt", self.text)

    def test_messages_that_are_refused(self):
        self.page(self.url)
        for text, files in (
            ("write something", None),
            ("cannot be taken", [("files", ("x.exe", b"MZ", ""))]),
        ):
            response = self.act("message", message="", files=files)
            self.read_page(response)
            self.assertIn(text, self.text)
        with self.assertNoLogs("odoo.http", "ERROR"):
            for number in range(tracker.MESSAGES_LIMIT):
                self.act("message", message=f"Message {number}")
        response = self.act("message", message="One too many")
        self.read_page(response)
        self.assertIn("Many messages were sent", self.text)
        self.assertIn("One too many", self.text)

    def test_anonymous_has_a_dialogue(self):
        case = self.complain(is_anonymous="1", description="Somebody steals")
        self.assertFalse(case.guest_identity)
        url = f"/complaints/track/{case.id}"
        case.with_user(self.handler).message_post(
            body="Who?", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        page = self.page(url)
        self.assertIn("Who?", self.text)
        self.assertNotIn("Submitted by", self.text)
        self.assertTrue(page.xpath("//textarea[@name='message']"))
        self.act("message", case, message="The boss")
        message = case.message_ids.filtered(lambda one: "boss" in one.body)
        self.assertIn("Anonymous complainant", message.email_from)
        self.assertFalse(message.author_id)
        self.answer(case)
        self.page(url)
        self.assertIn("We replace it", self.text)
        self.act("accept", case)
        self.assertEqual(case.phase, "closed")

    def test_documents(self):
        response = self.url_open(f"{self.url}/acknowledgement")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.url_open(f"{self.url}/letter").status_code, 404)

    def test_signed_in_with_a_code(self):
        """A code works for whoever has it, and nobody's account is used with it."""
        self.login(self.other_customer)
        self.assertEqual(self.open_tracker(self.case).status_code, 303)
        self.page(self.url)
        self.act("message", message="Me again")
        message = self.case.message_ids.filtered(lambda one: "Me again" in one.body)
        self.assertFalse(message.author_id)
