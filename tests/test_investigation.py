import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools.fingerprint import first_break
from .evidence_common import EvidenceCommon

#: A drawn signature: one grey dot.
INK = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNsaGj4DwAFhQKA"
    "2XrFBwAAAABJRU5ErkJggg=="
)


class InvestigationCommon(EvidenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls.env["complaint.allegation"].create(
            {"case_id": cls.case.id, "summary": "Leaks", "finding": "upheld"}
        )
        cls.case.with_user(cls.handler).action_investigate()

    def _report(self, **values):
        """A report that lacks nothing, not handed over."""
        action = self.case.with_user(self.handler).action_open_investigation()
        report = self.env["complaint.investigation"].browse(action["res_id"])
        report = report.with_user(self.handler)
        report.write(
            {
                "in_charge_id": self.colleague.id,
                "supervisor_id": self.supervisor.id,
                "facts": "<p>The seal is missing.</p>",
                "conclusion": "<p>It leaks because of that.</p>",
                "verification_ids": [
                    (0, 0, {"statement": "It leaks", "result": "confirmed"})
                ],
                **values,
            }
        )
        return report

    def _sign(self, report, *users, **values):
        for user in users:
            action = report.with_user(user).action_sign()
            wizard = self.env["complaint.signature.wizard"].with_user(user)
            wizard = wizard.with_context(**action["context"])
            wizard.create({"image": INK, **values}).action_sign()

    def _signed(self):
        report = self._report()
        report.action_submit()
        self._sign(report, self.handler, self.colleague, self.supervisor)
        return report


@tagged("post_install", "-at_install")
class TestInvestigation(InvestigationCommon):
    """Facts, verification, questions, three signatures (D1, D2)."""

    def test_one_for_each_round(self):
        first = self._report()
        self.assertEqual(first, self._report())
        self.assertEqual((first.round, first.user_id), (1, self.handler))

    def test_what_is_missing_is_listed(self):
        report = self._report(
            facts=False, conclusion=False, supervisor_id=False, verification_ids=[(5,)]
        )
        self.line.finding = False
        with self.assertRaises(UserError) as caught:
            report.action_submit()
        for text in ("facts", "verified", "conclusion", "finding", "three people"):
            self.assertIn(text, str(caught.exception))
        with self.refuses(UserError, "supervisor or manager sign last"):
            self._report(
                supervisor_id=self._user("third", group="handler").id
            ).action_submit()

    def test_three_signatures_in_order(self):
        report = self._report()
        report.action_submit()
        with self.refuses(UserError, "not your turn"):
            self._sign(report, self.colleague)
        with self.refuses(UserError, "sign first"):
            self._sign(report, self.handler, image=False)
        self._sign(report, self.handler, self.colleague)
        self.assertEqual(report.state, "signing")
        with self.refuses(UserError, "not your turn"):
            self._sign(report, self.handler)
        self._sign(report, self.supervisor)
        self.assertEqual(report.state, "signed")
        rows = report.signature_ids.sorted("id")
        self.assertEqual(
            rows.mapped("role"), ["investigator", "in_charge", "supervisor"]
        )
        self.assertEqual(len(set(rows.mapped("content"))), 1)
        content = json.loads(rows[0].content)
        self.assertEqual(content["findings"][0]["finding"], "upheld")
        self.assertEqual(content["conclusion"], str(report.conclusion))
        self.assertIsNone(first_break([(r._facts(), r.fingerprint) for r in rows]))

    def test_is_not_altered_for_whoever_looks_in_whatever_way(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        cause = self.env["complaint.cause"].create({"name": "Worn tool"})
        cause.with_context(lang="zh_CN").name = "磨损"
        self.line.cause_id = cause
        report = self._signed()
        for context in ({"bin_size": True}, {"lang": "zh_CN"}, {}):
            self.env.invalidate_all()
            self.assertFalse(report.with_context(**context).is_altered, context)
        # The company may call a cause something else.
        cause.name = "Tool worn out"
        self.assertFalse(report._is_altered())
        self.env.cr.execute(
            "UPDATE complaint_investigation SET cause = 'x' WHERE id = %s", [report.id]
        )
        self.env.invalidate_all()
        self.assertTrue(report.with_context(bin_size=True).is_altered)

    def test_next_signer_has_a_to_do(self):
        report = self._report()
        report.action_submit()
        for user in (self.handler, self.colleague, self.supervisor):
            to_do = self.case.sudo().activity_ids.filtered(
                lambda one: "to be signed" in (one.summary or "")
            )
            self.assertEqual(to_do.user_id, user)
            self._sign(report, user)

    def test_nobody_signs_twice_and_nobody_involved(self):
        report = self._report()
        with self.refuses(ValidationError, "nobody signs twice"):
            report.in_charge_id = self.handler
        self.case.with_user(self.supervisor).involved_user_ids = self.stranger
        with self.refuses(ValidationError, "involved in the matter"):
            report.in_charge_id = self.stranger
        report.action_submit()
        self._sign(report, self.handler)
        # Turns out to be involved only now.
        self.case.sudo().involved_user_ids = self.colleague
        with self.assertRaises(UserError):
            self._sign(report, self.colleague)

    def test_sent_back_with_a_reason_and_signed_anew(self):
        report = self._report()
        report.action_submit()
        self._sign(report, self.handler)
        wizard = self.env["complaint.signature.wizard"].with_user(self.colleague)
        wizard = wizard.create({"investigation_id": report.id})
        with self.refuses(UserError, "worked over"):
            wizard.action_send_back()
        wizard.reason = "Ask the carrier"
        wizard.action_send_back()
        self.assertEqual((report.state, report.attempt), ("draft", 2))
        report.course = "The carrier dropped it."
        report.action_submit()
        self._sign(report, self.handler, self.colleague, self.supervisor)
        self.assertEqual(report.state, "signed")
        rows = report.signature_ids
        self.assertEqual(rows.mapped("is_refusal"), [False, True, False, False, False])
        self.assertEqual(rows.filtered("is_refusal").reason, "Ask the carrier")

    def test_signed_stays_as_it_was_signed(self):
        """By handler, supervisor, manager, administrator and superuser alike."""
        report = self._signed()
        question = {"question": "?", "user_id": self.employee.id}
        verification = report.verification_ids
        admin = self.env.ref("base.user_admin")
        root = self.env.ref("base.user_root")
        for user in (self.handler, self.supervisor, self.manager, admin, root):
            env = self.env(user=user)
            for attack in (
                lambda env: report.with_env(env).write({"conclusion": "<p>No</p>"}),
                lambda env: report.with_env(env).write({"supervisor_id": 1}),
                lambda env: report.with_env(env).unlink(),
                lambda env: verification.with_env(env).write({"result": "refuted"}),
                lambda env: verification.with_env(env).unlink(),
                lambda env: report.with_env(env).write(
                    {"question_ids": [(0, 0, question)]}
                ),
                lambda env: (
                    report.signature_ids[0].with_env(env).write({"content": "{}"})
                ),
                lambda env: report.signature_ids.with_env(env).unlink(),
                lambda env: self.line.with_env(env).write({"finding": "not_upheld"}),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    attack(env(context={"_force_unlink": user.id != 1}))
        for user in (self.handler, self.supervisor, self.manager, admin):
            for vals in ({"state": "draft"}, {"attempt": 9}, {"round": 2}):
                with (
                    self.subTest(user=user.login, vals=vals),
                    self.assertRaises(UserError),
                ):
                    report.with_user(user).write(vals)
            with self.assertRaises(UserError):
                self.env["complaint.signature"].with_user(user).create(
                    {"investigation_id": report.id, "role": "supervisor"}
                )

    def test_change_by_sql_is_found(self):
        report = self._signed()
        self.assertFalse(report.is_altered)
        self._accepted(title="Found later")
        report.invalidate_recordset()
        self.assertFalse(report.is_altered, "evidence may be added")
        for table, change, where in (
            ("complaint_investigation", "conclusion = 'No'", "id"),
            ("complaint_verification", "result = 'refuted'", "investigation_id"),
            ("complaint_allegation", "finding = 'not_upheld'", "case_id"),
            ("complaint_signature", "person = 'Nobody'", "investigation_id"),
            ("complaint_signature", "image = 'x'", "investigation_id"),
            ("complaint_signature", "content = '{}'", "investigation_id"),
        ):
            key = self.case.id if where == "case_id" else report.id
            with self.subTest(table=table, change=change):
                self.env.flush_all()
                self.env.cr.execute("SAVEPOINT before")
                self.env.cr.execute(
                    f"UPDATE {table} SET {change} WHERE {where} = {key}"
                )
                self.env.invalidate_all()
                self.assertTrue(report.is_altered)
                self.env.cr.execute("ROLLBACK TO SAVEPOINT before")
                self.env.invalidate_all()

    def test_opened_again_by_a_supervisor_until_answered(self):
        report = self._signed()
        with self.refuses(UserError, "Only supervisors"):
            report._revise("Typo")
        report.with_user(self.supervisor)._revise("New facts")
        self.assertEqual(report.state, "draft")
        report.action_submit()
        self._sign(report, self.handler, self.colleague, self.supervisor)
        case = self.case.with_user(self.handler)
        case.answer = "<p>You are right.</p>"
        case.action_answer()
        with self.refuses(UserError, "rests on this report"):
            report.with_user(self.supervisor)._revise("Too late")

    def test_major_complaints_are_answered_on_a_signed_report(self):
        case = self.case.with_user(self.handler)
        case.write({"nature": "major", "answer": "<p>You are right.</p>"})
        with self.refuses(UserError, "signed by three people"):
            case.action_answer()
        report = self._report()
        report.action_submit()
        with self.refuses(UserError, "not signed by all"):
            case.action_answer()
        self._sign(report, self.handler, self.colleague, self.supervisor)
        self.case.with_user(self.supervisor).action_approve_answer()
        case.action_answer()
        self.assertEqual(case.phase, "answered")

    def test_general_ones_need_none_unless_the_company_says_so(self):
        case = self.case.with_user(self.handler)
        case.answer = "<p>You are right.</p>"
        self.company.complaint_report_needed = "all"
        with self.refuses(UserError, "signed by three people"):
            case.action_answer()
        self.company.complaint_report_needed = "none"
        case.action_answer()

    def test_who_is_asked_sees_the_question_and_nothing_else(self):
        report = self._report(
            question_ids=[
                (0, 0, {"question": "Which seal?", "user_id": self.employee.id})
            ]
        )
        asked = report.question_ids.with_user(self.employee)
        self.assertEqual(asked.read(["question"])[0]["question"], "Which seal?")
        self.assertEqual(asked.number, self.case.name)
        for record in (self.case, report, report.verification_ids):
            with self.assertRaises(AccessError):
                record.with_user(self.employee).read(["display_name"])
        self.assertEqual(asked.activity_ids.user_id, self.employee)
        with self.refuses(UserError, "wait for the answers"):
            report.action_submit()
        self.case.with_user(self.handler).answer = "<p>Yes</p>"
        with self.refuses(UserError, "has not answered yet"):
            self.case.with_user(self.handler).action_answer()
        with self.refuses(UserError, "write your answer first"):
            asked.action_answer()
        with self.refuses(UserError, "write your answer and send"):
            asked.question = "Something else?"
        with self.refuses(UserError, "answers this"):
            report.question_ids.with_user(self.handler).answer = "Invented"
        for user in (self.stranger, self.customer):
            with self.assertRaises(AccessError):
                report.question_ids.with_user(user).read(["question"])
        asked.answer = "The red one"
        asked.action_answer()
        with self.refuses(UserError, "stays as it was"):
            report.question_ids.with_user(self.handler).unlink()
        self.assertFalse(report.question_ids.is_open)
        with self.refuses(UserError, "stays as it was"):
            asked.answer = "The blue one"
        report.action_submit()

    def test_a_handler_of_another_team_only_answers(self):
        report = self._report(
            question_ids=[
                (0, 0, {"question": "Which seal?", "user_id": self.stranger.id})
            ]
        )
        asked = report.question_ids.with_user(self.stranger)
        for vals in ({"question": "x"}, {"user_id": self.employee.id}):
            with self.refuses(UserError, "write your answer"):
                asked.write(vals)
        asked.answer = "The red one"
        asked.action_answer()

    def test_parts_stay_with_their_investigation(self):
        report = self._report()
        other = report.sudo().create({"case_id": self._case().id})
        with self.refuses(UserError, "stays with it"):
            report.verification_ids.investigation_id = other

    def test_late_answers_are_told_once(self):
        report = self._report(
            question_ids=[
                (0, 0, {"question": "Which seal?", "user_id": self.employee.id})
            ]
        )
        question = report.question_ids
        question.deadline = fields.Datetime.now() - timedelta(hours=1)
        for _again in range(2):
            due = question.sudo().filtered("next_event_at")
            due._process_events(fields.Datetime.now())
        to_dos = self.case.sudo().activity_ids.filtered(
            lambda one: "has not answered" in (one.summary or "")
        )
        self.assertEqual(len(to_dos), 1)
        self.assertEqual(to_dos.user_id, self.handler)

    def test_rights(self):
        report = self._report()
        for user in (self.colleague, self.supervisor, self.manager, self.auditor):
            self.assertTrue(report.with_user(user).facts)
        for user in (self.stranger, self.employee, self.customer):
            with self.assertRaises(AccessError):
                report.with_user(user).read(["facts"])
        with self.assertRaises(AccessError):
            report.with_user(self.auditor).write({"facts": "x"})
        self.case.with_user(self.supervisor).involved_user_ids = self.colleague
        for records in (report, report.verification_ids):
            records.invalidate_recordset()
            with self.assertRaises(AccessError):
                records.with_user(self.colleague).read(["display_name"])

    def test_report_on_paper(self):
        report = self._signed()
        html = self.env["ir.actions.report"]._render_qweb_html(
            "complaint_management.complaint_investigation_report", report.ids
        )[0]
        text = html.decode()
        for expected in ("The seal is missing.", "It leaks because", "data:image/png"):
            self.assertIn(expected, text)
        self.assertNotIn("Not signed by all", text)

    def test_case_file(self):
        """Everything on record, with nothing that loads from elsewhere."""
        self._signed()
        self._accepted(title="Photo of the seal")
        case = self.case
        case.with_user(self.handler).answer = "<p>You are right.</p>"
        case.message_post(body="<p>Look <img src='http://10.0.0.1/x.png'/></p>")
        case.with_user(self.handler).action_answer()
        render = self.env["ir.actions.report"]._render_qweb_html
        report = "complaint_management.complaint_case_file"
        text = render(report, case.ids)[0].decode()
        for expected in (
            case.name,
            "Leaks",
            "The seal is missing.",
            "Photo of the seal",
            "You are right.",
            "Acceptance",
            "Time limits",
        ):
            self.assertIn(expected, text)
        self.assertNotRegex(text, r"(src|href|url\()\W*http://10\.0\.0\.1")
        for user in (self.customer, self.employee):
            with self.assertRaises(AccessError):
                self.env["ir.actions.report"].with_user(user)._render_qweb_html(
                    report, case.ids
                )
        self.env["ir.actions.report"].with_user(self.auditor)._render_qweb_html(
            report, case.ids
        )
        note = case.sudo().message_ids[0]
        self.assertIn("case file was printed", note.body)
        self.assertEqual(note.author_id, self.auditor.partner_id)
