from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.fingerprint import BEGINNING, linked
from .complaint_custody import KINDS, WHEREABOUTS


class ComplaintEvidence(models.Model):
    _inherit = "complaint.evidence"

    custody_head = fields.Char(readonly=True, copy=False)
    custody_count = fields.Integer(readonly=True, copy=False, aggregator=None)
    holder = fields.Char(string="Held by", compute="_compute_whereabouts")
    place = fields.Char(string="Kept at", compute="_compute_whereabouts")
    whereabouts = fields.Selection(
        selection=[item for item in KINDS if item[0] in WHEREABOUTS],
        compute="_compute_whereabouts",
    )

    @api.depends("custody_ids")
    def _compute_whereabouts(self):
        for piece in self:
            last = piece.custody_ids.filtered(lambda row: row.kind in WHEREABOUTS)[-1:]
            piece.whereabouts = last.kind
            piece.holder = last.holder
            piece.place = last.place

    def _custody(self, kind, note="", person=None, holder=None, place=None):
        """Add a line to the ledger of each piece.

        A fixed number of queries, however many there are. Two who add at once: the
        second one waits.

        :param str kind: one of KINDS
        :param note: text, or {piece: text}; pieces without a text get no line then
        :param str person: who did it, where it was no user of the system
        """
        # sudo: lines are written by this method only, by everybody's deeds.
        pieces, ledger = self.sudo(), self.env["complaint.custody"].sudo()
        notes = note if isinstance(note, dict) else dict.fromkeys(pieces, note)
        pieces = pieces.filtered(notes.__contains__)
        if not pieces:
            return
        now = fields.Datetime.now()
        heads = pieces._custody_lock()
        user = self.env.user
        values = []
        for piece in pieces:
            previous, position = heads[piece.id]
            vals = {
                "position": position + 1,
                "at": now,
                "kind": kind,
                "user_id": False if person else user.id,
                "person": person or f"{user.sudo().name} ({user.sudo().login})",
                "note": notes[piece],
                "holder": holder,
                "place": place,
            }
            vals["fingerprint"] = linked(
                previous or BEGINNING, ledger._facts_of(vals, piece.name)
            )
            values.append({**vals, "evidence_id": piece.id})
        ledger.create(values)
        for piece, vals in zip(pieces, values, strict=True):
            piece.custody_head = vals["fingerprint"]
            piece.custody_count = vals["position"]

    def _custody_lock(self):
        """Lock the pieces, waiting for others; return {id: (head, count)}."""
        self.flush_recordset(["custody_head", "custody_count"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id, custody_head, custody_count FROM complaint_evidence"
                " WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                tuple(self.ids),
            )
        )
        return {id_: (head, count or 0) for id_, head, count in rows}

    def _ask_custody(self, operation, file=None):
        """Open the dialogue in which something that happened is written down."""
        self.check_access("write")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_custody_wizard_action"
        )
        return action | {
            "context": {
                "default_evidence_ids": self.ids,
                "default_operation": operation,
                "default_file_id": file.id if file else False,
            }
        }

    def action_add_files(self):
        """Open the dialogue that adds files to the piece."""
        self.ensure_one()
        action = self.case_id.action_register_evidence()
        action["context"]["default_evidence_id"] = self.id
        return action | {"name": self.env._("Add Files")}

    def action_reject(self):
        """Open the dialogue that asks why it is not accepted."""
        return self._ask_custody("rejected")

    def action_record_whereabouts(self):
        """Open the dialogue that says where an object is kept, or who has it now."""
        return self._ask_custody("moved")

    def action_export(self):
        """Open the dialogue that gives copies out, with their fingerprints."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_evidence_export_action"
        )
        return action | {"context": {"default_evidence_ids": self.ids}}
