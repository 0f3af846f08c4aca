import base64

from odoo import fields
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import tagged

from ..tools import uploads
from .portal_common import PortalCommon

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)
KEY = "0123456789abcdef" * 2


@tagged("post_install", "-at_install")
class TestPortalForm(PortalCommon):
    """A customer complains in the portal (A1, A2, I1)."""

    def setUp(self):
        super().setUp()
        self.login(self.customer)

    def send(self, files=(), **values):
        """Fill in and send the form; return (response, new cases)."""
        before = self.env["complaint.case"].search([])
        data = {
            "request_key": KEY,
            "summary_1": "The kettle leaks",
            "description": "Water <b>everywhere</b>\nand more",
            **values,
        }
        files = [("files", file) for file in files]
        # An empty file field sends an empty part, as browsers do.
        response = self.post(
            "/my/complaints/new", data, files=files or [("files", ("", b""))]
        )
        return response, self.case_as(self.env["complaint.case"].search([]) - before)

    def refused(self, text, files=(), **values):
        response, cases = self.send(files=files, **values)
        self.assertFalse(cases)
        self.assertEqual(response.status_code, 200)
        page = self.read_page(response)
        self.assertIn(text, self.text)
        return page

    def test_form_offers_own_confirmed_orders_with_their_products(self):
        draft = self.env["sale.order"].create({"partner_id": self.acme.id})
        page = self.page("/my/complaints/new")
        orders = page.xpath("//select[@name='order_id']/option/@value")
        self.assertEqual(orders, ["", str(self.order.id)])
        [group] = page.xpath("//select[@name='line_1']/optgroup")
        self.assertEqual(group.get("data-order"), str(self.order.id))
        [option] = group.xpath("option")
        self.assertEqual(option.get("value"), str(self.order.order_line.id))
        self.assertEqual(option.text_content(), "Kettle · 2 Units")
        self.assertNotIn(draft.name, self.text)
        self.assertNotIn(self.other_order.name, self.text)
        categories = page.xpath("//select[@name='category_1']/option/@value")
        self.assertIn(str(self.category.parent_id.id), categories)
        self.assertNotIn(str(self.category.id), categories)

    def test_every_field_has_its_label(self):
        page = self.page("/my/complaints/new")
        [form] = page.xpath("//form[contains(@class, 'o_complaint_form')]")
        for field in form.xpath(
            ".//select | .//textarea | .//input[@type != 'hidden']"
        ):
            if "__n__" in field.get("name"):
                continue  # the script's template
            label = form.xpath(f".//label[@for='{field.get('id')}']")
            self.assertEqual(len(label), 1, field.get("name"))

    def test_order_is_chosen_by_a_link(self):
        page = self.page(f"/my/complaints/new?order_id={self.order.id}")
        chosen = page.xpath("//select[@name='order_id']/option[@selected]/@value")
        self.assertEqual(chosen, [str(self.order.id)])
        for order_id in (self.other_order.id, "x", 10**12):
            page = self.page(f"/my/complaints/new?order_id={order_id}")
            self.assertFalse(page.xpath("//option[@selected and @value != '']"))
            self.assertNotIn(self.other_order.name, self.text)

    def test_older_orders_are_reached_by_a_link(self):
        """Only the latest are listed; the page of an old order leads here too."""
        old = self._order(self.acme, self.other_product)
        old.date_order = "2001-01-01 00:00:00"
        cases = self.env["complaint.case"].with_user(self.customer)
        partner = self.customer.partner_id
        self.assertEqual(cases._portal_orders(partner, [old.id]), old)
        self.assertFalse(cases._portal_orders(partner, [self.other_order.id]))
        response, case = self.send(order_id=old.id, line_1=old.order_line.id)
        self.assertEqual(case.order_id, old, response.text[:300])

    def test_order_page_leads_to_the_form(self):
        page = self.page(f"/my/orders/{self.order.id}")
        [link] = page.xpath("//a[contains(@href, '/my/complaints/new')]/@href")
        self.assertTrue(link.endswith(f"order_id={self.order.id}"))

    def test_submit(self):
        response, case = self.send(
            order_id=self.order.id,
            line_1=self.order.order_line.id,
            category_1=self.category.parent_id.id,
            date_occurred="2026-01-02",
            demand="A new one",
            files=[
                ("kettle.png", PNG, "image/png"),
                ("bill.txt", b"Bill", "text/plain"),
            ],
        )
        self.assertEqual(response.status_code, 303)
        self.assertIn(f"/my/complaints/{case.id}", response.headers["Location"])
        self.assertRecordValues(
            case,
            [
                {
                    "subject": "The kettle leaks",
                    "partner_id": self.customer.partner_id.id,
                    "order_id": self.order.id,
                    "product_id": self.product.id,
                    "category_id": self.category.parent_id.id,
                    "date_occurred": fields.Date.to_date("2026-01-02"),
                    "demand": "A new one",
                    "phase": "received",
                    "source": "external",
                    "channel_id": self.env.ref(
                        "complaint_management.channel_portal"
                    ).id,
                }
            ],
        )
        self.assertIn("Water &lt;b&gt;everywhere", case.description)
        self.assertTrue(case.acknowledged_at)
        self.assertTrue(case.clock_ids)
        page = self.page(response.headers["Location"])
        self.assertIn("We have your complaint", self.text)
        self.assertIn(case.name, self.text)
        for name, content in (("kettle.png", PNG), ("bill.txt", b"Bill")):
            [link] = page.xpath(f"//a[contains(., '{name}')]/@href")
            self.assertEqual(self.url_open(link).content, content)

    def test_confirmation_comes_from_the_company(self):
        _response, case = self.send()
        confirmation = case.message_ids.filtered(
            lambda message: message.message_type == "auto_comment"
        )
        self.assertEqual(confirmation.author_id, self.company.partner_id)

    def test_least_is_subject_and_description(self):
        _response, case = self.send()
        self.assertFalse(case.order_id)
        self.assertEqual(case.company_id, self.company)

    def test_errors_keep_what_was_typed(self):
        page = self.refused(
            "Please say in a few words what is wrong",
            summary_1=" ",
            description="My long <story>",
            demand="A new one",
            order_id=self.order.id,
            line_1=self.order.order_line.id,
            category_1=self.category.parent_id.id,
            date_occurred="2026-01-02",
            files=[("bill.txt", b"Bill", "text/plain")],
        )
        self.assertEqual(
            page.xpath("string(//textarea[@name='description'])"), "My long <story>"
        )
        self.assertEqual(page.xpath("string(//textarea[@name='demand'])"), "A new one")
        self.assertEqual(
            page.xpath("//select[@name='order_id']/option[@selected]/@value"),
            [str(self.order.id)],
        )
        self.assertEqual(
            page.xpath("//select[@name='line_1']//option[@selected]/@value"),
            [str(self.order.order_line.id)],
        )
        self.assertEqual(
            page.xpath("//select[@name='category_1']/option[@selected]/@value"),
            [str(self.category.parent_id.id)],
        )
        self.assertEqual(
            page.xpath("//input[@name='date_occurred']/@value"), ["2026-01-02"]
        )
        self.assertIn("Please choose your files again", self.text)
        [summary] = page.xpath("//input[@name='summary_1']")
        self.assertEqual(summary.get("aria-invalid"), "true")
        described = page.xpath(f"//*[@id='{summary.get('aria-describedby')}']")
        self.assertEqual(len(described), 1)
        [link] = page.xpath("//div[@id='complaint_errors']//a/@href")
        self.assertEqual(link, f"#{summary.get('id')}")

    def test_mistakes(self):
        line, strange = self.order.order_line, self.other_order.order_line
        second = self._order(self.acme, self.other_product).order_line
        for values, text in (
            ({"description": ""}, "Please tell us what happened"),
            ({"summary_1": ""}, "Please say in a few words what is wrong"),
            ({"summary_1": "x" * 161}, "This is too long"),
            ({"summary_2": "x" * 161}, "This is too long"),
            ({"category_2": "1"}, "Please say in a few words what is wrong"),
            ({"description": "x" * 20001}, "This is too long"),
            ({"date_occurred": "yesterday"}, "Please give a valid date"),
            ({"date_occurred": "2999-01-01"}, "This day is still to come"),
            ({"date_occurred": "0001-01-01"}, "This is too long ago"),
            ({"order_id": self.other_order.id}, "Please choose one of your orders"),
            ({"order_id": "drop table"}, "Please choose one of your orders"),
            ({"category_1": self.category.id}, "Please choose from the list"),
            ({"category_1": "x"}, "Please choose from the list"),
            ({"line_1": strange.id}, "This product is not on the order"),
            (
                {"order_id": self.order.id, "line_1": second.id},
                "This product is not on the order",
            ),
            (
                {"line_1": line.id, "summary_2": "Torn", "line_2": second.id},
                "This product is not on the order",
            ),
            (
                {f"summary_{n}": "x" for n in range(1, 23)},
                "Please name 20 problems at most",
            ),
            ({"request_key": ""}, "Please send it again"),
            ({"request_key": "../../etc"}, "Please send it again"),
        ):
            with self.subTest(values=str(values)[:60]):
                self.refused(text, **values)

    def test_order_of_another_customer_is_not_told(self):
        self.refused("Please choose one of your orders", order_id=self.other_order.id)
        self.assertNotIn(self.other_order.name, self.text)

    def test_what_the_core_refuses_is_shown_with_the_form(self):
        """Nothing half-done stays behind (here: the numbers are missing)."""
        self.env["ir.sequence"].search([("code", "=", "complaint.case")]).unlink()
        page = self.refused("Complaints cannot be numbered")
        self.assertEqual(
            page.xpath("//input[@name='summary_1']/@value")[0][:10], "The kettle"
        )

    def test_sent_twice_is_one_complaint(self):
        _first, case = self.send()
        self.assertEqual(len(case), 1)
        second, more = self.send()
        self.assertFalse(more)
        self.assertEqual(second.status_code, 303)
        self.page(second.headers["Location"])
        self.assertIn(case.name, self.text)
        self.assertIn("we have it once", self.text)

    def test_back_and_another_text_is_another_complaint(self):
        _response, first = self.send()
        _response, second = self.send(description="Something else")
        self.assertEqual(len(first | second), 2)

    def test_each_form_is_its_own(self):
        keys = {
            self.page("/my/complaints/new").xpath(
                "//input[@name='request_key']/@value"
            )[0]
            for _time in range(2)
        }
        self.assertEqual(len(keys), 2)
        _response, first = self.send()
        _response, second = self.send(request_key="f" * 32)
        self.assertEqual(len(first | second), 2)

    def test_key_of_another_customer_leads_nowhere(self):
        """Knowing the key and the text of a form does not lead to its complaint."""
        _response, case = self.send()
        self.login(self.other_customer)
        _response, other = self.send()
        self.assertNotEqual(case, other)
        self.assertEqual(other.partner_id, self.other_customer.partner_id)

    def test_two_clicks_at_once_take_turns(self):
        """While one request registers the complaint, the other is run again later."""
        key = "ab" * 32
        lock = int.from_bytes(bytes.fromhex(key[:16]), signed=True)
        values = self._case_values()
        cases = self.env["complaint.case"]
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
            with self.assertRaises(ConcurrencyError):
                cases._intake_once(values, "portal", key)
        case, is_new = cases._intake_once(values, "portal", key)
        self.assertTrue(is_new)
        self.assertEqual(cases._intake_once(values, "portal", key), (case, False))

    def test_files_are_checked(self):
        large = b"x" * (uploads.MAX_FILE_BYTES + 1)
        many = [(f"{n}.txt", b"x", "text/plain") for n in range(uploads.MAX_FILES + 1)]
        for files, text in (
            ([("film.txt", large, "text/plain")], "“film.txt” is larger than 10 MB"),
            (many, "Please attach 10 files at most"),
            ([("empty.pdf", b"", "application/pdf")], "“empty.pdf” is empty"),
            ([("page.html", b"<script/>", "image/png")], "“page.html” cannot be taken"),
            (
                [("drawing.svg", b"<svg/>", "image/png")],
                "“drawing.svg” cannot be taken",
            ),
            ([("tool.exe", b"MZ", "image/png")], "“tool.exe” cannot be taken"),
            ([("photo.png", b"MZ\x90", "image/png")], "“photo.png” cannot be taken"),
            ([("photo.png", b"<html>", "image/png")], "“photo.png” cannot be taken"),
            ([("none", b"text", "text/plain")], "“none” cannot be taken"),
            ([(".txt", b"text", "text/plain")], "cannot be taken"),
        ):
            with self.subTest(text=text):
                self.refused(text, files=files)

    def test_html_in_disguise_cannot_run(self):
        _response, case = self.send(
            files=[("note.txt", b"<html><script>alert(1)</script>", "text/html")]
        )
        [file] = self.env["ir.attachment"].search(
            [("res_model", "=", "complaint.case"), ("res_id", "=", case.id)]
        )
        self.assertEqual(file.mimetype, "text/plain")
        self.assertEqual(file.create_uid, self.customer)
        self.assertFalse(file.public)

    def test_markup_stays_text_whoever_attaches_it(self):
        case = self._case()
        file = case.sudo()._intake_attach(
            [{"name": "x.html", "raw": b"<html>x</html>"}]
        )
        self.assertEqual(file.mimetype, "text/plain")

    def test_files_are_for_the_customer_and_staff_only(self):
        _response, case = self.send(files=[("bill.txt", b"Bill", "text/plain")])
        [file] = self.env["ir.attachment"].search(
            [("res_model", "=", "complaint.case"), ("res_id", "=", case.id)]
        )
        self.login(self.other_customer)
        self.assertEqual(self.url_open(f"/web/content/{file.id}").status_code, 404)
        self.login(None)
        self.assertEqual(self.url_open(f"/web/content/{file.id}").status_code, 404)

    def test_file_names_are_cleaned(self):
        for name, clean in (
            ("../../etc/passwd.txt", "passwd.txt"),
            ("C:\\photos\\leak.png", "leak.png"),
            ("a\x00b\n.png", "ab.png"),
            ("invoice\u202egnp.exe", "invoicegnp.exe"),
            ("漏水.png", "漏水.png"),
            ("x" * 300 + ".png", "x" * 100 + ".png"),
        ):
            self.assertEqual(uploads.clean_name(name), clean)

    def test_guest_is_asked_to_log_in(self):
        self.login(None)
        for url in ("/my/complaints", "/my/complaints/new"):
            response = self.url_open(url, allow_redirects=False)
            self.assertIn("/web/login", response.headers["Location"])

    def test_form_costs_the_same_for_many_orders(self):
        def queries():
            self.page("/my/complaints/new")
            before = self.cr.sql_log_count
            self.page("/my/complaints/new")
            return self.cr.sql_log_count - before

        few = queries()
        for number in range(12):
            product = self.env["product.product"].create({"name": f"P{number}"})
            self._order(self.acme, product)
        self.assertEqual(queries(), few)

    def test_complaint_of_an_employee_is_internal(self):
        self.login(self.handler)
        _response, case = self.send()
        self.assertEqual(case.source, "internal")
        self.assertEqual(case.partner_id, self.handler.partner_id)


