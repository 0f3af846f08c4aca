from datetime import datetime, timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import MODULE, ComplaintCommon

NOON = datetime(2026, 3, 10, 12, 0, 0)


@tagged("post_install", "-at_install")
class TestCase(ComplaintCommon):
    """What a complaint is: its order, product, company, number."""

    def test_order_of_another_customer_is_refused(self):
        with self.refuses(ValidationError, "belongs to another customer"):
            self._case(order_id=self.other_order.id)
        case = self._case(order_id=self.order.id)
        with self.refuses(ValidationError, "belongs to another customer"):
            case.partner_id = self.other_customer.partner_id

    def test_order_of_the_contacts_company_is_accepted(self):
        case = self._case(order_id=self.order.id, product_id=self.product.id)
        self.assertEqual(case.commercial_partner_id, self.acme)

    def test_product_must_be_on_the_order(self):
        with self.refuses(ValidationError, "is not on order"):
            self._case(order_id=self.order.id, product_id=self.other_product.id)

    def test_allegation_line_must_be_of_the_order(self):
        with self.refuses(ValidationError, "line of another order"):
            self._case(
                order_id=self.order.id,
                allegation_ids=[
                    (
                        0,
                        0,
                        {
                            "summary": "Leaks",
                            "order_line_id": self.other_order.order_line.id,
                        },
                    )
                ],
            )

    def test_allegation_takes_product_of_its_line(self):
        case = self._case(
            order_id=self.order.id,
            allegation_ids=[
                (
                    0,
                    0,
                    {"summary": "Leaks", "order_line_id": self.order.order_line.id},
                )
            ],
        )
        self.assertEqual(case.allegation_ids.product_id, self.product)

    def test_company_is_the_orders(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.env.user.company_ids |= other
        order = (
            self.env["sale.order"]
            .with_company(other)
            .create({"partner_id": self.acme.id, "company_id": other.id})
        )
        case = self.env["complaint.case"].create(
            {
                "subject": "Late",
                "partner_id": self.acme.id,
                "order_id": order.id,
            }
        )
        self.assertEqual(case.company_id, other)
        self.assertFalse(case.team_id.company_id and case.team_id.company_id != other)

    def test_numbers_are_distinct_in_a_batch(self):
        cases = self.env["complaint.case"].create([self._case_values()] * 3)
        self.assertEqual(len(set(cases.mapped("name"))), 3)
        self.assertTrue(all(name.startswith("CMP/") for name in cases.mapped("name")))

    def test_received_in_the_future_is_refused(self):
        with self.refuses(ValidationError, "in the future"):
            self._case(date_received=datetime.now() + timedelta(hours=2))

    def test_unknown_complainant_keeps_own_contact(self):
        case = self._case(
            partner_id=False, partner_name="Somebody", email_from="Who@Example.com"
        )
        self.assertEqual(case.partner_name, "Somebody")
        self.assertEqual(case.email_normalized, "who@example.com")

    def test_form_fills_contact_from_the_partner(self):
        with Form(self.env["complaint.case"].with_user(self.handler)) as form:
            form.subject = "Broken"
            form.partner_id = self.customer.partner_id
        self.assertEqual(form.record.email_from, self.customer.email)
        self.assertEqual(form.record.customer_type, "company")

    def test_taken_up_case_is_not_deleted(self):
        case = self._case(user_id=self.handler.id)
        case.with_user(self.handler).action_accept()
        with self.refuses(ValidationError, "is a record and is kept"):
            case.with_user(self.manager).unlink()
        untouched = self._case()
        untouched.with_user(self.manager).unlink()
        self.assertFalse(untouched.exists())

    def test_copy_starts_afresh(self):
        case = self._answered()
        copy = case.copy()
        self.assertEqual(copy.phase, "received")
        self.assertFalse(copy.answered_at or copy.answer or copy.outcome)
        self.assertNotEqual(copy.name, case.name)


@tagged("post_install", "-at_install")
class TestPhases(ComplaintCommon):
    """The one door, its demands and milestones."""

    @freeze_time(NOON)
    def test_whole_way(self):
        case = self._case().with_user(self.handler)
        case.action_accept()
        self.assertEqual((case.phase, case.user_id), ("accepted", self.handler))
        self.assertEqual(case.accepted_at, NOON)
        case.action_investigate()
        self.assertTrue(case.assessed_at)
        case.action_resolve()
        self.assertFalse(case.resolved_at)
        case.answer = "<p>Sorry, here is a new one.</p>"
        case.action_answer()
        self.assertTrue(case.resolved_at and case.first_reply_at and case.answered_at)
        case.outcome = "settled"
        case.action_close()
        self.assertEqual(case.phase, "closed")
        self.assertEqual(
            case.milestone_ids.mapped("user_id"),
            self.handler,
            "each milestone names who reached it",
        )

    def test_stage_dragged_on_the_board_passes_the_same_door(self):
        case = self._case(category_id=False)
        stage = self.env.ref(f"{MODULE}.stage_investigating")
        with self.refuses(UserError, "choose a category"):
            case.with_user(self.handler).write({"stage_id": stage.id})
        case.with_user(self.handler).write(
            {"stage_id": stage.id, "category_id": self.category.id}
        )
        self.assertTrue(case.accepted_at, "passed on the way")

    def test_answer_demands_text_and_findings(self):
        case = self._case(allegation_ids=[(0, 0, {"summary": "Leaks"})])
        case = case.with_user(self.handler)
        with self.refuses(UserError, "write the answer"):
            case.action_answer()
        case.answer = "<p><br></p>"
        with self.refuses(UserError, "write the answer"):
            case.action_answer()
        case.answer = "<p>Yes</p>"
        with self.refuses(UserError, "finding"):
            case.action_answer()
        case.allegation_ids.finding = "upheld"
        case.action_answer()
        self.assertEqual(case.phase, "answered")

    def test_close_demands_outcome_and_answer(self):
        case = self._case(user_id=self.handler.id).with_user(self.handler)
        with self.refuses(UserError, "outcome"):
            case.action_close()
        case.outcome = "settled"
        with self.refuses(UserError, "no answer yet"):
            case.action_close()
        self.assertEqual(case.phase, "received")

    def test_no_owner_no_progress(self):
        case = self._case()
        with self.refuses(UserError, "choose a handler"):
            case.with_user(self.env.ref("base.user_root"))._move_to("accepted")

    def test_milestone_is_stamped_once(self):
        case = self._case().with_user(self.handler)
        with freeze_time(NOON):
            case.date_received = NOON
            case.action_accept()
        case._move_to("received")
        case.action_accept()
        self.assertEqual(case.accepted_at, NOON)
        self.assertEqual(len(case.milestone_ids), 1)

    def test_milestone_cannot_be_edited(self):
        case = self._case().with_user(self.handler)
        case.action_accept()
        with self.assertRaises(UserError):
            case.milestone_ids.sudo().reached_at = NOON

    def test_reopening_opens_a_round(self):
        case = self._answered().with_user(self.handler)
        first = case.answered_at
        case.outcome = "settled"
        case.action_close()
        case._reopen("<p>A new fact</p>")
        self.assertEqual((case.round, case.phase), (2, "investigating"))
        self.assertFalse(case.answered_at or case.outcome or case.closed_at)
        earlier = case.milestone_ids.filtered(
            lambda row: row.round == 1 and row.milestone == "answered"
        )
        self.assertEqual(earlier.reached_at, first)
        with self.refuses(UserError, "Only answered or closed"):
            case._reopen("<p>again</p>")

    def test_refusal_answers_with_the_reason(self):
        case = self._case(category_id=False)
        wizard = (
            self.env["complaint.reason.wizard"]
            .with_user(self.handler)
            .create(
                {
                    "case_ids": case.ids,
                    "operation": "refuse",
                    "reason": "<p>Bought elsewhere.</p>",
                }
            )
        )
        wizard.action_confirm()
        self.assertEqual((case.phase, case.outcome), ("answered", "refused"))
        self.assertIn("Bought elsewhere", case.answer)
        case.with_user(self.handler).action_close()
        self.assertEqual(case.outcome, "refused")

    def test_reason_is_demanded(self):
        wizard = self.env["complaint.reason.wizard"].create(
            {
                "case_ids": self._case().ids,
                "operation": "refuse",
                "reason": "<p><br/></p>",
            }
        )
        with self.refuses(UserError, "give a reason"):
            wizard.action_confirm()

    def test_withdrawn_closes_without_answer(self):
        case = self._case(user_id=self.handler.id).with_user(self.handler)
        case._withdraw("<p>Found the part.</p>")
        self.assertEqual((case.phase, case.outcome), ("closed", "withdrawn"))
        self.assertFalse(case.answered_at)

    def test_last_stage_of_a_phase_stays(self):
        stage = self.env.ref(f"{MODULE}.stage_answered")
        with self.refuses(UserError, "at least one stage"):
            stage.unlink()
        with self.refuses(UserError, "at least one stage"):
            stage.phase = "closed"
        with self.refuses(UserError, "at least one stage"):
            stage.action_archive()
        extra = stage.copy({"name": "Waiting"})
        stage.phase = "closed"
        self.assertEqual(extra.phase, "answered")

    def test_own_stage_of_a_phase_counts_as_the_phase(self):
        stage = self.env["complaint.stage"].create(
            {"name": "At the lab", "phase": "investigating", "sequence": 35}
        )
        case = self._case().with_user(self.handler)
        case.stage_id = stage
        self.assertTrue(case.assessed_at)

    def test_history_is_taken_as_it_is(self):
        case = (
            self.env["complaint.case"]
            .with_context(complaint_history=True)
            .create(
                self._case_values(
                    stage_id=self.env.ref(f"{MODULE}.stage_closed").id,
                    outcome="settled",
                    date_received=datetime(2020, 1, 6, 9, 0),
                    milestone_ids=[
                        (
                            0,
                            0,
                            {
                                "milestone": "closed",
                                "round": 1,
                                "reached_at": datetime(2020, 1, 9, 9, 0),
                            },
                        )
                    ],
                )
            )
        )
        self.assertEqual(case.closed_at, datetime(2020, 1, 9, 9, 0))
        self.assertFalse(case.accepted_at, "unknown stays unknown")
        self.assertFalse(case.activity_ids)


@tagged("post_install", "-at_install")
class TestDialogue(ComplaintCommon):
    """Messages, silence, and what the customer may do."""

    def test_staff_message_is_the_first_reply_but_a_note_is_not(self):
        case = self._case(user_id=self.handler.id).with_user(self.handler)
        case.message_post(body="internal", subtype_xmlid="mail.mt_note")
        self.assertFalse(case.first_reply_at or case.last_dialogue_at)
        case.message_post(
            body="Dear customer",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertTrue(case.first_reply_at)
        self.assertTrue(case.last_dialogue_at)

    def test_customers_message_is_no_reply(self):
        case = self._case()
        case.with_user(self.customer).sudo().message_post(
            body="Any news?",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.customer.partner_id.id,
        )
        self.assertFalse(case.first_reply_at)
        self.assertTrue(case.last_dialogue_at)

    def test_acknowledgement_is_no_reply(self):
        case = self._case()
        case.with_user(self.handler).action_acknowledge()
        self.assertTrue(case.acknowledged_at)
        self.assertFalse(case.first_reply_at)

    def test_silence_is_measured_from_the_last_message(self):
        self.company.complaint_autoclose_days = 10
        self.customer.partner_id.tz = "Asia/Shanghai"
        with freeze_time(NOON):
            case = self._answered(date_received=NOON)
        end_of_their_day = NOON.replace(hour=16)
        self.assertEqual(case.next_event_at, end_of_their_day + timedelta(days=10))
        with freeze_time(NOON + timedelta(days=4)):
            case.with_user(self.customer).sudo().message_post(
                body="I think about it",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                author_id=self.customer.partner_id.id,
            )
        self.assertEqual(case.next_event_at, end_of_their_day + timedelta(days=14))

    def test_silence_closes_without_agreement(self):
        with freeze_time(NOON):
            quiet, refused = self._answered(date_received=NOON), self._case()
            refused.with_user(self.handler)._refuse("<p>Not ours</p>")
        with freeze_time(NOON + timedelta(days=15)), self.enter_registry_test_mode():
            self.env.ref(f"{MODULE}.ir_cron_case_silence").method_direct_trigger()
        self.assertEqual(
            (quiet.phase, quiet.outcome), ("closed", "answered_without_agreement")
        )
        self.assertEqual((refused.phase, refused.outcome), ("closed", "refused"))

    def test_never_closed_by_itself_when_switched_off(self):
        self.company.complaint_autoclose_days = 0
        self.assertFalse(self._answered().next_event_at)

    def test_customer_accepts(self):
        case = self._answered()
        case.with_user(self.customer).sudo()._customer_accept()
        self.assertEqual((case.phase, case.outcome), ("closed", "settled"))
        closed = case.milestone_ids.filtered(lambda row: row.milestone == "closed")
        self.assertFalse(closed.user_id, "the customer did it, not the staff")
        with self.refuses(UserError, "reload the page"):
            case.with_user(self.customer).sudo()._customer_accept()

    def test_customer_objects(self):
        case = self._answered()
        with self.refuses(UserError, "do not agree"):
            case.with_user(self.customer).sudo()._customer_object("  ")
        case.with_user(self.customer).sudo()._customer_object("It <b>still</b> leaks")
        self.assertEqual((case.phase, case.round), ("investigating", 2))
        self.assertEqual(case.customer_verdict, "objected")
        self.assertEqual(case.activity_ids.user_id, self.handler)
        self.assertIn(
            "&lt;b&gt;still",
            case.message_ids.mapped("body")[0]
            + "".join(case.message_ids.mapped("body")),
        )

    def test_message_after_closing_asks_the_handler(self):
        case = self._answered()
        case.with_user(self.customer).sudo()._customer_accept()
        case.with_user(self.customer).sudo().message_post(
            body="It broke again",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.customer.partner_id.id,
        )
        self.assertEqual(case.activity_ids.user_id, self.handler)
