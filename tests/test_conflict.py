from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import MODULE, ComplaintCommon


@tagged("post_install", "-at_install")
class TestConflict(ComplaintCommon):
    """Who is complained about neither handles, follows nor sees it (field.md 9)."""

    def setUp(self):
        super().setUp()
        self.env = self.env(context={"no_reset_password": True})
        self.case = self.env["complaint.case"].create(
            self._case_values(
                user_id=self.supervisor.id,
                allegation_ids=[(0, 0, {"summary": "Shouted at me"})],
            )
        )
        self.case.with_user(self.supervisor).action_accept()

    def _involve(self, *people, user=None):
        ids = [person.id for person in people]
        self.case.with_user(user or self.supervisor).write(
            {"involved_user_ids": [(4, id_) for id_ in ids]}
        )

    # Seeing ---------------------------------------------------------------------------

    def test_every_role_is_shut_out(self):
        for user in (self.handler, self.manager, self.auditor, self.colleague):
            with self.subTest(user.login):
                cases = self.env["complaint.case"].with_user(user)
                self.assertTrue(cases.search([("id", "=", self.case.id)]))
                self._involve(user)
                self.env.invalidate_all()
                self.assertFalse(cases.search([("id", "=", self.case.id)]))
                self.assertFalse(cases.search([("name", "=", self.case.name)]))
                self.assertFalse(cases.name_search(self.case.name))
                self.assertFalse(
                    cases.search_count([("involved_user_ids", "in", user.ids)])
                )
                with self.assertRaises(AccessError):
                    self.case.with_user(user).read(["subject"])
        self.assertTrue(self.case.with_user(self.supervisor).read(["subject"]))

    def test_what_hangs_on_it_is_shut_too(self):
        """Every model that hangs on a case has a rule; a new one needs it as well."""
        case_models = [
            (model, name)
            for model in self.env.values()
            if not model._abstract and not model._transient and model._auto
            for name, field in model._fields.items()
            if field.type == "many2one"
            and field.comodel_name == "complaint.case"
            and field.required
        ]
        self.assertGreater(len(case_models), 8)
        self._involve(self.manager)
        for model, name in case_models:
            with self.subTest(model._name):
                rules = self.env["ir.rule"].search(
                    [("model_id.model", "=", model._name), ("global", "=", True)]
                )
                self.assertTrue(
                    any("involved_user_ids" in rule.domain_force for rule in rules)
                )
                domain = [(name, "=", self.case.id)]
                found = model.sudo().search(domain)
                seen = model.with_user(self.manager).search(domain)
                self.assertFalse(seen)
                shown = model.with_user(self.supervisor)
                if found and model._name != "complaint.notice":
                    self.assertTrue(shown.search([("id", "in", found.ids)]))

    def test_counters(self):
        team, partner = self.team.with_user(self.manager), self.customer.partner_id
        before = team.open_case_count, partner.with_user(self.manager).complaint_count
        self._involve(self.manager)
        self.env.invalidate_all()
        after = team.open_case_count, partner.with_user(self.manager).complaint_count
        self.assertEqual([a - b for a, b in zip(before, after, strict=True)], [1, 1])

    # Handling -------------------------------------------------------------------------

    def test_cannot_be_assigned(self):
        self._involve(self.handler)
        with self.refuses(ValidationError, "cannot handle it"):
            self.case.user_id = self.handler
        with self.refuses(UserError, "cannot handle"):
            self.case.with_user(self.supervisor)._hand_over(self.handler, "x")
        with self.assertRaises(AccessError):
            self.case.with_user(self.handler).action_assign_to_me()
        with self.refuses(ValidationError, "cannot handle it"):
            self._case(user_id=self.handler.id, involved_user_ids=self.handler.ids)

    def test_handler_is_replaced(self):
        """A handler who turns out to be involved goes, somebody else owns it."""
        self.case.user_id = self.handler
        self._involve(self.handler)
        self.assertEqual(self.case.user_id, self.supervisor, "the team leader")
        line = self.case.handover_ids.sorted("id")[-1]
        self.assertEqual((line.kind, line.from_user_id), ("conflict", self.handler))

    def test_leader_is_replaced_by_a_manager(self):
        self._involve(self.supervisor, user=self.manager)
        self.assertIn(self.case.user_id, self.company._complaint_managers())

    def test_chosen_in_the_same_step(self):
        self.case.user_id = self.handler
        form = Form(self.case.with_user(self.supervisor))
        form.involved_user_ids.add(self.handler)
        self.assertFalse(form.user_id)
        form.user_id = self.colleague
        form.save()
        self.assertEqual(self.case.user_id, self.colleague)
        self.assertEqual(self.case.involved_user_ids, self.handler)

    def test_nothing_chosen_in_the_form(self):
        self.case.user_id = self.handler
        form = Form(self.case.with_user(self.supervisor))
        form.involved_user_ids.add(self.handler)
        form.save()
        self.assertEqual(self.case.user_id, self.supervisor)

    def test_received_one_goes_back_to_the_team(self):
        case = self._case(user_id=self.handler.id)
        case.with_user(self.supervisor).involved_user_ids = self.handler
        self.assertFalse(case.user_id)

    def test_nobody_left(self):
        self.case.user_id = self.handler
        managers = self.company._complaint_managers()
        with self.refuses(UserError, "nobody to take it"):
            self._involve(self.handler, self.supervisor, *managers, user=self.manager)

    # Being told -----------------------------------------------------------------------

    def test_cannot_follow(self):
        self.case.message_subscribe(self.handler.partner_id.ids)
        self._involve(self.handler)
        self.assertNotIn(self.handler.partner_id, self.case.message_partner_ids)
        self.case.message_subscribe(self.handler.partner_id.ids)
        self.assertNotIn(self.handler.partner_id, self.case.message_partner_ids)
        # Neither as follower of the team from the beginning.
        self.team.message_subscribe(self.handler.partner_id.ids)
        case = self.env["complaint.case"].create(
            self._case_values(involved_user_ids=self.handler.ids)
        )
        self.assertNotIn(self.handler.partner_id, case.message_partner_ids)
        told = case.message_ids.notified_partner_ids | case.message_ids.partner_ids
        self.assertNotIn(self.handler.partner_id, told)

    def test_is_not_told(self):
        partner = self.handler.partner_id
        before = self.case.message_post(body="About you", partner_ids=partner.ids)
        self.assertIn(partner, before.notified_partner_ids)
        self.assertTrue(before.with_user(self.handler).read(["body"]))
        self._involve(self.handler)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            before.with_user(self.handler).read(["body"])
        after = self.case.message_post(
            body="About you again", partner_ids=partner.ids, message_type="comment"
        )
        self.assertNotIn(partner, after.notified_partner_ids)
        mails = self.env["mail.mail"].search([("mail_message_id", "=", after.id)])
        self.assertNotIn(partner, mails.recipient_ids)

    def test_to_dos_move_on(self):
        to_do = self.case.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.handler.id, summary="Ask her"
        )
        self._involve(self.handler)
        self.assertEqual(to_do.user_id, self.supervisor)

    def test_escalation_passes_them_over(self):
        self._involve(self.supervisor, user=self.manager)
        people = self.case._clock_responsibles()
        self.assertIn(people[self.case], self.company._complaint_managers())
        self.case.user_id = self.handler
        self.handler.complaint_deputy_id = self.supervisor
        self.handler.complaint_absent_until = fields.Date.today() + timedelta(days=1)
        person = self.case._clock_responsibles()[self.case]
        self.assertNotEqual(person, self.supervisor)
        self.assertFalse(self.case._handled_by(self.supervisor))

    def test_customer_objects_to_what_the_leader_did(self):
        """The to-do goes past the leader who is involved."""
        case = self._case(involved_user_ids=self.supervisor.ids)
        case._alert_handler("The customer wrote")
        self.assertTrue(case.activity_ids)
        self.assertNotIn(self.supervisor, case.activity_ids.user_id)

    # Naming ---------------------------------------------------------------------------

    def test_who_may_name(self):
        with self.assertRaises(AccessError):
            self._involve(self.colleague, user=self.handler)
        self.case.user_id = self.handler
        self._involve(self.colleague, user=self.handler)
        self._involve(self.stranger, user=self.manager)
        with self.assertRaises(AccessError):
            self._involve(self.employee, user=self.auditor)
        self.assertEqual(self.case.involved_user_ids, self.colleague | self.stranger)
        self.assertTrue(self.case.with_user(self.handler).may_name_involved)
        self.assertFalse(self.case.with_user(self.auditor).may_name_involved)

    def test_who_takes_it_down_may_name(self):
        vals = self._case_values(involved_user_ids=self.colleague.ids)
        case = self.env["complaint.case"].with_user(self.handler).create(vals)
        self.assertFalse(
            self.env["complaint.case"]
            .with_user(self.colleague)
            .search([("id", "=", case.id)])
        )

    def test_customer_does_not_learn_who(self):
        self._involve(self.handler)
        with self.assertRaises(AccessError):
            self.case.with_user(self.customer).read(["involved_user_ids"])
        self.assertNotIn(
            "involved_user_ids",
            self.env["complaint.case"].with_user(self.customer).fields_get(),
        )

    def test_no_longer_named_on_the_confidential_one(self):
        self.case.write(
            {
                "is_confidential": True,
                "confidential_user_ids": (self.handler | self.manager).ids,
            }
        )
        self._involve(self.handler)
        self.assertEqual(self.case.confidential_user_ids, self.manager)
        self.assertTrue(self.env.ref(f"{MODULE}.complaint_case_rule_involved").active)
