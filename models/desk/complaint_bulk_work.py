import logging
from datetime import timedelta

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from .complaint_bulk import WITH_TEXT

_logger = logging.getLogger(__name__)

#: Complaints worked on in one transaction; an answer prints its letter.
PART = {"answer": 8, "message": 25, "acknowledge": 25}
PART_DEFAULT = 50
#: The scheduled action takes over when the page has not been heard of for so long.
TAKE_OVER = timedelta(minutes=2)
CRON = "complaint_management.ir_cron_bulk"


class _TriedOut(Exception):
    """What was written to see what would follow is undone."""


class ComplaintBulk(models.Model):
    """How the work is done: what stands against it, and part after part."""

    _inherit = "complaint.bulk"

    # What stands against it -----------------------------------------------------------

    def _problems(self, cases):
        """Why the work cannot be done on complaints: {case id: sentence}.

        A fixed number of queries, however many there are.
        """
        self.ensure_one()
        allowed = cases._filtered_access("write")
        denied = self.env._("You may not change this complaint.")
        problems = dict.fromkeys((cases - allowed).ids, denied)
        find = getattr(self, f"_problem_{self.operation}")
        handled = (
            allowed._handled_by(self.user_id)
            if self.operation == "assign" and self.user_id
            else allowed
        )
        missing = {}
        if self.operation in WITH_TEXT:
            source = self.guide_id.body if self.guide_id else self.body
            missing = self.env["complaint.guide"]._missing_in(source, allowed)
        found = {case: find(case) for case in allowed}
        found |= self._missing_if_done(allowed.filtered(lambda case: not found[case]))
        for case in allowed:
            problem = found[case]
            if case not in handled:
                problem = problem or self.env._(
                    "%(person)s may not handle it: another company, or confidential.",
                    person=self.user_id.name,
                )
            if missing.get(case):
                problem = problem or self.env._(
                    "The text names what this complaint does not have: %(names)s.",
                    names=", ".join(missing[case]),
                )
            if problem:
                problems[case.id] = problem
        return problems

    def _problem_acknowledge(self, case):
        if case.acknowledged_at:
            return self.env._("It is acknowledged already.")
        if case.phase in ("answered", "closed"):
            return self.env._("It is answered already.")
        return self._problem_address(case)

    def _problem_address(self, case):
        if case.partner_id.email_normalized:
            return ""
        return self.env._("The complainant has no valid e-mail address.")

    def _problem_assign(self, case):
        return self.env._("It is closed.") if case.phase == "closed" else ""

    _problem_classify = _problem_assign

    def _problem_message(self, case):
        return self._problem_address(case)

    def _problem_answer(self, case):
        if case.phase in ("answered", "closed"):
            return self.env._("It is answered already.")
        return ""

    def _problem_close(self, case):
        if case.phase == "closed":
            return self.env._("It is closed.")
        return ""

    def _missing_if_done(self, cases):
        """What the next phase demands and complaints would lack: {case: sentence}.

        Tried out and undone, so that whatever is ever demanded of a phase is seen here
        too; as one write, so that it costs the same for few and for many.
        """
        if self.operation not in ("answer", "close"):
            return {}
        missing = {}
        try:
            with self.env.cr.savepoint():
                if self.operation == "answer":
                    cases.write({"answer": "<p>.</p>"})
                if self.outcome:
                    self._undecided(cases).write({"outcome": self.outcome})
                phase = "answered" if self.operation == "answer" else "closed"
                for case in cases:
                    points = case._missing_for(phase)
                    missing[case] = " ".join(point.sentence for point in points)
                raise _TriedOut
        except _TriedOut:
            return missing

    def _undecided(self, cases):
        """Those that get the outcome: closing leaves what is there."""
        if self.operation == "answer":
            return cases
        return cases.filtered(lambda case: not case.outcome)

    # Part after part ------------------------------------------------------------------

    def work_on(self):
        """Do the next part; the page calls this until nothing is left.

        :return: dict with state, done, left, total
        """
        self.ensure_one()
        self.check_access("write")
        if self.state == "running" and self.try_lock_for_update():
            self._work_part()
        return {
            "state": self.state,
            "done": self.done_count,
            "left": self.left_count,
            "total": self.total_count,
        }

    def _work_part(self):
        lines = self.env["complaint.bulk.line"].search(
            [("bulk_id", "=", self.id), ("state", "=", "ready")],
            limit=PART.get(self.operation, PART_DEFAULT),
        )
        if lines:
            # Meanwhile somebody else may have done it, or changed what it needs.
            problems = self._problems(lines.case_id)
            for line in lines.filtered(lambda line: line.case_id.id in problems):
                self._leave(line, problems[line.case_id.id])
            self._work_lines(
                lines.filtered(lambda line: line.case_id.id not in problems)
            )
        rest = self.env["complaint.bulk.line"].search_count(
            [("bulk_id", "=", self.id), ("state", "=", "ready")], limit=1
        )
        # sudo: when the scheduled action looks at it is the system's to say.
        self.sudo().write(
            {
                "state": "running" if rest else "done",
                "next_event_at": rest and fields.Datetime.now() + TAKE_OVER,
            }
        )
        self.invalidate_recordset()

    def _work_lines(self, lines):
        """Do lines together; if that fails, each by itself to find the one at fault."""
        if not lines:
            return
        try:
            with self.env.cr.savepoint():
                getattr(self, f"_do_{self.operation}")(lines.case_id)
                # sudo: lines are written by the system only.
                lines.sudo().write({"state": "done", "reason": False})
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if len(lines) > 1:
                for line in lines:
                    self._work_lines(line)
                return
            if not isinstance(error, UserError):
                _logger.exception("Work on many: %s failed", lines.case_id)
            self._leave(lines, str(error))

    def _leave(self, line, reason):
        # sudo: lines are written by the system only.
        line.sudo().write({"state": "left", "reason": reason})

    # What is done ---------------------------------------------------------------------

    def _do_acknowledge(self, cases):
        cases._acknowledge()

    def _do_assign(self, cases):
        values = {}
        if self.user_id:
            values["user_id"] = self.user_id.id
        if self.team_id:
            values["team_id"] = self.team_id.id
        cases.write(values)

    def _do_classify(self, cases):
        values = {name: self[name] for name in ("nature", "priority") if self[name]}
        if self.category_id:
            values["category_id"] = self.category_id.id
        if self.tag_ids:
            values["tag_ids"] = [Command.link(tag.id) for tag in self.tag_ids]
        cases.write(values)

    def _do_message(self, cases):
        texts = self._texts(cases)
        # Through the queue: a part that is run again must not send a mail twice.
        for case in cases.with_context(mail_notify_force_send=False):
            case.message_post(
                body=texts[case],
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=case.partner_id.ids,
                email_layout_xmlid="complaint_management.mail_layout_customer",
            )
        self.guide_id._used_on(cases)

    def _do_answer(self, cases):
        texts = self._texts(cases)
        for case in cases:
            case.answer = texts[case]
        if self.outcome:
            self._undecided(cases).write({"outcome": self.outcome})
        cases._move_to("answered")
        self.guide_id._used_on(cases)

    def _do_close(self, cases):
        if self.outcome:
            self._undecided(cases).write({"outcome": self.outcome})
        cases._move_to("closed")

    # When the page was closed ---------------------------------------------------------

    def _process_event(self, now):
        """Go on for whoever began, with their rights."""
        self.ensure_one()
        person = self.create_uid
        companies = person.company_ids.ids
        mine = self.with_user(person).with_context(
            allowed_company_ids=companies, lang=person.lang, tz=person.tz
        )
        if self.state != "running" or not person.active:
            self.next_event_at = False
            return
        mine._work_part()
        if self.state == "running":
            self.next_event_at = now + timedelta(seconds=1)
            self.env.ref(CRON)._trigger()
