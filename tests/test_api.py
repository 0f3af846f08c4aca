import base64
import threading
from datetime import datetime, timedelta

import requests

from odoo import api, fields
from odoo.service.model import retrying
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .api_common import ApiCommon
from .committed_common import CommittedCommon
from .common import MODULE

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def file(name="leak.png", raw=PNG):
    return {"name": name, "content": base64.b64encode(raw).decode()}


@tagged("post_install", "-at_install")
class TestSubmit(ApiCommon):
    """Other software hands complaints in (A1, A2)."""

    def test_a_complaint_with_everything(self):
        answer, case = self.submit(
            customer={"email": self.customer.email, "phone": "+1 555 0100"},
            demand="A new one",
            channel="chat",
            source="institutional",
            order=self.order.name,
            product=self._coded(self.product),
            category=self.category.complete_name,
            received="2026-05-04T10:00:00+02:00",
            occurred="2026-05-01",
            on_behalf=True,
            allegations=[
                {"summary": "It leaks", "line": 1},
                {"summary": "Nobody answered", "product": "KET-1"},
            ],
            files=[file()],
        )
        self.assertEqual(case.partner_id, self.customer.partner_id)
        self.assertEqual(case.order_id, self.order)
        self.assertEqual(case.product_id, self.product)
        self.assertEqual(case.category_id, self.category)
        self.assertEqual(case.channel_id.code, "chat")
        self.assertEqual(case.source, "institutional")
        self.assertTrue(case.is_on_behalf)
        self.assertEqual(case.date_received, datetime(2026, 5, 4, 8))
        self.assertEqual(fields.Date.to_string(case.date_occurred), "2026-05-01")
        self.assertEqual(case.phone, "+1 555 0100")
        self.assertIn("below.<br", case.description)
        self.assertEqual(
            case.allegation_ids.order_line_id, self.order.order_line, "by position"
        )
        self.assertEqual(case.allegation_ids.product_id, self.product)
        self.assertEqual(case.api_request_ids.display_name, "Web shop: WS-1001")
        self.assertTrue(answer["is_new"])
        self.assertEqual(answer["status"], "received")
        self.assertEqual(answer["received"], "2026-05-04T08:00:00+00:00")
        self.assertEqual(answer["order"], self.order.name)

    def _coded(self, product):
        product.default_code = "KET-1"
        return product.default_code

    def test_customer_is_acknowledged_and_can_follow(self):
        answer, case = self.submit(files=[file()])
        self.assertTrue(case.acknowledged_at)
        mails = case.message_ids.mail_ids
        self.assertIn(self.customer.partner_id, mails.recipient_ids)
        self.assertEqual(set(mails.mapped("state")), {"outgoing"}, "queued")
        self.assertTrue(answer["promises"])
        promise = answer["promises"][0]
        self.assertEqual(promise["state"], "open")
        self.assertTrue(datetime.fromisoformat(promise["until"]).tzinfo)
        self.login(None)
        path = answer["tracking_url"].removeprefix(case.get_base_url())
        self.page(path)
        self.assertIn("The kettle leaks", self.text)
        self.assertIn("leak.png", self.text, "the customer's own file")

    def test_staff_see_where_it_comes_from(self):
        _answer, case = self.submit()
        case.team_id = self.team
        seen = case.with_user(self.handler)
        self.assertEqual(seen.api_request_ids.display_name, "Web shop: WS-1001")
        self.assertIn("WS-1001", "".join(case.message_ids.mapped("body")))
        found = self.env["complaint.case"].with_user(self.handler)
        self.assertEqual(found.search([("api_request_ids.key", "=", "WS-1001")]), case)

    def test_unknown_sender_becomes_a_contact(self):
        customer = {"email": "new@one.example.com", "name": "New One", "language": "zh"}
        _answer, case = self.submit(customer=customer)
        self.assertEqual(case.partner_id.name, "New One")
        self.assertEqual(case.partner_id.email, "new@one.example.com")
        self.assertEqual(case.partner_id.lang, "zh_CN")

    def test_somebody_without_a_contact(self):
        _answer, case = self.submit(customer={"name": "Walk-in", "phone": "12"})
        self.assertFalse(case.partner_id)
        self.assertEqual((case.partner_name, case.phone), ("Walk-in", "12"))

    def test_known_by_number_or_phone(self):
        self.acme.ref = "C-77"
        self.beta.phone = "+49 30 1234567"
        _answer, case = self.submit(customer={"number": "C-77"}, reference="1")
        self.assertEqual(case.partner_id, self.acme)
        _answer, case = self.submit(customer={"phone": "+49301234567"}, reference="2")
        self.assertEqual(case.partner_id, self.beta)
        self.customer.partner_id.phone = self.beta.phone
        _answer, case = self.submit(
            customer={"phone": "+49301234567", "name": "X"}, reference="3"
        )
        self.assertFalse(case.partner_id, "nobody is guessed among two")

    def test_files_are_those_of_the_portal(self):
        for bad in (
            file("tool.exe", b"MZ"),
            file("page.html", b"<script/>"),
            file("photo.png", b"<html>"),
            file("empty.txt", b""),
        ):
            with self.subTest(bad["name"]):
                _message, field = self.refused(
                    "file_refused", "submit", self.complaint(files=[file(), bad])
                )
                self.assertEqual(field, "files[1]")
        large = file("large.txt", b"x" * (10 * 1024 * 1024 + 1))
        self.refused("file_refused", "submit", self.complaint(files=[large]))
        many = [file(f"{n}.png") for n in range(11)]
        self.refused("too_many", "submit", self.complaint(files=many))
        no_text = [{"name": "a.txt", "content": "%%%"}]
        self.refused("invalid", "submit", self.complaint(files=no_text))
        self.assertFalse(self.env["complaint.api.request"].search([]), "nothing kept")


