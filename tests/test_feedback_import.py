import base64
import io
from datetime import datetime

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .test_feedback import DAY_2, FeedbackCommon


@tagged("post_install", "-at_install")
class TestFeedbackImport(FeedbackCommon):
    """Answers on paper are brought in from a file (F1)."""

    def setUp(self):
        super().setUp()
        self.supervisor.tz = "Europe/Brussels"
        self.first, self.second = self._sent(), self._sent()

    def _bring_in(self, data, user=None):
        wizard = self.env["complaint.feedback.import"].with_user(
            user or self.supervisor
        )
        wizard = wizard.create({"file": base64.b64encode(data)})
        with freeze_time(DAY_2):
            wizard.action_bring_in()
        self.env.invalidate_all()
        return wizard

    def _csv(self, *lines, encoding="utf-8"):
        head = "Number;Date;Way;Attitude;overall;Matter settled;comment"
        return "\n".join([head, *lines]).encode(encoding)

    def test_recorded_like_what_is_typed(self):
        settled = self.questions["settled"].suggested_answer_ids[:1].value
        data = self._csv(
            f"{self.first.name};2026-03-03;On paper;8;9;{settled};Friendly.",
            f"{self.second.name};2026-03-03 10:30;phone;;3;;",
        )
        wizard = self._bring_in(data)
        self.assertFalse(wizard.findings)
        self.assertEqual((wizard.created_count, wizard.rejected_count), (2, 0))
        self.assertEqual((self.first.state, self.first.score), ("answered", 9))
        self.assertEqual((self.first.score_attitude, self.first.score_settled), (8, 10))
        self.assertEqual(self.first.comment, "Friendly.")
        self.assertEqual(self.first.way, "paper")
        self.assertEqual(self.first.recorded_by_id, self.supervisor)
        self.assertEqual(str(self.first.answered_at), "2026-03-03 11:00:00")
        self.assertEqual(self.second.way, "phone")
        self.assertEqual(str(self.second.answered_at), "2026-03-03 09:30:00")
        self.assertTrue(self.second.callback_ids)

    def test_twice_adds_nothing(self):
        data = self._csv(f"{self.first.name};2026-03-03;;8;9;;")
        self._bring_in(data)
        before = self.env["complaint.feedback"].search_count([])
        again = self._bring_in(data)
        self.assertEqual((again.created_count, again.present_count), (0, 1))
        self.assertEqual(self.env["complaint.feedback"].search_count([]), before)

    def test_errors_by_line(self):
        foreign = self._case(team_id=self.other_team.id)
        number = self.first.name
        data = self._csv(
            "CMP/0;2026-03-03;;8;9;;",
            f"{number};yesterday;;8;9;;",
            f"{number};2026-03-03;pigeon;8;9;;",
            f"{number};2026-03-03;;8;11;;",
            f"{number};2026-03-03;;8;9;perhaps;",
            f"{number};2026-03-03;;;;;",
            f"{number};2027-03-03;;8;9;;",
            f"{foreign.name};2026-03-03;;8;9;;",
            f"{self.second.name};2026-03-03;;8;9;;",
        )
        wizard = self._bring_in(data)
        self.assertEqual((wizard.created_count, wizard.rejected_count), (1, 8))
        lines = wizard.findings.splitlines()
        for line, (number, words) in zip(
            lines,
            (
                (2, "no complaint"),
                (3, "is no date"),
                (4, "no way to answer"),
                (5, "no answer to"),
                (6, "no answer to"),
                (7, "no answer in this line"),
                (8, "in future"),
                (9, "no complaint"),
            ),
            strict=True,
        ):
            self.assertRegex(line, f"^Line {number}: .*{words}")
        self.assertEqual(self.first.state, "sent")
        self.assertEqual(self.second.state, "answered")

    def test_workbook_and_chinese(self):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["Number", "Date", "Overall", "Comment"])
        sheet.append([self.first.name, datetime(2026, 3, 3), 7.0, "还可以"])
        stream = io.BytesIO()
        book.save(stream)
        wizard = self._bring_in(stream.getvalue())
        self.assertFalse(wizard.findings)
        self.assertEqual((self.first.score, self.first.comment), (7, "还可以"))
        data = self._csv(
            f"{self.second.name};2026-03-03;;8;9;;处理很及时", encoding="gb18030"
        )
        self._bring_in(data)
        self.assertEqual(self.second.comment, "处理很及时")

    def test_files_that_are_none(self):
        for data, words in (
            (b"\n", "empty"),
            (b"PK\x03\x04nonsense", "cannot be read"),
            (b"a;b\n1;2", "no column"),
            (b"Number;number\n1;2", "same name"),
        ):
            with self.subTest(words), self.refuses(UserError, words):
                self._bring_in(data)

    def test_supervisors_only(self):
        for user in (self.handler, self.auditor, self.employee, self.customer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._bring_in(self._csv(), user)

    # The prepared sheet -------------------------------------------------------------

    def _prepared(self, user=None, lang="en_US"):
        rows = self.env["complaint.feedback.import"].with_user(user or self.supervisor)
        with freeze_time(DAY_2):
            data = rows.with_context(lang=lang)._prepared_sheet()
        return openpyxl.load_workbook(io.BytesIO(data))

    def test_prepared_sheet_is_filled_in_and_brought_in(self):
        book = self._prepared()
        sheet = book.active
        heads = [cell.value for cell in sheet[1]]
        numbers = [row[0].value for row in sheet.iter_rows(min_row=2)]
        self.assertEqual(numbers, [self.second.case_id.name, self.first.case_id.name])
        [line] = [
            n for n, name in enumerate(numbers, 2) if name == self.first.case_id.name
        ]
        sheet.cell(line, heads.index("Date") + 1, datetime(2026, 3, 3))
        sheet.cell(line, heads.index("Way") + 1, "Face to face")
        sheet.cell(line, heads.index("Overall") + 1, 7)
        output = io.BytesIO()
        book.save(output)
        wizard = self._bring_in(output.getvalue())
        self.assertFalse(wizard.findings)
        self.assertEqual((wizard.created_count, wizard.rejected_count), (1, 0))
        self.assertRecordValues(
            self.first, [{"state": "answered", "score": 7, "way": "face"}]
        )
        self.assertEqual(self.second.state, "sent", "its line was left empty")
        again = self._prepared().active
        numbers = [row[0].value for row in again.iter_rows(min_row=2)]
        self.assertEqual(numbers, [self.second.case_id.name])

    def test_prepared_sheet_in_chinese_is_read_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        heads = {cell.value for cell in self._prepared(lang="zh_CN").active[1]}
        rows = self.env["complaint.feedback.import"].with_context(lang="zh_CN")
        known = rows._column_names()
        unread = {head for head in heads if head.lower() not in known}
        self.assertEqual(unread, {rows.env._("Customer")})

    def test_prepared_sheet_names_who_has_no_address(self):
        self.second._cancel("no_email")
        self.first._cancel("opted_out")
        rows = self._prepared().active.iter_rows(min_row=2)
        self.assertEqual([row[0].value for row in rows], [self.second.case_id.name])

    def test_prepared_sheet_is_for_supervisors(self):
        for user in (self.handler, self.auditor, self.customer):
            with self.subTest(user=user.login), self.refuses(AccessError, "upervisor"):
                self._prepared(user)
