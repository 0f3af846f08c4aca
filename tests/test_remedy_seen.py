from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_remedy import RemedyCommon

#: What nobody writes; by value and by default in the context.
NOT_BY_HAND = {
    "state": "approved",
    "approved_at": "2026-01-01 00:00:00",
    "approved_by_id": 1,
    "company_amount": 1.0,
    "cost": 1.0,
    "currency_id": 1,
    "decided_at": "2026-01-01 00:00:00",
    "document_id": 1,
    "document_model": "account.move",
    "executed_at": "2026-01-01 00:00:00",
    "executed_by_id": 1,
    "offered_at": "2026-01-01 00:00:00",
    "proposed_by_id": 1,
    "revision": 7,
    "worth_by_ids": [],
}


@tagged("post_install", "-at_install")
class TestRemedySeen(RemedyCommon):
    """What is approved is what was seen (E1)."""

    def test_changed_while_somebody_looks_at_it(self):
        remedy = self._remedy(amount=10)
        seen = remedy.revision
        approver = remedy.with_user(self.supervisor).with_context(seen_revision=seen)
        for values in (
            {"amount": 100},
            {"kind": "price_reduction"},
            {"note": "And a new one"},
            {"quantity": 2},
            {"product_id": self.filters.id},
            {"order_line_id": False},
        ):
            seen = remedy.revision
            remedy.write(values)
            with self.refuses(UserError, "was changed meanwhile"):
                approver.with_context(seen_revision=seen).action_approve()
        remedy.sequence = 3
        approver.with_context(seen_revision=remedy.revision).action_approve()
        self.assertEqual(remedy.state, "approved")

    def test_who_says_nothing_of_what_was_seen(self):
        remedy = self._remedy(amount=10)
        remedy.amount = 11
        remedy.with_user(self.supervisor).action_approve()
        self.assertEqual(remedy.state, "approved")

    def test_the_buttons_say_what_was_seen(self):
        for model, view in (
            ("complaint.remedy", "complaint_remedy_view_form"),
            ("complaint.case", "complaint_case_view_page_remedies"),
        ):
            form = self.env[model].with_user(self.supervisor)
            view_id = self.env.ref(f"complaint_management.{view}").id
            arch = form.get_view(view_id, "form")["arch"]
            self.assertIn("{'seen_revision': revision}", arch)
            self.assertIn('name="revision"', arch)

    def test_who_changes_what_it_is_worth_proposed_it_as_well(self):
        self.company.complaint_remedy_four_eyes = 20
        remedy = self._remedy(amount=10)
        mine = remedy.with_user(self.supervisor)
        mine.note = "Better words"
        self.assertTrue(mine.may_approve)
        mine.amount = 100
        self.assertFalse(mine.may_approve)
        with self.refuses(UserError, "You changed"):
            mine.action_approve()
        # Whatever the handler changes after that.
        remedy.quantity = 1
        with self.refuses(UserError, "You changed"):
            mine.action_approve()
        remedy.with_user(self.manager).action_approve()

    def test_changes_are_in_the_chatter(self):
        remedies = self.env["complaint.remedy"].with_context(tracking_disable=False)
        remedy = remedies.browse(self._remedy(amount=10).id)
        self.flush_tracking()
        remedy.write(
            {
                "amount": 11,
                "kind": "price_reduction",
                "note": "New",
                "quantity": 2,
                "product_id": self.filters.id,
            }
        )
        self.flush_tracking()
        changed = remedy.message_ids.sudo().tracking_value_ids.field_id.mapped("name")
        self.assertLessEqual(
            {"amount", "kind", "note", "quantity", "product_id"}, set(changed)
        )

    def test_the_currency_stays_once_it_is_approved(self):
        self.allegation.order_line_id = False
        other = self.env.ref("base.JPY")
        other.active = True
        pricelist = self.env["product.pricelist"].create(
            {"name": "Other", "currency_id": other.id}
        )
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.partner_id.id, "pricelist_id": pricelist.id}
        )
        values = {"kind": "goodwill", "order_line_id": False}
        approved, proposed = self._approved(**values), self._remedy(**values)
        before = approved.currency_id
        self.case.order_id = order
        self.assertEqual((approved.currency_id, proposed.currency_id), (before, other))

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.flush()
        self.env.cr.precommit.run()


