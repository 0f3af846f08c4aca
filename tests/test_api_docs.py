import contextlib
import io
import os
import re
import subprocess
import time
from pathlib import Path

from odoo.tests import tagged

from .api_common import ApiCommon
from .webhook_common import SECRET

DOCS = Path(__file__).parent.parent / "docs"


def blocks(page, language):
    """The code of one language on a page, in its order."""
    text = (DOCS / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@tagged("post_install", "-at_install")
class TestApiDocs(ApiCommon):
    """What the documentation tells people to do is done here, word by word."""

    def test_curl(self):
        commands = blocks("api.md", "bash")
        self.assertEqual(len(commands), 5)
        env = {**os.environ, "ODOO": self.base_url(), "KEY": self.shop_key}
        answers = []
        with self.allow_requests(all_requests=True):
            for command in commands:
                done = subprocess.run(
                    ["bash", "-euo", "pipefail", "-c", command],
                    env=env,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=60,
                )
                self.assertEqual(
                    done.returncode, 0, (command, done.stdout, done.stderr)
                )
                answers.append(done.stdout)
        self.env.invalidate_all()
        requests = self.env["complaint.api.request"].search([])
        self.assertEqual(requests.mapped("key"), ["WS-2001", "WS-2001-m1"])
        case = requests.case_id
        self.assertIn(case.name, answers[1])
        self.assertEqual(len(case.allegation_ids), 2)
        self.assertIn("It leaks at the handle", str(case.message_ids.mapped("body")))
        self.assertIn('"more": false', answers[3])

    def test_fields_of_the_answer(self):
        """The answer that is shown has the fields that really come."""
        [shown] = [block for block in blocks("api.md", "json") if "is_new" in block]
        answer, _case = self.submit()
        names = re.findall(r'^  "(\w+)":', shown, re.MULTILINE)
        self.assertEqual(sorted(names), sorted(answer))

    def test_codes(self):
        """Every code is in the list, and none that does not exist."""
        source = "".join(
            path.read_text() for path in (DOCS.parent / "models" / "api").glob("*.py")
        )
        used = set(re.findall(r'ApiError\(\s*"(\w+)"', source))
        table = (DOCS / "api.md").read_text().partition("## When something is wrong")[2]
        rows = re.findall(r"^\| \d+ \| (.*?) \|", table, re.MULTILINE)
        self.assertEqual(set(re.findall(r"`(\w+)`", " ".join(rows))), used)

    def test_python(self):
        [program] = blocks("api.md", "python")
        said = io.StringIO()
        names = {"ODOO": self.base_url(), "KEY": self.shop_key}
        with self.allow_requests(all_requests=True), contextlib.redirect_stdout(said):
            exec(compile(program, "api.md", "exec"), names)
        self.assertIn("WS-2003 received", said.getvalue())

    def test_signature_check(self):
        [program] = blocks("webhooks.md", "python")
        names = {}
        exec(compile(program, "webhooks.md", "exec"), names)
        hook = self.env["complaint.webhook"].create(
            {"name": "Docs", "url": "https://docs.example.com", "secret_new": SECRET}
        )
        hook.with_user(self.manager).action_send_test()
        [delivery] = self.env["complaint.webhook.delivery"].search([])
        body, now = delivery.payload.encode(), int(time.time())
        genuine = delivery._signature(body, now)
        self.assertTrue(names["is_genuine"](genuine, body, SECRET))
        self.assertFalse(names["is_genuine"](genuine, body + b" ", SECRET))
        self.assertFalse(names["is_genuine"](genuine, body, SECRET + "x"))
        old = delivery._signature(body, now - 3600)
        self.assertFalse(names["is_genuine"](old, body, SECRET))

    def test_fields_of_the_message(self):
        [shown] = blocks("webhooks.md", "json")
        self.env["complaint.webhook"].create(
            {"name": "Docs", "url": "https://docs.example.com", "secret_new": SECRET}
        )
        self.submit()
        [delivery] = self.env["complaint.webhook.delivery"].search([])
        expected, names = (
            re.findall(r'"(\w+)":', text) for text in (shown, delivery.payload)
        )
        self.assertEqual(names, expected)
        self.assertIn('"reference": "WS-1001"', delivery.payload)
