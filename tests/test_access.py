from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ComplaintCommon

#: What a customer may learn of the own case through RPC. A new field is put on this
#: side on purpose, or gets groups=.
CUSTOMER_READABLE = {
    "accepted_at",
    "answered_at",
    "assessed_at",
    "active",
    "category_id",
    "closed_at",
    "commercial_partner_id",
    "company_id",
    "customer_verdict",
    "date_occurred",
    "date_received",
    "demand",
    "description",
    "email_from",
    "email_normalized",
    "first_reply_at",
    "is_on_behalf",
    "name",
    "order_id",
    "outcome",
    "partner_id",
    "partner_name",
    "phase",
    "phone",
    "product_id",
    "reopened_at",
    "resolved_at",
    "stage_id",
    "subject",
    "user_id",
}


@tagged("post_install", "-at_install")
class TestAccess(ComplaintCommon):
    """Each role sees and does what it should, and no more (H1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls._case(user_id=cls.handler.id, team_id=cls.other_team.id)
        cls.teams = cls._case()
        cls.foreign = cls._case(
            team_id=cls.other_team.id,
            partner_id=cls.other_customer.partner_id.id,
            user_id=cls.stranger.id,
        )
        cls.cases = cls.own | cls.teams | cls.foreign

    def _seen(self, user):
        return (
            self.env["complaint.case"]
            .with_user(user)
            .search([("id", "in", self.cases.ids)])
            .sudo()
        )

    def test_handler_sees_own_and_team(self):
        self.assertEqual(self._seen(self.handler), self.own | self.teams)
        with self.assertRaises(AccessError):
            self.foreign.with_user(self.handler).write({"subject": "Mine now"})

    def test_supervisor_sees_the_team(self):
        self.assertEqual(self._seen(self.supervisor), self.teams)

    def test_team_without_members_is_everybodys(self):
        self.other_team.member_ids = False
        self.assertIn(self.foreign, self._seen(self.handler))

    def test_manager_sees_the_company(self):
        self.assertEqual(self._seen(self.manager), self.cases)

    def test_auditor_reads_and_changes_nothing(self):
        self.assertEqual(self._seen(self.auditor), self.cases)
        case = self.own.with_user(self.auditor)
        self.assertTrue(case.milestone_ids is not None and case.read(["answer"]))
        with self.assertRaises(AccessError):
            case.write({"subject": "Changed"})
        for action in ("action_accept", "action_acknowledge", "action_close"):
            with self.assertRaises(AccessError):
                getattr(case, action)()
        with self.assertRaises(AccessError):
            case.with_context(operation="refuse").action_ask_reason()
        with self.assertRaises(AccessError):
            case.message_post(body="x", message_type="comment")

    def test_employee_sees_nothing(self):
        with self.assertRaises(AccessError):
            self._seen(self.employee)

    def test_employee_opens_contacts_and_orders(self):
        partner = self.acme.with_user(self.employee)
        self.assertTrue(partner.get_view(view_type="form")["arch"])
        self.assertTrue(partner.web_read({"name": {}}))
        self.assertNotIn("complaint_count", partner.fields_get())

    def test_only_managers_configure(self):
        stage = self.env["complaint.stage"].search([], limit=1)
        for user in (self.handler, self.supervisor, self.auditor):
            with self.assertRaises(AccessError):
                stage.with_user(user).write({"name": "X"})
            with self.assertRaises(AccessError):
                self.env["complaint.category"].with_user(user).create({"name": "X"})
        stage.with_user(self.manager).write({"name": "Arrived"})
        self.assertEqual(stage.name, "Arrived")

    def test_milestones_are_written_by_the_door_only(self):
        for user in (self.handler, self.manager):
            with self.assertRaises(AccessError):
                self.env["complaint.milestone"].with_user(user).create(
                    {
                        "case_id": self.own.id,
                        "round": 1,
                        "milestone": "closed",
                        "reached_at": "2026-01-01",
                    }
                )

    def test_confidential_only_for_those_named(self):
        self.teams.write(
            {
                "is_confidential": True,
                "confidential_user_ids": self.colleague.ids,
                "user_id": self.supervisor.id,
            }
        )
        self.assertIn(self.teams, self._seen(self.colleague))
        self.assertIn(self.teams, self._seen(self.supervisor))
        self.assertIn(self.teams, self._seen(self.customer))
        for user in (self.handler, self.manager, self.auditor):
            self.assertNotIn(self.teams, self._seen(user))

    def test_confidential_hides_what_hangs_on_it(self):
        self.teams.write(
            {
                "is_confidential": True,
                "user_id": self.supervisor.id,
                "allegation_ids": [(0, 0, {"summary": "Harassed"})],
            }
        )
        for model in ("complaint.allegation", "complaint.sla.clock"):
            found = self.env[model].with_user(self.manager)
            self.assertFalse(found.search([("case_id", "=", self.teams.id)]), model)
            found = self.env[model].with_user(self.supervisor)
            self.assertTrue(found.search([("case_id", "=", self.teams.id)]), model)

    def test_other_company_is_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        case = self.env["complaint.case"].create(
            {"subject": "Elsewhere", "company_id": company.id, "user_id": False}
        )
        found = self.env["complaint.case"].with_user(self.manager)
        self.assertFalse(found.search([("id", "=", case.id)]))
        self.manager.company_ids |= company
        found = found.with_context(allowed_company_ids=company.ids)
        self.assertEqual(found.search([("id", "=", case.id)]), case)

    def test_customer_sees_own_only(self):
        self.assertEqual(self._seen(self.customer), self.own | self.teams)
        self.assertFalse(self._seen(self.customer_colleague))
        self.assertEqual(self._seen(self.other_customer), self.foreign)

    def test_complaint_contact_sees_the_companys(self):
        self.customer_colleague.partner_id.is_complaint_contact = True
        self.assertEqual(self._seen(self.customer_colleague), self.own | self.teams)

    def test_customer_cannot_become_complaint_contact(self):
        with self.assertRaises(AccessError):
            self.customer.partner_id.with_user(self.customer).write(
                {"is_complaint_contact": True}
            )

    def test_customer_changes_nothing(self):
        case = self.own.with_user(self.customer)
        with self.assertRaises(AccessError):
            case.write({"subject": "Other"})
        with self.assertRaises(AccessError):
            self.env["complaint.case"].with_user(self.customer).create(
                self._case_values()
            )
        for action in ("action_close", "action_accept", "action_answer"):
            with self.assertRaises(AccessError):
                getattr(case, action)()

    def test_customer_reads_named_fields_only(self):
        """Through RPC the customer's own case shows these fields and no others."""
        readable = set(self.env["complaint.case"].with_user(self.customer).fields_get())
        ours = {
            name
            for name, field in self.env["complaint.case"]._fields.items()
            if field._modules == ("complaint_management",)
        }
        log = {"create_uid", "create_date", "write_uid", "write_date"}
        self.assertEqual(readable & ours - log, CUSTOMER_READABLE)
        for field in ("answer", "priority", "team_id", "clock_ids", "access_token"):
            with self.assertRaises(AccessError, msg=field):
                self.own.with_user(self.customer).read([field])

    def test_token_is_out_of_reach(self):
        self.own._portal_ensure_token()
        with self.assertRaises(AccessError):
            self.own.with_user(self.manager).read(["access_token"])
        with self.assertRaises(AccessError):
            self.own.with_user(self.manager).write({"access_token": "known"})

    def test_handler_shares_a_link_all_the_same(self):
        url = self.own.with_user(self.handler).get_portal_url()
        self.assertIn(self.own.sudo().access_token, url)