@tagged("post_install", "-at_install")
class TestPortalPoints(PortalCommon):
    """Several problems in one complaint, each an allegation (A2)."""

    def setUp(self):
        super().setUp()
        self.login(self.customer)
        self.order.order_line = [(0, 0, {"product_id": self.other_product.id})]
        self.kettle, self.toaster = self.order.order_line

    def send(self, headers=None, **values):
        before = self.env["complaint.case"].search([])
        response = self.post(
            "/my/complaints/new",
            {
                "request_key": KEY,
                "order_id": self.order.id,
                "summary_1": "The kettle leaks",
                "line_1": self.kettle.id,
                "description": "Water everywhere",
                **values,
            },
            headers=headers,
        )
        return response, self.case_as(self.env["complaint.case"].search([]) - before)

    def test_each_is_an_allegation(self):
        delivery = self.env.ref("complaint_management.category_delivery")
        _response, case = self.send(
            summary_2="It came late  and\n wet",
            category_2=delivery.id,
            # Rows may be taken out in between, and one may stay empty.
            summary_5="Burns the bread",
            line_5=self.toaster.id,
            summary_7="",
        )
        self.assertEqual(case.subject, "The kettle leaks (and 2 more)")
        self.assertEqual(case.product_id, self.product)
        self.assertRecordValues(
            case.sudo().allegation_ids,
            [
                {
                    "summary": "The kettle leaks",
                    "customer_words": "The kettle leaks",
                    "order_line_id": self.kettle.id,
                    "product_id": self.product.id,
                },
                {
                    "summary": "It came late and wet",
                    "customer_words": "It came late and wet",
                    "order_line_id": False,
                    "product_id": False,
                },
                {
                    "summary": "Burns the bread",
                    "customer_words": "Burns the bread",
                    "order_line_id": self.toaster.id,
                    "product_id": self.other_product.id,
                },
            ],
        )
        self.assertEqual(case.sudo().allegation_ids[1].category_id, delivery)
        page = self.page(f"/my/complaints/{case.id}")
        told = page.xpath("//ul[contains(@class, 'o_complaint_told_points')]/li")
        self.assertEqual(
            [" ".join(item.text_content().split()) for item in told],
            [
                "The kettle leaks Kettle",
                "It came late and wet",
                "Burns the bread Toaster",
            ],
        )
        self.assertIn("Kettle, Toaster", self.text)

    def test_what_kind_it_is_may_be_proposed(self):
        self.category.keywords = "leaks"
        _response, case = self.send(summary_2="Nothing that is known")
        first, second = case.sudo().allegation_ids
        self.assertEqual(first.category_id, self.category)
        self.assertFalse(second.category_id)

    def test_the_line_tells_the_order(self):
        """Without JavaScript a line may be chosen without its order."""
        _response, case = self.send(order_id="")
        self.assertEqual(case.order_id, self.order)

    def test_nothing_chosen_is_one_allegation_all_the_same(self):
        _response, case = self.send(order_id="", line_1="")
        self.assertFalse(case.order_id or case.product_id)
        self.assertEqual(case.sudo().allegation_ids.summary, "The kettle leaks")

    def test_mistakes_show_the_rows_again(self):
        response, case = self.send(
            summary_3="Burns", line_3=self.toaster.id, description=""
        )
        self.assertFalse(case)
        page = self.read_page(response)
        rows = page.xpath("//fieldset[contains(@class, 'o_complaint_point')]")
        numbers = [row.get("data-n") for row in rows]
        self.assertEqual(numbers, ["1", "3", "__n__"])
        chosen = rows[1].xpath(".//select[@name='line_3']//option[@selected]/@value")
        self.assertEqual(chosen, [str(self.toaster.id)])
        self.assertIn("Problem 2", " ".join(rows[1].text_content().split()))

    def test_one_more_row_without_javascript(self):
        response, case = self.send(add="1", description="")
        self.assertFalse(case)
        page = self.read_page(response)
        self.assertEqual(
            page.xpath("//input[@name='summary_1']/@value"), ["The kettle leaks"]
        )
        self.assertTrue(page.xpath("//input[@name='summary_2']"))
        self.assertNotIn("Please tell us what happened", self.text)

    def test_script_gets_words_instead_of_pages(self):
        asked = {"Accept": "application/json"}
        response, case = self.send(headers=asked, description="", line_1="x")
        self.assertFalse(case)
        self.assertEqual(response.status_code, 422)
        self.assertEqual(
            response.json(),
            {
                "errors": {
                    "line_1": "This product is not on the order. "
                    "Please choose another.",
                    "description": "Please tell us what happened.",
                }
            },
        )
        response, case = self.send(headers=asked)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            response.json(), {"url": f"/my/complaints/{case.id}?notice=received"}
        )
        response, more = self.send(headers=asked)
        self.assertFalse(more)
        self.assertEqual(
            response.json(), {"url": f"/my/complaints/{case.id}?notice=again"}
        )

    def test_the_customers_words_stay(self):
        _response, case = self.send()
        case.user_id = self.handler
        allegation = case.with_user(self.handler).allegation_ids
        allegation.summary = "Leak at the lid"
        for work in (
            lambda: allegation.write({"customer_words": "All is well"}),
            allegation.unlink,
        ):
            with self.refuses(UserError, "what the customer said"):
                work()
        self.page(f"/my/complaints/{case.id}")
        self.assertIn("The kettle leaks", self.text)
        self.assertNotIn("Leak at the lid", self.text)

    def test_another_order_needs_other_lines(self):
        _response, case = self.send()
        another = self._order(self.acme, self.product)
        with self.refuses(ValidationError, "lines of another order"):
            case.write({"order_id": another.id, "product_id": False})
        case.sudo().allegation_ids.order_line_id = False
        case.write({"order_id": another.id})
        self.assertEqual(case.order_id, another)

    def test_many_are_too_many_in_an_hour(self):
        limit = self.env["ir.config_parameter"].set_param
        limit("complaint_management.portal_complaint_limit", "2")
        for number in range(2):
            _response, case = self.send(description=f"Number {number}")
            self.assertTrue(case)
        # Mistakes are not counted, and what is typed is not lost.
        response, case = self.send(description="Number 3")
        self.assertFalse(case)
        page = self.read_page(response)
        self.assertIn("many complaints within the last hour", self.text)
        self.assertEqual(
            page.xpath("string(//textarea[@name='description'])"), "Number 3"
        )
        self.login(self.customer_colleague)
        _response, case = self.send()
        self.assertTrue(case, "others are not held up")
        limit("complaint_management.portal_complaint_limit", "nonsense")
        self.login(self.customer)
        _response, case = self.send(description="Number 4")
        self.assertTrue(case, "the shipped limit is in force")
