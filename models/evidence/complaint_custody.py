from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [
    ("registered", "Registered"),
    ("file_added", "Files added"),
    ("set_aside", "File set aside"),
    ("accepted", "Accepted and sealed"),
    ("rejected", "Not accepted, sealed"),
    ("shown", "Shown to the customer"),
    ("hidden", "No longer shown to the customer"),
    ("held", "Put under legal hold"),
    ("released", "Legal hold lifted"),
    ("viewed", "Viewed from outside the team"),
    ("exported", "Copies given out"),
    ("stored", "Put into store"),
    ("handed_over", "Handed over"),
    ("returned", "Given back"),
    ("destroyed", "Destroyed"),
    ("moved", "Moved with the complaint"),
    ("alarm", "Difference found"),
    ("cleared", "As it was again"),
]
#: What changes the whereabouts of an object.
WHEREABOUTS = ("stored", "handed_over", "returned", "destroyed")
#: Fields that a line's fingerprint covers.
FACTS = ("position", "at", "kind", "user_id", "person", "note", "holder", "place")


class ComplaintCustody(models.Model):
    """What happened to a piece of evidence: who, when, what (D3).

    Lines are added, none is changed. Each carries a fingerprint of itself and the one
    before, so that a change behind the application's back is found by the re-check.
    """

    _name = "complaint.custody"
    _inherit = ["complaint.append.only.mixin"]
    _description = "Custody of Evidence"
    _order = "evidence_id, position"
    _rec_name = "kind"

    evidence_id = fields.Many2one(
        comodel_name="complaint.evidence",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    position = fields.Integer(required=True, readonly=True, aggregator=None)
    at = fields.Datetime(string="When", required=True, readonly=True, index=True)
    kind = fields.Selection(
        selection=KINDS, string="Event", required=True, readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    person = fields.Char(
        string="By whom", readonly=True, help="As the person was called then."
    )
    note = fields.Text(readonly=True)
    holder = fields.Char(string="Held by", readonly=True)
    place = fields.Char(string="Kept at", readonly=True)
    fingerprint = fields.Char(readonly=True, required=True)

    _position_unique = models.UniqueIndex("(evidence_id, position)")

    def _refuse_change(self):
        raise UserError(
            self.env._("The custody ledger is a record and cannot be changed.")
        )

    def _facts(self):
        """What the fingerprint of the line covers, beside the line before."""
        self.ensure_one()
        return self._facts_of(
            {name: self[name] for name in FACTS} | {"user_id": self.user_id.id},
            self.evidence_id.name,
        )

    @api.model
    def _facts_of(self, vals, reference):
        return {
            "evidence": reference,
            **{name: vals.get(name) or "" for name in FACTS},
        }

    def _row_note(self):
        """What a document tells beside the event."""
        return "\n".join(filter(None, [self.note, self.holder, self.place]))
