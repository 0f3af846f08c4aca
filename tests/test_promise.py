from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import MODULE
from .portal_common import PortalCommon
from .sla_common import TUESDAY_NOON, SlaCommon

#: Five working days after Tuesday noon, at the close; and the day before.
DUE = datetime(2026, 3, 17, 17, 0, 0)
REMIND = datetime(2026, 3, 16, 17, 0, 0)


class PromiseCommon(SlaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref(f"{MODULE}.ir_cron_promise")
        cls.to_do = cls.env.ref(f"{MODULE}.mail_activity_type_update")

    def _accepted(self, **values):
        with freeze_time(TUESDAY_NOON):
            case = self._received(**{"user_id": self.handler.id, **values})
            case.with_user(self.handler).action_accept()
        return case

    def _write(self, case, moment):
        with freeze_time(moment):
            case.with_user(self.handler).message_post(
                body="We are on it.",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    def _results(self, case):
        return case.promise_ids.sorted("id").mapped("result")

    def _tick(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.assertTrue(self.cron.method_direct_trigger())
        self.env.invalidate_all()

    def _to_dos(self, case):
        return self.env["mail.activity"].search(
            [("res_id", "=", case.id), ("activity_type_id", "=", self.to_do.id)]
        )


@tagged("post_install", "-at_install")
class TestPromise(PromiseCommon):
    """When the customer hears from us next, and whether that is kept (D4)."""

    def test_made_on_acceptance_in_working_days(self):
        case = self._received()
        self.assertFalse(case.next_update_at, "nobody has taken it up yet")
        case = self._accepted()
        self.assertEqual(case.next_update_at, DUE)
        self.assertEqual(case.promise_ids.remind_at, REMIND)
        self.assertEqual(case.promise_ids.user_id, self.handler)

    def test_policy_overrules_company_and_zero_promises_nothing(self):
        self._policy(("accepted", 8, "elapsed_hour"), update_days=1)
        self.assertEqual(
            self._accepted().next_update_at, datetime(2026, 3, 11, 17, 0, 0)
        )
        self.env["complaint.sla.policy"].search([]).update_days = 0
        self.company.complaint_update_days = 0
        self.assertFalse(self._accepted().next_update_at)

    def test_message_keeps_it_and_makes_the_next(self):
        case = self._accepted()
        self._write(case, TUESDAY_NOON + timedelta(days=2))
        old, new = case.promise_ids.sorted("id")
        self.assertEqual((old.result, old.kept_share), ("kept", 100))
        self.assertEqual(old.kept_at, TUESDAY_NOON + timedelta(days=2))
        self.assertEqual(new.due_at, datetime(2026, 3, 19, 17, 0, 0))
        self.assertEqual(case.next_update_at, new.due_at)

    def test_small_pieces_do_not_count_twice(self):
        case = self._accepted()
        self._write(case, TUESDAY_NOON + timedelta(days=2))
        self._write(case, TUESDAY_NOON + timedelta(days=2, hours=1))
        self.assertEqual(self._results(case), ["kept", "open"])

    def test_notes_and_customers_keep_nothing(self):
        case = self._accepted()
        with freeze_time(TUESDAY_NOON + timedelta(days=1)):
            case.with_user(self.handler).message_post(body="Internal")
            case.with_user(self.customer).message_post(
                body="And?", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        self.assertEqual(case.promise_ids.result, "open")
        self.assertEqual(case.next_update_at, DUE)

    def test_reminder_then_lapse_then_late(self):
        case = self._accepted()
        self._tick(REMIND - timedelta(minutes=1))
        self.assertFalse(self._to_dos(case))
        self._tick(REMIND)
        self.assertEqual(self._to_dos(case).user_id, self.handler)
        self.assertEqual(self._to_dos(case).date_deadline, DUE.date())
        self._tick(REMIND + timedelta(minutes=5))
        self.assertEqual(len(self._to_dos(case)), 1)
        with freeze_time(REMIND + timedelta(hours=1)):
            self.env.invalidate_all()
            self.assertTrue(case.is_update_due)
        self._tick(DUE)
        self.assertEqual(case.promise_ids.result, "missed")
        self.assertEqual(case.next_update_at, DUE, "still owed")
        self._write(case, DUE + timedelta(days=1))
        old, _new = case.promise_ids.sorted("id")
        self.assertEqual((old.result, old.kept_share), ("missed", 0))
        self.assertEqual(old.kept_at, DUE + timedelta(days=1))
        self.assertFalse(self._to_dos(case))

    def test_late_job_is_no_excuse(self):
        """A message after it was due is late, whether or not the job has run."""
        case = self._accepted()
        self._write(case, DUE + timedelta(minutes=1))
        self.assertEqual(case.promise_ids.sorted("id")[0].result, "missed")

    def test_waiting_owes_nothing(self):
        case = self._accepted()
        reason = self.env.ref(f"{MODULE}.pause_reason_customer")
        other = self.env.ref(f"{MODULE}.pause_reason_appointment")
        day = TUESDAY_NOON + timedelta(days=1)
        with freeze_time(day):
            case.with_user(self.handler)._pause(reason)
            case.with_user(self.handler)._pause(other)
        self.assertEqual(self._results(case), ["void"])
        self.assertFalse(case.next_update_at)
        with freeze_time(day + timedelta(days=1)):
            case.with_user(self.handler)._resume()
        self.assertEqual(self._results(case), ["void", "open"])
        self.assertEqual(case.next_update_at, datetime(2026, 3, 19, 17, 0, 0))

    def test_the_answer_keeps_it(self):
        case = self._accepted(answer="<p>We replace it.</p>")
        with freeze_time(TUESDAY_NOON + timedelta(days=3)):
            case.with_user(self.handler).action_answer()
        self.assertEqual(self._results(case), ["kept"])
        self.assertFalse(case.next_update_at)
        with freeze_time(TUESDAY_NOON + timedelta(days=4)):
            case.with_user(self.supervisor)._reopen("Once more")
        self.assertEqual(self._results(case), ["kept", "open"])

    def test_answer_by_post_keeps_it_too(self):
        stranger = self.env["res.partner"].create({"name": "No address"})
        case = self._accepted(partner_id=stranger.id, answer="<p>Yes.</p>")
        with freeze_time(TUESDAY_NOON + timedelta(days=3)):
            case.with_user(self.handler).action_answer()
        self.assertEqual(self._results(case), ["kept"])

    def test_withdrawn_voids_it(self):
        case = self._accepted()
        with freeze_time(TUESDAY_NOON + timedelta(days=1)):
            case.with_user(self.handler)._withdraw("Never mind")
        self.assertEqual(self._results(case), ["void"])

    def test_without_working_hours_days_of_the_calendar_count(self):
        self.team.calendar_id = False
        self.company.resource_calendar_id.attendance_ids.unlink()
        case = self._accepted()
        self.assertTrue(case.promise_ids.problem)
        self.assertEqual(case.next_update_at.date(), datetime(2026, 3, 16).date())

    def test_holding_letter(self):
        case = self._accepted()
        self._tick(REMIND)
        with freeze_time(REMIND + timedelta(hours=15)):
            case.with_user(self.handler).action_send_holding_letter()
        mail = self.env["mail.mail"].search(
            [("model", "=", case._name), ("res_id", "=", case.id)], limit=1
        )
        self.assertEqual(mail.state, "outgoing", "through the queue")
        self.assertEqual(mail.recipient_ids, self.customer.partner_id)
        self.assertIn(case.name, mail.body_html)
        self.assertIn("hear from us again by", mail.body_html)
        self.assertEqual(self._results(case), ["kept", "open"])
        self.assertFalse(self._to_dos(case))
        with freeze_time(DUE), self.refuses(UserError, "not being worked on"):
            case.answer = "<p>Yes</p>"
            case.with_user(self.handler).action_answer()
            case.with_user(self.handler).action_send_holding_letter()

    def test_holding_letter_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms([MODULE], ["zh_CN"])
        self.customer.partner_id.lang = "zh_CN"
        case = self._accepted()
        with freeze_time(REMIND):
            case.with_user(self.handler).action_send_holding_letter()
        body = case.message_ids.filtered(lambda one: one.message_type == "comment").body
        self.assertIn("投诉", body)

    def test_told_otherwise(self):
        stranger = self.env["res.partner"].create({"name": "No address"})
        case = self._accepted(partner_id=stranger.id)
        with freeze_time(REMIND):
            with self.refuses(UserError, "no valid e-mail"):
                case.with_user(self.handler).action_send_holding_letter()
            case.with_user(self.handler).action_update_told()
        self.assertEqual(self._results(case), ["kept", "open"])
        action = case.with_user(self.handler).action_edit_holding_letter()
        self.assertEqual(action["res_model"], "mail.compose.message")

    def test_letters_on_paper(self):
        case = self._accepted()
        reports = self.env["ir.actions.report"].with_user(self.handler)
        for report, expected in (
            ("acknowledgement", ("To complain about us", "To a review", "Your data")),
            ("holding", ("Where your complaint stands", "You hear from us again by")),
        ):
            html, _kind = reports._render_qweb_html(
                f"{MODULE}.complaint_{report}", case.ids
            )
            for words in (case.name, *expected):
                self.assertIn(words, html.decode())
        self.assertIn("Holding letter", case._letter_file_name("holding"))

    def test_acknowledgement_tells_all_rights(self):
        case = self._case(partner_id=self.customer.partner_id.id)
        case._acknowledge()
        mail = self.env["mail.mail"].search(
            [("model", "=", case._name), ("res_id", "=", case.id)], limit=1
        )
        for words in ("To complain about us", "To state your case", "Your data"):
            self.assertIn(words, mail.body_html)

    def test_handed_over_with_its_to_do(self):
        case = self._accepted()
        self._tick(REMIND)
        with freeze_time(REMIND):
            case.with_user(self.supervisor).user_id = self.colleague
        self.assertEqual(self._to_dos(case).user_id, self.colleague)

    def test_rights(self):
        case, secret = self._accepted(), self._accepted(is_confidential=True)
        promises = self.env["complaint.promise"]
        both = case.promise_ids | secret.promise_ids

        def seen(user):
            return promises.with_user(user).search([("id", "in", both.ids)])

        self.assertEqual(seen(self.handler), both)
        for user in (self.colleague, self.supervisor, self.manager, self.auditor):
            self.assertEqual(seen(user), case.promise_ids)
        self.assertFalse(seen(self.stranger))
        for user in (self.customer, self.employee):
            with self.assertRaises(AccessError):
                seen(user)
        for user in (self.handler, self.manager, self.auditor):
            with self.assertRaises(AccessError):
                case.promise_ids.with_user(user).result = "kept"
        for user in (self.auditor, self.stranger, self.customer):
            with self.assertRaises(AccessError):
                case.with_user(user).action_send_holding_letter()
        for name in ("promise_ids", "next_update_at", "is_update_due"):
            with self.assertRaises(AccessError):
                case.with_user(self.customer).read([name])

    def test_queries_do_not_grow(self):
        def accept(number):
            cases = self.env["complaint.case"].create(
                [self._case_values(user_id=self.handler.id) for _n in range(number)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cases._move_to("accepted")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        accept(1)
        self.assertLessEqual(accept(60) - accept(4), 10)


@tagged("post_install", "-at_install")
class TestPromisePortal(PromiseCommon, PortalCommon):
    def test_shown_to_the_customer(self):
        case = self._case(user_id=self.handler.id)
        self.login(self.customer)
        self.page(case.access_url)
        self.assertNotIn("You hear from us again", self.text)
        case.with_user(self.handler).action_accept()
        self.page(case.access_url)
        self.assertIn("You hear from us again", self.text)
        promise = case.promise_ids
        promise.write(
            {"due_at": fields.Datetime.now() - timedelta(days=1), "result": "missed"}
        )
        self.page(case.access_url)
        self.assertIn("We are late, and we are sorry", self.text)
