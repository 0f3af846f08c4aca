from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .common import MODULE, ComplaintCommon


@tagged("post_install", "-at_install")
class TestEntry(ComplaintCommon):
    """Taking a complaint down at the counter and on the phone (A1, A2, A5, A6)."""

    def _form(self, partner=None):
        entries = self.env["complaint.entry"].with_user(self.handler)
        return Form(entries.with_context(default_partner_id=partner and partner.id))

    def _entry(self, user=None, **values):
        entries = self.env["complaint.entry"].with_user(user or self.handler)
        return entries.create({"subject": "The kettle leaks", **values})

    def test_known_customer(self):
        self.category.keywords = "leaks"
        with self._form(self.customer.partner_id) as form:
            self.assertEqual(form.email_from, "ann@acme.example.com")
            form.order_id = self.order
            self.assertEqual(form.product_id, self.product, "the only one on it")
            form.subject = "The kettle leaks"
            self.assertEqual(form.category_id, self.category, "proposed")
            form.demand = "A new one"
        entry = form.record
        entry.action_register()
        case = entry.case_id
        self.assertEqual(case.user_id, self.handler, "first contact owns it")
        self.assertEqual(case.channel_id, self.env.ref(f"{MODULE}.channel_phone"))
        self.assertEqual(case.order_id, self.order)
        self.assertEqual(case.demand, "A new one")
        self.assertTrue(case.acknowledged_at)
        self.assertEqual(entry.number, case.name)
        self.assertIn("You have our answer", entry.promises)
        mail = self.env["mail.mail"].search(
            [("model", "=", case._name), ("res_id", "=", case.id)]
        )
        self.assertEqual((len(mail), mail.state), (1, "outgoing"))

    def test_likely_duplicate_while_typing(self):
        case = self._case(order_id=self.order.id, product_id=self.product.id)
        secret = self._case(
            order_id=self.order.id, is_confidential=True, team_id=self.other_team.id
        )
        form = self._form(self.customer.partner_id)
        form.order_id = self.order
        form.subject = "The kettle leaks"
        [found] = form.similar_cases
        self.assertEqual(found["id"], case.id)
        self.assertNotEqual(found["id"], secret.id)
        entry = form.save()
        entry.action_register()
        self.assertFalse(entry.similar_cases)

    def test_chosen_category_stays(self):
        self.category.keywords = "leaks"
        late = self.env.ref(f"{MODULE}.category_delivery_late")
        with self._form() as form:
            form.subject = "It leaks"
            form.category_id = late
            form.subject = "It leaks a lot"
            self.assertEqual(form.category_id, late)

    def test_pressed_twice_is_one_complaint(self):
        entry = self._entry(partner_id=self.customer.partner_id.id)
        entry.action_register()
        case = entry.case_id
        entry.action_register()
        # As if the first answer had been lost on its way.
        entry.case_id = False
        entry.action_register()
        self.assertEqual(entry.case_id, case)
        self.assertEqual(
            self.env["complaint.case"].search_count(
                [("partner_id", "=", self.customer.partner_id.id)]
            ),
            1,
        )

    def test_new_customer_by_phone(self):
        entry = self._entry(partner_name="Zoe", phone="+49 30 1234567")
        entry.action_register()
        partner = entry.case_id.partner_id
        self.assertEqual((partner.name, partner.phone), ("Zoe", "+49 30 1234567"))
        self.assertFalse(entry.case_id.acknowledged_at)
        found = (
            self.env["complaint.entry"]
            .with_user(self.handler)
            .find_customers("030 1234567")
        )
        self.assertEqual(found[0]["partner_id"], partner.id, "known the next time")

    def test_new_customer_by_mail(self):
        entry = self._entry(
            partner_name="Zoe", email_from="zoe@new.example.com", phone="+49 30 7"
        )
        entry.action_register()
        partner = entry.case_id.partner_id
        self.assertEqual((partner.name, partner.phone), ("Zoe", "+49 30 7"))
        self.assertTrue(entry.case_id.acknowledged_at)
        again = self._entry(email_from="ZOE@new.example.com")
        again.action_register()
        self.assertEqual(again.case_id.partner_id, partner)

    def test_nameless(self):
        entry = self._entry(partner_name="A man with a hat")
        entry.action_register()
        self.assertFalse(entry.case_id.partner_id)
        self.assertEqual(entry.case_id.partner_name, "A man with a hat")

    def test_what_is_missing_is_said(self):
        with self.refuses(UserError, "in a few words"):
            self._entry(subject=" ").action_register()
        with self.refuses(UserError, "not an e-mail address"):
            self._entry(email_from="nonsense").action_register()
        entry = self._entry(subject=False, description="It smells\nbadly")
        entry.action_register()
        self.assertEqual(entry.case_id.subject, "It smells")

    def test_needs_are_kept(self):
        entry = self._entry(
            partner_name="Zoe",
            phone="+49 30 1234567",
            needs="Large print",
            is_vulnerable=True,
        )
        entry.action_register()
        partner = entry.case_id.partner_id.with_user(self.handler)
        self.assertEqual(partner.complaint_needs, "Large print")
        self.assertTrue(partner.is_complaint_vulnerable)

    def test_on_paper_and_the_next_one(self):
        counter = self.env.ref(f"{MODULE}.channel_store")
        entry = self._entry(partner_name="Zoe", channel_id=counter.id)
        entry.action_register()
        self.assertFalse(entry.acknowledged_at)
        action = entry.action_print()
        self.assertEqual(action["type"], "ir.actions.report")
        self.assertTrue(entry.case_id.acknowledged_at)
        following = entry.action_next()
        self.assertEqual(following["context"], {"default_channel_id": counter.id})
        self.assertEqual(entry.action_open()["res_id"], entry.case_id.id)

    def test_rights(self):
        for user in (self.auditor, self.employee, self.customer):
            with self.assertRaises(AccessError):
                self._entry(user=user)
        entry = self._entry(partner_id=self.customer.partner_id.id)
        with self.assertRaises(AccessError):
            entry.with_user(self.colleague).action_register()

    def test_order_of_somebody_else(self):
        entry = self._entry(
            partner_id=self.customer.partner_id.id, order_id=self.other_order.id
        )
        with self.refuses(UserError, "belongs to another customer"):
            entry.action_register()


@tagged("post_install", "-at_install")
class TestEntryTour(ComplaintCommon, HttpCase):
    def test_by_keyboard(self):
        self.env["res.partner"].create(
            {
                "name": "Zoe Zander",
                "phone": "+49 30 1234567",
                "email": "zoe@zander.example.com",
            }
        )
        self.start_tour(
            "/odoo/take-down", "complaint_take_down", login=self.handler.login
        )
        case = self.env["complaint.case"].search([("subject", "=", "No hot water")])
        self.assertEqual(case.partner_id.name, "Zoe Zander")
        self.assertEqual(case.user_id, self.handler)
        self.assertTrue(case.acknowledged_at)
