"""Repeat complaints are recognised by themselves (A7, B2)."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestRepeat(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._case(order_id=cls.order.id, product_id=cls.product.id)

    def _intake(self, *vals_list, **values):
        """What comes in from a customer."""
        ann = self.customer.partner_id.id
        vals_list = [
            {"subject": "Once more", "partner_id": ann, "team_id": self.team.id, **vals}
            for vals in vals_list or [values]
        ]
        return self.env["complaint.case"]._intake(vals_list, "portal")

    def assertRepeats(self, case, earlier, match):
        self.assertEqual(case.nature, "repeat")
        self.assertEqual((case.repeat_of_id, case.repeat_match), (earlier, match))

    def test_same_order(self):
        case = self._intake(order_id=self.order.id)
        self.assertRepeats(case, self.first, "order")
        reason = case.with_user(self.handler).repeat_reason
        self.assertIn("same order", reason)
        self.assertIn(self.first.name, reason)
        policy = self.env.ref("complaint_management.sla_policy_repeat")
        self.assertEqual(case.sla_policy_id, policy)

    def test_danger_says_more_than_repetition(self):
        """A repeat that injures somebody is major, and still known as a repeat."""
        case = self._intake(
            order_id=self.order.id, description="<p>My daughter was injured.</p>"
        )
        self.assertEqual(case.nature, "major")
        self.assertEqual((case.repeat_of_id, case.repeat_match), (self.first, "order"))

    def test_same_product_or_category(self):
        case = self._intake(product_id=self.product.id)
        self.assertRepeats(case, self.first, "product")
        case = self._intake(category_id=self.category.id)
        self.assertEqual(case.repeat_match, "category")
        self.category.keywords = "dripping"
        case = self._intake(subject="It is dripping")
        self.assertEqual(case.repeat_match, "category")

    def test_other_kind_of_problem_in_other_words(self):
        """The driver was rude: on the same order, and no repeat of the leak."""
        rude = self.env.ref("complaint_management.category_service")
        case = self._intake(
            order_id=self.order.id,
            category_id=rude.id,
            subject="The driver shouted at my neighbour",
        )
        self.assertEqual(case.nature, "general")
        case = self._intake(
            order_id=self.order.id, category_id=rude.id, subject="The kettle leaks"
        )
        self.assertRepeats(case, self.first, "order")

    def test_the_closest_words_are_pointed_at(self):
        self._case(order_id=self.order.id, subject="Cable of the kettle is too short")
        case = self._intake(order_id=self.order.id, subject="Again the kettle leaks")
        self.assertRepeats(case, self.first, "order")

    def test_merged_ones_are_not_pointed_at_any_more(self):
        case = self._intake(order_id=self.order.id)
        target = self._case(subject="The kettle leaks badly")
        self.first._merge_into(target, tell=False)
        self.assertEqual(case.repeat_of_id, target)
        other = self._intake(order_id=self.order.id)
        other.repeat_of_id = target
        target._merge_into(other, tell=False)
        self.assertFalse(other.repeat_of_id, "nothing repeats itself")

    def test_another_matter(self):
        case = self._intake(product_id=self.other_product.id)
        self.assertEqual(case.nature, "general")
        self.assertFalse(case.repeat_of_id)
        case = self._intake(
            partner_id=self.other_customer.partner_id.id, product_id=self.product.id
        )
        self.assertEqual(case.nature, "general")

    def test_a_colleague_of_the_same_company(self):
        case = self._intake(
            partner_id=self.customer_colleague.partner_id.id, order_id=self.order.id
        )
        self.assertRepeats(case, self.first, "order")

    def test_by_address_and_number_without_a_customer(self):
        first = self._case(
            partner_id=False, phone="030 1234567", product_id=self.product.id
        )
        case = self._intake(
            partner_id=False, phone="+49 30 1234567", product_id=self.product.id
        )
        self.assertRepeats(case, first, "product")

    def test_what_is_given_stays(self):
        case = self._intake(order_id=self.order.id, nature="major")
        self.assertEqual(case.nature, "major")
        self.assertEqual(case.repeat_of_id, self.first)

    def test_days_after_closing(self):
        long_ago = fields.Datetime.now() - timedelta(days=200)
        self.first.sudo().date_received = long_ago
        self.assertTrue(self._intake(order_id=self.order.id).repeat_of_id, "still open")
        self.env["complaint.case"].search([("id", "!=", self.first.id)]).active = False
        self.first._withdraw("Found")
        self.assertTrue(self._intake(order_id=self.order.id).repeat_of_id)
        self.env["complaint.case"].search([("id", "!=", self.first.id)]).active = False
        self.env.cr.execute(
            "UPDATE complaint_case SET closed_at = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=91), self.first.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self._intake(order_id=self.order.id).repeat_of_id)

    def test_company_that_wants_none(self):
        self.company.complaint_repeat_days = 0
        self.assertEqual(self._intake(order_id=self.order.id).nature, "general")

    def test_confidential_ones_are_not_pointed_at(self):
        self.first.is_confidential = True
        self.assertFalse(self._intake(order_id=self.order.id).repeat_of_id)

    def test_merged_ones_lead_to_what_remains(self):
        target = self._case(order_id=self.order.id)
        self.first._merge_into(target)
        case = self._intake(order_id=self.order.id)
        self.assertEqual(case.repeat_of_id, target)

    def test_many_cost_the_same_as_few(self):
        def cost(number):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            vals = [
                {
                    "company_id": self.company.id,
                    "partner_id": self.acme.id,
                    "order_id": self.order.id,
                    "subject": f"Again {n}",
                }
                for n in range(number)
            ]
            found = self.env["complaint.case"]._intake_recognise(vals)
            self.assertEqual(len([repeat for repeat in found if repeat]), number)
            return self.env.cr.sql_log_count - before

        cost(1)
        self.assertEqual(cost(5), cost(50))
        self.assertLess(cost(50), 12)

    def test_a_plain_create_asks_nothing(self):
        """Creating many is measured: recognising is a matter of intake and form."""
        case = self._case(order_id=self.order.id)
        self.assertEqual(case.nature, "general")
        self.assertFalse(case.repeat_of_id)

    # At the desk -----------------------------------------------------------------

    def test_form_proposes_it(self):
        form = Form(self.env["complaint.case"].with_user(self.handler))
        form.subject = "Once more"
        form.partner_id = self.customer.partner_id
        self.assertEqual(form.nature, "general")
        form.order_id = self.order
        self.assertEqual(form.nature, "repeat")
        self.assertIn("same order", form.repeat_reason)
        form.order_id = self.env["sale.order"]
        self.assertEqual(form.nature, "general")
        form.order_id = self.order
        case = form.save()
        self.assertRepeats(case.sudo(), self.first, "order")

    def test_form_can_be_overruled(self):
        form = Form(self.env["complaint.case"].with_user(self.handler))
        form.subject = "Leaks again"
        form.partner_id = self.customer.partner_id
        form.order_id = self.order
        form.nature = "general"
        form.repeat_case_id = self.env["complaint.case"]
        case = form.save()
        self.assertEqual(case.nature, "general")
        self.assertFalse(case.sudo().repeat_of_id)

    def test_form_proposes_nothing_out_of_sight(self):
        self.first.team_id = self.other_team
        form = Form(self.env["complaint.case"].with_user(self.handler))
        form.subject = "Leaks again"
        form.partner_id = self.customer.partner_id
        form.order_id = self.order
        self.assertEqual(form.nature, "general")

    def test_marked_by_a_person(self):
        case = self._case(subject="Something")
        case.with_user(self.handler).action_mark_repeat(self.first.id)
        self.assertRepeats(case, self.first, "category")
        self.assertIn(self.first.name, case.message_ids[0].body)
        shown = case.with_user(self.handler).similar_cases or []
        self.assertNotIn(self.first.id, [row["id"] for row in shown], "said already")
        with self.refuses(UserError, "cannot repeat itself"):
            self.first.with_user(self.handler).action_mark_repeat(case.id)
        other = self._case(partner_id=self.other_customer.partner_id.id)
        with self.refuses(UserError, "another customer"):
            other.with_user(self.handler).action_mark_repeat(self.first.id)
        for user in (self.stranger, self.auditor):
            with self.refuses(AccessError, "."):
                case.with_user(user).action_mark_repeat(self.first.id)
        self.first.team_id = self.other_team
        with self.refuses(AccessError, "."):
            self._case().with_user(self.handler).action_mark_repeat(self.first.id)

    def test_pointer_is_shown_by_rights(self):
        case = self._intake(order_id=self.order.id)
        self.first.team_id = self.other_team
        seen = case.with_user(self.handler)
        self.assertFalse(seen.repeat_case_id)
        self.assertEqual(seen.repeat_reason, "Same customer, same order")
        self.assertTrue(case.with_user(self.manager).repeat_case_id)
        with self.refuses(AccessError, "."):
            seen.read(["repeat_of_id"])
        with self.refuses(AccessError, "."):
            seen.write({"repeat_of_id": False})
        # Saving the form without touching it leaves the hidden pointer alone.
        seen.write({"repeat_case_id": False})
        self.assertEqual(case.repeat_of_id, self.first)

    def test_taken_back_with_a_reason(self):
        case = self._intake(order_id=self.order.id)
        wizard = self.env["complaint.reason.wizard"].with_user(self.handler)
        wizard = wizard.create(
            {
                "case_ids": case.ids,
                "operation": "not_repeat",
                "reason": "<p>It was the lid, now it is the cable.</p>",
            }
        )
        wizard.action_confirm()
        self.assertEqual(case.nature, "general")
        self.assertFalse(case.repeat_of_id or case.repeat_match or case.repeat_reason)
        self.assertIn("now it is the cable", str(case.message_ids.mapped("body")))
        self.assertFalse(case.with_user(self.handler).similar_cases)

    # Counted ---------------------------------------------------------------------

    def test_how_many_th(self):
        cases = self.first
        for days in (110, 80, 10):
            cases |= self._case(
                date_received=fields.Datetime.now() - timedelta(days=days)
            )
        self.assertEqual(
            [case.with_user(self.handler).customer_case_number for case in cases],
            [3, 1, 2, 2],
        )
        first = self.first.with_user(self.handler)
        found = self.env["complaint.case"].search(
            first.action_view_customer_window()["domain"]
        )
        self.assertEqual(found, cases[3] | cases[2])
        self._cost(cases)
        self.assertEqual(self._cost(cases[:1]), self._cost(cases))
        self.company.complaint_repeat_days = 0
        self.env.invalidate_all()
        self.assertEqual(first.customer_case_number, 0)

    def _cost(self, cases):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        cases.with_user(self.handler).mapped("customer_case_number")
        return self.env.cr.sql_log_count - before
