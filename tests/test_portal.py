from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import MODULE
from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPage(PortalCommon):
    """What the page says, and when."""

    def setUp(self):
        super().setUp()
        self.login(self.customer)

    def open(self, case):
        return self.page(f"/my/complaints/{case.id}")

    def test_answer_only_once_it_is_given(self):
        case = self._case(user_id=self.handler.id, answer="<p>A draft answer</p>")
        letter = f"/my/complaints/{case.id}/letter"
        for action in ("action_accept", "action_investigate", "action_resolve"):
            getattr(case.with_user(self.handler), action)()
            self.open(case)
            self.assertNotIn("A draft answer", self.text)
            self.assertNotIn("as a letter", self.text)
            self.assertEqual(self.url_open(letter).status_code, 404)
        case.with_user(self.handler).action_answer()
        self.open(case)
        self.assertIn("A draft answer", self.text)
        self.assertIn("as a letter", self.text)
        self.assertIn(case.name, self.url_open(letter).text)
        case.with_user(self.handler)._reopen("More facts")
        case.answer = "<p>The next draft</p>"
        self.open(case)
        self.assertNotIn("The next draft", self.text)
        self.assertIn("What we answered before", self.text)
        self.assertIn("A draft answer", self.text, "the earlier round stays readable")
        self.assertEqual(self.url_open(letter).status_code, 404)

    def test_says_what_it_waits_for(self):
        case = self._case(user_id=self.handler.id)
        reason = self.env.ref(f"{MODULE}.pause_reason_customer")
        case.with_user(self.handler)._pause(reason, "Ask for the serial number")
        self.open(case)
        self.assertIn("we are waiting for your reply. Please write to us", self.text)
        self.assertNotIn("serial number", self.text, "notes are internal")
        case._resume()
        self.open(case)
        self.assertNotIn("we are waiting for", self.text)

    def test_draft_of_a_withdrawn_complaint_stays_internal(self):
        case = self._case(user_id=self.handler.id, answer="<p>A draft answer</p>")
        case.with_user(self.handler)._withdraw("By phone")
        self.open(case)
        self.assertNotIn("A draft answer", self.text)
        self.assertIn("You took the complaint back", self.text)
        self.assertNotIn("By phone", self.text)

    def test_internal_things_are_not_printed(self):
        case = self._answered(
            priority="2",
            nature="invalid",
            tag_ids=[(0, 0, {"name": "Troublemaker"})],
            allegation_ids=[
                Command.create(
                    {
                        "summary": "Head of complaint",
                        "finding": "not_upheld",
                        "reason": "It works here.",
                    }
                )
            ],
        )
        case.message_post(body="Internal remark", subtype_xmlid="mail.mt_note")
        evidence = self.env["ir.attachment"].create(
            {
                "name": "internal.txt",
                "raw": b"x",
                "res_model": "complaint.case",
                "res_id": case.id,
            }
        )
        page = self.open(case)
        for secret in (
            "Troublemaker",
            "Internal remark",
            "internal.txt",
            self.handler.email,
            self.team.name,
        ):
            self.assertNotIn(secret, self.text)
        [wrap] = page.xpath("//div[@id='wrap']")
        self.assertNotIn(f"/web/content/{evidence.id}", str(wrap.xpath(".//@href")))
        # The name of the handler may be known.
        self.assertIn(self.handler.name, self.text)
        # Nor do messages carry them.
        told = self.make_jsonrpc_request(
            "/mail/chatter_fetch",
            {"thread_model": "complaint.case", "thread_id": case.id},
        )
        self.assertNotIn("Internal remark", str(told))

    def test_allegations_are_told_with_the_answer_only(self):
        """What staff put down is internal until the letter says the same."""
        case = self._case(
            user_id=self.handler.id,
            answer="<p>Sorry</p>",
            allegation_ids=[
                (0, 0, {"summary": "Head of complaint", "finding": "upheld"}),
                (0, 0, {"summary": "Late", "customer_words": "It came too late"}),
            ],
        )
        self.open(case)
        self.assertNotIn("Head of complaint", self.text)
        self.assertIn("It came too late", self.text)
        case.allegation_ids[1].write({"finding": "not_upheld", "reason": "It did not"})
        case.with_user(self.handler).action_answer()
        page = self.open(case)
        [findings] = page.xpath("//ol[contains(@class, 'o_complaint_findings')]")
        said = " ".join(findings.text_content().split())
        self.assertEqual(
            said, "Head of complaint You are right Late We cannot agree It did not"
        )
        case.with_user(self.handler)._reopen("More facts")
        self.open(case)
        self.assertNotIn("Head of complaint", self.text)

    def test_queries_do_not_grow(self):
        """The same for a short complaint and for a long one (T13)."""
        products = self.env["product.product"].create(
            [{"name": f"P{n}"} for n in range(8)]
        )

        def complain(number):
            case = self._case(user_id=self.handler.id, order_id=self.order.id)
            case.order_id.order_line = [
                (0, 0, {"product_id": product.id}) for product in products[:number]
            ]
            lines = case.order_id.order_line[-number:]
            case.allegation_ids = [
                (
                    0,
                    0,
                    {
                        "summary": f"Point {n}",
                        "customer_words": f"Point {n}",
                        "order_line_id": line.id,
                    },
                )
                for n, line in enumerate(lines)
            ]
            for n in range(number):
                case.with_user(self.customer).sudo()._customer_add_evidence(
                    [{"name": f"{n}.txt", "raw": b"%d" % n}], f"Shows {n}"
                )
            return case

        def queries(case):
            self.open(case)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.open(case)
            return self.cr.sql_log_count - before

        few, many = complain(2), complain(8)
        self.assertEqual(queries(many), queries(few))
        self.assertLess(queries(many), 75)

    def test_files_of_staff_cannot_be_guessed(self):
        case = self._case()
        evidence = self.env["ir.attachment"].create(
            {
                "name": "internal.txt",
                "raw": b"x",
                "res_model": "complaint.case",
                "res_id": case.id,
            }
        )
        self.assertEqual(self.url_open(f"/web/content/{evidence.id}").status_code, 404)

    def test_progress(self):
        case = self._case(user_id=self.handler.id)
        case.with_user(self.handler).action_investigate()
        page = self.open(case)
        steps = page.xpath("//ol[contains(@class, 'o_complaint_steps')]/li")
        self.assertEqual(len(steps), 6)
        [current] = [step for step in steps if step.get("aria-current") == "step"]
        self.assertIn("Being investigated", current.text_content())

    def test_progress_of_a_complaint_closed_early_is_honest(self):
        case = self._case(user_id=self.handler.id)
        case.with_user(self.handler)._withdraw("By phone")
        page = self.open(case)
        steps = page.xpath("//ol[contains(@class, 'o_complaint_steps')]/li")
        done = ["step_done" in step.get("class") for step in steps]
        self.assertEqual(done, [True, False, False, False, False, True])

    def test_timeline_over_rounds(self):
        case = self._answered()
        case.with_user(self.customer).sudo()._customer_object("No")
        case.answer = "<p>Another answer</p>"
        case.with_user(self.handler).action_answer()
        case.with_user(self.customer).sudo()._customer_accept()
        page = self.open(case)
        [story] = page.xpath("//ol[contains(@class, 'o_complaint_timeline')]")
        events = [item.xpath("string(span[1])") for item in story.xpath("li")]
        self.assertEqual(events[0], "We received your complaint.")
        self.assertEqual(events.count("We sent you our answer."), 2)
        self.assertEqual(
            events[-1], "You accepted our answer, and the complaint was closed."
        )

    def test_times_are_those_of_the_reader(self):
        case = self._case(date_received="2026-01-15 23:30:00")
        for zone, when in (
            ("Asia/Shanghai", "Jan 16, 2026, 7:30"),
            ("America/New_York", "Jan 15, 2026, 6:30"),
        ):
            self.customer.tz = zone
            self.open(case)
            self.assertIn(when, self.text.replace("\u202f", " "))
            self.assertIn(zone, self.text)

    def test_promises(self):
        """Kept, late, still to come: each in honest words."""
        case = self._case(user_id=self.handler.id)
        self.open(case)
        self.assertIn("You have our answer", self.text)
        self.assertNotIn("We are late", self.text)
        promised = case.sudo().clock_ids.filtered("is_promised")
        self.assertTrue(promised)
        others = case.sudo().clock_ids - promised
        self.assertTrue(others)
        self.assertNotIn("We take up your complaint", self.text)

        # The limit has passed, and no job has noticed yet.
        promised.write(
            {"deadline": fields.Datetime.subtract(fields.Datetime.now(), hours=1)}
        )
        self.open(case)
        self.assertIn("We are late, and we are sorry", self.text)
        self.page("/my/complaints")
        self.assertIn("(late)", self.text)

        promised._process_events(fields.Datetime.now())
        self.assertEqual(set(promised.mapped("state")), {"breached"})
        self.open(case)
        self.assertIn("We are late, and we are sorry", self.text)

        case.answer = "<p>Sorry</p>"
        case.with_user(self.handler).action_answer()
        self.open(case)
        self.assertNotIn("We are late, and we are sorry", self.text)
        self.assertIn("late: promised by", self.text)

    def test_promise_until_midnight_is_told_as_the_day(self):
        case = self._case()
        clock = case.sudo().clock_ids.filtered("is_promised")[:1]
        self.customer.tz = "Europe/Berlin"
        clock.deadline = "2030-03-04 23:00:00"
        self.open(case)
        self.assertIn("by the end of Mar 4, 2030", self.text)

    def test_kept_promise(self):
        case = self._answered()
        self.open(case)
        self.assertRegex(self.text, "You have our answer done on .* promised by")

    def test_what_we_need(self):
        case = self._answered()
        self.open(case)
        self.assertIn("Please tell us whether you accept our answer", self.text)
        self.assertIn("If we hear nothing until", self.text)
        self.post(f"/my/complaints/{case.id}/accept")
        self.case_as(case)
        page = self.open(case)
        self.assertFalse(page.xpath("//form[contains(@action, '/accept')]"))
        self.assertNotIn("If we hear nothing until", self.text)

    def test_survey_is_linked_while_it_waits(self):
        case = self._answered()
        case.with_user(self.customer).sudo()._customer_accept()
        feedback = case.sudo().feedback_ids
        self.open(case)
        self.assertIn("Rate how we did", self.text, "also before the mail")
        feedback._send(fields.Datetime.now())
        page = self.open(case)
        [form] = page.xpath("//form[contains(., 'Rate how we did')]/@action")
        link = self.post(form).headers["Location"]
        self.assertEqual(self.url_open(link).status_code, 200)
        self.customer_colleague.partner_id.is_complaint_contact = True
        for other in (self.customer_colleague, self.handler):
            self.login(other)
            self.open(case)
            self.assertNotIn("Rate how we did", self.text)
        self.login(self.customer)
        feedback._cancel("manual")
        self.open(case)
        self.assertNotIn("Rate how we did", self.text)

    def test_objection_needs_a_reason(self):
        case = self._answered()
        self.open(case)
        response = self.post(f"/my/complaints/{case.id}/object", {"reason": "  "})
        self.assertEqual(response.status_code, 200)
        self.read_page(response)
        self.assertIn("Please tell us what you do not agree with", self.text)
        self.assertEqual(self.case_as(case).phase, "answered")

    def test_too_late_keeps_what_was_typed(self):
        case = self._answered()
        self.open(case)
        case.with_user(self.customer).sudo()._customer_accept()
        response = self.post(f"/my/complaints/{case.id}/object", {"reason": "Wait"})
        self.read_page(response)
        self.assertIn("dealt with in the meantime", self.text)
        self.assertEqual(self.case_as(case).customer_verdict, "accepted")
        response = self.post(f"/my/complaints/{case.id}/accept")
        self.read_page(response)
        self.assertIn("dealt with in the meantime", self.text)

    def test_accepting_a_refusal_stays_a_refusal(self):
        case = self._case(user_id=self.handler.id)
        case.with_user(self.handler)._refuse("<p>Not our product</p>")
        self.open(case)
        self.assertIn("Not our product", self.text)
        self.post(f"/my/complaints/{case.id}/accept")
        self.assertEqual(self.case_as(case).outcome, "refused")
        self.open(case)
        self.assertIn("We could not take up your complaint", self.text)

    def test_unknown_notice_says_nothing(self):
        case = self._case()
        self.page(f"/my/complaints/{case.id}?notice=accepted")
        self.assertNotIn("Thank you", self.text)

    def test_mailed_markup_cannot_run(self):
        case = self._case(
            description="<p onclick='x()'>Hi<script>alert(1)</script></p>",
            demand="<script>alert(2)</script>",
            subject="<img src=x onerror=alert(3)>",
        )
        page = self.open(case)
        [wrap] = page.xpath("//div[@id='wrap']")
        self.assertFalse(wrap.xpath(".//script | .//*[@onclick] | .//*[@onerror]"))
        self.assertIn("<script>alert(2)</script>", self.text)

    def test_reading_never_writes(self):
        """Pages are served by a read-only database, if there is one (design rule 9)."""
        case = self._answered()
        case.with_user(self.customer).sudo()._customer_accept()
        case.sudo().feedback_ids._send(fields.Datetime.now())
        fresh = self._case()
        with self.assertNoLogs("odoo.http", "WARNING"):
            for url in (
                "/my/complaints",
                "/my/complaints?search=kettle&filterby=closed&sortby=oldest",
                "/my/complaints/new",
                f"/my/complaints/{case.id}",
                f"/my/complaints/{fresh.id}",
            ):
                self.page(url)
        self.assertFalse(self.case_as(fresh).sudo().access_token)


