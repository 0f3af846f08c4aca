from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestRecord(ComplaintCommon):
    """What was said and promised stays as it was (E5, H2)."""

    def _closed(self):
        case = self._answered()
        case.with_user(self.handler).write({"outcome": "settled"})
        case.with_user(self.handler).action_close()
        return case

    def test_given_answer_cannot_be_rewritten(self):
        case = self._answered().with_user(self.handler)
        for user in (self.handler, self.manager):
            with self.refuses(UserError, "is on record"):
                case.with_user(user).answer = "<p>Something else</p>"
        case.write({"answer": case.answer})
        self.assertIn("We replace it", case.answer)

    def test_no_word_in_the_context_deletes_a_record(self):
        """Odoo passes over checks of deletion while it uninstalls, and believes the
        context, which anybody may send by RPC."""
        case = self._answered()
        uninstalling = {"_force_unlink": True}
        with self.refuses(ValidationError, "is a record and is kept"):
            case.with_user(self.manager).with_context(**uninstalling).unlink()
        line = self.env["complaint.allegation"].create(
            {"case_id": self._case().id, "summary": "Leaks", "customer_words": "Leaks"}
        )
        with self.refuses(UserError, "what the customer said"):
            line.with_user(self.handler).with_context(**uninstalling).unlink()

    def test_ledgers_are_only_added_to(self):
        """Milestones, answers and clock events: not even the superuser changes them."""
        case = self._answered()
        case._hand_over(self.colleague, "Holidays")
        reasons = self.env["complaint.case"]._intake(
            [self._case_values(subject="My hand was injured", category_id=False)],
            "portal",
        )
        for lines in (
            case.milestone_ids,
            case.answer_ids,
            case.clock_ids.event_ids,
            self.env["complaint.handover"].search([("case_id", "=", case.id)]),
            reasons.classification_ids,
        ):
            self.assertTrue(lines)
            with self.refuses(UserError, "cannot be changed|on record and kept"):
                lines.sudo().write({"case_id": case.id})
            with self.refuses(UserError, "cannot be changed|on record and kept"):
                lines.sudo().unlink()

    def test_findings_are_frozen_with_the_answer(self):
        case = self._case(
            user_id=self.handler.id,
            answer="<p>Yes</p>",
            allegation_ids=[(0, 0, {"summary": "Leaks", "finding": "upheld"})],
        ).with_user(self.handler)
        case.action_answer()
        with self.refuses(UserError, "cannot be changed any more"):
            case.allegation_ids.finding = "not_upheld"
        with self.refuses(UserError, "cannot be changed any more"):
            case.allegation_ids.unlink()
        with self.refuses(UserError, "cannot be changed any more"):
            case.write({"allegation_ids": [(0, 0, {"summary": "One more"})]})
        cause = self.env["complaint.cause"].search([], limit=1)
        case.allegation_ids.cause_id = cause
        self.assertEqual(case.allegation_ids.cause_id, cause)

    def test_closed_complaint_keeps_what_it_says(self):
        case = self._closed().with_user(self.manager)
        for vals in (
            {"description": "<p>other words</p>"},
            {"subject": "Other"},
            {"outcome": "refused"},
            {"date_received": fields.Datetime.now() - timedelta(days=3)},
            {"category_id": False},
        ):
            with self.refuses(UserError, "is on record"):
                case.write(vals)
        case.user_id = self.colleague
        self.assertEqual(case.user_id, self.colleague)

    def test_a_word_in_the_context_opens_nothing(self):
        """Anybody who calls through RPC may send any context."""
        case = self._case(
            user_id=self.handler.id,
            answer="<p>Yes</p>",
            allegation_ids=[(0, 0, {"summary": "Leaks", "finding": "upheld"})],
        )
        case.with_user(self.handler).action_answer()
        other = self._case(allegation_ids=[(0, 0, {"summary": "Elsewhere"})])
        for key in ("complaint_history", "import_file"):
            mine = case.with_user(self.handler).with_context(**{key: True})
            with self.refuses(UserError, "is on record"):
                mine.answer = "<p>Rewritten</p>"
            with self.refuses(UserError, "cannot be changed any more"):
                mine.allegation_ids.finding = "not_upheld"
            with self.refuses(UserError, "cannot be changed any more"):
                mine.allegation_ids.unlink()
            with self.refuses(UserError, "cannot be changed any more"):
                mine.write({"allegation_ids": [(0, 0, {"summary": "One more"})]})
        with self.refuses(UserError, "cannot be changed any more"):
            other.allegation_ids.with_user(self.handler).case_id = case

    def test_number_is_never_changed(self):
        case = self._case()
        with self.refuses(UserError, "is on record"):
            case.with_user(self.manager).name = "X"

    def test_earlier_words_stay_readable(self):
        case = self._case(description="<p>It exploded</p>").with_user(self.handler)
        case.action_accept()
        case.description = "<p>It failed</p>"
        self.assertIn("It exploded", "".join(case.message_ids.mapped("body")))

    def test_each_round_needs_an_answer_of_its_own(self):
        case = self._answered()
        case.with_user(self.customer).sudo()._customer_object("No")
        self.assertFalse(case.answer)
        with self.refuses(UserError, "write the answer"):
            case.with_user(self.handler).action_answer()
        case.with_user(self.handler).answer = "<p>You get your money back.</p>"
        case.with_user(self.handler).action_answer()
        self.assertEqual(case.answer_ids.mapped("round"), [1, 2])
        self.assertIn("We replace it", case.answer_ids[0].body)

    def test_answers_on_record_are_written_by_nobody(self):
        answer = self._answered().answer_ids
        self.assertEqual(answer.user_id, self.handler)
        with self.refuses(UserError, "cannot be changed"):
            answer.with_user(self.manager).body = "<p>x</p>"
        with self.assertRaises(AccessError):
            answer.with_user(self.manager).create(
                {"case_id": answer.case_id.id, "round": 9, "body": "<p>x</p>"}
            )
        with self.refuses(UserError, "cannot be changed"):
            answer.body = "<p>x</p>"
        with self.refuses(UserError, "cannot be changed"):
            answer.unlink()
        for user in (self.handler, self.manager, self.auditor):
            self.assertTrue(answer.with_user(user).body)
        for user in (self.stranger, self.customer):
            with self.assertRaises(AccessError):
                answer.with_user(user).read(["body"])

    def test_impossible_days_are_refused(self):
        with self.refuses(ValidationError, "happened in the future"):
            self._case(date_occurred=fields.Date.today() + timedelta(days=3))
        with self.refuses(ValidationError, "before 1990"):
            self._case(date_received="1900-01-01 00:00:00")
        with self.refuses(ValidationError, "in a few words"):
            self._case(subject="   ")

    def test_resolved_only_after_looking_for_a_resolution(self):
        case = self._case().with_user(self.handler)
        case.action_investigate()
        with self.refuses(UserError, "found first"):
            case.action_mark_resolved()
        case.action_resolve()
        case.action_mark_resolved()
        self.assertTrue(case.resolved_at)

    def test_unusable_address_is_named_as_such(self):
        partner = self.env["res.partner"].create(
            {"name": "Junk", "email": "not an address"}
        )
        case = self._case(partner_id=partner.id)
        with self.refuses(UserError, "no valid e-mail address"):
            case.action_acknowledge()
