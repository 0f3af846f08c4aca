import io

import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..models.feedback.complaint_callback_way import SUPERVISOR
from ..models.feedback.complaint_feedback_recording import RECORDED, WITH_ANSWER
from ..models.feedback.complaint_feedback_sheet import AS_TEXT

#: Complaints that the sheet is prepared for, the latest first.
MAX_PREPARED = 500


class ComplaintFeedbackImport(models.TransientModel):
    """The sheet into which answers are typed before they are brought in (F1)."""

    _inherit = "complaint.feedback.import"

    @api.model
    def _prepared_sheet(self):
        """An XLSX file with the columns that can be read, in the user's language, and a
        line for each complaint whose customer can still answer.

        :return: bytes
        :raise AccessError: for who is no supervisor
        """
        if not self.env.user.has_group(SUPERVISOR):
            raise AccessError(self.env._("Only supervisors bring in answers."))
        output = io.BytesIO()
        with xlsxwriter.Workbook(output, AS_TEXT) as book:
            sheet = book.add_worksheet(self.env._("Answers"))
            self._write_prepared(book, sheet)
        return output.getvalue()

    def _write_prepared(self, book, sheet):
        names = [
            self.env._("Number"),
            self.env._("Customer"),
            self.env._("Date"),
            self.env._("Way"),
            *(label for _dimension, label in self._dimensions()),
            self.env._("Comment"),
        ]
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 1, 20)
        sheet.set_column(2, 3, 14)
        sheet.set_column(2, 2, 14, day)
        sheet.set_column(len(names) - 1, len(names) - 1, 50)
        for column, name in enumerate(names):
            sheet.write_string(0, column, name, bold)
        ways = dict(
            self.env["complaint.feedback"]
            ._fields["way"]
            ._description_selection(self.env)
        )
        cases = self._cases_to_answer()
        for row, case in enumerate(cases, start=1):
            sheet.write_string(row, 0, case.name)
            sheet.write_string(row, 1, case.partner_id.name or case.partner_name or "")
        # Some lines more, for numbers that are typed in.
        last = len(cases) + MAX_PREPARED
        choices = {"validate": "list", "source": [ways[way] for way in RECORDED]}
        sheet.data_validation(1, 3, last, 3, choices)
        days = {
            "validate": "date",
            "criteria": "<=",
            "value": fields.Date.context_today(self),
        }
        sheet.data_validation(1, 2, last, 2, days)

    def _cases_to_answer(self):
        """Complaints about which the customer did not answer so far; by the user's own
        rights."""
        unanswered = Domain("state", "in", ("planned", "sent", "expired")) | Domain(
            "cancel_reason", "=", "no_email"
        )
        found = self.env["complaint.feedback"].search(
            Domain("touchpoint", "=", "closed")
            & Domain("case_id.phase", "in", WITH_ANSWER)
            & unanswered,
            order="planned_at desc, id desc",
            limit=MAX_PREPARED,
        )
        current = found.filtered(lambda one: one.round == one.case_id.round)
        return current.case_id._filtered_access("write")
