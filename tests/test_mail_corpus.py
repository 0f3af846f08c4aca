import logging
import statistics
import time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .mail_common import FAILURE_LOGGER, MailCommon
from .mail_samples import corpus, messages, samples

_logger = logging.getLogger(__name__)

#: Seconds of computing for one mail.
LIMIT = 1.0
#: Twenty-five megabytes, which customers may send in one file.
LARGE = 25 * 1024 * 1024
QUIET = (
    FAILURE_LOGGER,
    "odoo.addons.mail.models.mail_thread",
    "odoo.tools.mail",
    "odoo.sql_db",
)


@tagged("post_install", "-at_install")
class TestMailCorpus(MailCommon):
    """Whatever comes in gives one complaint or one held mail, soon (A1)."""

    def _one(self, name, raw, decide=True):
        """Process one mail and undo it again.

        :param bool decide: whether a person makes a complaint of it when it is held

        :return: (what came of it, seconds of computing)
        """
        # As the mail server of the company writes it on top.
        raw = b"Delivered-To: %s\n%s" % (self.address.encode(), raw)
        savepoint = self.env.cr.savepoint()
        try:
            start = time.process_time()
            cases, held = self.receive(raw)
            taken = time.process_time() - start
            self.assertEqual(len(cases) + len(held), 1, name)
            if held:
                self._check_held(held, raw, decide)
            else:
                self._check_case(cases)
            return held.kind or "case", taken
        finally:
            savepoint.close(rollback=True)

    def _check_case(self, case):
        self.assertTrue(case.subject and case.partner_id.email_normalized)
        self.assertNotRegex(
            case.description or "",
            r"(?i)<(script|iframe|form|style)|<[^>]*(\son\w+=|javascript:)",
        )
        for attachment in case.message_ids.attachment_ids:
            self.assertNotIn(attachment.mimetype, ("text/html", "image/svg+xml"))

    def _check_held(self, held, raw, decide):
        self.assertEqual(held._raw(), raw)
        self.assertNotEqual((held.kind, held.state), ("error", "solved"))
        self.assertTrue(held.read(["display_name", "text", "reason", "size_text"]))
        # A person can make a complaint of whatever it is.
        if not decide:
            return
        held.with_user(self.manager).action_new_case()
        self.assertEqual(held.state, "solved")
        self.assertTrue(held.case_id.subject)

    def test_whatever_comes_in(self):
        found, taken = {}, {}
        # Mails are what is looked at here, not what is sent.
        self.company.complaint_mail_acknowledge_hourly = 0
        with mute_logger(*QUIET):
            for number, (name, raw) in enumerate(messages(seed=19, times=2)):
                with self.subTest(name):
                    result, taken[number, name] = self._one(
                        name, raw, decide=not number % 5
                    )
                    found.setdefault(result, []).append(name)
        self.assertGreater(len(taken), 300 if corpus() else 150)
        spent = sorted(taken.values())
        slowest = max(taken, key=taken.get)
        _logger.info(
            "%d mails: %s; computing: median %.0f ms, 95 %% below %.0f ms, longest "
            "%.0f ms (%s); failed: %s",
            len(spent),
            {kind: len(names) for kind, names in sorted(found.items())},
            statistics.median(spent) * 1000,
            spent[int(len(spent) * 0.95)] * 1000,
            spent[-1] * 1000,
            slowest[1],
            found.get("error"),
        )
        self.assertLess(spent[-1], LIMIT, slowest)
        self.assertNotIn("error", found, "everything readable is read")
        self.assertGreater(len(found["case"]), len(spent) / 2)

    def test_samples_become_what_they_should(self):
        """The kinds of a few whose fate matters."""
        expected = {
            "no sender": "no_sender",
            "no subject": "case",
            "no body": "case",
            "only a sender": "empty",
            "empty": "no_sender",
            "two senders": "no_sender",
            "two from lines": "no_sender",
            "unknown charset": "case",
            "lying charset": "case",
            "nul bytes": "case",
            "only html": "case",
            "hostile html": "case",
            "only a picture": "case",
            "winmail.dat": "case",
            "nested beyond reason": "case",
            "forwarded": "case",
            "very deep html": "case",
        }
        mails = samples()
        with mute_logger(*QUIET):
            found = {name: self._one(name, mails[name])[0] for name in expected}
        self.assertEqual(found, expected)

    def test_chinese_without_a_charset_is_readable(self):
        mails = samples()
        with mute_logger(*QUIET):
            for name in ("unknown charset", "raw bytes in headers"):
                raw = b"Delivered-To: %s\n%s" % (self.address.encode(), mails[name])
                case = self.receive_case(raw)
                self.assertIn("漏水了", f"{case.subject} {case.description}")

    def test_large_file(self):
        head, _gap, rest = samples()["only a picture"].partition(b"iVBOR")
        raw = (
            head + (b"QUJD" * 19 + b"\n") * (LARGE * 4 // 3 // 77) + b"\n" + rest[-12:]
        )
        result, taken = self._one("large", raw)
        _logger.info("%.1f MB: %.0f ms", len(raw) / 1e6, taken * 1000)
        self.assertEqual(result, "case")
        result, taken_again = self._one("too large", raw + raw)
        self.assertEqual(result, "too_large")
        self.assertLess(taken_again, LIMIT)
