from datetime import datetime, timedelta

from lxml import etree

from odoo import Command
from odoo.tests import HttpCase, freeze_time, tagged

from .common import MODULE, ComplaintCommon
from .test_remedy import RemedyCommon

NOW = datetime(2026, 3, 2, 12, 0)
#: A complaint whose 180 days are over, one of which 90 are, and one that is new.
OLD, MIDDLE, NEW = (NOW - timedelta(days=days) for days in (200, 100, 10))
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class RecoveryCommon(ComplaintCommon):
    """Two customers who have bought nothing so far; 2 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        (cls.order | cls.other_order)._action_cancel()
        cls.rows = cls.env["complaint.recovery"]

    @classmethod
    def _buy(cls, moment, partner=None, price=100, **values):
        """An order confirmed at a moment, without tax."""
        company = values.pop("company", cls.company)
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": (partner or cls.acme).id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "price_unit": price,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        order.action_confirm()
        order.date_order = moment
        return order

    @classmethod
    def _complaint(cls, received, **values):
        return cls._case(date_received=received, **values)

    def _row(self, case, user=None):
        """The rows of complaints, by default as the manager reads them."""
        self.env.invalidate_all()
        return self.rows.with_user(user or self.manager).search(
            [("case_id", "in", case.ids)]
        )

    def _share(self, cases, days=180):
        """What a pivot shows: the share, and of how many complaints."""
        field = f"bought_again_{days}"
        [row] = self.rows.with_user(self.manager).formatted_read_group(
            [("case_id", "in", cases.ids)], [], [f"{field}:avg", f"{field}:count"]
        )
        return row[f"{field}:avg"], row[f"{field}:count"]


@tagged("post_install", "-at_install")
class TestRecoveryWindow(RecoveryCommon):
    """Which orders count, to the second."""

    def test_to_the_last_second_of_the_days(self):
        case = self._complaint(OLD)
        for days, last in ((90, OLD + 90 * DAY), (180, OLD + 180 * DAY)):
            with self.subTest(days):
                order = self._buy(last)
                row = self._row(case)
                self.assertEqual(row[f"revenue_{days}"], 100)
                self.assertEqual(row.bought_again_at, last)
                self.assertEqual(self._share(case, days), (1, 1))
                order.date_order = last + SECOND
                row = self._row(case)
                self.assertEqual(row[f"revenue_{days}"], 0)
                self.assertEqual(self._share(case, days), (0, 1))
                order.date_order = OLD
                row = self._row(case)
                self.assertEqual((row.revenue_180, row.orders_before), (0, 1))
                self.assertFalse(row.bought_again_at)
                order.date_order = OLD + SECOND
                self.assertEqual(self._row(case).revenue_90, 100)
                order._action_cancel()

    def test_the_year_before(self):
        case = self._complaint(OLD)
        self._buy(OLD - 365 * DAY)
        self._buy(OLD - 365 * DAY - SECOND)
        self._buy(OLD - DAY)
        self._buy(OLD + DAY)
        self.assertEqual(self._row(case).orders_before, 2)

    def test_a_window_that_still_runs_is_in_no_share(self):
        old, middle, new = (self._complaint(day) for day in (OLD, MIDDLE, NEW))
        at_180 = self._complaint(NOW - 180 * DAY)
        self._buy(NEW + DAY)
        self.assertEqual(
            [self._row(case).is_over_180 for case in (old, middle, new, at_180)],
            [True, False, False, False],
        )
        self.assertEqual(
            [self._row(case).is_over_90 for case in (old, middle, new, at_180)],
            [True, True, False, True],
        )
        # The order is 191 days after the oldest, 91 after the next.
        self.assertEqual(self._share(old), (0, 1))
        self.assertEqual(self._share(old | middle | new, 90), (0, 2))
        self.assertEqual(self._share(new), (False, 0))
        # The pivot says of how many: a share of none is none, and not 0 %.
        pivot = self.env.ref(f"{MODULE}.complaint_recovery_view_pivot")
        tree = etree.fromstring(pivot.arch)
        measures = tree.xpath("//field[@type='measure']/@name")
        for days, number in ((90, 2), (180, 1)):
            [row] = self.rows.with_user(self.manager).formatted_read_group(
                [("case_id", "in", (old | middle | new).ids)], [], [f"over_{days}:sum"]
            )
            self.assertEqual(row[f"over_{days}:sum"], number)
            place = measures.index(f"bought_again_{days}")
            self.assertEqual(measures[place - 1], f"over_{days}")
            share = tree.xpath(f"//field[@name='bought_again_{days}']/@widget")
            self.assertEqual(share, ["complaint_share"])
            # In a file of rows, not yet would be 0.
            described = self.rows.fields_get([f"bought_again_{days}"], ["exportable"])
            self.assertFalse(described[f"bought_again_{days}"]["exportable"])
        # What is known is told all the same.
        self.assertEqual(self._row(new).bought_again_at, NEW + DAY)
        self.assertEqual(self._row(new).revenue_90, 100)
        with freeze_time(NEW + 90 * DAY + SECOND):
            self.assertEqual(self._share(old | middle | new, 90), (1 / 3, 3))

    def test_only_what_was_confirmed_counts(self):
        case = self._complaint(OLD)
        order = self._buy(OLD + DAY)
        self.assertEqual(self._row(case).revenue_180, 100)
        order._action_cancel()
        self.assertEqual(self._row(case).revenue_180, 0)
        order.action_draft()
        self.assertEqual(self._share(case), (0, 1))

    def test_what_costs_nothing_does_not_count(self):
        case = self._complaint(OLD)
        self._buy(OLD + DAY, price=0)
        row = self._row(case)
        self.assertFalse(row.bought_again_at)
        self.assertEqual(self._share(case), (0, 1))

    def test_all_people_of_the_company_and_nobody_else(self):
        case = self._complaint(OLD)
        address = self.env["res.partner"].create(
            {"name": "Shop", "type": "delivery", "parent_id": self.acme.id}
        )
        for partner in (
            address,
            self.customer_colleague.partner_id,
            self.other_customer.partner_id,
            self.beta,
        ):
            self._buy(OLD + DAY, partner)
        self.assertEqual(self._row(case).revenue_180, 200)

    def test_of_the_same_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        case = self._complaint(OLD)
        self._buy(OLD + DAY, company=elsewhere)
        self.assertEqual(self._row(case).revenue_180, 0)
        self.assertFalse(self._row(case).bought_again_at)

    def test_other_currencies_at_the_rate_of_the_order(self):
        euro, dollar = self.env.ref("base.EUR"), self.env.ref("base.USD")
        other = dollar if self.company.currency_id == euro else euro
        other.active = True
        rates = self.env["res.currency.rate"]
        day = (OLD - DAY).date()
        rates.create({"currency_id": other.id, "rate": 0.5, "name": day})
        pricelist = self.env["product.pricelist"].create(
            {"name": "Other", "currency_id": other.id}
        )
        case = self._complaint(OLD)
        order = self._buy(OLD + DAY, pricelist_id=pricelist.id)
        self.assertEqual((order.currency_id, order.currency_rate), (other, 0.5))
        self._buy(OLD + DAY, price=7)
        rates.create({"currency_id": other.id, "rate": 4, "name": NOW.date()})
        row = self._row(case)
        self.assertAlmostEqual(row.revenue_180, 207)
        self.assertEqual(row.currency_id, self.company.currency_id)

    def test_untaxed(self):
        tax = self.env["account.tax"].create({"name": "VAT", "amount": 19})
        case = self._complaint(OLD)
        order = self._buy(OLD + DAY)
        order.order_line.tax_ids = tax
        self.assertEqual(order.amount_total, 119)
        self.assertEqual(self._row(case).revenue_180, 100)

    def test_which_complaints_have_a_row(self):
        kept, archived, merged = (self._complaint(OLD) for _number in range(3))
        nobody = self._complaint(OLD, partner_id=False)
        cases = kept | archived | merged | nobody
        self.assertEqual(self._row(cases).case_id, kept | archived | merged)
        archived.active = False
        wizard = self.env["complaint.merge.wizard"].with_user(self.handler)
        wizard.create(
            {"case_ids": (merged | kept).ids, "target_id": kept.id}
        ).action_merge()
        self.assertEqual(merged.outcome, "merged")
        self.assertEqual(self._row(cases).case_id, kept)


@tagged("post_install", "-at_install")
class TestRecoveryMoney(RecoveryCommon):
    """Each order once, less what was credited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", cls.company)
        cls.product.invoice_policy = "order"

    def _sum(self, domain, *groups):
        rows = self.rows.with_user(self.manager).formatted_read_group(
            domain, groups, ["revenue_90:sum", "revenue_180:sum", "net:sum"]
        )
        return [
            tuple(row[f"{name}:sum"] for name in ("revenue_90", "revenue_180", "net"))
            for row in rows
        ]

    def _invoiced(self, order):
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def _credited(self, invoice, price=None):
        """The credit note of an invoice; of a part when there is a price."""
        note = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        if price is not None:
            note.invoice_line_ids.price_unit = price
        note.action_post()
        return note

    def test_an_order_counts_for_the_latest_complaint_before_it(self):
        first, second = self._complaint(OLD), self._complaint(OLD + 30 * DAY)
        self._buy(OLD + 60 * DAY)
        self.assertEqual(self._row(first).revenue_180, 0)
        self.assertEqual(self._row(second).revenue_180, 100)
        self._buy(OLD + 10 * DAY, price=5)
        self.assertEqual(self._row(first).revenue_90, 5)
        self.assertEqual(self._row(second).revenue_90, 100)
        self.assertEqual(self._row(second).orders_before, 1)
        # To the second; and whether they bought again is asked of each of them.
        order = self._buy(OLD + 30 * DAY, price=2)
        self.assertEqual(self._row(first).revenue_90, 7)
        order.date_order += SECOND
        self.assertEqual(self._row(first).revenue_90, 5)
        self.assertEqual(self._row(second).revenue_90, 102)
        self.env.invalidate_all()
        self.assertEqual(self._share(first | second, 90), (1, 2))
        # Received in the same second: the one entered last.
        third = self._complaint(OLD + 30 * DAY)
        self.assertEqual(self._row(second).revenue_180, 0)
        self.assertEqual(self._row(third).revenue_180, 102)

    def test_complaints_that_have_no_row_take_nothing_away(self):
        first, second = self._complaint(OLD), self._complaint(OLD + 30 * DAY)
        self._buy(OLD + 60 * DAY)
        self.assertEqual(self._row(first).revenue_180, 0)
        second.active = False
        self.assertEqual(self._row(first).revenue_180, 100)
        second.write({"active": True, "partner_id": self.beta.id})
        self.assertEqual(self._row(first).revenue_180, 100)
        second.partner_id = first.partner_id
        self.assertEqual(self._row(first).revenue_180, 0)
        wizard = self.env["complaint.merge.wizard"].with_user(self.handler)
        wizard.create(
            {"case_ids": (first | second).ids, "target_id": first.id}
        ).action_merge()
        self.assertEqual(second.outcome, "merged")
        self.assertEqual(self._row(first).revenue_180, 100)

    def test_sums_hold_each_order_once(self):
        customers = self.acme, self.beta
        cases = self.env["complaint.case"]
        for number in range(8):
            cases += self._complaint(
                OLD + number * 13 * DAY,
                partner_id=customers[number % 3 % 2].id,
                team_id=(self.team, self.other_team)[number % 2].id,
                user_id=(self.handler, self.colleague)[number % 3 == 0].id,
            )
            for customer in customers:
                self._buy(OLD + number * 17 * DAY, customer, price=2**number)
        mine = [("case_id", "in", cases.ids)]
        bought = {
            order
            for order in self.env["sale.order"].search(
                [("partner_id", "in", (self.acme | self.beta).ids)]
            )
            for case in cases
            if case.commercial_partner_id == order.partner_id
            and case.date_received < order.date_order <= case.date_received + 180 * DAY
            and order.state == "sale"
        }
        self.assertEqual(len(bought), 14)
        once = sum(order.amount_untaxed for order in bought)
        self.assertEqual(self._sum(mine)[0][1:], (once, once))
        for group in ("team_id", "user_id", "commercial_partner_id", "case_id"):
            rows = self._sum(mine, group)
            self.assertEqual(sum(row[1] for row in rows), once, group)
        # The sentences about a customer are such a sum.
        for customer in customers:
            [row] = self._sum(
                [*mine, ("commercial_partner_id", "=", customer.id)],
            )
            self.assertTrue(row[1])
            text = customer.with_user(self.manager).complaint_recovery
            self.assertIn(
                f"Revenue kept: {self.company.currency_id.format(row[1])}.", text
            )

    def test_what_was_credited_is_not_kept(self):
        case = self._complaint(OLD)
        order = self._buy(OLD + DAY)
        invoice = self._invoiced(order)
        self.assertEqual(self._row(case).revenue_180, 100)
        note = invoice._reverse_moves()
        note.invoice_line_ids.price_unit = 30
        self.assertEqual(self._row(case).revenue_180, 100, "not posted")
        note.action_post()
        row = self._row(case)
        self.assertEqual((row.revenue_90, row.revenue_180, row.net), (70, 70, 70))
        self._credited(invoice, 70)
        row = self._row(case)
        self.assertEqual((row.revenue_180, row.net), (0, 0))
        self.assertTrue(row.bought_again_at)
        text = self.acme.with_user(self.manager).complaint_recovery
        zero = self.company.currency_id.format(0)
        self.assertIn(f"Revenue kept: {zero}.", text)
        # More than there was is nobody else's.
        self._credited(invoice)
        self._buy(OLD + DAY, price=7)
        self.assertEqual(self._row(case).revenue_180, 7)
        note.button_draft()
        note.button_cancel()
        self.assertEqual(self._row(case).revenue_180, 7)

    def test_credited_and_invoiced_anew(self):
        case = self._complaint(OLD)
        order = self._buy(OLD + DAY)
        self._credited(self._invoiced(order))
        self.assertEqual(self._row(case).revenue_180, 0)
        self._invoiced(order)
        self.assertEqual(self._row(case).revenue_180, 100)

    def test_partly_invoiced(self):
        case = self._complaint(OLD)
        order = self._buy(OLD + DAY)
        invoice = order._create_invoices()
        invoice.invoice_line_ids.price_unit = 60
        invoice.action_post()
        self.assertEqual(self._row(case).revenue_180, 100)
        self._credited(invoice, 20)
        self.assertEqual(self._row(case).revenue_180, 80)

    def test_credited_without_tax_and_at_the_rate_of_the_order(self):
        euro, dollar = self.env.ref("base.EUR"), self.env.ref("base.USD")
        other = dollar if self.company.currency_id == euro else euro
        other.active = True
        rates = self.env["res.currency.rate"]
        day = (OLD - DAY).date()
        rates.create({"currency_id": other.id, "rate": 0.5, "name": day})
        rates.create({"currency_id": other.id, "rate": 4, "name": NOW.date()})
        pricelist = self.env["product.pricelist"].create(
            {"name": "Other", "currency_id": other.id}
        )
        tax = self.env["account.tax"].create({"name": "VAT", "amount": 19})
        case = self._complaint(OLD)
        order = self._buy(OLD + DAY, pricelist_id=pricelist.id)
        order.currency_rate = 0.5
        order.order_line.tax_ids = tax
        self.assertAlmostEqual(self._row(case).revenue_180, 200)
        invoice = self._invoiced(order)
        self._credited(invoice, 25)
        self.assertAlmostEqual(self._row(case).revenue_180, 150)
        self._credited(invoice, 75)
        self.assertAlmostEqual(self._row(case).revenue_180, 0)

    def test_the_money_of_who_reads_it(self):
        seen = self._complaint(OLD, user_id=self.handler.id)
        self._complaint(OLD + DAY, is_confidential=True, user_id=self.supervisor.id)
        self._buy(OLD + 2 * DAY)
        self.env.invalidate_all()
        rows = self.rows.browse(seen.id)
        # A complaint that one may not see takes nothing away; nor is it remembered.
        self.assertEqual(rows.with_user(self.handler).revenue_180, 100)
        self.assertEqual(rows.with_user(self.supervisor).revenue_180, 0)
        self.assertEqual(rows.with_user(self.handler).revenue_180, 100)
        money = self.company.currency_id.format(100)
        for user in (self.handler, self.supervisor):
            text = self.acme.with_user(user).complaint_recovery
            self.assertIn(f"Revenue kept: {money}.", text, user.login)


