from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, is_html_empty, plaintext2html

from ...tools.fingerprint import canonical, fingerprint
from ..case.complaint_case_checklist import Point
from ..facts import is_among

SUPERVISORS = "complaint_management.group_supervisor"
TO_APPROVE = "complaint_management.mail_activity_type_approval"


class ComplaintCase(models.Model):
    """Four eyes: the answer to a major complaint is approved by somebody else than who
    wrote it (E4).

    An approval holds for the wording that was looked at. Whoever changes a word
    afterwards needs a new one.
    """

    _inherit = "complaint.case"

    answer_author_id = fields.Many2one(
        comodel_name="res.users",
        string="Answer written by",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    approval_ids = fields.One2many(
        comodel_name="complaint.answer.approval",
        inverse_name="case_id",
        string="Approvals",
        readonly=True,
        groups="base.group_user",
    )
    approval_state = fields.Selection(
        selection=[
            ("needed", "To be approved"),
            ("approved", "Approved"),
            ("returned", "Sent back"),
        ],
        compute="_compute_approval_state",
        groups="base.group_user",
    )
    may_approve = fields.Boolean(
        compute="_compute_approval_state", groups="base.group_user"
    )
    approval_asked_of = fields.Char(
        string="Approval asked of",
        compute="_compute_approval_state",
        groups="base.group_user",
    )

    @api.depends(
        "activity_ids",
        "answer",
        "answer_author_id",
        "approval_ids",
        "handling_mode",
        "nature",
        "outcome",
        "phase",
        "user_id",
    )
    @api.depends_context("uid")
    def _compute_approval_state(self):
        for case in self:
            is_given = case.phase in ("answered", "closed")
            case.approval_state = False if is_given else case._approval_state()
            is_needed = case.approval_state == "needed"
            case.may_approve = is_needed and not case._approval_obstacle()
            case.approval_asked_of = is_needed and case._approval_asked_of()

    def _approval_asked_of(self):
        """Names of those who have the to-do to approve."""
        # sudo: names only.
        asked = self.sudo().activity_search([TO_APPROVE]).user_id
        return ", ".join((asked - self._answer_authors()).mapped("name"))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any("answer_author_id" in vals for vals in vals_list):
            self._refuse_author()
        # Given in any case: a default in the context would name somebody, too.
        return super().create(
            [
                {
                    **vals,
                    "answer_author_id": (
                        False if is_html_empty(vals.get("answer")) else self.env.uid
                    ),
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if "answer_author_id" in vals and not self.env.su:
            self._refuse_author()
        changed = self.browse()
        if "answer" in vals:
            changed = self.filtered(
                lambda case: case._is_changed("answer", vals["answer"])
            )
        result = super().write(vals)
        if changed:
            nobody = is_html_empty(vals["answer"])
            super(ComplaintCase, changed).write(
                {"answer_author_id": False if nobody else self.env.uid}
            )
        return result

    def _refuse_author(self):
        """Otherwise who wrote an answer could name somebody else and approve it."""
        raise UserError(
            self.env._("Who wrote the answer is noted by itself, by nobody's hand.")
        )

    # Whether it is approved -----------------------------------------------------------

    def _approval_state(self):
        """How far the approval of the present answer is; False where none is needed.

        Whatever the phase: the door asks when the case is through it already.
        """
        self.ensure_one()
        if is_html_empty(self.answer) or not self._is_approval_needed():
            return False
        # sudo: whoever sees the complaint may know whether its answer is approved.
        latest = self.sudo().approval_ids.filtered(lambda row: row.round == self.round)
        latest = latest[-1:]
        if not latest or latest.fingerprint != self._answer_fingerprint():
            return "needed"
        return latest.verdict

    def _is_approval_needed(self):
        # sudo: the company's setting only.
        return is_among(self, self.company_id.sudo().complaint_answer_approval)

    def _answer_fingerprint(self):
        """Fingerprint of outcome, answer and findings as they are now."""
        self.ensure_one()
        # sudo: the answer is looked at whole, whoever asks.
        case = self.sudo()
        return fingerprint(
            canonical(
                {
                    "outcome": case.outcome or "",
                    "answer": str(case.answer),
                    "findings": [
                        [line.summary, line.finding or "", line.reason or ""]
                        for line in case.allegation_ids
                    ],
                }
            )
        )

    def _missing_to_answer(self):
        missing = super()._missing_to_answer()
        state = self._approval_state()
        if state == "needed":
            text = self.env._(
                "somebody who did not write the answer approves it first."
            )
            missing.append(Point(text))
        elif state == "returned":
            text = self.env._("the answer was given back: change it first.")
            missing.append(Point(text))
        return missing

    def _answer_points(self):
        points = super()._answer_points()
        if self._approval_state() == "approved":
            # sudo: a name only.
            person = self.sudo().approval_ids[-1:].user_id.name
            text = self.env._("%(person)s approved the answer.", person=person)
            points.append(Point(text, True))
        return points

    # Who approves ---------------------------------------------------------------------

    def _answer_authors(self):
        """Who wrote the answer and who handles the complaint: neither approves it."""
        # sudo: who they are must hold whatever the user may read.
        case = self.sudo()
        return case.answer_author_id | case.user_id

    def _approval_obstacle(self, person=None):
        """Why somebody may not approve the answer; empty when they may.

        :param person: res.users; the one who asks by default
        """
        self.ensure_one()
        person = person or self.env.user
        if not person.has_group(SUPERVISORS):
            return self.env._("Supervisors approve answers.")
        if person in self._answer_authors():
            return self.env._(
                "You wrote the answer or handle the complaint: somebody else approves "
                "it."
            )
        return ""

    def _approver(self):
        self.ensure_one()
        return self._supervisor_who(lambda person: not self._approval_obstacle(person))

    # What people do -------------------------------------------------------------------

    def action_ask_approval(self):
        """Ask somebody to look at the answer before it goes out."""
        self.check_access("write")
        for case in self:
            if case.approval_state != "needed":
                raise UserError(
                    self.env._(
                        "%(complaint)s: there is nothing to approve. Write the answer, "
                        "or change what was given back.",
                        complaint=case.display_name,
                    )
                )
            case._ask_approval()
        return True

    def _ask_approval(self):
        self.ensure_one()
        person = self._approver()
        if not person:
            raise UserError(
                self.env._(
                    "%(complaint)s: nobody may approve the answer. It takes a "
                    "supervisor who did not write it and may see the complaint.",
                    complaint=self.display_name,
                )
            )
        self._end_approval_to_dos()
        self.activity_schedule(
            TO_APPROVE,
            summary=self.env._("The answer is to be approved"),
            user_id=person.id,
        )

    def action_approve_answer(self):
        """Approve the answer as it stands (four eyes)."""
        self._decide_on_answer("approved")
        for case in self:
            case._message_log(body=self.env._("The answer was approved."))
            # sudo: a to-do for the handler.
            case.sudo().activity_schedule(
                TO_APPROVE,
                summary=self.env._("The answer is approved"),
                user_id=case.user_id.id or case.answer_author_id.id,
            )
        return True

    def _return_answer(self, reason):
        """Give the answer back to who wrote it, with the reason."""
        self._decide_on_answer("returned", html2plaintext(reason))
        for case in self:
            case._log_reason(self.env._("The answer was given back"), reason)
            # sudo: a to-do for who wrote it.
            case.sudo().activity_schedule(
                TO_APPROVE,
                summary=self.env._("The answer was given back: change it"),
                note=plaintext2html(html2plaintext(reason)),
                user_id=case.answer_author_id.id or case.user_id.id,
            )

    def _reason_operations(self):
        return {**super()._reason_operations(), "return_answer": self._return_answer}

    def _decide_on_answer(self, verdict, reason=False):
        """Record what somebody thinks of the answer.

        :raise UserError: when there is nothing to decide, or they may not
        """
        self.check_access("write")
        for case in self:
            if case.approval_state not in ("needed", "returned"):
                raise UserError(
                    self.env._(
                        "%(complaint)s: there is no answer that waits for approval. "
                        "Please reload the page.",
                        complaint=case.display_name,
                    )
                )
            obstacle = case._approval_obstacle()
            if obstacle:
                raise UserError(obstacle)
        # sudo: approvals are written here only, by nobody's hand.
        self.env["complaint.answer.approval"].sudo().create(
            [
                {
                    "case_id": case.id,
                    "round": case.round,
                    "user_id": self.env.uid,
                    "author_id": case.answer_author_id.id,
                    "decided_at": fields.Datetime.now(),
                    "verdict": verdict,
                    "reason": reason,
                    "fingerprint": case._answer_fingerprint(),
                }
                for case in self
            ]
        )
        self._end_approval_to_dos()

    def _end_approval_to_dos(self):
        # sudo: to-dos of others.
        self.sudo().activity_unlink([TO_APPROVE])

    # At the door ----------------------------------------------------------------------

    def _refuse(self, reason):
        """A refusal is an answer, too: where four eyes are needed it waits for them."""
        waiting = self.filtered(lambda case: case._is_approval_needed())
        for case in waiting:
            case.write({"outcome": "refused", "answer": reason})
            case._ask_approval()
        return super(ComplaintCase, self - waiting)._refuse(reason)

    def _on_answered(self):
        self._end_approval_to_dos()
        return super()._on_answered()

    def _kept_answer_values(self):
        # sudo: it is kept with the answer, whoever sends it.
        rows = self.sudo().approval_ids.filtered(
            lambda row: (
                row.round == self.round
                and row.verdict == "approved"
                and row.fingerprint == self._answer_fingerprint()
            )
        )
        approver = rows[-1:].user_id
        return super()._kept_answer_values() | {"approved_by_id": approver.id}