@tagged("post_install", "-at_install")
class TestRefused(ApiCommon):
    """What is wrong has a code, a sentence and a field; nothing is kept of it."""

    def test_codes(self):
        cases = self.env["complaint.case"].search_count([])
        hour = datetime.now() + timedelta(hours=2)
        for code, field, values in (
            ("missing", "reference", {"reference": " "}),
            ("missing", "subject", {"subject": "", "description": ""}),
            ("missing", "customer", {"customer": {}}),
            ("invalid", "customer", {"customer": "Ann"}),
            ("missing", "customer", {"customer": None}),
            ("invalid", "customer.email", {"customer": {"email": "nobody"}}),
            ("unknown_field", "customer.mail", {"customer": {"mail": "x"}}),
            ("unknown_field", "stage_id", {"stage_id": 3}),
            ("customer_unknown", "customer.number", {"customer": {"number": "none"}}),
            ("too_long", "subject", {"subject": "x" * 201}),
            ("invalid", "subject", {"subject": ["x"]}),
            ("invalid", "on_behalf", {"on_behalf": "yes"}),
            ("invalid", "on_behalf", {"on_behalf": 1}),
            ("invalid", "received", {"received": "yesterday"}),
            ("invalid", "received", {"received": hour.isoformat()}),
            ("invalid", "occurred", {"occurred": "2026-02-30"}),
            ("not_accepted", "", {"received": "1980-01-01"}),
            ("invalid", "source", {"source": "alien"}),
            ("channel_unknown", "channel", {"channel": "pigeon"}),
            ("order_unknown", "order", {"order": "S-none"}),
            ("product_unknown", "product", {"product": "none"}),
            ("category_unknown", "category", {"category": "none"}),
            ("invalid", "allegations", {"allegations": {"summary": "x"}}),
            ("too_many", "allegations", {"allegations": [{"summary": "x"}] * 21}),
            ("missing", "allegations[0].summary", {"allegations": [{}]}),
            (
                "line_unknown",
                "allegations[0].line",
                {
                    "order": self.order.name,
                    "allegations": [{"summary": "x", "line": 9}],
                },
            ),
            (
                "invalid",
                "allegations[0].line",
                {"allegations": [{"summary": "x", "line": -1}]},
            ),
        ):
            with self.subTest(code=code, field=field):
                _message, at = self.refused(code, "submit", self.complaint(**values))
                self.assertEqual(at, field)
        self.assertEqual(self.env["complaint.case"].search_count([]), cases)
        self.assertFalse(self.env["complaint.api.request"].search([]))

    def test_order_of_another_customer_is_like_none(self):
        body = self.complaint(order=self.other_order.name)
        other, _field = self.refused("order_unknown", "submit", body)
        none, _field = self.refused(
            "order_unknown", "submit", self.complaint(order="S")
        )
        self.assertEqual(other, none)

    def test_sentences_in_the_software_s_language(self):
        self.shop.lang = "zh_CN"
        message, _field = self.refused("missing", "submit", {"customer": {"name": "A"}})
        self.assertRegex(message, "[\u4e00-\u9fff]")

    def test_no_key_wrong_key(self):
        for headers in ({}, {"Authorization": "bearer 123"}):
            response = self.url_open(
                "/json/2/complaint.api/submit", json=self.complaint(), headers=headers
            )
            self.assertEqual(response.status_code, 401)

    def test_without_the_role_nothing(self):
        keys = self.env["res.users.apikeys"]
        for user in (self.manager, self.employee, self.customer):
            user.sudo().group_ids.api_key_duration = 10
            soon = fields.Datetime.add(fields.Datetime.now(), days=1)
            key = keys.with_user(user)._generate(None, "test", soon)
            for method, body in (
                ("submit", self.complaint()),
                ("status", {"number": "C1"}),
                ("changes", {}),
                ("add_message", {"number": "C1", "key": "1", "message": "x"}),
            ):
                with self.subTest(user=user.login, method=method):
                    self.refused("not_allowed", method, body, 403, key)

    def test_the_role_reaches_nothing_else(self):
        _answer, case = self.submit()
        for model, method, body in (
            ("complaint.case", "search_read", {"domain": [], "fields": ["name"]}),
            ("complaint.case", "read", {"ids": case.ids, "fields": ["subject"]}),
            ("complaint.case", "write", {"ids": case.ids, "vals": {"subject": "x"}}),
            ("complaint.case", "create", {"vals_list": [{"subject": "x"}]}),
            ("complaint.case", "message_post", {"ids": case.ids, "body": "x"}),
            ("complaint.case", "action_close", {"ids": case.ids}),
            ("complaint.api.request", "search_read", {"domain": []}),
            ("complaint.webhook", "search_read", {"domain": []}),
            ("complaint.webhook.delivery", "search_read", {"domain": []}),
            ("complaint.team", "search_read", {"domain": []}),
            ("complaint.api", "_claim", {}),
            ("complaint.api", "_submit", {}),
        ):
            with self.subTest(model=model, method=method):
                self.call(method, body, 403, model=model)

    def test_words_in_the_context_change_nothing(self):
        context = {
            "complaint_history": True,
            "import_file": True,
            "default_phase": "closed",
            "default_user_id": self.manager.id,
            "allowed_company_ids": [999],
            "mail_notrack": True,
            "lang": "xx_XX",
        }
        answer, case = self.submit(context=context)
        self.assertEqual(answer["status"], "received")
        self.assertFalse(case.user_id)
        self.assertTrue(case.acknowledged_at)


