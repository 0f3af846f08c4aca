from odoo.tests import tagged

from .portal_common import PortalCommon

#: The form's help has started when it says that a draft is kept.
FORM_READY = "Boolean(document.querySelector('.o_complaint_keeps:not(.d-none)'))"
#: What a person does to a field.
HANDS = """
const find = (selector) => document.querySelector(selector);
const type = (selector, value) => {
    const field = find(selector);
    field.focus();
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
};
const choose = (...files) => {
    const transfer = new DataTransfer();
    files.forEach(([name, content]) => transfer.items.add(new File([content], name)));
    find("#complaint_files").files = transfer.files;
    find("#complaint_files").dispatchEvent(new Event("change", { bubbles: true }));
};
const draft = () =>
    Object.keys(localStorage).find((key) => key.startsWith("complaint_draft"));
"""
NARROW = """
document.querySelectorAll("details").forEach((details) => { details.open = true; });
const width = document.documentElement.scrollWidth;
if (width > 360) throw new Error(`${width} pixels wide`);
"""
#: Whatever is pressed is large enough for a finger; a label makes a small box larger.
FINGERS = """
const small = [...document.querySelectorAll(
    ".o_complaint_portal :is(a, button, select, summary, input, textarea)")]
    .filter((one) => one.getClientRects().length && !one.closest(".o_portal_chatter"))
    .filter((one) => !one.matches(".o_complaint_row_subject, [type=checkbox]"))
    .filter((one) => one.getBoundingClientRect().height < 44);
if (small.length) throw new Error(`too small: ${small[0].outerHTML}`);
"""
SUCCESS = "console.log('test successful')"


