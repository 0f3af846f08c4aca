from odoo import models
from odoo.tools.misc import format_datetime

from ..words import label
from .complaint_evidence import JUDGED


class ComplaintEvidence(models.Model):
    """A piece of evidence in words, for documents (D3, I4)."""

    _inherit = "complaint.evidence"

    def _row(self):
        """One piece for a document, see ComplaintCase._evidence_rows."""
        self.ensure_one()
        return {
            "reference": self.name,
            "title": self.title,
            "kind": label(self, "kind"),
            "state": label(self, "state"),
            "alarm": self.alarm or "",
            "facts": list(self._row_facts()),
            "files": [
                {
                    "name": row.name,
                    "size": f"{row.size:,}".replace(",", "\N{NO-BREAK SPACE}"),
                    "sha256": row.sha256,
                }
                for row in self._files_in_force().sorted("id")
            ],
            "custody": [
                {
                    "when": format_datetime(self.env, row.at),
                    "what": label(row, "kind"),
                    "who": row.person,
                    "note": row._row_note(),
                }
                for row in self.custody_ids.sorted("position")
            ],
        }

    def _row_facts(self):
        """What is known of the piece, as (label, text), without what is empty."""
        fields_told = (
            ("source", " ".join(filter(None, [label(self, "source"), self._source()]))),
            ("method", label(self, "method")),
            ("collected_at", format_datetime(self.env, self.collected_at)),
            ("collected_by_id", self.collected_by_id.name),
            ("allegation_ids", "\n".join(self.allegation_ids.mapped("summary"))),
            ("description", self.description),
            *((name, label(self, name)) for name in JUDGED),
            ("judgement_note", self.judgement_note),
            (
                "decided_at",
                self.decided_at and format_datetime(self.env, self.decided_at),
            ),
            ("decided_by_id", self.decided_by_id.name),
            ("rejection", self.rejection),
            ("hold_reason", self.legal_hold and self.hold_reason),
            ("whereabouts", label(self, "whereabouts")),
            ("holder", self.holder),
            ("place", self.place),
            ("seal", self.seal),
        )
        for name, text in fields_told:
            if text:
                yield self._fields[name]._description_string(self.env), text

    def _source(self):
        return f"({self.source_name})" if self.source_name else ""