@tagged("post_install", "-at_install")
class TestPortalList(PortalCommon):
    """Home and list."""

    def setUp(self):
        super().setUp()
        self.login(self.customer)

    def rows(self, url="/my/complaints"):
        page = self.page(url)
        return [
            link.text_content().strip()
            for link in page.xpath("//a[contains(@class, 'o_complaint_row_subject')]")
        ]

    def test_home_shows_complaints_before_the_first_one(self):
        """A card that hides while there is nothing hides the way to the first (T9)."""
        page = self.page("/my")
        [card] = page.xpath("//a[@href='/my/complaints']")
        classes = card.getparent().get("class").split()
        self.assertIn("o_portal_index_card", classes)
        self.assertNotIn("d-none", classes)
        counters = ["complaint_count", "complaint_answer_count"]
        counts = self.make_jsonrpc_request("/my/counters", {"counters": counters})
        self.assertEqual(counts, {"complaint_count": 0, "complaint_answer_count": 0})
        self._case()
        self._answered()
        self._answered(partner_id=self.other_customer.partner_id.id)
        counts = self.make_jsonrpc_request("/my/counters", {"counters": counters})
        self.assertEqual(counts, {"complaint_count": 2, "complaint_answer_count": 1})

    def test_empty(self):
        page = self.page("/my/complaints")
        self.assertIn("You have no complaints", self.text)
        self.assertTrue(page.xpath("//main//a[@href='/my/complaints/new']"))
        self.page("/my/complaints?search=nothing")
        self.assertIn("Nothing found", self.text)

    def test_search(self):
        by_order = self._case(subject="Alpha", order_id=self.order.id)
        by_subject = self._case(subject="Beta 100% broken")
        for text, expected in (
            (by_order.name, ["Alpha"]),
            (self.order.name, ["Alpha"]),
            ("beta", ["Beta 100% broken"]),
            ("0%25 br", ["Beta 100% broken"]),
            ("%00", ["Beta 100% broken", "Alpha"]),
            ("gamma", []),
        ):
            with self.subTest(text=text):
                self.assertEqual(self.rows(f"/my/complaints?search={text}"), expected)
        self.assertEqual(by_subject.phase, "received")

    def test_filter_and_sort(self):
        old = self._case(subject="Old", date_received="2026-01-01 00:00:00")
        self._answered(subject="Middle", date_received="2026-02-01 00:00:00")
        self._case(subject="New", date_received="2026-03-01 00:00:00")
        old.write({"user_id": self.handler.id})
        old.with_user(self.handler)._withdraw("By phone")
        for query, expected in (
            ("", ["New", "Middle", "Old"]),
            ("sortby=oldest", ["Old", "Middle", "New"]),
            ("sortby=subject", ["Middle", "New", "Old"]),
            ("filterby=open", ["New", "Middle"]),
            ("filterby=waiting", ["Middle"]),
            ("filterby=closed", ["Old"]),
            ("filterby=bogus&sortby=bogus", ["New", "Middle", "Old"]),
        ):
            with self.subTest(query=query):
                self.assertEqual(self.rows(f"/my/complaints?{query}"), expected)

    def test_pages_keep_the_search(self):
        for number in range(45):
            self._case(subject=f"Leak {number:02}")
        self.assertEqual(len(self.rows()), 20)
        page = self.page("/my/complaints?search=leak&sortby=subject")
        [link] = page.xpath("//ul[contains(@class, 'pagination')]//a[text()='3']/@href")
        self.assertEqual(
            self.rows(link), [f"Leak {number}" for number in range(40, 45)]
        )
        self.assertEqual(len(self.rows("/my/complaints/page/99")), 5)

    def test_queries_do_not_grow(self):
        """The same number of queries for 5 complaints and for 40 (T13)."""

        def queries(count):
            self.rows()
            before = self.cr.sql_log_count
            self.assertEqual(len(self.rows()), count)
            return self.cr.sql_log_count - before

        def complain(number):
            product = self.env["product.product"].create({"name": f"P{number}"})
            self._case(
                subject=f"Case {number}",
                order_id=self._order(self.acme, product).id,
                product_id=product.id,
                user_id=self.handler.id,
            )

        for number in range(5):
            complain(number)
        few = queries(5)
        for number in range(35):
            complain(5 + number)
        self.assertEqual(queries(20), few)
        self.assertLess(few, 45)
