from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.desk.complaint_bulk_work import PART
from .common import MODULE, ComplaintCommon

WORK_LOGGER = f"odoo.addons.{MODULE}.models.desk.complaint_bulk_work"


class BulkCommon(ComplaintCommon):
    def _cases(self, number, **values):
        return self.env["complaint.case"].create(
            [
                self._case_values(
                    **{"subject": f"Case {n}", "user_id": self.handler.id, **values}
                )
                for n in range(number)
            ]
        )

    def _bulk(self, cases, user=None, **values):
        action = cases.with_user(user or self.handler).action_work_on_many()
        bulk = self.env["complaint.bulk"].with_user(user or self.handler)
        bulk = bulk.browse(action["res_id"])
        bulk.write(values)
        return bulk

    def _run(self, bulk):
        bulk.action_check()
        bulk.action_start()
        for _n in range(1000):
            if bulk.work_on()["state"] != "running":
                break
        return bulk


@tagged("post_install", "-at_install")
class TestBulk(BulkCommon):
    """One thing done to many complaints: checked first, in parts, with reasons (I2)."""

    def test_acknowledge(self):
        cases = self._cases(3)
        nobody = self._case(partner_id=False, partner_name="Nobody")
        done = self._case()
        done._acknowledge()
        bulk = self._bulk(cases | nobody | done, operation="acknowledge")
        bulk.action_check()
        self.assertEqual((bulk.ready_count, bulk.left_count), (3, 2))
        reasons = {line.case_id: line.reason for line in bulk.left_line_ids}
        self.assertIn("no valid e-mail", reasons[nobody])
        self.assertIn("already", reasons[done])
        self.assertFalse(cases[0].acknowledged_at, "checking does nothing")
        bulk = self._run(bulk)
        self.assertEqual((bulk.state, bulk.done_count), ("done", 3))
        self.assertTrue(all(case.acknowledged_at for case in cases))

    def test_assign_within_what_people_may_handle(self):
        cases = self._cases(2)
        secret = self._case(is_confidential=True, user_id=self.handler.id)
        bulk = self._run(
            self._bulk(cases | secret, operation="assign", user_id=self.colleague.id)
        )
        self.assertEqual(cases.user_id, self.colleague)
        self.assertEqual(secret.user_id, self.handler)
        self.assertIn("confidential", bulk.left_line_ids.reason)

    def test_classify(self):
        tag = self.env["complaint.tag"].create({"name": "Batch 7"})
        cases = self._cases(2)
        late = self.env.ref(f"{MODULE}.category_delivery_late")
        self._run(
            self._bulk(
                cases,
                operation="classify",
                category_id=late.id,
                priority="2",
                tag_ids=tag.ids,
            )
        )
        self.assertEqual(cases.category_id, late)
        self.assertEqual(set(cases.mapped("priority")), {"2"})
        self.assertEqual(cases.tag_ids, tag)
        self.assertEqual(set(cases.mapped("nature")), {"general"}, "as it was")
        with self.refuses(UserError, "Choose what"):
            self._bulk(cases, operation="classify").action_check()

    def test_answer_with_each_ones_data(self):
        cases = self._cases(2)
        cases.with_user(self.handler).action_accept()
        open_end = self._case(user_id=self.handler.id, category_id=False)
        bulk = self._bulk(
            cases | open_end,
            operation="answer",
            outcome="settled",
            body='<p>Your complaint <t t-out="object.name">1</t> is settled.</p>',
        )
        bulk.preview_line_id = bulk.line_ids[1]
        self.assertIn(cases[1].name, bulk.preview)
        bulk.action_check()
        self.assertIn("category", bulk.left_line_ids.reason)
        self._run(bulk)
        self.assertEqual(bulk.left_line_ids.case_id, open_end)
        for case in cases:
            self.assertEqual((case.phase, case.outcome), ("answered", "settled"))
            self.assertIn(case.name, case.answer)
            self.assertNotIn("t-out", case.answer)
        self.assertEqual(open_end.phase, "received")

    def test_guide_in_each_language_and_without_gaps(self):
        guide = self.env["complaint.guide"].create(
            {"name": "All", "body": '<p><t t-out="object.words_order">S</t></p>'}
        )
        with_order = self._case(order_id=self.order.id)
        without = self._case()
        bulk = self._run(
            self._bulk(with_order | without, operation="message", guide_id=guide.id)
        )
        self.assertIn("Number of the order", bulk.left_line_ids.reason)
        message = with_order.message_ids.filtered(
            lambda one: one.message_type == "comment"
        )
        self.assertIn(self.order.name, message.body)
        guide.invalidate_recordset()
        self.assertEqual(guide.use_count, 1)
        guide.body = "<p>We found [what it was].</p>"
        with self.refuses(UserError, "gap"):
            self._bulk(
                with_order, operation="message", guide_id=guide.id
            ).action_check()
        with self.refuses(UserError, "Choose a ready answer"):
            self._bulk(with_order, operation="message").action_check()

    def test_text_knows_no_expressions(self):
        with self.refuses(UserError, "placeholder"):
            self._bulk(
                self._cases(1), operation="message", body='<p t-out="object.env">x</p>'
            )

    def test_close(self):
        answered = self._answered()
        received = self._case(user_id=self.handler.id)
        bulk = self._run(
            self._bulk(
                answered | received,
                operation="close",
                outcome="answered_without_agreement",
            )
        )
        self.assertEqual(answered.phase, "closed")
        self.assertEqual(received.phase, "received")
        self.assertIn("no answer", bulk.left_line_ids.reason)

    def test_changed_parameters_are_checked_again(self):
        bulk = self._bulk(self._cases(1), operation="acknowledge")
        bulk.action_check()
        self.assertEqual(bulk.state, "checked")
        bulk.operation = "close"
        self.assertEqual(bulk.state, "draft")
        with self.refuses(UserError, "Nothing can be done"):
            bulk.action_start()

    def test_what_happens_between_check_and_work(self):
        cases = self._cases(2)
        bulk = self._bulk(cases, operation="acknowledge")
        bulk.action_check()
        cases[0]._acknowledge()
        self._run(bulk)
        self.assertEqual((bulk.done_count, bulk.left_count), (1, 1))
        with self.refuses(UserError, "has begun"):
            bulk.action_start()
        with self.refuses(UserError, "has begun"):
            bulk.operation = "close"

    @mute_logger(WORK_LOGGER)
    def test_one_that_fails_does_not_stop_the_others(self):
        cases = self._cases(4)
        acknowledge = type(self.env["complaint.case"])._acknowledge

        def fails_for_one(these):
            if cases[2] in these:
                raise ValueError("poison")
            return acknowledge(these)

        bulk = self._bulk(cases, operation="acknowledge")
        with patch.object(
            type(self.env["complaint.case"]), "_acknowledge", fails_for_one
        ):
            self._run(bulk)
        self.assertEqual((bulk.done_count, bulk.left_count), (3, 1))
        self.assertEqual(bulk.left_line_ids.case_id, cases[2])
        self.assertIn("poison", bulk.left_line_ids.reason)
        self.assertTrue(cases[3].acknowledged_at)
        again = self.env["complaint.bulk"].browse(bulk.action_left_again()["res_id"])
        self.assertEqual(again.line_ids.case_id, cases[2])

    def test_goes_on_when_the_page_is_closed(self):
        cases = self._cases(120)
        bulk = self._bulk(cases, operation="classify", priority="1")
        bulk.action_check()
        bulk.action_start()
        self.assertEqual((bulk.state, bulk.done_count), ("running", 50))
        self.assertGreater(bulk.sudo().next_event_at, fields.Datetime.now())
        for _n in range(3):
            bulk.sudo().next_event_at = fields.Datetime.now() - timedelta(minutes=1)
            with self.enter_registry_test_mode():
                self.env.ref(f"{MODULE}.ir_cron_bulk").method_direct_trigger()
            self.env.invalidate_all()
        self.assertEqual((bulk.state, bulk.done_count), ("done", 120))
        self.assertFalse(bulk.sudo().next_event_at)

    def test_rights(self):
        cases = self._cases(1)
        bulk = self._bulk(cases)
        for user in (self.colleague, self.manager):
            with self.assertRaises(AccessError):
                bulk.with_user(user).read(["operation"])
        for user in (self.auditor, self.customer, self.employee, self.stranger):
            with self.assertRaises(AccessError):
                cases.with_user(user).action_work_on_many()
        with self.assertRaises(AccessError):
            bulk.line_ids.with_user(self.handler).state = "done"
        # Nobody does by it what they may not do.
        cases.team_id = self.other_team
        cases.user_id = self.stranger
        bulk.action_check()
        self.assertIn("may not change", bulk.left_line_ids.reason)

    def test_queries_of_a_part_do_not_grow(self):
        def cost(number):
            bulk = self._bulk(self._cases(number), operation="classify", priority="1")
            bulk.action_check()
            bulk.state = "running"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            bulk.work_on()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(2)
        self.assertLessEqual(cost(50) - cost(5), 6)

    def test_texts_for_many(self):
        body = "".join(
            f'<p><t t-out="object.{name}">x</t></p>'
            for name in ("name", "words_next_update", "words_handler", "words_stand")
        )

        def cost(number):
            cases = self._cases(number)
            cases.with_user(self.handler).action_accept()
            bulk = self._bulk(cases, operation="message", body=body)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            bulk.action_check()
            self.assertEqual(bulk.ready_count, number)
            return self.env.cr.sql_log_count - before

        cost(2)
        self.assertLessEqual(cost(60) - cost(5), 6)

    def test_check_of_five_hundred(self):
        bulk = self._bulk(self._cases(500), operation="close", outcome="settled")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        bulk.action_check()
        self.assertEqual(bulk.left_count, 500)
        self.assertLess(self.env.cr.sql_log_count - before, 80)

    def test_old_work_is_forgotten(self):
        bulk = self._bulk(self._cases(1))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE complaint_bulk SET create_date = create_date - INTERVAL '91 days' "
            "WHERE id = %s",
            [bulk.id],
        )
        self.env.invalidate_all()
        self.env["complaint.bulk"]._gc_bulk()
        self.assertFalse(bulk.exists())


@tagged("post_install", "-at_install")
class TestBulkTour(BulkCommon, HttpCase):
    def test_in_the_browser(self):
        cases = self._cases(12)
        with patch.dict(PART, acknowledge=5):
            self.start_tour(
                f"/odoo/action-{MODULE}.complaint_case_action?view_type=list",
                "complaint_work_on_many",
                login=self.handler.login,
            )
        self.assertTrue(all(case.acknowledged_at for case in cases))
