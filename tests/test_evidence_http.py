import base64
import io
import json
import zipfile

from odoo import http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .evidence_common import PHOTO, EvidenceCommon


@tagged("post_install", "-at_install")
class TestEvidenceHttp(HttpCase, EvidenceCommon):
    """Sealed evidence over HTTP: what alters it is refused, who looks is kept (D3)."""

    def setUp(self):
        super().setUp()
        self.piece = self._accepted(is_customer_visible=True)
        self.attachment = self.piece.file_ids.attachment_id
        self.admin = self.env.ref("base.user_admin")
        for user in (self.handler, self.supervisor, self.manager, self.auditor):
            user.password = user.login

    def tearDown(self):
        self.env.invalidate_all()
        self.assertFalse(list(self.piece.sudo()._differences()))
        super().tearDown()

    def _roles(self):
        for user in (self.handler, self.supervisor, self.manager, self.admin):
            self.authenticate(user.login, user.login)
            yield user

    def _rpc(self, model, method, *args, **kwargs):
        return self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        ).json()

    def test_rpc(self):
        words = {"_force_unlink": True, "complaint_evidence_moving": True}
        forged = base64.b64encode(b"forged").decode()
        for user in self._roles():
            for model, method, args in (
                ("ir.attachment", "write", ([self.attachment.id], {"datas": forged})),
                ("ir.attachment", "write", ([self.attachment.id], {"public": True})),
                ("ir.attachment", "unlink", ([self.attachment.id],)),
                ("ir.attachment", "generate_access_token", ([self.attachment.id],)),
                (
                    "ir.attachment",
                    "web_save",
                    ([self.attachment.id], {"name": "x"}, {}),
                ),
                ("complaint.evidence", "write", ([self.piece.id], {"title": "x"})),
                ("complaint.evidence", "unlink", ([self.piece.id],)),
                ("complaint.evidence", "_decide", ([self.piece.id], "rejected")),
                (
                    "complaint.evidence",
                    "web_save",
                    ([self.piece.id], {"seal": "x"}, {}),
                ),
                ("complaint.case", "unlink", ([self.case.id],)),
            ):
                with (
                    self.subTest(
                        user=user.login, model=model, method=method, args=args
                    ),
                    mute_logger("odoo.http"),
                ):
                    answer = self._rpc(model, method, *args, context=words)
                    self.assertIn("error", answer)

    def test_upload_and_delete_routes(self):
        for user in self._roles():
            with self.subTest(user=user.login), mute_logger("odoo.http"):
                self.url_open(
                    "/web/binary/upload_attachment",
                    data={
                        "model": self.piece._name,
                        "id": self.piece.id,
                        "csrf_token": http.Request.csrf_token(self),
                    },
                    files={"ufile": ("forged.txt", b"forged")},
                )
                self.url_open(
                    "/mail/attachment/upload",
                    data={
                        "thread_model": self.piece._name,
                        "thread_id": self.piece.id,
                        "csrf_token": http.Request.csrf_token(self),
                    },
                    files={"ufile": ("forged.txt", b"forged")},
                )
                answer = self.url_open(
                    "/mail/attachment/delete",
                    data=json.dumps({"params": {"attachment_id": self.attachment.id}}),
                    headers={"Content-Type": "application/json"},
                ).json()
                self.assertIn("error", answer)
                self.env.invalidate_all()
                found = self.env["ir.attachment"].search(
                    [("res_model", "=", self.piece._name)]
                )
                self.assertEqual(found & self.attachment, self.attachment)
                self.assertFalse(found.filtered(lambda one: one.name == "forged.txt"))

    def test_who_downloads_is_written_down(self):
        url = f"/web/content/{self.attachment.id}"
        before = len(self.piece.custody_ids)
        self.authenticate(self.handler.login, self.handler.login)
        self.assertEqual(self.url_open(url).content, PHOTO + b"\x00")
        self.env.invalidate_all()
        self.assertEqual(len(self.piece.custody_ids), before)
        self.authenticate(self.auditor.login, self.auditor.login)
        self.assertEqual(self.url_open(url).content, PHOTO + b"\x00")
        self.env.invalidate_all()
        last = self.piece.sudo().custody_ids.sorted("position")[-1]
        self.assertEqual((last.kind, last.user_id), ("viewed", self.auditor))

    def test_customers_see_what_they_are_shown(self):
        hidden = self._accepted(title="Internal memo")
        draft = self._piece(title="Not examined", is_customer_visible=True)
        self.customer.password = self.customer.login
        self.authenticate(self.customer.login, self.customer.login)
        page = self.url_open(f"/my/complaints/{self.case.id}").text
        self.assertIn("Evidence that we rely on", page)
        self.assertIn(self.piece.name, page)
        for piece in (hidden, draft):
            self.assertNotIn(piece.name, page)
            answer = self.url_open(f"/web/content/{piece.file_ids.attachment_id.id}")
            self.assertEqual(answer.status_code, 404)
        [shown] = self.case.sudo()._portal_evidence()
        answer = self.url_open(shown["files"][0]["url"])
        self.assertEqual(answer.content, PHOTO + b"\x00")
        self.env.invalidate_all()
        last = self.piece.sudo().custody_ids.sorted("position")[-1]
        self.assertEqual((last.kind, last.user_id), ("viewed", self.customer))
        self.authenticate(None, None)
        answer = self.url_open(shown["files"][0]["url"])
        self.assertEqual(answer.content, PHOTO + b"\x00")
        self.env.invalidate_all()
        last = self.piece.sudo().custody_ids.sorted("position")[-1]
        self.assertIn("customer's link", last.person)

    def test_copies_given_out(self):
        other = self._accepted(title="Another piece")
        wizard = (
            self.env["complaint.evidence.export"]
            .with_user(self.handler)
            .create(
                {
                    "evidence_ids": self.piece.ids,
                    "recipient": "District court",
                    "purpose": "Lawsuit",
                }
            )
        )
        wizard.with_context(force_report_rendering=True).action_export()
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(wizard.file))) as archive:
            names = archive.namelist()
            sums = archive.read("SHA256SUMS").decode()
            [name] = [name for name in names if name.endswith("photo-0.jpg")]
            self.assertEqual(archive.read(name), PHOTO + b"\x00")
            self.assertEqual(sums, f"{self.piece.file_ids.sha256}  {name}\n")
            self.assertTrue(archive.read("evidence.pdf").startswith(b"%PDF"))
        last = self.piece.sudo().custody_ids.sorted("position")[-1]
        self.assertEqual(last.kind, "exported")
        self.assertIn("District court", last.note)
        self.assertNotIn("exported", self._events(other))