@tagged("post_install", "-at_install")
class TestRecoveryRemedy(RemedyCommon):
    """What remedies cost, and that their orders are nothing that was bought."""

    def test_free_replacements_do_not_count(self):
        self.order._action_cancel()
        self.case.date_received = self.sold.date_order + SECOND
        remedy = self._approved(kind="replacement", amount=0, quantity=2)
        remedy.action_execute()
        self.assertEqual(remedy.state, "executed", remedy.problem)
        order = self._document(remedy)
        order.date_order = self.case.date_received + DAY
        row = self._row()
        self.assertEqual((row.orders_before, row.bought_again_at), (1, False))
        # Not even when something was charged for it afterwards.
        order.order_line.write({"price_unit": 5, "tax_ids": [Command.clear()]})
        self.assertEqual(order.amount_untaxed, 10)
        row = self._row()
        self.assertEqual((row.revenue_180, row.bought_again_at), (0, False))
        self.assertEqual((row.remedy_cost, row.net), (36, -36))
        other = order.copy()
        other.action_confirm()
        other.date_order = self.case.date_received + DAY
        row = self._row()
        self.assertEqual((row.revenue_180, row.net), (10, -26))

        # Beside a complaint only what was ordered is an order.
        person = self.customer.partner_id.with_user(self.handler)
        listed = person.get_complaint_context(self.case.id)["orders"]
        self.assertEqual((listed["count"], listed["recent"]), (2, 2))
        self.assertEqual(
            [row["id"] for row in listed["rows"]], [other.id, self.sold.id]
        )

    def test_what_a_remedy_paid_back_is_deducted_once(self):
        self.order._action_cancel()
        self.sold.date_order -= DAY
        earlier = self._case(date_received=self.sold.date_order - DAY)
        worth = self.sold.amount_untaxed
        self.assertAlmostEqual(self._row(earlier).revenue_180, worth)
        self._approved(amount=23.8).action_execute()
        row, last = self._row(earlier), self._row()
        self.assertAlmostEqual(row.revenue_180, worth - 20)
        self.assertAlmostEqual(last.remedy_cost, 20)
        self.assertAlmostEqual(row.net + last.net, worth - 20)

    def test_refunds_cost(self):
        self._approved(amount=23.8).action_execute()
        row = self._row()
        self.assertAlmostEqual(row.remedy_cost, 20)
        found = self.env["complaint.recovery"].search([("remedy_cost", ">", 0)])
        self.assertIn(row.id, found.ids)

    def _row(self, case=None):
        self.env.invalidate_all()
        return self.env["complaint.recovery"].search(
            [("case_id", "=", (case or self.case).id)]
        )


