import base64
import os
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .evidence_common import PHOTO, EvidenceCommon

#: AccessError and ValidationError are of this kind, too.
REFUSED = UserError


@tagged("post_install", "-at_install")
class TestEvidenceAttack(EvidenceCommon):
    """Every way of altering sealed evidence, as each role and as the superuser (D3)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls.env["complaint.allegation"].create(
            {"case_id": cls.case.id, "summary": "Leaks"}
        )

    def setUp(self):
        super().setUp()
        self.piece = self._accepted(allegation_ids=self.line.ids)
        self.file = self.piece.file_ids
        self.attachment = self.file.attachment_id
        self.admin = self.env.ref("base.user_admin")
        self.roles = [
            self.handler,
            self.supervisor,
            self.manager,
            self.auditor,
            self.admin,
            self.env.ref("base.user_root"),
        ]
        self.words = [
            {},
            {"complaint_evidence_filing": True, "complaint_evidence_moving": True},
            {"_force_unlink": True, "complaint_evidence_noted": True},
            {"complaint_history": True, "import_file": True, "install_mode": True},
        ]

    def _try(self, attack):
        """Try an attack as everybody, with every word in the context."""
        for user in self.roles:
            for words in self.words:
                if user.id == 1 and words:
                    # Only our own code is the superuser and says these.
                    continue
                env = self.env(user=user, context=words)
                with (
                    self.subTest(user=user.login, words=words),
                    self.assertRaises(REFUSED),
                    mute_logger("odoo.sql_db"),
                    self.env.cr.savepoint(),
                ):
                    attack(env)
                    env.flush_all()

    def tearDown(self):
        self.env.invalidate_all()
        piece = self.piece.sudo()
        self.assertFalse(list(piece._differences()))
        self.assertEqual(piece.file_ids.attachment_id.raw, PHOTO + b"\x00")
        super().tearDown()

    def test_metadata(self):
        other = self._case()
        for vals in (
            {"title": "Nothing to see"},
            {"description": "x"},
            {"collected_at": "2020-01-01 00:00:00"},
            {"collected_by_id": self.manager.id},
            {"authenticity": "doubtful"},
            {"judgement_note": "x"},
            {"source": "company"},
            {"allegation_ids": [Command.clear()]},
            {"file_ids": [Command.clear()]},
            {"custody_ids": [Command.clear()]},
            {"case_id": other.id},
            {"state": "draft"},
            {"seal": "0" * 64},
            {"decided_by_id": self.manager.id},
            {"name": "X", "number": 9},
            {"registered_in": "X"},
            {"decided_at": "2020-01-01 00:00:00"},
        ):
            with self.subTest(vals=vals):
                self._try(lambda env, vals=vals: self.piece.with_env(env).write(vals))

    def test_what_the_machine_keeps(self):
        """The superuser writes these, nobody else."""
        for vals in (
            {"alarm": False, "alarm_at": False},
            {"custody_head": "0" * 64},
            {"next_event_at": False},
            {"checked_at": "2030-01-01 00:00:00"},
        ):
            for user in self.roles[:-1]:
                with (
                    self.subTest(vals=vals, user=user.login),
                    self.assertRaises(REFUSED),
                ):
                    self.piece.with_user(user).write(vals)

    def test_deleting(self):
        self._try(lambda env: self.piece.with_env(env).unlink())
        self._try(lambda env: self.file.with_env(env).unlink())
        self._try(lambda env: self.attachment.with_env(env).unlink())
        self._try(lambda env: self.piece.custody_ids.with_env(env).unlink())
        self._try(lambda env: self.case.with_env(env).unlink())
        self._try(lambda env: self.line.with_env(env).unlink())
        self._try(
            lambda env: self.case.with_env(env).write(
                {"evidence_ids": [Command.delete(self.piece.id)]}
            )
        )
        self._try(
            lambda env: self.case.with_env(env).write(
                {"allegation_ids": [Command.delete(self.line.id)]}
            )
        )

    def test_copying(self):
        self._try(lambda env: self.piece.with_env(env).copy())
        self._try(lambda env: self.attachment.with_env(env).copy())

    def test_content_of_the_file(self):
        for vals in (
            {"raw": b"forged"},
            {"datas": base64.b64encode(b"forged")},
            {"db_datas": b"forged"},
            {"store_fname": "00/00"},
            {"checksum": "0" * 40},
            {"mimetype": "text/html"},
            {"name": "other.jpg"},
            {"res_model": "complaint.case", "res_id": self.case.id},
            {"res_id": 0},
            {"public": True},
            {"access_token": "guessable"},
            {"type": "url", "url": "https://example.com"},
            {"description": "x"},
            {"company_id": False, "res_field": "x"},
        ):
            with self.subTest(vals=vals):
                self._try(
                    lambda env, vals=vals: self.attachment.with_env(env).write(vals)
                )
        self._try(lambda env: self.attachment.with_env(env).generate_access_token())

    def test_files_put_in(self):
        sealed = {"res_model": self.piece._name, "res_id": self.piece.id}
        self._try(
            lambda env: env["ir.attachment"].create(
                {"name": "forged", "raw": b"forged", **sealed}
            )
        )
        own = self.env["ir.attachment"].create({"name": "forged", "raw": b"forged"})
        self._try(lambda env: own.with_env(env).write(sealed))
        self._try(
            lambda env: self.piece.with_env(env)._add_files(
                {self.piece.with_env(env): [{"name": "x", "raw": b"x"}]}
            )
        )
        row = {
            "evidence_id": self.piece.id,
            "attachment_id": own.id,
            "name": "x",
            "sha256": "0" * 64,
            "added_at": "2026-01-01 00:00:00",
        }
        for user in self.roles[:-1]:
            with self.assertRaises(REFUSED):
                self.env["complaint.evidence.file"].with_user(user).create(row)

    def test_rows_of_files_and_ledger(self):
        for vals in (
            {"sha256": "0" * 64},
            {"name": "x"},
            {"attachment_id": 1},
            {"set_aside_at": "2026-01-01 00:00:00"},
        ):
            with self.subTest(vals=vals):
                self._try(lambda env, vals=vals: self.file.with_env(env).write(vals))
        row = self.piece.custody_ids[0]
        for vals in (
            {"note": "x"},
            {"at": "2020-01-01 00:00:00"},
            {"person": "Nobody"},
        ):
            with self.subTest(vals=vals):
                self._try(lambda env, vals=vals: row.with_env(env).write(vals))
        for user in self.roles[:-1]:
            with self.assertRaises(REFUSED):
                self.env["complaint.custody"].with_user(user).create(
                    {
                        "evidence_id": self.piece.id,
                        "position": 9,
                        "at": "2026-01-01 00:00:00",
                        "kind": "viewed",
                        "fingerprint": "0" * 64,
                    }
                )

    def test_registered_as_sealed_already(self):
        """Nobody registers a piece with a state, a seal or a number of their own."""
        for vals in (
            {"state": "accepted"},
            {"seal": "0" * 64},
            {"decided_by_id": self.manager.id},
            {"name": "X-E1"},
            {"registered_in": "X"},
            {"custody_count": 3},
        ):
            for user in self.roles[:-1]:
                with (
                    self.subTest(vals=vals, user=user.login),
                    self.assertRaises(REFUSED),
                ):
                    self.env["complaint.evidence"].with_user(user).create(
                        {"case_id": self.case.id, "title": "Forged", **vals}
                    )

    def test_same_content_again_is_no_change(self):
        """Moving the store of all files, as Odoo does, goes on working."""
        self.attachment.sudo().write(
            {"raw": self.attachment.raw, "mimetype": self.attachment.mimetype}
        )
        self.assertEqual(self.attachment.raw, PHOTO + b"\x00")

    def test_what_happens_to_the_message_does_not_matter(self):
        message = self.case.message_post(
            body="Here",
            attachments=[("letter.txt", b"our letter")],
        )
        action = self.case.with_user(self.handler).action_register_evidence()
        wizard = (
            self.env["complaint.evidence.wizard"]
            .with_user(self.handler)
            .with_context(**action["context"])
            .create({"message_id": message.id})
        )
        wizard.action_register()
        piece = self.case.evidence_ids - self.piece
        piece.write(dict.fromkeys(("authenticity", "integrity"), "given"))
        piece.write(dict.fromkeys(("relevance", "legality"), "given"))
        piece.action_accept()
        message.attachment_ids.sudo().write({"raw": b"forged"})
        message.attachment_ids.sudo().unlink()
        message.sudo().unlink()
        self.assertEqual(piece.file_ids.attachment_id.raw, b"our letter")
        self.assertFalse(list(piece.sudo()._differences()))


@tagged("post_install", "-at_install")
class TestEvidenceCheck(EvidenceCommon):
    """What happens behind the application's back is found (D3)."""

    def setUp(self):
        super().setUp()
        self.piece = self._accepted()
        self.attachment = self.piece.file_ids.attachment_id

    def _found(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return "\n".join(self.piece.sudo()._differences())

    def _sql(self, query, *params):
        self.env.flush_all()
        self.env.cr.execute(query, params)
        self.env.invalidate_all()

    def test_nothing(self):
        self.assertEqual(self._found(), "")

    def test_file_changed_on_disk(self):
        piece = self.piece = self._piece(files=0, title="Recording")
        content = {"name": "call.txt", "raw": os.urandom(32).hex().encode()}
        self.attachment = piece._add_files({piece: [content]}).attachment_id
        path = self.attachment._full_path(self.attachment.store_fname)
        with open(path, "rb") as file:
            content = file.read()
        self.addCleanup(self._write, path, content)
        self._write(path, b"forged")
        self.assertIn("The content differs: call.txt", self._found())
        os.remove(path)
        with mute_logger("odoo.addons.base.models.ir_attachment"):
            self.assertIn("The file is gone: call.txt", self._found())

    def _write(self, path, content):
        if os.path.exists(path):
            os.chmod(path, 0o600)
        with open(path, "wb") as file:
            file.write(content)

    def test_changes_by_sql(self):
        piece = "UPDATE complaint_evidence SET {} WHERE id = {piece}"
        file = "UPDATE ir_attachment SET {} WHERE id = {file}"
        row = "UPDATE complaint_evidence_file SET {} WHERE evidence_id = {piece}"
        line = "UPDATE complaint_custody SET {} WHERE evidence_id = {piece}"
        gone = "DELETE FROM complaint_custody WHERE {} AND evidence_id = {piece}"
        for query, change, found in (
            (file, "name = 'x'", "Name, type"),
            (file, "public = true", "access differ"),
            (file, "res_id = 0", "place or access"),
            (piece, "title = 'x'", "not what was sealed"),
            (piece, "state = 'draft'", "The decision was changed"),
            (piece, "collected_at = now()", "not what was sealed"),
            (row, "sha256 = 'x'", "The content differs"),
            (line + " AND position = 2", "note = 'x'", "changed at line 2"),
            (line + " AND position = 1", "kind = 'moved'", "changed at line 1"),
            (gone, "position = 2", "changed at line 2"),
            (gone, "position = 3", "missing at the end"),
        ):
            with self.subTest(change):
                self.assertEqual(self._found(), "")
                self.env.cr.execute("SAVEPOINT before")
                ids = {"piece": self.piece.id, "file": self.attachment.id}
                self._sql(query.format(change, **ids))
                self.assertIn(found, self._found())
                self.env.cr.execute("ROLLBACK TO SAVEPOINT before")
                self.env.invalidate_all()

    def test_planned_from_the_beginning_and_by_the_setting(self):
        draft = self._piece().sudo()
        days = self.company.complaint_evidence_check_days
        ahead = (draft.next_event_at - fields.Datetime.now()) / timedelta(days=1)
        self.assertEqual(round(ahead), days)
        self.company.complaint_evidence_check_days = 0
        self.assertFalse(any((draft | self.piece.sudo()).mapped("next_event_at")))
        self.company.complaint_evidence_check_days = 7
        self.assertTrue(all((draft | self.piece.sudo()).mapped("next_event_at")))

    def test_alarm_once_and_cleared(self):
        self.env["complaint.evidence"].search([]).next_event_at = False
        self.piece.sudo().next_event_at = "2020-01-01 00:00:00"
        self._sql(
            "UPDATE complaint_evidence SET title = 'x' WHERE id = %s", self.piece.id
        )
        for _again in range(2):
            self.piece.sudo().next_event_at = "2020-01-01 00:00:00"
            with self.enter_registry_test_mode():
                self.env.ref(
                    "complaint_management.ir_cron_evidence"
                ).method_direct_trigger()
        self.assertTrue(self.piece.alarm_at)
        self.assertTrue(self.case.has_evidence_alarm)
        self.assertEqual(self._events(self.piece).count("alarm"), 1)
        to_dos = self.case.sudo().activity_ids.filtered(
            lambda one: "not as it was" in (one.summary or "")
        )
        self.assertIn(self.supervisor, to_dos.user_id)
        self.assertEqual(len(to_dos), len(to_dos.user_id))
        self.assertTrue(self.piece.next_event_at > self.piece.checked_at)
        self._sql(
            "UPDATE complaint_evidence SET title = 'Photo of the kettle' WHERE id = %s",
            self.piece.id,
        )
        notice = self.piece.with_user(self.handler).action_check()
        self.assertEqual(notice["params"]["type"], "success")
        self.assertFalse(self.piece.alarm_at)
        self.assertEqual(self._events(self.piece)[-1], "cleared")
