from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import SQL

from .test_recovery import DAY, NEW, OLD, RecoveryCommon


@tagged("post_install", "-at_install")
class TestRecoveryRights(RecoveryCommon):
    """Who sees which rows; and that nobody writes any."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._complaint(OLD, user_id=cls.handler.id)
        cls._buy(OLD + DAY)

    def _sees(self, user, case=None):
        rows = self._row(case or self.case, user)
        return bool(rows) and rows.revenue_180 == 100

    def test_by_role(self):
        for user in (self.handler, self.colleague, self.supervisor):
            self.assertTrue(self._sees(user), user.login)
        for user in (self.manager, self.auditor):
            self.assertTrue(self._sees(user), user.login)
        self.assertFalse(self._row(self.case, self.stranger))
        for user in (self.customer, self.employee):
            with self.assertRaises(AccessError):
                self._row(self.case, user)
            with self.assertRaises(AccessError):
                self.rows.with_user(user).browse(self.case.id).read(["net"])

    def test_sums_are_of_what_one_may_see(self):
        for user, number in ((self.stranger, 0), (self.manager, 1)):
            [row] = self.rows.with_user(user).formatted_read_group(
                [("commercial_partner_id", "=", self.acme.id)],
                [],
                ["__count", "revenue_180:sum"],
            )
            self.assertEqual(row["__count"], number)
            self.assertEqual(row["revenue_180:sum"] or 0, 100 * number)

    def test_confidential(self):
        self.case.write(
            {
                "is_confidential": True,
                "confidential_user_ids": self.colleague.ids,
            }
        )
        for user in (self.handler, self.colleague):
            self.assertTrue(self._sees(user), user.login)
        for user in (self.supervisor, self.manager, self.auditor):
            self.assertFalse(self._row(self.case, user), user.login)
            self.assertFalse(self.acme.with_user(user).complaint_recovery)

    def test_not_for_those_involved(self):
        self.case.user_id = self.colleague
        for user in (self.handler, self.supervisor, self.manager, self.auditor):
            self.assertTrue(self._sees(user), user.login)
            self.case.sudo().involved_user_ids = user
            self.assertFalse(self._row(self.case, user), user.login)
            self.case.sudo().involved_user_ids = False

    def test_other_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["complaint.team"].create(
            {"name": "There", "company_id": elsewhere.id}
        )
        case = self._complaint(
            OLD, company_id=elsewhere.id, team_id=team.id, partner_id=self.acme.id
        )
        self._buy(OLD + DAY, company=elsewhere)
        for user in (self.handler, self.manager, self.auditor):
            self.assertFalse(self._row(case, user), user.login)
        self.manager.company_ids += elsewhere
        both = self.manager.company_ids.ids
        rows = self.rows.with_user(self.manager).with_context(allowed_company_ids=both)
        self.assertEqual(rows.search([("case_id", "=", case.id)]).revenue_180, 100)

    def test_nobody_writes(self):
        row = self._row(self.case)
        for user in (self.handler, self.manager, self.auditor):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"net": 1})
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()

    def test_opens_the_complaint(self):
        action = self._row(self.case, self.handler).action_view_case()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("complaint.case", self.case.id)
        )


@tagged("post_install", "-at_install")
class TestRecoveryPartner(RecoveryCommon):
    """A few sentences on the customer and beside a complaint."""

    def _lines(self, user=None, partner=None):
        self.env.invalidate_all()
        text = (partner or self.acme).with_user(user or self.handler).complaint_recovery
        return text.splitlines()

    def test_in_words(self):
        self.assertEqual(self._lines(), [])
        first, _second, _third = (
            self._complaint(OLD + number * DAY) for number in range(3)
        )
        self._complaint(NEW)
        # Within the days after the last two, and once after the one that is new.
        self._buy(OLD + 181 * DAY)
        self._buy(NEW + DAY, price=50)
        self.assertTrue(first)
        money = self.company.currency_id.format
        self.assertEqual(
            self._lines(),
            [
                "Bought again within 180 days of a complaint: 2 of 3.",
                "Complaints of the last 180 days: 1.",
                f"Cost of remedies: {money(0)}.",
                # The first order is after two complaints, and counts once.
                f"Revenue kept: {money(150)}.",
            ],
        )
        with freeze_time(NEW + 181 * DAY):
            self.assertEqual(
                self._lines()[0],
                "Bought again within 180 days of a complaint: 3 of 4.",
            )
        self.assertEqual(self._lines(partner=self.beta), [])
        # A person of the company is the same customer.
        self.assertEqual(
            self._lines(partner=self.customer.partner_id),
            ["Acme, all people together:", *self._lines()],
        )
        self.assertEqual(self._lines(partner=self.other_customer.partner_id), [])

    def test_of_the_complaints_that_one_may_see(self):
        self._complaint(OLD)
        self._complaint(OLD, team_id=self.other_team.id)
        self._buy(OLD + DAY)
        self.assertIn("1 of 1", self._lines()[0])
        self.assertIn("2 of 2", self._lines(self.manager)[0])
        self.assertIn("2 of 2", self._lines(self.auditor)[0])
        self.acme.with_user(self.employee).read(["name"])
        for user in (self.employee, self.customer):
            with self.assertRaises(AccessError):
                self.acme.with_user(user).read(["complaint_recovery"])

    def test_currencies_beside_each_other(self):
        other = self.env.ref("base.CHF")
        other.active = True
        there = self.env["res.company"].create(
            {"name": "There", "currency_id": other.id}
        )
        self._complaint(OLD)
        self._complaint(
            OLD, company_id=there.id, team_id=False, partner_id=self.acme.id
        )
        self._buy(OLD + DAY)
        self._buy(OLD + DAY, price=30, company=there)
        self.manager.company_ids += there
        partner = self.acme.with_user(self.manager).with_context(
            allowed_company_ids=self.company.ids
        )
        here = self.company.currency_id.format(100)
        self.assertEqual(
            partner.complaint_recovery.splitlines()[-1], f"Revenue kept: {here}."
        )
        both = partner.with_context(allowed_company_ids=self.manager.company_ids.ids)
        last = both.complaint_recovery.splitlines()[-1]
        self.assertIn(here, last)
        self.assertIn(other.format(30), last)
        self.assertIn("2 of 2", both.complaint_recovery)

    def test_on_the_form_for_who_works_with_complaints(self):
        self._complaint(OLD)
        form = Form(self.acme.with_user(self.handler), "base.view_partner_form")
        self.assertIn("0 of 1", form.complaint_recovery)
        person = self.customer.partner_id.with_user(self.handler)
        form = Form(person, "base.view_partner_form")
        self.assertTrue(form.complaint_recovery.startswith("Acme, all people"))
        form = Form(self.acme.with_user(self.employee), "base.view_partner_form")
        self.assertNotIn("complaint_recovery", form._view["fields"])

    def test_beside_a_complaint(self):
        case = self._complaint(OLD)
        person = self.customer.partner_id.with_user(self.handler)
        seen = person.get_complaint_context(case.id)
        self.assertEqual(seen["recovery"], self._lines())
        self.assertEqual(len(seen["recovery"]), 3)
        nobody = self.beta.with_user(self.handler).get_complaint_context()
        self.assertEqual(nobody["recovery"], [])

    def test_queries_do_not_grow(self):
        partners = self.acme | self.beta

        def queries(work):
            for _warm in range(2):  # rights are kept in memory from then on
                self.env.flush_all()
                self.env.invalidate_all()
                work()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            work()
            return self.env.cr.sql_log_count - before

        def sentences():
            partners.with_user(self.handler).mapped("complaint_recovery")

        def rows():
            self.rows.with_user(self.handler).search([]).mapped("revenue_180")

        self._complaint(OLD)
        few = queries(sentences), queries(rows)
        for number in range(5):
            for customer in (self.customer, self.other_customer):
                self._complaint(OLD + number * DAY, partner_id=customer.partner_id.id)
                self._buy(OLD + number * DAY, customer.partner_id)
        many = queries(sentences), queries(rows)
        self.assertEqual(few, many)
        # Two of ours; the others read who asks, their company and a currency.
        self.assertLessEqual(few[0], 6)
        self.assertEqual(few[1], 2)

    def _plan(self, domain, column):
        query = self.rows._search(domain)
        lines = self.env.execute_query(SQL("EXPLAIN %s", query.select(column)))
        return "\n".join(line for (line,) in lines)

    def _copy_in_table(self, record, number, **values):
        """Rows like that of a record, with some columns calculated from ``n``."""
        self.env.cr.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass "
            "AND attnum > 0 AND NOT attisdropped AND attname <> 'id'",
            [record._table],
        )
        columns = [name for (name,) in self.env.cr.fetchall()]
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s seed,"
                " generate_series(1, %s) AS n WHERE seed.id = %s RETURNING id",
                SQL.identifier(record._table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(
                    values.get(name, SQL.identifier("seed", name)) for name in columns
                ),
                SQL.identifier(record._table),
                number,
                record.id,
            )
        )
        return [id_ for (id_,) in self.env.cr.fetchall()]

    def test_few_complaints_do_not_read_all_orders(self):
        self._complaint(OLD)
        order = self._buy(OLD + DAY)
        self.env.flush_all()
        people = self._copy_in_table(self.acme, 3_000)
        # Customers of their own, who bought three times each.
        self.env.cr.execute(
            "UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)",
            [people],
        )
        self._copy_in_table(
            order,
            9_000,
            partner_id=SQL("%s + n %% 3000", min(people)),
            date_order=SQL("seed.date_order - n * interval '1 hour'"),
            access_token=SQL("NULL"),
        )
        self.env.cr.execute("ANALYZE res_partner")
        self.env.cr.execute("ANALYZE sale_order")
        mine = [("commercial_partner_id", "=", self.acme.id)]
        plan = self._plan(mine, "revenue_180")
        self.assertRegex(plan, "using sale_order_(complaint_recovery_idx|_partner_id)")
        self.assertNotIn("Seq Scan on sale_order s", plan)
        self.assertEqual(self.rows.search(mine).revenue_180, 100)

    def test_what_is_not_asked_for_is_not_looked_for(self):
        self._complaint(OLD)
        self.env.flush_all()
        self.assertIn("sale_order", self._plan([], "revenue_180"))
        self.assertNotIn("sale_order", self._plan([], "remedy_cost"))