@tagged("post_install", "-at_install")
class TestRecoveryCoupon(RemedyCommon):
    """What a coupon took off is a cost, and not less revenue as well. Also run by
    `./dev test --with sale_loyalty tests/test_recovery.py`."""

    def test_a_coupon_is_deducted_once(self):
        query = str(self.env["complaint.recovery"]._table_query)
        if "loyalty.program" not in self.env:
            self.assertNotIn("coupon_id", query)
            return
        self.assertIn("coupon_id", query)
        self.env["loyalty.program"].search([]).active = False
        reward = {
            "reward_type": "discount",
            "discount_mode": "per_point",
            "discount": 1,
            "discount_applicability": "order",
        }
        self.env["loyalty.program"].create(
            {
                "name": "Vouchers",
                "program_type": "gift_card",
                "applies_on": "future",
                "trigger": "auto",
                "reward_ids": [Command.create(reward)],
            }
        )
        remedy = self._approved(kind="coupon", order_line_id=False, amount=15)
        remedy.action_execute()
        card = self.env["loyalty.card"].browse(remedy.document_id)
        self.case.date_received -= DAY
        self.order._action_cancel()
        self.sold._action_cancel()
        order = self._redeem(card, 100)
        self.assertAlmostEqual(order.amount_untaxed, 85)
        self.assertEqual(self._money(), (100, 15, 85))
        # In the books as well: invoiced, and credited.
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual(self._money(), (100, 15, 85))
        invoice._reverse_moves().action_post()
        self.assertEqual(self._money(), (0, 15, -15))

    def test_a_coupon_pays_for_all(self):
        if "loyalty.program" not in self.env:
            return
        self.test_a_coupon_is_deducted_once()
        remedy = self._approved(kind="coupon", order_line_id=False, amount=40)
        remedy.action_execute()
        card = self.env["loyalty.card"].browse(remedy.document_id)
        order = self._redeem(card, 30)
        self.assertAlmostEqual(order.amount_untaxed, 0)
        self.assertEqual(self._money(), (30, 55, -25))

    def _redeem(self, card, price):
        line = {"product_id": self.kettle.id, "price_unit": price, "tax_ids": False}
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.partner_id.id,
                "order_line": [Command.create(line)],
            }
        )
        order._try_apply_code(card.code)
        order._apply_program_reward(order._get_claimable_rewards()[card], card)
        order.action_confirm()
        return order

    def _money(self):
        self.env.invalidate_all()
        row = self.env["complaint.recovery"].search([("case_id", "=", self.case.id)])
        return tuple(
            round(amount, 2) for amount in (row.revenue_180, row.remedy_cost, row.net)
        )


