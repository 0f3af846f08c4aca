from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import MODULE, ComplaintCommon

#: Left until the limit in seconds (negative: passed), what the client says, its tone.
TIMES = [
    (3 * 86400 + 5000, "3 d left", "far"),
    (86400 + 5 * 3600, "1 d 5 h left", "far"),
    (86400, "1 d left", "far"),
    (86399, "23 h left", "near"),
    (6 * 3600, "6 h left", "near"),
    (5 * 3600 + 1260, "5 h 21 min left", "near"),
    (3600, "1 h left", "near"),
    (59 * 60, "59 min left", "near"),
    (59, "less than a minute left", "near"),
    (0, "less than a minute left", "near"),
    (-60, "1 min overdue", "overdue"),
    (-2 * 86400, "2 d overdue", "overdue"),
]

CHECK_TIMES = """
(async () => {
    const { timeLeft } = odoo.loader.modules.get(
        "@complaint_management/backend/time_left"
    );
    for (const [left, text, tone] of %s) {
        const shown = timeLeft(1e12 + left * 1000, 1e12);
        if (String(shown.text) !== text || shown.tone !== tone) {
            throw new Error(`${left}: ${shown.text}, ${shown.tone}`);
        }
    }
    const late = document.querySelector(".o_data_row .o_complaint_time_left");
    if (!late.classList.contains("text-danger") || !/overdue/.test(late.textContent)) {
        throw new Error(`Not shown as overdue: ${late.outerHTML}`);
    }
    console.log("test successful");
})();
"""


@tagged("post_install", "-at_install")
class TestDesk(ComplaintCommon):
    """What staff see around a complaint, and open from it (I2)."""

    def test_other_complaints_of_the_customer(self):
        first, second = self._case(), self._case()
        self._case(partner_id=self.beta.id, order_id=False)
        action = first.with_user(self.handler).action_view_other_cases()
        self.assertEqual(self.env["complaint.case"].search(action["domain"]), second)

    def test_hint_says_what_the_answer_needs(self):
        case = self._case(allegation_ids=[(0, 0, {"summary": "Leaks"})])
        case = case.with_user(self.handler)
        self.assertFalse(case.answer_missing)
        case.action_accept()
        self.assertIn("Write the answer", case.answer_missing)
        case.answer = "<p>Sorry</p>"
        self.assertIn("finding", case.answer_missing)
        case.allegation_ids.finding = "upheld"
        self.assertFalse(case.answer_missing)

    def test_bulk_buttons_never_move_back(self):
        new, known = self._case(), self._case()
        known.with_user(self.colleague).action_accept()
        known.with_user(self.colleague).action_investigate()
        (new | known).with_user(self.handler).action_accept()
        self.assertEqual(
            [(case.phase, case.user_id) for case in (new | known)],
            [("accepted", self.handler), ("investigating", self.colleague)],
        )

    def test_assign_to_me(self):
        cases = self._case() | self._case(user_id=self.colleague.id)
        cases.with_user(self.handler).action_assign_to_me()
        self.assertEqual(cases.user_id, self.handler)
        with self.assertRaises(AccessError):
            cases.with_user(self.auditor).action_assign_to_me()

    def test_handler_reads_orders_and_changes_none(self):
        salesperson = self.colleague
        salesperson.group_ids += self.env.ref("sales_team.group_sale_salesman")
        self.order.user_id = self.manager
        case = self._case(order_id=self.order.id)
        for user in (self.handler, self.auditor, salesperson):
            seen = case.with_user(user)
            of_order = [("complaint_order_id", "=", self.order.id)]
            products = self.env["product.product"].with_user(user)
            self.assertEqual(products.search(of_order), self.product)
            self.assertEqual(seen.order_id.order_line.product_id, self.product)
            action = seen.action_view_order()
            self.assertEqual(action["res_id"], self.order.id)
            self.assertEqual(bool(action["views"][0][0]), user != salesperson)
        for user in (self.handler, salesperson):
            with self.assertRaises(AccessError):
                self.order.with_user(user).client_order_ref = "changed"

    def test_order_opens_without_access_to_sales(self):
        case = self._case(order_id=self.order.id).with_user(self.handler)
        action = case.action_view_order()
        order = self.order.with_user(self.handler)
        views = order.get_views(action["views"])
        line_fields = views["models"]["sale.order.line"]["fields"]
        seen = order.web_read(
            {
                "name": {},
                "order_line": {"fields": {name: {} for name in line_fields}},
                **{name: {} for name in ("amount_total", "state", "user_id")},
            }
        )
        self.assertEqual(seen[0]["order_line"][0]["product_uom_qty"], 2)

    def test_views_of_each_role(self):
        for user in (self.handler, self.supervisor, self.manager, self.auditor):
            case = self._case().with_user(user)
            arch = case.get_view(view_type="form")["arch"]
            is_auditor = user == self.auditor
            self.assertEqual("action_accept" in arch, not is_auditor)
            action = self.env.ref(f"{MODULE}.complaint_case_action")
            views = [(False, mode) for mode in action.view_mode.split(",")]
            self.assertTrue(case.get_views(views)["views"])
            for name in ("clocks", "feedback", "other_cases"):
                opened = getattr(case, f"action_view_{name}")()
                model = self.env[opened["res_model"]].with_user(user)
                model.search(opened["domain"]).read()


@tagged("post_install", "-at_install")
class TestDeskClient(ComplaintCommon, HttpCase):
    def test_time_left_in_words(self):
        self._case(
            user_id=self.handler.id, date_received="2020-01-01 10:00:00", subject="Late"
        )
        self.browser_js(
            "/odoo/my-complaints",
            CHECK_TIMES % str([list(row) for row in TIMES]),
            ready="!!document.querySelector('.o_data_row .o_complaint_time_left')",
            login=self.handler.login,
        )