@tagged("post_install", "-at_install")
class TestOnce(ApiCommon):
    """The same number with the same content is the same complaint (A7)."""

    def test_same_again(self):
        first, case = self.submit(files=[file()])
        second, again = self.submit(files=[file()])
        self.assertEqual(case, again)
        self.assertFalse(second.pop("is_new"))
        self.assertTrue(first.pop("is_new"))
        self.assertEqual(first, second)
        attachments = self.env["ir.attachment"].search(
            [("res_model", "=", "complaint.case"), ("res_id", "=", case.id)]
        )
        self.assertEqual(len(attachments), 1)

    def test_same_number_other_content(self):
        self.submit(files=[file()])
        for values in ({"subject": "Other"}, {"files": [file("other.png")]}, {}):
            _message, field = self.refused(
                "conflict", "submit", self.complaint(**values), 409
            )
            self.assertEqual(field, "reference")

    def test_a_refused_one_may_be_corrected(self):
        self.refused("order_unknown", "submit", self.complaint(order="S-none"))
        answer, _case = self.submit()
        self.assertTrue(answer["is_new"])

    def test_two_pieces_of_software_have_their_own_numbers(self):
        first, _case = self.submit()
        second = self.call("submit", self.complaint(), key=self.other_key)
        self.assertTrue(second["is_new"])
        self.assertNotEqual(first["number"], second["number"])

    def test_many_at_once_over_http(self):
        answers, body = [], self.complaint()
        url = f"{self.base_url()}/json/2/complaint.api/submit"
        headers = {"Authorization": f"bearer {self.shop_key}"}

        def submit():
            answers.append(
                requests.post(url, json=body, headers=headers, timeout=30).json()
            )

        with self.allow_requests(all_requests=True):
            threads = [threading.Thread(target=submit) for _time in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        self.assertEqual(len(answers), 4)
        self.assertFalse([one["debug"] for one in answers if "debug" in one])
        self.assertEqual(len({answer["number"] for answer in answers}), 1)
        self.assertEqual(sum(answer["is_new"] for answer in answers), 1)


@tagged("post_install", "-at_install")
class TestParallel(CommittedCommon):
    """Two transactions of their own, really at the same time."""

    number = 1

    def setUp(self):
        super().setUp()
        with self.db.cursor() as cr:
            env = self._env(cr)(context={"no_reset_password": True})
            user = new_test_user(
                env, "cm_parallel", f"base.group_user,{MODULE}.group_api"
            )
            self.user_id = user.id

    def _remove(self):
        with self.db.cursor() as cr:
            env = self._env(cr)
            requests = env["complaint.api.request"].search(
                [("user_id", "=", self.user_id)]
            )
            cases = requests.case_id
            requests.unlink()
            cases.unlink()
            env["res.users"].browse(self.user_id).unlink()
        return super()._remove()

    def _submit(self, answers, subject="Parallel"):
        with self.db.cursor() as cr:
            env = api.Environment(cr, self.user_id, {})
            body = {
                "reference": "P-1",
                "subject": subject,
                "customer": {"name": "Somebody"},
            }
            answers.append(retrying(lambda: env["complaint.api"].submit(**body), env))

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_one_complaint(self):
        answers = []
        with self.db.cursor() as blocker:
            # Both have begun before either is through.
            blocker.execute("LOCK TABLE complaint_case IN SHARE MODE")
            started = [
                self._in_thread(lambda: self._submit(answers)) for _time in range(2)
            ]
            self._wait_for_lock(blocker)
        for thread, errors in started:
            thread.join(60)
            self.assertFalse(errors)
        self.assertEqual(len(answers), 2)
        self.assertEqual(len({answer["number"] for answer in answers}), 1)
        self.assertEqual(sorted(answer["is_new"] for answer in answers), [False, True])

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_other_content_is_a_conflict(self):
        answers = []
        with self.db.cursor() as blocker:
            blocker.execute("LOCK TABLE complaint_case IN SHARE MODE")
            started = [
                self._in_thread(lambda text=text: self._submit(answers, text))
                for text in ("This", "That")
            ]
            self._wait_for_lock(blocker)
        errors = []
        for thread, raised in started:
            thread.join(60)
            errors += raised
        self.assertEqual(len(answers), 1)
        [error] = errors
        self.assertEqual((error.http_status, error.context["code"]), (409, "conflict"))


@tagged("post_install", "-at_install")
class TestFollow(ApiCommon):
    """Where it stands, what changed, and the customer's further words."""

    def test_status_by_either_number(self):
        answer, case = self.submit()
        answer.pop("is_new")
        self.assertEqual(self.call("status", {"reference": "WS-1001"}), answer)
        self.assertEqual(self.call("status", {"number": case.name}), answer)
        _message, field = self.refused("missing", "status", {})
        self.assertEqual(field, "number")

    def test_another_s_complaint_is_like_none(self):
        _answer, case = self.submit()
        own = self._case()
        for number in (case.name, own.name, "none"):
            self.refused("not_found", "status", {"number": number}, 404, self.other_key)
        message = {"number": case.name, "key": "1", "message": "x"}
        self.refused("not_found", "add_message", message, 404, self.other_key)
        self.refused("not_found", "status", {"number": own.name}, 404)
        both = {"number": own.name, "reference": "WS-1001"}
        self.refused("not_found", "status", both, 404)

    def test_the_answer_is_told_when_it_is_given(self):
        _answer, case = self.submit()
        case.write({"user_id": self.handler.id, "category_id": self.category.id})
        case.answer = "<p>We replace <b>it</b>.</p>"
        self.assertIsNone(self.call("status", {"number": case.name})["answer"])
        case.with_user(self.manager).action_answer()
        told = self.call("status", {"number": case.name})
        self.assertEqual(told["status"], "answered")
        self.assertEqual(told["answer"], "We replace *it*.")
        self.assertTrue(told["answered"])
        self.assertNotIn("handler", str(told))

    def test_confidential_takes_in_and_gives_nothing_out(self):
        _answer, case = self.submit()
        case.is_confidential = True
        bare = {"number": case.name, "reference": "WS-1001", "confidential": True}
        self.assertEqual(self.call("status", {"number": case.name}), bare)
        self.assertEqual(
            self.call("submit", self.complaint()), {**bare, "is_new": False}
        )
        self.assertEqual(self.call("changes", {})["complaints"], [bare])
        body = {"number": case.name, "key": "1", "message": "More"}
        self.assertTrue(self.call("add_message", body)["is_new"])

    def test_message_is_the_customer_s(self):
        _answer, case = self.submit()
        case.user_id = self.handler
        body = {
            "reference": "WS-1001",
            "key": "m-1",
            "message": "It <b>still</b> leaks.",
            "files": [file("more.png")],
        }
        self.assertTrue(self.call("add_message", body)["is_new"])
        self.assertFalse(self.call("add_message", body)["is_new"])
        self.env.invalidate_all()
        [message] = case.message_ids.filtered(lambda one: "still" in one.body)
        self.assertEqual(message.author_id, self.customer.partner_id)
        self.assertIn("&lt;b&gt;", message.body)
        self.assertFalse(message.is_internal)
        self.assertEqual(message.attachment_ids.name, "more.png")
        self.assertTrue(case.last_dialogue_at)
        self.assertFalse(case.first_reply_at, "the customer's words are no reply")
        self.refused("conflict", "add_message", {**body, "message": "Other"}, 409)

    def test_message_of_somebody_without_a_contact(self):
        _answer, case = self.submit(customer={"name": "Walk-in"})
        body = {"reference": "WS-1001", "key": "m-1", "message": "Hello"}
        self.call("add_message", body)
        self.env.invalidate_all()
        [message] = case.message_ids.filtered(lambda one: "Hello" in one.body)
        self.assertFalse(message.author_id)
        self.assertIn("Walk-in", message.email_from)

    def test_changes_page_by_page(self):
        for number in range(5):
            self.submit(reference=f"WS-{number}")
        self.call("submit", self.complaint(), key=self.other_key)
        seen, since, pages = [], None, 0
        while True:
            page = self.call(
                "changes", {"limit": 2, **({"since": since} if since else {})}
            )
            seen += [row["reference"] for row in page["complaints"]]
            since, pages = page["next"], pages + 1
            if not page["more"]:
                break
        self.assertEqual(seen, [f"WS-{number}" for number in range(5)])
        self.assertEqual(pages, 3)
        # What is young is told again: somebody may be writing at this moment.
        self.assertEqual(len(self.call("changes", {"since": since})["complaints"]), 5)

    def test_changes_since(self):
        _answer, old = self.submit(reference="old")
        self.submit(reference="new")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE complaint_case SET write_date = '2026-01-01 10:00:00.123456'"
            " WHERE id = %s",
            [old.id],
        )
        self.env.invalidate_all()

        def told(since):
            page = self.call("changes", {"since": since})
            return [row["reference"] for row in page["complaints"]]

        self.assertEqual(told("2026-01-01T11:00:00+01:00"), ["old", "new"])
        self.assertEqual(told("2026-01-01T12:00:00+01:00"), ["new"])
        first = self.call("changes", {"limit": 1})
        self.assertEqual(first["next"], f"2026-01-01T10:00:00.123456|{old.id}")
        self.assertEqual(told(first["next"]), ["new"])
        self.refused("invalid", "changes", {"since": "x|5"})
        self.refused("invalid", "changes", {"limit": 0})

    def test_changes_cost_the_same_for_few_and_many(self):
        software = self.env["complaint.api"].with_user(self.shop)

        def queries(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(software.changes(limit=limit)["complaints"]), limit)
            return self.env.cr.sql_log_count - before

        for number in range(12):
            software.submit(**self.complaint(reference=f"WS-{number}"))
        queries(12)
        self.assertLessEqual(queries(12), queries(3) + 1)