@tagged("post_install", "-at_install")
class TestRemedyRights(RemedyCommon):
    """By button, RPC and import alike: a handler approves nothing, a supervisor not
    above the limit, nobody their own where four eyes are needed (E1)."""

    def setUp(self):
        super().setUp()
        self.company.complaint_remedy_limit = 50
        self.company.complaint_remedy_four_eyes = 20
        self.blocked = (
            (self.handler, self._remedy(amount=10), "Supervisors and managers"),
            (self.supervisor, self._remedy(amount=51), "above what supervisors"),
            (self.supervisor, self._remedy(self.supervisor, amount=21), "You proposed"),
            (self.manager, self._remedy(self.manager, amount=21), "You proposed"),
        )

    def test_by_button_and_call(self):
        for user, remedy, why in self.blocked:
            with self.subTest(user=user.login, why=why):
                mine = remedy.with_user(user)
                self.assertFalse(mine.may_approve)
                with self.refuses(UserError, why):
                    mine.action_approve()
                with self.refuses(UserError, "by now"):
                    mine.action_execute()
                with self.refuses(UserError, why):
                    mine.browse(remedy.id).with_context(
                        default_state="approved", seen_revision=remedy.revision
                    ).action_approve()
        with self.assertRaises(AccessError):
            self.blocked[0][1].with_user(self.auditor).action_approve()

    def test_by_write_and_create(self):
        for user, remedy, _why in self.blocked:
            mine = remedy.with_user(user)
            for name, value in NOT_BY_HAND.items():
                with self.subTest(user=user.login, name=name):
                    with self.refuses(UserError, "written by hand"):
                        mine.write({name: value})
                    with self.refuses(UserError, "written by hand"):
                        self._remedy(user, kind="goodwill", amount=5, **{name: value})

    def test_by_defaults_in_the_context(self):
        context = {f"default_{name}": value for name, value in NOT_BY_HAND.items()}
        for user in (self.handler, self.supervisor, self.manager):
            made = (
                self.env["complaint.remedy"]
                .with_user(user)
                .with_context(**context)
                .create({"case_id": self.case.id, "kind": "goodwill", "amount": 5})
            )
            self.assertEqual(made.state, "proposed")
            self.assertEqual(made.proposed_by_id, user)
            self.assertEqual(made.revision, 0)
            self.assertEqual(made.currency_id, self.sold.currency_id)
            for name in ("approved_at", "approved_by_id", "document_model", "cost"):
                self.assertFalse(made[name])

    def test_by_import(self):
        for user, remedy, _why in self.blocked:
            remedies = self.env["complaint.remedy"].with_user(user)
            number = len(self.case.remedy_ids)
            for name, value in (
                ("state", "approved"),
                ("state", "Approved"),
                ("approved_at", "2026-01-01 00:00:00"),
                ("proposed_by_id/.id", str(self.colleague.id)),
                ("approved_by_id/.id", str(user.id)),
            ):
                with self.subTest(user=user.login, name=name):
                    # As a new one, and over one that is there.
                    for head, row in (
                        (
                            ["case_id/.id", "kind", "amount", name],
                            [str(self.case.id), "goodwill", "5", value],
                        ),
                        ([".id", name], [str(remedy.id), value]),
                    ):
                        result = remedies.load(head, [row])
                        self.assertFalse(result["ids"])
                        self.assertIn("written by hand", str(result["messages"]))
            self.env.invalidate_all()
            self.assertEqual(remedy.state, "proposed")
            self.assertEqual(len(self.case.remedy_ids), number)

    def test_import_proposes(self):
        remedies = self.env["complaint.remedy"].with_user(self.handler)
        head = ["case_id/.id", "kind", "amount"]
        result = remedies.load(head, [[str(self.case.id), "goodwill", "5"]])
        made = remedies.browse(result["ids"])
        self.assertEqual((made.state, made.proposed_by_id), ("proposed", self.handler))
        for amount in ("0", "-5"):
            result = remedies.load(head, [[str(self.case.id), "refund", amount]])
            self.assertFalse(result["ids"])
            self.assertIn("above zero", str(result["messages"]))

    def test_a_proposal_is_not_raised_after_it_was_approved(self):
        remedy = self._remedy(amount=20)
        remedy.with_user(self.supervisor).action_approve()
        for user in (self.handler, self.supervisor, self.manager):
            with self.refuses(UserError, "was approved as it is"):
                remedy.with_user(user).amount = 500
            head = [".id", "amount"]
            result = remedy.with_user(user).load(head, [[str(remedy.id), "500"]])
            self.assertFalse(result["ids"])
        with self.refuses(ValidationError, "more than is left"):
            self._remedy(amount=500)
