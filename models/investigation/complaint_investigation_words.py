from odoo import models

from ..words import plain


class ComplaintInvestigation(models.Model):
    """What a report says: as facts that are signed, and in words for paper (D1)."""

    _inherit = "complaint.investigation"

    def _report_facts(self):
        """Everything that is signed, as plain values (see ``tools/fingerprint.py``)."""
        self.ensure_one()
        # sudo: what is signed is whole, whoever signs.
        one = self.sudo()
        case = one.case_id
        texts = ("course", "cause", "impact", "responsible", "responsibility")
        return {
            "complaint": case.name,
            "subject": case.subject,
            "round": one.round,
            "attempt": one.attempt,
            "signers": [person.id for person in one._signers()],
            **{name: str(one[name] or "") for name in one._html_names()},
            **{name: one[name] or "" for name in texts},
            "contacts": [row._facts() for row in one.contact_ids.sorted("id")],
            "verifications": [
                row._facts() for row in one.verification_ids.sorted("id")
            ],
            "questions": [row._facts() for row in one.question_ids.sorted("id")],
            "findings": [
                {
                    "allegation": line.summary,
                    "finding": line.finding or "",
                    "cause": line.cause_id.name or "",
                    "reason": line.reason or "",
                }
                for line in case.allegation_ids.sorted("id")
            ],
            "evidence": [
                {"reference": piece.name, "seal": piece.seal}
                for piece in case.evidence_ids.sorted("id")
                if piece.state == "accepted"
            ],
        }

    def _html_names(self):
        return ("plan", "facts", "conclusion", "proposal")

    def _report_signatures(self):
        """Who signed the report as it is, in order, for paper.

        :return: list of dict: role (label), person, signed (signature row, maybe empty)
        """
        self.ensure_one()
        signed = {row.role: row for row in self._signed()}
        rows = self.env["complaint.signature"]
        labels = dict(rows._fields["role"]._description_selection(self.env))
        return [
            {
                "role": label,
                "person": self._signer(role).name or "",
                "signed": signed.get(role, rows),
            }
            for role, label in labels.items()
        ]

    def _report_evidence(self):
        """Accepted evidence, by which the facts were established."""
        return self.case_id.evidence_ids.filtered(
            lambda piece: piece.state == "accepted"
        )

    def _report_name(self):
        """Name of the printed file, in the language of whoever prints it."""
        self.ensure_one()
        return self.env._(
            "Investigation report of complaint %(number)s",
            number=self.case_id.name.replace("/", "-"),
        )

    def _plain(self, name):
        return plain(self[name])
