from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_investigation import InvestigationCommon

APPROVAL = "complaint_management.mail_activity_type_approval"


class AnswerCommon(InvestigationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.complaint_report_needed = "none"

    def _written(self, **values):
        """The case with an answer by the handler, major unless said otherwise."""
        case = self.case.with_user(self.handler)
        case.write({"nature": "major", "answer": "<p>You are right.</p>", **values})
        return case

    def _to_dos(self, user, kind=APPROVAL):
        return self.case.activity_ids.filtered(
            lambda to_do: (
                to_do.user_id == user and to_do.activity_type_id == self.env.ref(kind)
            )
        )

    def _dialogue(self, case, **values):
        action = case.action_prepare_answer()
        wizard = self.env[action["res_model"]].with_user(case.env.user)
        return wizard.with_context(**action["context"]).create(values)


@tagged("post_install", "-at_install")
class TestFourEyes(AnswerCommon):
    """Who wrote an answer to a major complaint does not send it alone."""

    def test_approved_by_somebody_else(self):
        case = self._written()
        with self.refuses(UserError, "somebody who did not write"):
            case.action_answer()
        case.action_ask_approval()
        self.assertEqual(len(self._to_dos(self.supervisor)), 1)
        self.assertEqual(case.approval_asked_of, self.supervisor.name)
        self.case.with_user(self.supervisor).action_approve_answer()
        self.assertFalse(self._to_dos(self.supervisor))
        self.assertEqual(len(self._to_dos(self.handler)), 1)
        self.assertEqual(case.approval_state, "approved")
        case.action_answer()
        self.assertFalse(self._to_dos(self.handler))
        self.assertEqual(case.answer_ids.approved_by_id, self.supervisor)
        self.assertFalse(case.approval_state)

    def test_holds_for_the_wording_that_was_looked_at(self):
        case = self._written()
        self.case.with_user(self.supervisor).action_approve_answer()
        for change in (
            lambda: case.write({"answer": "<p>You are wrong.</p>"}),
            lambda: case.allegation_ids.write({"finding": "not_proven", "reason": "x"}),
            lambda: case.write({"outcome": "settled"}),
        ):
            with self.subTest(change=change), self.env.cr.savepoint() as savepoint:
                change()
                with self.refuses(UserError, "somebody who did not write"):
                    case.action_answer()
                savepoint.rollback()
        case.action_answer()
        self.assertEqual(case.phase, "answered")

    def test_nobody_approves_the_own(self):
        case = self._written()
        with self.refuses(UserError, "Supervisors approve"):
            self.case.with_user(self.colleague).action_approve_answer()
        with self.refuses(UserError, "Supervisors approve"):
            case.action_approve_answer()
        leader = self.case.with_user(self.supervisor)
        leader.answer = "<p>You are right, and we are sorry.</p>"
        self.assertEqual(case.answer_author_id, self.supervisor)
        with self.refuses(UserError, "You wrote the answer or handle"):
            leader.action_approve_answer()
        self.assertFalse(leader.may_approve)
        case.action_ask_approval()
        self.assertTrue(self._to_dos(self.manager) or not self._to_dos(self.supervisor))
        self.case.with_user(self.manager).action_approve_answer()
        leader.action_answer()
        self.assertEqual(case.phase, "answered")
        with self.assertRaises(AccessError):
            self.case.with_user(self.auditor).action_approve_answer()

    def test_nobody_says_that_somebody_else_wrote_it(self):
        case = self._written(user_id=self.colleague.id)
        leader = case.with_user(self.supervisor)
        leader.answer = "<p>You are right, and we are sorry.</p>"
        with self.refuses(UserError, "noted by itself"):
            leader.answer_author_id = self.handler
        with self.refuses(UserError, "noted by itself"):
            leader.copy({"answer_author_id": self.handler.id})
        self.assertFalse(leader.may_approve)
        made = self.env["complaint.case"].with_user(self.supervisor)
        made = made.with_context(default_answer_author_id=self.handler.id).create(
            self._case_values(answer="<p>Yes.</p>", nature="major")
        )
        self.assertEqual(made.answer_author_id, self.supervisor)

    def test_not_by_who_handles_it(self):
        case = self._written(user_id=self.supervisor.id)
        with self.refuses(UserError, "You wrote the answer or handle"):
            case.with_user(self.supervisor).action_approve_answer()

    def test_given_back_with_the_reason(self):
        case = self._written()
        leader = self.case.with_user(self.supervisor)
        leader._reason_operations()["return_answer"]("<p>Name the refund.</p>")
        self.assertEqual(case.approval_state, "returned")
        self.assertIn("Name the refund.", self._to_dos(self.handler).note)
        self.assertEqual(case.approval_ids.reason, "Name the refund.")
        with self.refuses(UserError, "was given back"):
            case.action_answer()
        with self.refuses(UserError, "nothing to approve"):
            case.action_ask_approval()
        case.answer = "<p>You are right: 40 EUR go back to you.</p>"
        self.assertEqual(case.approval_state, "needed")
        self.assertFalse(case.approval_asked_of)

    def test_a_refusal_waits_for_them_too(self):
        case = self._case(nature="major", user_id=self.handler.id)
        case = case.with_user(self.handler)
        case._refuse("<p>Not our product.</p>")
        self.assertEqual(case.phase, "received")
        self.assertEqual(case.outcome, "refused")
        self.assertEqual(case.activity_ids.user_id, self.supervisor)
        with self.refuses(UserError, "somebody who did not write"):
            case.action_answer()
        case.with_user(self.supervisor).action_approve_answer()
        case.action_answer()
        self.assertEqual(case.phase, "answered")
        self.assertEqual(case.answer_ids.outcome, "refused")

    def test_general_ones_need_none_unless_the_company_says_so(self):
        case = self._written(nature="general")
        self.assertFalse(case.approval_state)
        with self.refuses(UserError, "nothing to approve"):
            case.action_ask_approval()
        self.company.complaint_answer_approval = "all"
        with self.refuses(UserError, "somebody who did not write"):
            case.action_answer()
        self.company.complaint_answer_approval = "none"
        case.nature = "major"
        case.action_answer()

    def test_nobody_writes_approvals(self):
        self._written()
        self.case.with_user(self.supervisor).action_approve_answer()
        row = self.case.approval_ids
        for user in (self.handler, self.supervisor, self.manager, self.auditor):
            mine = row.with_user(user)
            with self.assertRaises(AccessError):
                mine.create(row.copy_data()[0])
            with self.assertRaises(UserError):
                mine.verdict = "returned"
            with self.assertRaises(UserError):
                mine.unlink()
        with self.refuses(UserError, "cannot be changed"):
            row.verdict = "returned"
        with self.refuses(UserError, "cannot be changed"):
            row.unlink()
        with self.assertRaises(AccessError):
            row.with_user(self.stranger).read(["verdict"])

    def test_who_approved_does_not_review(self):
        case = self._written()
        self.case.with_user(self.manager).action_approve_answer()
        case.action_answer()
        review = self.case._customer_ask_review("Too little", self.customer.partner_id)
        self.assertIn(self.manager, review._barred_users()[review])


@tagged("post_install", "-at_install")
class TestChecklist(AnswerCommon):
    """Everything that is missing at once, with the way to it (E4, E5)."""

    def test_names_everything_that_is_missing(self):
        self.company.complaint_report_needed = "major"
        other = self.env["complaint.allegation"].create(
            {"case_id": self.case.id, "summary": "Too late"}
        )
        self.line.write({"finding": "not_upheld"})
        report = self._report(
            question_ids=[
                (0, 0, {"question": "Which seal?", "user_id": self.employee.id})
            ]
        )
        case = self._written()
        with self.refuses(UserError, "this is missing") as _error:
            case.action_answer()
        wizard = self._dialogue(case)
        missing = wizard.point_ids.filtered(lambda point: point.state == "missing")
        found = {(point.res_model, point.res_id) for point in missing}
        self.assertEqual(
            found,
            {
                ("complaint.allegation", other.id),
                ("complaint.allegation", self.line.id),
                ("complaint.question", report.question_ids.id),
                (False, 0),
            },
        )
        self.assertFalse(wizard.is_complete)
        self.assertTrue(wizard.is_approval_missing)
        opened = missing.filtered("res_model")[0].action_open()
        self.assertEqual(opened["res_model"], "complaint.allegation")
        [point] = missing.filtered("button")
        self.assertEqual(point.action_open()["res_id"], report.id)
        with self.refuses(UserError, "this is missing"):
            wizard.action_send()

    def test_closing_leads_to_what_is_missing(self):
        action = self.case.with_user(self.handler).action_prepare_close()
        wizard = self.env[action["res_model"]].with_user(self.handler)
        wizard = wizard.with_context(**action["context"]).create({})
        self.assertEqual(set(wizard.point_ids.mapped("state")), {"missing"})
        self.assertEqual(len(wizard.point_ids), 2)
        case = self._written(nature="general", outcome="settled")
        case.action_answer()
        case.action_prepare_close()
        self.assertEqual(case.phase, "closed")

    def test_tells_what_the_letter_says_of_rights(self):
        self.company.complaint_autoclose_days = 14
        case = self._written(nature="general")
        texts = self._dialogue(case).point_ids.mapped("text")
        self.assertTrue([text for text in texts if "may object until" in text])
        self.company.complaint_autoclose_days = 0
        texts = self._dialogue(case).point_ids.mapped("text")
        self.assertTrue([text for text in texts if "no day until which" in text])

    def test_auditors_and_strangers_do_not_get_it(self):
        self._written()
        for user in (self.auditor, self.stranger):
            with self.assertRaises(AccessError):
                self.case.with_user(user).action_prepare_answer()
            with self.assertRaises(AccessError):
                self.env["complaint.answer.wizard"].with_user(user).create(
                    {"case_id": self.case.id, "phase": "answered"}
                )


@tagged("post_install", "-at_install")
class TestDelivery(AnswerCommon):
    """The answer goes by the way that was chosen, and what became of it is told."""

    def test_by_mail(self):
        case = self._written(nature="general")
        wizard = self._dialogue(case)
        self.assertEqual(wizard.channel, "mail")
        self.assertTrue(wizard.is_complete)
        wizard.action_send()
        answer = case.answer_ids
        self.assertEqual(answer.channel, "mail")
        self.assertEqual(answer.message_id.model, "complaint.case")
        self.assertTrue(answer.message_id.attachment_ids, "the letter")
        self.assertEqual(answer.delivery, "underway")
        self.assertFalse(case.is_answer_undelivered)
        # As Odoo notes it when the mail server took the mail.
        answer.message_id.sudo().notification_ids.notification_status = "sent"
        self.env.invalidate_all()
        self.assertEqual(answer.delivery, "delivered")

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_what_bounced_is_shown_and_found(self):
        case = self._written(nature="general")
        case.action_answer()
        case.answer_ids.message_id.sudo().notification_ids.write(
            {"notification_status": "bounce", "failure_type": "mail_bounce"}
        )
        self.env.invalidate_all()
        self.assertEqual(case.answer_ids.delivery, "failed")
        self.assertTrue(case.is_answer_undelivered)
        self.assertTrue(case.answer_failure)
        cases = self.env["complaint.case"].with_user(self.handler)
        for wanted in (True, False):
            found = cases.search([("is_answer_undelivered", "=", wanted)])
            self.assertEqual(case in found, wanted)

    def test_by_letter(self):
        case = self._written(nature="general")
        self._dialogue(case, channel="letter", note="RR 123 456").action_send()
        answer = case.answer_ids
        self.assertEqual(answer.channel, "letter")
        self.assertEqual(answer.delivery_note, "RR 123 456")
        self.assertEqual(len(answer.message_id.attachment_ids), 1)
        to_post = "complaint_management.mail_activity_type_letter"
        self.assertEqual(answer.delivery, "to_post")
        self.assertTrue(case.is_letter_to_post)
        self._to_dos(self.handler, to_post).action_feedback()
        self.env.invalidate_all()
        self.assertEqual(answer.delivery, "posted")
        mails = self.env["mail.mail"].search([("model", "=", "complaint.case")])
        self.assertFalse(mails.filtered(lambda mail: mail.res_id == case.id))

    def test_by_telephone(self):
        case = self._written(nature="general", answer_channel="person")
        with self.refuses(UserError, "say whom you told"):
            case.action_answer()
        self._dialogue(case, channel="person", note="Ann, by phone").action_send()
        self.assertEqual(case.answer_ids.channel, "person")
        self.assertIn("Ann, by phone", case.answer_ids.message_id.body)

    def test_by_mail_needs_an_address(self):
        self.case.partner_id.email = False
        case = self._written(nature="general", answer_channel="mail")
        with self.refuses(UserError, "no valid e-mail address"):
            case.action_answer()
        case.answer_channel = False
        case.action_answer()
        self.assertEqual(case.answer_ids.channel, "letter")

    def test_what_was_sent_is_not_edited_in_the_chatter(self):
        case = self._written(nature="general")
        case.action_answer()
        message = case.answer_ids.message_id
        with self.refuses(UserError, "on record|is a record"):
            case._message_update_content(message, body="Something else")
        with self.refuses(UserError, "cannot be changed"):
            case.answer_ids.sudo().message_id = False
        letter = message.sudo().attachment_ids
        for change in (
            letter.unlink,
            lambda: letter.write({"raw": b"another letter"}),
            letter._delete_and_notify,
        ):
            with self.refuses(UserError, "went to the customer with an answer"):
                change()

    def test_a_new_answer_makes_a_new_beginning(self):
        case = self._written(nature="general")
        case.action_answer()
        self.case.with_user(self.customer).sudo()._customer_object("Too little")
        self.assertEqual(case.customer_verdict, "objected")
        customer = "complaint_management.mail_activity_type_customer"
        self.assertTrue(self._to_dos(self.handler, customer))
        case.answer = "<p>More, then.</p>"
        advice = self._dialogue(case).point_ids.filtered(
            lambda point: point.state == "advice"
        )
        self.assertTrue([one for one in advice if "opened again" in one.text])
        case.action_answer()
        self.assertFalse(case.customer_verdict)
        self.assertFalse(self._to_dos(self.handler, customer))
        self.assertEqual(case.phase, "answered")