@tagged("post_install", "-at_install")
class TestPortalBrowser(PortalCommon):
    """What only a browser shows, on a small phone."""

    browser_size = "360x740"
    touch_enabled = True

    def check(self, url, code, ready="true", user=None):
        user = user or self.customer
        self.browser_js(
            url,
            "(async () => {"
            "const until = async (test) => {"
            "  for (let i = 0; i < 250 && !test(); i++)"
            "    await new Promise((done) => setTimeout(done, 20));"
            "  if (!test()) throw new Error('not so: ' + test);"
            "};"
            f"{HANDS}; {code}; {SUCCESS};"
            "})().catch((error) => console.error(error.message))",
            ready,
            login=user.login,
        )

    def test_lines_follow_the_order(self):
        order = self._order(self.acme, self.other_product)
        line, other_line = self.order.order_line, order.order_line
        self.check(
            "/my/complaints/new",
            f"""
            const lines = (n = 1) => [...find(`#complaint_line_${{n}}`).options]
                .map((option) => option.value).join();
            const shown = () => !find("#complaint_line_1").closest(".d-none");
            if (shown()) throw new Error("lines of no order");
            type("#complaint_order_id", "{order.id}");
            await until(() => shown() && lines() === ",{other_line.id}");
            type("#complaint_line_1", "{other_line.id}");
            find(".o_complaint_add_point").click();
            await until(() => lines(2) === ",{other_line.id}");
            type("#complaint_order_id", "{self.order.id}");
            await until(() => lines() === ",{line.id}" && lines(2) === ",{line.id}");
            await until(() => find("#complaint_line_1").value === "");
            type("#complaint_order_id", "");
            await until(() => !shown() && lines() === "");
            """,
            FORM_READY,
        )

    def test_rows_come_and_go_by_keyboard(self):
        self.check(
            "/my/complaints/new",
            """
            const rows = () => document.querySelectorAll(".o_complaint_point").length;
            const numbers = () => [...document.querySelectorAll(
                "legend .o_complaint_point_number"
            )].map((place) => place.textContent).join();
            type("#complaint_summary_1", "First");
            find(".o_complaint_add_point").click();
            await until(() => rows() === 2);
            if (!find("[data-n='2']").contains(document.activeElement))
                throw new Error("the new row has no focus");
            type("#complaint_summary_2", "Second");
            find("[data-n='1'] .o_complaint_remove_point").click();
            await until(() => rows() === 1 && numbers() === "1");
            if (!document.activeElement.matches(".o_complaint_undo"))
                throw new Error("undo has no focus");
            document.activeElement.click();
            await until(() => rows() === 2 && numbers() === "1,2");
            if (find("#complaint_summary_1").value !== "First") throw new Error("lost");
            """,
            FORM_READY,
        )

    def test_mistakes_are_told_above_and_beside_and_files_stay(self):
        self.check(
            "/my/complaints/new",
            """
            choose(["bill.txt", "Bill"]);
            find(".o_complaint_submit").click();
            await until(() => !find("#complaint_errors.d-none"));
            if (document.activeElement.id !== "complaint_errors")
                throw new Error("the summary has no focus");
            const links = [...find("#complaint_errors").querySelectorAll("a")];
            if (links.map((link) => link.hash).join() !==
                "#complaint_summary_1,#complaint_description") throw new Error("links");
            links[1].click();
            const field = find("#complaint_description");
            if (document.activeElement !== field) throw new Error("not led there");
            if (!field.matches("[aria-invalid=true]")) throw new Error("not marked");
            if (!document.getElementById(field.getAttribute("aria-describedby")))
                throw new Error("the field does not say what is wrong");
            type("#complaint_description", "It leaks");
            await until(() => !field.hasAttribute("aria-invalid"));
            // What only the server sees is told in the same way.
            type("#complaint_summary_1", "Leaks");
            type("#complaint_date_occurred", "2999-01-01");
            find(".o_complaint_submit").click();
            await until(
                () => find("#complaint_errors a")?.hash === "#complaint_date_occurred"
            );
            if (find("#complaint_files").files.length !== 1) throw new Error("lost");
            """,
            FORM_READY,
        )

    def test_broken_connection_loses_nothing(self):
        """Sent again it arrives, once; the draft is kept until then."""
        self.check(
            "/my/complaints/new",
            """
            type("#complaint_summary_1", "Leaks");
            type("#complaint_description", "Water everywhere");
            choose(["bill.txt", "Bill"]);
            const RealRequest = window.XMLHttpRequest;
            window.XMLHttpRequest = class extends RealRequest {
                open(method) { super.open(method, "http://127.0.0.1:1/"); }
            };
            find(".o_complaint_submit").click();
            await until(() => find(".o_complaint_trouble:not(.d-none)"));
            if (!document.activeElement.matches(".o_complaint_trouble"))
                throw new Error("the trouble has no focus");
            if (!find(".o_complaint_trouble").textContent.includes("not counted twice"))
                throw new Error("wrong words");
            if (find(".o_complaint_submit").disabled) throw new Error("still resting");
            if (!draft()) throw new Error("no draft");
            window.XMLHttpRequest = RealRequest;
            find(".o_complaint_trouble button").click();
            await until(() => !draft());
            """,
            FORM_READY,
        )
        case = self.env["complaint.case"].search(
            [("partner_id", "=", self.customer.partner_id.id)]
        )
        self.assertEqual(case.subject, "Leaks")

    def test_draft(self):
        """Kept while typing, told when it is back, gone with the log-out."""
        self.check(
            "/my/complaints/new",
            f"""
            const line = "{self.order.order_line.id}";
            // As it was left by whoever used this browser, and by another.
            const user = find(".o_complaint_form").dataset.user;
            localStorage.setItem("complaint_draft:0", "{{}}");
            localStorage.setItem(`complaint_draft:${{user}}`, JSON.stringify({{
                key: "{"d" * 32}", order: "{self.order.id}",
                points: [
                    {{ line, category: "", summary: "One" }},
                    {{ line: "999999", category: "999999", summary: "Two" }}],
                description: "Long story", demand: "", date_occurred: "",
                files: ["bill.pdf"], at: Date.now() }}));
            const frame = document.createElement("iframe");
            frame.src = "/my/complaints/new";
            document.body.append(frame);
            const page = () => frame.contentDocument;
            const there = (selector) => page()?.querySelector(selector);
            await until(() => there(".o_complaint_draft:not(.d-none)"));
            const told = there(".o_complaint_draft").textContent;
            if (!told.includes("files again: bill.pdf")) throw new Error(told);
            const values = ["#complaint_summary_1", "#complaint_summary_2",
                "#complaint_description", "#complaint_line_1", "#complaint_line_2",
                "[name=request_key]"].map((selector) => there(selector).value).join();
            if (values !== "One,Two,Long story,{self.order.order_line.id},,{"d" * 32}")
                throw new Error(values);
            if (localStorage.getItem("complaint_draft:0"))
                throw new Error("the draft of another is still there");
            there("a[href*='/web/session/logout']").addEventListener(
                "click", (event) => event.preventDefault());
            there("a[href*='/web/session/logout']").click();
            await until(() => !draft());
            """,
            FORM_READY,
        )

    def test_files_too_large_or_too_many_are_told_before_sending(self):
        self.check(
            "/my/complaints/new",
            """
            const files = find("#complaint_files");
            const list = find(".o_complaint_chosen");
            const sizes = (...all) => choose(...all.map(
                (size, index) => [`file${index}.png`, new ArrayBuffer(size)]));
            sizes(1000, 2000);
            await until(() => list.children.length === 2 && files.validity.valid);
            sizes(1000, 11 * 1024 * 1024);
            await until(() => !files.validity.valid);
            await until(() => files.validationMessage.includes("file1.png"));
            await until(() => find("#complaint_files_error"));
            sizes(...Array(11).fill(10));
            await until(() => files.validationMessage.includes("10"));
            sizes(10);
            await until(() => files.validity.valid && !find("#complaint_files_error"));
            """,
            FORM_READY,
        )

    def test_button_rests_while_the_form_is_sent(self):
        self.check(
            "/my/complaints/new",
            """
            const button = find(".o_complaint_submit");
            let sent = 0;
            window.XMLHttpRequest.prototype.send = function () {
                sent++;
                this.abort = () => this.dispatchEvent(new Event("abort"));
            };
            type("#complaint_summary_1", "x");
            type("#complaint_description", "x");
            button.click();
            await until(() => button.disabled);
            find(".o_complaint_form").requestSubmit();
            find(".o_complaint_stop").click();
            await until(() => !button.disabled);
            if (sent !== 1) throw new Error(`sent ${sent} times`);
            """,
            FORM_READY,
        )

    def test_nothing_is_wider_than_a_phone(self):
        """With words that have no end, and with tables from mail programs."""
        word = "Donaudampfschifffahrtsgesellschaft" * 5
        case = self._case(
            user_id=self.handler.id,
            answer=f"<pre>{word}</pre><p>{word}</p>",
            subject=word,
            description=f"<table><tr><td>{word}</td><td>{word}</td></tr></table>",
            demand=word,
            order_id=self.order.id,
        )
        case.with_user(self.handler).action_answer()
        for url in (
            "/my",
            "/my/complaints",
            "/my/complaints/new",
            f"/my/complaints/{case.id}",
        ):
            with self.subTest(url=url):
                self.check(url, NARROW + ("" if url == "/my" else FINGERS))

    def test_objection_opens_without_a_mouse(self):
        case = self._answered()
        self.check(
            f"/my/complaints/{case.id}",
            """
            const details = document.querySelector(".o_complaint_object");
            const summary = details.querySelector("summary");
            summary.focus();
            if (document.activeElement !== summary) throw new Error("no focus");
            summary.click();
            await until(() => details.open);
            """,
            "Boolean(document.querySelector('.o_complaint_object'))",
        )

    def test_whole_story(self):
        """Order with lines, two problems, a file; evidence; taken back."""
        self.order.order_line = [(0, 0, {"product_id": self.other_product.id})]
        self.start_tour("/my/home", "complaint_portal_story", login="cm_ann")
        case = self.env["complaint.case"].search(
            [("partner_id", "=", self.customer.partner_id.id)]
        )
        self.assertRecordValues(
            case,
            [
                {
                    "subject": "The kettle leaks (and 1 more)",
                    "order_id": self.order.id,
                    "outcome": "withdrawn",
                }
            ],
        )
        self.assertEqual(
            case.sudo().allegation_ids.order_line_id, self.order.order_line
        )
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "complaint.case"), ("res_id", "=", case.id)],
            order="id",
        )
        self.assertEqual(files.mapped("name"), ["bill.txt", "crack.txt"])
        self.assertEqual(files[1].description, "The crack in the lid")
        self.assertIn("It was the plug", str(case.message_ids.mapped("body")))
