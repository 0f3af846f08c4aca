import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from ...tools.fingerprint import BEGINNING, canonical, first_break, linked
from .complaint_signature import ROLES

SUPERVISOR = "complaint_management.group_supervisor"
TO_DO = "complaint_management.mail_activity_type_signature"


#: What a report says does not depend on who looks at it.
NEUTRAL = {"bin_size": False, "lang": "en_US"}


def _compared(content):
    """Of what was signed, what must be the same now: not the evidence, which may be
    added to, and not the words for a cause, which the company may change."""
    said = json.loads(content)
    said.pop("evidence")
    for finding in said["findings"]:
        finding.pop("cause")
    return said


class ComplaintInvestigation(models.Model):
    """Three signatures, in order; each freezes what was signed (D1)."""

    _inherit = "complaint.investigation"

    next_signer_id = fields.Many2one(
        comodel_name="res.users", string="Signs next", compute="_compute_next_signer_id"
    )
    may_sign = fields.Boolean(compute="_compute_may_sign")

    is_altered = fields.Boolean(
        compute="_compute_is_altered",
        help="What it says, or a signature, is not what was signed.",
    )

    @api.depends("state", "signature_ids")
    def _compute_is_altered(self):
        for one in self:
            one.is_altered = one._is_altered()

    def _is_altered(self):
        """Whether the database was changed behind the application's back (H2).

        What may go on after signing is left out: further evidence.
        """
        self.ensure_one()
        # sudo: what was signed, whoever looks; and whichever way: the web client asks
        # for sizes instead of signatures, and in its own language.
        one = self.sudo().with_context(**NEUTRAL)
        rows = one.signature_ids.sorted("id")
        if first_break([(row._facts(), row.fingerprint) for row in rows]) is not None:
            return True
        signed = one._signed()
        if one.state == "draft" or not signed:
            return one.state == "signed"
        now = _compared(canonical(one._report_facts()))
        return any(_compared(row.content) != now for row in signed)

    @api.depends("state", "signature_ids")
    def _compute_next_signer_id(self):
        for one in self:
            role = one._next_role()
            one.next_signer_id = role and one._signer(role)

    @api.depends("next_signer_id")
    @api.depends_context("uid")
    def _compute_may_sign(self):
        for one in self:
            one.may_sign = one.next_signer_id == self.env.user

    def _signer(self, role):
        return {
            "investigator": self.user_id,
            "in_charge": self.in_charge_id,
            "supervisor": self.supervisor_id,
        }[role]

    def _signed(self):
        """The signatures that hold: of the present attempt, none of them a refusal."""
        return self.signature_ids.filtered(
            lambda row: row.attempt == self.attempt and not row.is_refusal
        )

    def _next_role(self):
        if self.state != "signing":
            return False
        done = self._signed().mapped("role")
        return next((role for role, _label in ROLES if role not in done), False)

    # Handing over for signing -------------------------------------------------------

    def action_submit(self):
        """Hand the report over for signing; from now on it stays as it is.

        :raise UserError: naming what is missing
        """
        self.ensure_one()
        self.check_access("write")
        self._check_open()
        missing = self._missing_to_submit()
        if missing:
            raise UserError(
                self.env._(
                    "Before the report is signed:\n%(missing)s",
                    missing="\n".join(f"- {text}" for text in missing),
                )
            )
        # sudo: the state is written by the methods only.
        self.sudo().state = "signing"
        self._ask_next_signer()
        return True

    def _missing_to_submit(self):
        """What the report lacks, as sentences."""
        missing = []
        if is_html_empty(self.facts):
            missing.append(self.env._("write down the established facts"))
        if not self.verification_ids.filtered("result"):
            missing.append(self.env._("say how they were verified, with the result"))
        if is_html_empty(self.conclusion):
            missing.append(self.env._("write the conclusion"))
        if not all(self.case_id.allegation_ids.mapped("finding")):
            missing.append(self.env._("give every allegation a finding"))
        if self.question_ids.filtered("is_open"):
            missing.append(self.env._("wait for the answers of colleagues"))
        if len(self._signers()) < len(ROLES):
            missing.append(self.env._("name the three people who sign"))
        elif not self.supervisor_id.has_group(SUPERVISOR):
            missing.append(
                self.env._("let a supervisor or manager sign last, not a handler")
            )
        # sudo: who sees the complaint, and names.
        case = self.sudo().case_id
        return missing + [
            self.env._(
                "%(person)s cannot open the complaint and cannot sign",
                person=person.sudo().name,
            )
            for person in self._signers()
            if not case._seen_by(person)
        ]

    def _ask_next_signer(self):
        case = self.case_id
        case.activity_unlink([TO_DO])
        if self.next_signer_id:
            case.activity_schedule(
                TO_DO,
                summary=self.env._("The investigation report is to be signed."),
                user_id=self.next_signer_id.id,
            )

    # Signing ------------------------------------------------------------------------

    def _sign(self, image=None):
        """Sign as the one whose turn it is.

        :param image: the signature as drawn (base64 of a PNG)
        :raise UserError: when it is not the user's turn
        """
        self._check_turn()
        self._check_signers()
        role = self._next_role()
        self._put_signature(role, image=image)
        if not self._next_role():
            # sudo: written by the methods only.
            self.sudo().state = "signed"
        self._ask_next_signer()

    def _send_back(self, reason):
        """Refuse to sign: it is worked over, and signed anew by all (D1)."""
        self._check_turn()
        self._put_signature(self._next_role(), reason=reason)
        self._reopen(reason)

    def _revise(self, reason):
        """A supervisor opens a signed report again, as long as nothing was answered."""
        self.check_access("write")
        if not self.env.user.has_group(SUPERVISOR):
            raise UserError(
                self.env._("Only supervisors and managers open a signed report again.")
            )
        if self.state == "draft":
            raise UserError(self.env._("It is open already. Reload the page."))
        if self.case_id.phase in ("answered", "closed"):
            raise UserError(
                self.env._(
                    "The customer has the answer that rests on this report. Reopen the "
                    "complaint: a new round has an investigation of its own."
                )
            )
        self._reopen(reason)

    def _reopen(self, reason):
        # sudo: written by the methods only.
        self.sudo().write({"state": "draft", "attempt": self.attempt + 1})
        case = self.case_id
        case.activity_unlink([TO_DO])
        case._log_reason(self.env._("Investigation report sent back"), reason)
        case.activity_schedule(
            TO_DO,
            summary=self.env._("The investigation report was sent back."),
            note=reason,
            user_id=self.user_id.id,
        )

    def _check_turn(self):
        self.ensure_one()
        self.check_access("read")
        if not self.may_sign:
            raise UserError(
                self.env._("It is not your turn to sign this report. Reload the page.")
            )

    def _put_signature(self, role, image=None, reason=None):
        """Freeze what is signed, with who and when; linked to the signature before."""
        facts = self.with_context(**NEUTRAL)._report_facts()
        content = canonical(facts).decode()
        now = fields.Datetime.now()
        vals = {
            "role": role,
            "attempt": self.attempt,
            "signed_at": now,
            "person": f"{self.env.user.name} ({self.env.user.login})",
            "content": content,
            "is_refusal": bool(reason),
            "reason": reason or "",
        }
        before = self.sudo().signature_ids.sorted("id")[-1:]
        # sudo: signatures are made by this method only.
        signatures = self.env["complaint.signature"].sudo()
        facts = {**vals, "image": signatures._image_print(image)}
        signatures.create(
            {
                **vals,
                "investigation_id": self.id,
                "user_id": self.env.uid,
                "image": image,
                "fingerprint": linked(before.fingerprint or BEGINNING, facts),
            }
        )

    def action_sign(self):
        """Open the dialogue in which the report is signed, or sent back."""
        self.ensure_one()
        return self._ask("sign")

    def action_revise(self):
        """Open the dialogue that asks why a signed report is opened again."""
        self.ensure_one()
        return self._ask("revise")

    def _ask(self, operation):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_signature_wizard_action"
        )
        return action | {
            "context": {
                "default_investigation_id": self.id,
                "default_operation": operation,
            }
        }