@tagged("post_install", "-at_install")
class TestRecoveryPivot(ComplaintCommon, HttpCase):
    """What the browser shows, and puts into the file."""

    def test_no_share_is_no_zero(self):
        """A complaint of today is in no share, on the screen and in the file."""
        self._case(user_id=self.handler.id)
        self.browser_js(
            f"/odoo/action-{MODULE}.complaint_recovery_action",
            """
            (async () => {
                const cells = [...document.querySelectorAll(".o_pivot_cell_value")];
                const shown = cells.map((cell) => cell.textContent.trim());
                const { download } = odoo.loader.modules.get(
                    "@web/core/network/download"
                );
                download._download = async ({ data }) => {
                    const { rows } = JSON.parse(await data.data.text());
                    const values = rows[0].values.map((cell) => cell.value);
                    const found = JSON.stringify([shown.slice(0, 4), values]);
                    const isBare = values[1] === "" && values[3] === "";
                    const isCounted = values[0] === 0 && values[2] === 0;
                    const isShown = shown.slice(0, 4).join() === "0,,0,";
                    if (isBare && isCounted && isShown) {
                        console.log("test successful");
                    } else {
                        console.error(found);
                    }
                };
                document.querySelector(".o_pivot_download").click();
            })();
            """,
            "Boolean(document.querySelector('.o_pivot_cell_value'))",
            login=self.manager.login,
        )
