import hashlib

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools.fingerprint import first_break
from .evidence_common import JUDGED_GOOD, PHOTO, EvidenceCommon


@tagged("post_install", "-at_install")
class TestEvidence(EvidenceCommon):
    """Registering, judging, accepting; the custody ledger (D3)."""

    def test_numbered_within_the_complaint(self):
        pieces = self.env["complaint.evidence"].create(
            [{"case_id": self.case.id, "title": title} for title in ("One", "Two")]
        )
        other = self.env["complaint.evidence"].create(
            {"case_id": self._case().id, "title": "Other"}
        )
        third = self._piece(files=0)
        self.assertEqual(
            (pieces | third).mapped("name"),
            [f"{self.case.name}-E{number}" for number in (1, 2, 3)],
        )
        self.assertEqual(other.number, 1)

    def test_files_are_copies_with_a_fingerprint(self):
        piece = self._piece(files=2)
        rows = piece.file_ids
        self.assertEqual(
            rows.mapped("sha256"),
            [hashlib.sha256(PHOTO + bytes([n])).hexdigest() for n in (0, 1)],
        )
        self.assertEqual(rows.mapped("size"), [len(PHOTO) + 1] * 2)
        self.assertEqual(rows.attachment_id.mapped("res_model"), [piece._name] * 2)
        self.assertEqual(self._events(piece), ["registered", "file_added"])
        self.assertIn(rows[0].sha256, piece.sudo().custody_ids[1].note)

    def test_accepting_demands_a_judgement(self):
        for values, problem in (
            ({"legality": False}, "judge it first: Legality"),
            ({"legality": "lacking"}, "it lacks Legality"),
            ({"integrity": "doubtful"}, "what remains in doubt"),
        ):
            with self.subTest(values), self.refuses(UserError, problem):
                self._piece(**values).action_accept()
        with self.refuses(UserError, "neither a file nor a description"):
            self._piece(files=0).action_accept()
        with self.refuses(UserError, "decided on already"):
            self._accepted().action_accept()

    def test_accepted_by_somebody_at_a_time(self):
        piece = self._accepted()
        self.assertEqual(piece.state, "accepted")
        self.assertEqual(piece.decided_by_id, self.handler)
        self.assertEqual(len(piece.seal), 64)
        self.assertEqual(self._events(piece)[-1], "accepted")
        days = self.company.complaint_evidence_check_days
        self.assertEqual((piece.next_event_at - piece.decided_at).days, days)

    def test_not_accepted_is_kept_with_the_reason(self):
        piece = self._piece(files=1)
        with self.refuses(UserError, "say why"):
            self._what_happened(piece, "rejected")
        self._what_happened(piece, "rejected", reason="Taken from a locked drawer")
        self.assertEqual(
            (piece.state, piece.rejection), ("rejected", "Taken from a locked drawer")
        )
        self.assertTrue(piece.file_ids.attachment_id.raw)
        with self.refuses(UserError, "is sealed"):
            piece.title = "Something else"

    def test_wrong_file_is_set_aside_not_removed(self):
        piece = self._piece(files=2)
        wrong = piece.file_ids[0]
        self._what_happened(
            piece, "set_aside", file_id=wrong.id, reason="Another customer's"
        )
        self.assertEqual(piece._files_in_force(), piece.file_ids - wrong)
        self.assertTrue(wrong.attachment_id.raw)
        piece.action_accept()
        with self.refuses(UserError, "is sealed"):
            piece.file_ids[1]._set_aside("Too late")

    def test_whereabouts_of_an_object(self):
        piece = self._piece(files=0, kind="physical")
        with self.refuses(UserError, "where it is kept"):
            self._what_happened(piece, "moved", whereabouts="stored")
        self._what_happened(piece, "moved", whereabouts="stored", place="Safe 3")
        self.assertEqual((piece.whereabouts, piece.place), ("stored", "Safe 3"))
        piece.with_user(self.supervisor).write(
            {"legal_hold": True, "hold_reason": "Lawsuit"}
        )
        with self.refuses(UserError, "under legal hold"):
            self._what_happened(
                piece, "moved", whereabouts="destroyed", reason="Cleaned up"
            )
        self._what_happened(
            piece, "moved", whereabouts="handed_over", holder="Laboratory"
        )
        self.assertEqual((piece.holder, piece.place or ""), ("Laboratory", ""))
        self.assertEqual(
            self._events(piece), ["registered", "stored", "held", "handed_over"]
        )

    def _what_happened(self, piece, operation, **values):
        action = piece._ask_custody(operation)
        self.env["complaint.custody.wizard"].with_user(self.handler).with_context(
            **action["context"]
        ).create(values).action_confirm()

    def test_ledger_is_a_chain(self):
        piece = self._accepted()
        piece.is_customer_visible = True
        piece.is_customer_visible = False
        rows = piece.sudo().custody_ids.sorted("position")
        self.assertEqual(rows.mapped("position"), [1, 2, 3, 4, 5])
        self.assertEqual(rows.mapped("kind")[3:], ["shown", "hidden"])
        self.assertEqual(rows[-1].fingerprint, piece.sudo().custody_head)
        self.assertIsNone(first_break([(r._facts(), r.fingerprint) for r in rows]))

    def test_hold_is_for_supervisors_and_needs_a_reason(self):
        piece = self._piece()
        with self.refuses(UserError, "Only supervisors"):
            piece.legal_hold = True
        with self.refuses(ValidationError, "what the evidence is held for"):
            piece.with_user(self.supervisor).legal_hold = True

    def test_who_may(self):
        piece = self._accepted()
        for user in (self.supervisor, self.manager, self.auditor, self.colleague):
            self.assertEqual(piece.with_user(user).title, "Photo of the kettle")
        for user in (self.stranger, self.employee, self.customer, self.other_customer):
            with self.assertRaises(AccessError):
                piece.with_user(user).invalidate_recordset()
                piece.with_user(user).read(["title"])
            with self.assertRaises(AccessError):
                piece.file_ids.attachment_id.with_user(user).read(["raw"])
            with self.assertRaises(AccessError):
                piece.custody_ids.with_user(user).read(["kind"])
        with self.assertRaises(AccessError):
            self.env["complaint.evidence"].with_user(self.auditor).create(
                {"case_id": self.case.id, "title": "By the auditor"}
            )
        with self.assertRaises(AccessError):
            self.env["complaint.evidence"].with_user(self.stranger).create(
                {"case_id": self.case.id, "title": "By a stranger"}
            )

    def test_not_for_those_involved(self):
        piece = self._accepted()
        self.case.with_user(self.supervisor).involved_user_ids = self.colleague
        for records in (piece, piece.file_ids, piece.custody_ids):
            self.assertFalse(
                records.search([("id", "in", records.ids)])
                .with_user(self.colleague)
                ._filtered_access("read")
            )

    def test_views_from_outside_are_written_down(self):
        piece = self._accepted()
        before = len(piece.sudo().custody_ids)
        for user in (self.handler, self.colleague, self.supervisor):
            piece.with_user(user).read(["description"])
            piece.with_user(user).file_ids.attachment_id.read(["raw"])
        self.assertEqual(len(piece.sudo().custody_ids), before)
        piece.with_user(self.auditor).read(["title"])
        self.assertEqual(len(piece.sudo().custody_ids), before)
        for _again in range(2):
            piece.with_user(self.auditor).read(["description"])
        piece.file_ids.attachment_id.with_user(self.manager).read(["datas"])
        rows = piece.sudo().custody_ids.sorted("position")[before:]
        self.assertEqual(rows.mapped("kind"), ["viewed"] * 2)
        self.assertEqual(rows.user_id, self.auditor | self.manager)

    def test_case_with_evidence_is_kept(self):
        self._piece(files=0)
        case = self.case.with_user(self.manager).with_context(_force_unlink=True)
        with self.refuses(ValidationError, "is a record|evidence registered"):
            case.unlink()

    def test_merge_and_split_take_evidence_along(self):
        target = self._case(subject="The kettle leaks again", user_id=self.handler.id)
        piece = self._accepted()
        reference, seal = piece.name, piece.seal
        self.case.with_user(self.handler)._merge_into(target, tell=False)
        self.assertEqual(piece.case_id, target)
        self.assertEqual((piece.name, piece.seal), (reference, seal))
        self.assertEqual(self._events(piece)[-1], "moved")
        self.assertFalse(list(piece.sudo()._differences()))
        with self.refuses(UserError, "was merged into"):
            self._piece(files=0)
        one, two = self.env["complaint.allegation"].create(
            [{"case_id": target.id, "summary": text} for text in ("Leaks", "Smells")]
        )
        about_one, about_both = self.env["complaint.evidence"].create(
            [
                {"case_id": target.id, "title": "A", "allegation_ids": one.ids},
                {"case_id": target.id, "title": "B", "allegation_ids": (one | two).ids},
            ]
        )
        new = target.with_user(self.handler)._split_off(
            {"subject": "It leaks"}, one, self.env["mail.message"], tell=False
        )
        self.assertEqual(about_one.case_id, new)
        self.assertEqual(about_both.case_id, target)

    def test_many_cost_a_fixed_number_of_queries(self):
        def cost(number):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            pieces = self.env["complaint.evidence"].create(
                [
                    {"case_id": self.case.id, "title": str(n), **JUDGED_GOOD}
                    for n in range(number)
                ]
            )
            pieces._add_files(
                {piece: [{"name": "a.txt", "raw": b"x"}] for piece in pieces}
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(1)
        # Twice: a cache that is full forgets, and what it held is read once more.
        few, many = (min(cost(number), cost(number)) for number in (2, 40))
        self.assertLessEqual(many, few + 4)
