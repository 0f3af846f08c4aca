from odoo import models

#: In the context: ids of the only pieces that a list tells of.
ONLY = "complaint_evidence_only"


class ComplaintCase(models.Model):
    """The list of evidence in words, for documents (D3, I4)."""

    _inherit = "complaint.case"

    def _evidence_rows(self):
        """Each piece of evidence with its files and custody, for staff.

        :return: list of dict: reference, title, kind, state, alarm, facts (list of
            (label, text)), files (list of dict: name, size, sha256), custody (list of
            dict: when, what, who, note)
        """
        self.ensure_one()
        pieces = self.evidence_ids.sorted("id")
        only = self.env.context.get(ONLY)
        if only is not None:
            pieces = pieces.filtered(lambda piece: piece.id in only)
        return [piece._row() for piece in pieces]

    def _evidence_list_name(self):
        """Name of the printed file, in the language of whoever prints it."""
        self.ensure_one()
        return self.env._(
            "Evidence of complaint %(number)s", number=self.name.replace("/", "-")
        )

    def action_print_evidence(self):
        """Print the list of evidence."""
        return self.env.ref(
            "complaint_management.report_complaint_evidence_list"
        ).report_action(self)
