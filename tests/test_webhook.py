import json

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import MODULE, ComplaintCommon
from .webhook_common import SECRET

OUTSIDE_LOGGER = f"odoo.addons.{MODULE}.models.webhook.complaint_case_outside"


class WebhookCommon(ComplaintCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deliveries = cls.env["complaint.webhook.delivery"]

    @classmethod
    def _hook(cls, **values):
        return cls.env["complaint.webhook"].create(
            {
                "name": "Shop",
                "url": "https://shop.example.com/hook",
                "secret_new": SECRET,
                "user_id": cls.manager.id,
                **values,
            }
        )

    def _queued(self, cases=None):
        """[(event, case)] in the order in which it happened"""
        found = self.deliveries.search([], order="id")
        return [
            (one.event, one.case_id)
            for one in found
            if cases is None or one.case_id in cases
        ]


@tagged("post_install", "-at_install")
class TestOutbox(WebhookCommon):
    """What happens is written down together with it (I1)."""

    def test_way_of_a_complaint(self):
        self._hook(on_accepted=True, on_reopened=True, on_message=True)
        case = self._case(user_id=self.handler.id, answer="<p>We replace it.</p>")
        seen = case.with_user(self.handler)
        seen.action_accept()
        seen.action_answer()
        case._customer_object("No", author=self.customer.partner_id)
        case.answer = "<p>We pay.</p>"
        case.with_user(self.manager).action_answer()
        case._customer_accept(author=self.customer.partner_id)
        events = [event for event, _case in self._queued()]
        self.assertEqual(
            [event for event in events if event != "message"],
            [
                "received",
                "accepted",
                "answered",
                "reopened",
                "answered",
                "closed",
            ],
        )
        messages = self.deliveries.search([("event", "=", "message")], order="id")
        self.assertEqual(
            [json.loads(one.payload)["message"] for one in messages],
            [{"from": "company"}, {"from": "customer"}, {"from": "company"}],
        )

    def test_named_fields_and_no_text(self):
        self._hook()
        self.customer.partner_id.ref = "C-1"
        case = self._case(order_id=self.order.id, demand="Money back")
        [delivery] = self.deliveries.search([])
        payload = json.loads(delivery.payload)
        self.assertEqual(payload["event"], "received")
        self.assertEqual(payload["event_id"], delivery.event_id)
        told = payload["complaint"]
        self.assertEqual(told["number"], case.name)
        self.assertEqual(told["order"], self.order.name)
        self.assertEqual(told["customer_number"], "C-1")
        self.assertEqual(told["phase"], "received")
        for secret in (
            "kettle leaks",
            "Money back",
            "Ann",
            "@",
            case.access_token or "-",
        ):
            self.assertNotIn(secret, delivery.payload.replace("-", ""), secret)

    def test_texts_where_allowed(self):
        self._hook(include_text=True, on_message=True)
        case = self._answered(description="<p>Water &amp; steam</p>")
        answered = self.deliveries.search([("event", "=", "answered")])
        told = json.loads(answered.payload)["complaint"]
        self.assertEqual(told["subject"], "The kettle leaks")
        self.assertEqual(told["description"], "Water & steam")
        self.assertEqual(told["answer"], "We replace it.")
        received = self.deliveries.search([("event", "=", "received")])
        self.assertIsNone(
            json.loads(received.payload)["complaint"]["answer"], "a draft"
        )
        self.assertEqual(case.phase, "answered")

    def test_confidential_only_where_allowed(self):
        self._hook()
        trusted = self._hook(include_confidential=True)
        case = self._case(is_confidential=True)
        self.assertEqual(self.deliveries.search([]).webhook_id, trusted)
        self.assertEqual(self._queued(), [("received", case)])

    def test_only_those_that_meet_the_conditions(self):
        self._hook(domain=f"[('category_id', 'child_of', {self.category.id})]")
        wanted = self._case()
        self._case(category_id=self.env.ref(f"{MODULE}.category_delivery").id)
        self.assertEqual(self._queued(), [("received", wanted)])

    def test_internal_notes_are_no_event(self):
        case = self._case()
        self._hook(on_message=True)
        case.message_post(body="Note", message_type="comment")
        self.assertFalse(self._queued())

    def test_only_the_own_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._hook(company_id=other.id)
        self._case()
        self.assertFalse(self._queued())

    def test_archived_hook_hears_nothing_at_once(self):
        hook = self._hook()
        self._case()
        hook.active = False
        self._case()
        self.assertEqual(len(self._queued()), 1)
        hook.active = True
        self._case()
        self.assertEqual(len(self._queued()), 2)
        hook.unlink()
        self._case()
        self.assertFalse(self._queued())

    def test_history_is_not_told(self):
        self._hook()
        history = self.env["complaint.case"].with_context(complaint_history=True)
        history.create(self._case_values(stage_id=history._default_stage_id().id))
        self.assertFalse(self._queued())

    def test_rolled_back_with_the_event(self):
        self._hook()
        case = self._case(user_id=self.handler.id)
        with self.refuses(UserError, "write the answer"):
            case.with_user(self.handler).action_answer()
        self.assertEqual(self._queued(), [("received", case)])

    @mute_logger(OUTSIDE_LOGGER)
    def test_trouble_does_not_hold_the_complaint_up(self):
        hook = self._hook()
        self.env.cr.execute(
            "UPDATE complaint_webhook SET domain = %s WHERE id = %s",
            ["[('no_such_field', '=', 1)]", hook.id],
        )
        hook.invalidate_recordset()
        case = self._case(user_id=self.handler.id, answer="<p>Yes</p>")
        case.with_user(self.handler).action_answer()
        self.assertEqual(case.phase, "answered")
        self.assertFalse(self._queued())

    def test_job_is_woken_up(self):
        self._hook()
        job = self.env.ref(f"{MODULE}.ir_cron_webhook")
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([("cron_id", "=", job.id)])
        self._case()
        self.assertEqual(triggers.search_count([("cron_id", "=", job.id)]), before + 1)


@tagged("post_install", "-at_install")
class TestCost(WebhookCommon):
    """What it costs, and what it costs where nobody listens."""

    def _queries(self, work):
        self.env.flush_all()
        self.cr.precommit.run()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _create(self, number):
        return self.env["complaint.case"].create(
            [self._case_values(user_id=self.handler.id) for _index in range(number)]
        )

    def _close(self, number):
        # Answered without a mail, whose cost is measured elsewhere.
        cases = self._create(number)
        cases._stamp(["answered"])
        return self._queries(lambda: cases._move_to("closed", outcome="settled"))

    def test_nobody_listens_costs_nothing(self):
        hooks = self.env["complaint.webhook"]
        hooks._listening()
        cases = self._create(3)
        self.assertEqual(self._queries(lambda: cases._notify_outside("closed")), 0)
        self._hook(on_closed=False)
        hooks._listening()
        self.assertLess(
            self._queries(lambda: cases._notify_outside("closed")), 4, "the company"
        )

    def test_many_at_once(self):
        bare = self._close(40)
        self._hook()
        few, many = self._close(5), self._close(40)
        self.assertEqual(len(self.deliveries.search([("event", "=", "closed")])), 45)
        self.assertLessEqual(many - few, 5)
        self.assertLessEqual(many - bare, 30)

    def test_five_hundred(self):
        cases = self._create(500)
        self._hook()
        cost = self._queries(lambda: cases._notify_outside("closed"))
        self.assertEqual(self.deliveries.search_count([("event", "=", "closed")]), 500)
        self.assertLess(cost, 40)


@tagged("post_install", "-at_install")
class TestHook(WebhookCommon):
    """Setting a webhook up."""

    def test_refused(self):
        for values, pattern in (
            ({"url": "http://shop.example.com"}, "must begin with https"),
            ({"url": "https://10.0.0.1/"}, "private network"),
            ({"url": "https://a:b@shop.example.com"}, "Leave user and password"),
            ({"url": "shop"}, "no address"),
            ({"secret_new": "short"}, "at least 16"),
            ({"secret_new": False}, "at least 16"),
            ({"domain": "[('nothing', '=', 1)]"}, "cannot be used"),
            ({"domain": "__import__('os')"}, "cannot be used"),
            ({"pause_after_days": 0}, "from 1 to 30"),
        ):
            with self.subTest(values), self.refuses(ValidationError, pattern):
                self._hook(**values)

    def test_own_network_where_the_administrator_allows_it(self):
        self.company.complaint_webhook_private = True
        self._hook(url="http://10.0.0.1/hook")

    def test_secret_is_written_and_not_read(self):
        hook = self._hook().with_user(self.manager)
        self.assertFalse(hook.secret_new)
        self.assertTrue(hook.has_secret)
        answer = hook.web_save(
            {"secret_new": "another secret of theirs"},
            {"secret_new": {}, "has_secret": {}, "name": {}},
        )
        self.assertNotIn("another", str(answer))
        self.assertEqual(hook.sudo().secret, "another secret of theirs")
        for user in (self.manager, self.env.ref("base.user_admin")):
            for read in (
                lambda one: one.read(["secret"]),
                lambda one: one.search([("secret", "=like", "a%")]),
                lambda one: one.search([], order="secret").ids,
                lambda one: one._read_group([], ["secret"]),
            ):
                with self.assertRaises(AccessError):
                    read(hook.with_user(user))
        self.assertNotIn("secret", hook.read()[0])
        self.assertFalse(hook.message_ids.filtered(lambda one: "another" in one.body))

    def test_form_as_manager(self):
        with Form(self.env["complaint.webhook"].with_user(self.manager)) as form:
            form.name = "Warehouse"
            form.url = "https://data.example.com/in"
            form.secret_new = SECRET
        hook = form.save()
        self.assertEqual(hook.user_id, self.manager)
        with Form(hook) as form:
            form.on_message = True
        self.assertEqual(hook.sudo().secret, SECRET, "kept")
        with self.assertRaises(ValidationError):
            hook.copy()

    def test_each_role(self):
        hook = self._hook()
        case = self._case(user_id=self.handler.id)
        delivery = self.deliveries.search([("case_id", "=", case.id)])
        for user in (
            self.handler,
            self.supervisor,
            self.employee,
            self.customer,
            self.env.ref("base.public_user"),
        ):
            for record in (hook, delivery):
                theirs = record.with_user(user)
                for operation in ("read", "write", "create", "unlink"):
                    self.assertFalse(theirs.has_access(operation), user.login)
            for act in (
                hook.with_user(user).action_send_test,
                hook.with_user(user).action_resume,
                delivery.with_user(user).action_send_again,
            ):
                self.assertRaises(AccessError, act)
        self.assertTrue(hook.with_user(self.auditor).has_access("read"))
        self.assertTrue(delivery.with_user(self.auditor).payload)
        self.assertFalse(hook.with_user(self.auditor).has_access("write"))
        for act in (
            hook.with_user(self.auditor).action_send_test,
            hook.with_user(self.auditor).action_resume,
            delivery.with_user(self.auditor).action_send_again,
        ):
            self.assertRaises(AccessError, act)
        self.assertTrue(hook.with_user(self.manager).has_access("unlink"))
        self.assertTrue(delivery.with_user(self.manager).payload)
        for operation in ("write", "create", "unlink"):
            self.assertFalse(delivery.with_user(self.manager).has_access(operation))

    def test_delivery_hides_what_the_complaint_hides(self):
        self._hook(include_confidential=True)
        case = self._case(is_confidential=True)
        found = self.deliveries.with_user(self.manager)
        self.assertFalse(found.search([]))
        case.confidential_user_ids = self.manager
        self.assertEqual(found.search([]).case_id, case)

    def test_other_company_s_hook(self):
        other = self.env["res.company"].create({"name": "Other"})
        hook = self._hook(company_id=other.id)
        self.assertFalse(
            self.env["complaint.webhook"].with_user(self.manager).search([])
        )
        with self.assertRaises(AccessError):
            hook.with_user(self.manager).action_send_test()

    def test_old_deliveries_go(self):
        self._hook()
        self._case()
        self._case()
        first, second = self.deliveries.search([])
        (first | second).write({"state": "sent"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE complaint_webhook_delivery SET write_date = '2026-01-01'"
            " WHERE id = %s",
            [first.id],
        )
        self.env.invalidate_all()
        self.deliveries._gc_old()
        self.assertEqual(self.deliveries.search([]), second)
