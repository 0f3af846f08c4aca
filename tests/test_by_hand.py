from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_investigation import InvestigationCommon


@tagged("post_install", "-at_install")
class TestByHand(InvestigationCommon):
    """What no value may write, no default in the context does: anybody may send one,
    with a create of their own or with a button that creates something (E5)."""

    def _forged(self, records, user=None, **defaults):
        context = {f"default_{name}": value for name, value in defaults.items()}
        return records.with_user(user or self.handler).with_context(**context)

    def test_evidence(self):
        pieces = self._forged(
            self.env["complaint.evidence"],
            state="accepted",
            decided_at="2026-01-01 00:00:00",
            decided_by_id=self.manager.id,
            seal="0" * 64,
            custody_head="0" * 64,
            custody_count=3,
            alarm="x",
            next_event_at=False,
            title="Photo",
            legal_hold=True,
            hold_reason="Lawsuit",
        )
        piece = pieces.create({"case_id": self.case.id}).sudo()
        self.assertEqual((piece.state, piece.title), ("draft", "Photo"))
        self.assertFalse(piece.decided_at or piece.decided_by_id or piece.seal)
        self.assertFalse(piece.alarm)
        self.assertTrue(piece.next_event_at)
        self.assertFalse(piece.legal_hold, "only supervisors decide on it")
        self.assertFalse(list(piece._differences()))
        held = pieces.with_user(self.supervisor).create({"case_id": self.case.id})
        self.assertTrue(held.legal_hold)

    def test_a_file_of_evidence(self):
        piece = self._accepted()
        files = self._forged(
            self.env["ir.attachment"],
            res_model="complaint.evidence",
            res_id=piece.id,
        )
        with self.refuses(UserError, "Add files"):
            files.create({"name": "forged.txt", "raw": b"forged"})

    def test_investigation(self):
        forged = {"state": "signed", "attempt": 7, "round": 9}
        investigations = self._forged(self.env["complaint.investigation"], **forged)
        report = investigations.create({"case_id": self.case.id})
        self.assertEqual((report.state, report.attempt, report.round), ("draft", 1, 1))
        other = self._case(user_id=self.handler.id)
        other.with_user(self.handler).action_investigate()
        action = self._forged(other, **forged).action_open_investigation()
        report = report.browse(action["res_id"])
        self.assertEqual((report.state, report.attempt), ("draft", 1))

    def test_question(self):
        report = self._report()
        questions = self._forged(
            self.env["complaint.question"],
            answered_at="2026-01-01 00:00:00",
            asked_by_id=self.manager.id,
            answer="Invented",
            next_event_at=False,
        )
        values = {
            "investigation_id": report.id,
            "question": "Which seal?",
            "user_id": self.colleague.id,
        }
        question = questions.create(values)
        self.assertTrue(question.is_open)
        self.assertFalse(question.answer)
        self.assertEqual(question.asked_by_id, self.handler)
        self.assertTrue(question.next_event_at)
        with self.refuses(UserError, "with the button"):
            question.next_event_at = False
        for name, value in (("answer", "Invented"), ("event_failures", 1)):
            with self.refuses(UserError, "with the button"):
                questions.create({**values, name: value})

    def test_an_answer_on_record(self):
        case = self._case(user_id=self.handler.id, answer="<p>We replace it.</p>")
        elsewhere = self._case().message_post(body="To somebody else")
        self._forged(
            case,
            approved_by_id=self.manager.id,
            findings="Invented",
            delivery_note="Invented",
            message_id=elsewhere.id,
        ).action_answer()
        answer = case.answer_ids
        self.assertTrue(answer)
        self.assertFalse(answer.approved_by_id)
        self.assertNotEqual(answer.message_id, elsewhere)
        self.assertIs(answer.failure, False)
        self.assertNotIn("Invented", f"{answer.findings}{answer.delivery_note}")

    def test_merged(self):
        with self.refuses(UserError, "by merging it"):
            self._forged(self.env["complaint.case"], outcome="merged").create(
                self._case_values()
            )
