import base64
import binascii
from datetime import datetime

import pytz

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..models.feedback.complaint_callback_way import SUPERVISOR
from ..models.feedback.complaint_feedback import WAYS
from ..models.feedback.complaint_feedback_recording import RECORDED
from ..models.feedback.scoring import DIMENSIONS, SCORED
from ..tools import table
from ..tools.problems import Problem

MAX_BYTES = 5 * 1024 * 1024
#: Findings listed one by one.
LISTED = 200
#: How a day or moment may be written; workbooks have real ones.
DATE_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")


class ComplaintFeedbackImport(models.TransientModel):
    """Brings in answers that customers gave on paper or by telephone (F1).

    A file with a line for each complaint: number, date, way, a column for what is
    asked about and a comment; under their names in English or in the user's language.
    Every line is recorded like one that is typed in; what is wrong with the others is
    told by line. A customer who answered already is passed over, so that the same file
    can be read again and adds nothing.
    """

    _name = "complaint.feedback.import"
    _description = "Bring in Answers on Paper"

    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()
    state = fields.Selection(
        selection=[("choose", "Choose"), ("done", "Done")],
        default="choose",
        readonly=True,
    )
    created_count = fields.Integer(string="Answers brought in", readonly=True)
    present_count = fields.Integer(string="Answered already", readonly=True)
    rejected_count = fields.Integer(string="Lines that stay out", readonly=True)
    findings = fields.Text(string="What is wrong with them", readonly=True)

    def action_bring_in(self):
        """Record the answers of the file.

        :raise AccessError: for who is no supervisor
        :raise UserError: when the file cannot be read
        """
        self.ensure_one()
        if not self.env.user.has_group(SUPERVISOR):
            raise AccessError(self.env._("Only supervisors bring in answers."))
        rows = self._rows()
        numbers = [row["number"] for _line, row in rows if row.get("number")]
        # By the user's own rights: what is out of sight is not there.
        cases = self.env["complaint.case"].search([("name", "in", numbers)])
        by_number = {case.name: case for case in cases}
        created, present, findings = 0, 0, []
        for line, row in rows:
            case = by_number.get(row.get("number"))
            try:
                if not case:
                    raise UserError(
                        self.env._(
                            "There is no complaint “%(number)s”.",
                            number=row.get("number") or "",
                        )
                    )
                if self._is_present(case):
                    present += 1
                    continue
                with self.env.cr.savepoint():
                    self._record(case, row)
            except (AccessError, UserError) as error:
                findings.append((line, error.args[0]))
            else:
                created += 1
        self.write(
            {
                "state": "done",
                "created_count": created,
                "present_count": present,
                "rejected_count": len(findings),
                "findings": "\n".join(
                    self.env._("Line %(line)s: %(problem)s", line=line, problem=problem)
                    for line, problem in findings[:LISTED]
                ),
            }
        )
        return self._get_records_action(
            name=self.env._("Bring in answers"), target="new"
        )

    # Reading --------------------------------------------------------------------------

    def _rows(self):
        """Lines of the file: list of (line, {name of ours: text})."""
        try:
            data = base64.b64decode(self.file or b"", validate=False)
        except binascii.Error:
            data = b""
        if len(data) > MAX_BYTES:
            raise UserError(self.env._("The file is too large; divide it."))
        names = self._column_names()
        try:
            if data.startswith(table.WORKBOOKS):
                sheet = table.read_sheet(data)
            else:
                # Spreadsheets in Chinese write this where it is no UTF-8.
                encodings = ("utf-8", "gb18030", "cp1252")
                sheet = table.read(data, names, encodings)
        except Problem as problem:
            raise UserError(self._explain(problem)) from None
        known = {column: names.get(table.fold(column)) for column in sheet.columns}
        if "number" not in known.values():
            raise UserError(
                self.env._(
                    "There is no column “%(column)s”.", column=self.env._("Number")
                )
            )
        rows = [
            (
                row.line,
                {known[name]: text for name, text in row.cells.items() if known[name]},
            )
            for row in sheet.rows
        ]
        # Lines of the prepared sheet that nobody filled in.
        return [
            (line, row) for line, row in rows if set(filter(row.get, row)) - {"number"}
        ]

    def _column_names(self):
        """{name as it may stand in the file, folded: ours}."""
        labels = {
            "number": self.env._("Number"),
            "date": self.env._("Date"),
            "way": self.env._("Way"),
            "comment": self.env._("Comment"),
        }
        measured = self.env["survey.question"]._fields["complaint_dimension"]
        labels |= dict(measured._description_selection(self.env))
        english = {"number": "Number", "date": "Date", "way": "Way"} | dict(DIMENSIONS)
        names = {table.fold(name): name for name in labels}
        names |= {table.fold(label): name for name, label in english.items()}
        return names | {table.fold(label): name for name, label in labels.items()}

    def _explain(self, problem):
        texts = {
            "empty_file": self.env._("The file is empty."),
            "workbook": self.env._("The workbook cannot be read. Save it as .xlsx."),
            "too_long": self.env._("The file is too large; divide it."),
            "repeated_column": self.env._("Two columns have the same name."),
        }
        return texts.get(problem.code) or self.env._("The file cannot be read.")

    # Recording ------------------------------------------------------------------------

    def _is_present(self, case):
        """Whether the customer answered about this round already."""
        # sudo: who sees the complaint sees its surveys.
        return bool(case.sudo()._closing_surveys().filtered("counts"))

    def _record(self, case, row):
        """Record one line.

        :raise UserError: telling what is wrong with it
        """
        case.check_access("write")
        feedback = case._feedback_for_recording()
        survey = feedback._recording_survey()
        if not survey:
            raise UserError(self.env._("The questionnaire is archived, empty or gone."))
        answers = []
        for dimension, label in self._dimensions():
            text = row.get(dimension)
            if text:
                question = survey.question_ids.filtered(
                    lambda one, name=dimension: (
                        one.complaint_dimension == name and one.question_type in SCORED
                    )
                )[:1]
                answers.append((question, self._value(question, text, label)))
        if row.get("comment"):
            question = survey.question_ids.filtered(
                lambda one: one.question_type in ("text_box", "char_box")
            )[:1]
            if question:
                answers.append((question, row["comment"]))
        if not answers:
            raise UserError(self.env._("There is no answer in this line."))
        feedback._record_answer(
            answers, self._way(row.get("way")), self._moment(row.get("date"))
        )

    def _dimensions(self):
        measured = self.env["survey.question"]._fields["complaint_dimension"]
        return measured._description_selection(self.env)

    def _value(self, question, text, label):
        """The answer as the pages of the survey send it."""
        values = {"column": label, "value": text}
        if not question:
            raise UserError(
                self.env._("“%(column)s” is not asked in the questionnaire.", **values)
            )
        if question.question_type == "simple_choice":
            chosen = question.suggested_answer_ids.filtered(
                lambda answer: (
                    table.fold(text)
                    in (table.fold(answer.value), f"{answer.complaint_score:g}")
                )
            )[:1]
            if chosen:
                return str(chosen.id)
        elif (
            text.isascii()
            and text.isdigit()
            and question.scale_min <= int(text) <= question.scale_max
        ):
            return str(int(text))
        raise UserError(
            self.env._("“%(value)s” is no answer to “%(column)s”.", **values)
        )

    def _way(self, text):
        """How it was answered; on paper where nothing is said."""
        labels = dict(
            self.env["complaint.feedback"]
            ._fields["way"]
            ._description_selection(self.env)
        )
        english = dict(WAYS)
        for way in RECORDED:
            names = {way, table.fold(labels[way]), table.fold(english[way])}
            if table.fold(text or "paper") in names:
                return way
        raise UserError(self.env._("“%(value)s” is no way to answer.", value=text))

    def _moment(self, text):
        """When it was answered, naive UTC; the day's noon where no time is told.

        :param str text: in the user's time zone
        """
        for pattern in DATE_FORMATS:
            try:
                moment = datetime.strptime(text or "", pattern)
            except ValueError:
                continue
            zone = pytz.timezone(self.env.user.tz or "UTC")
            if not moment.time().isoformat().strip("0:"):
                moment = moment.replace(hour=12)
            moment = zone.localize(moment).astimezone(pytz.utc).replace(tzinfo=None)
            now = fields.Datetime.now()
            # Today's paper is no paper of the future before noon.
            is_today = moment > now and moment.date() == now.date()
            return now if is_today else moment
        raise UserError(
            self.env._(
                "“%(value)s” is no date; write it as 2026-01-31.", value=text or ""
            )
        )
