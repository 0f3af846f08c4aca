from odoo.tests import tagged

from .portal_common import PortalCommon

#: The form's help has started when the products of no order are hidden.
FORM_READY = "Boolean(document.querySelector('.o_complaint_product.d-none'))"
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
            "  for (let i = 0; i < 100 && !test(); i++)"
            "    await new Promise((done) => setTimeout(done, 20));"
            "  if (!test()) throw new Error('not so: ' + test);"
            "};"
            f"{code}; {SUCCESS};"
            "})().catch((error) => console.error(error.message))",
            ready,
            login=user.login,
        )

    def test_products_follow_the_order(self):
        order = self._order(self.acme, self.other_product)
        self.check(
            "/my/complaints/new",
            f"""
            const orders = document.querySelector("#complaint_order_id");
            const products = document.querySelector("#complaint_product_id");
            const ids = () => [...products.options].map((option) => option.value);
            const choose = (id) => {{
                orders.value = id;
                orders.dispatchEvent(new Event("change", {{ bubbles: true }}));
            }};
            const shown = () => !products.closest(".o_complaint_product.d-none");
            choose("{order.id}");
            await until(() => shown() && ids().join() === ",{self.other_product.id}");
            products.value = "{self.other_product.id}";
            choose("{self.order.id}");
            await until(() => shown() && ids().join() === ",{self.product.id}");
            await until(() => products.value === "");
            choose("");
            await until(() => !shown() && ids().join() === "");
            """,
            FORM_READY,
        )

    def test_files_too_large_or_too_many_are_told_before_sending(self):
        self.check(
            "/my/complaints/new",
            """
            const files = document.querySelector("#complaint_files");
            const list = document.querySelector(".o_complaint_chosen");
            const choose = (...sizes) => {
                const transfer = new DataTransfer();
                sizes.forEach((size, index) => transfer.items.add(
                    new File([new ArrayBuffer(size)], `file${index}.png`)
                ));
                files.files = transfer.files;
                files.dispatchEvent(new Event("change", { bubbles: true }));
            };
            choose(1000, 2000);
            await until(() => list.children.length === 2 && files.validity.valid);
            choose(1000, 11 * 1024 * 1024);
            await until(() => !files.validity.valid);
            await until(() => files.validationMessage.includes("file1.png"));
            choose(...Array(11).fill(10));
            await until(() => files.validationMessage.includes("10"));
            choose(10);
            await until(() => files.validity.valid);
            """,
            FORM_READY,
        )

    def test_button_rests_while_the_form_is_sent(self):
        self.check(
            "/my/complaints/new",
            """
            const form = document.querySelector(".o_complaint_form");
            const button = form.querySelector(".o_complaint_submit");
            form.addEventListener("submit", (event) => event.preventDefault());
            form.querySelector("[name=subject]").value = "x";
            form.querySelector("[name=description]").value = "x";
            button.click();
            await until(() => button.disabled);
            window.dispatchEvent(new Event("pageshow"));
            await until(() => !button.disabled);
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
                self.check(
                    url,
                    "const width = document.documentElement.scrollWidth;"
                    "if (width > 360) throw new Error(`${width} pixels wide`)",
                )

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
