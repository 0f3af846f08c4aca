from odoo import fields, models
from odoo.exceptions import UserError

OPERATIONS = [
    ("rejected", "Not accepted"),
    ("set_aside", "Set a file aside"),
    ("moved", "The object was moved"),
]
ON_OBJECTS = [
    ("stored", "Put into store"),
    ("handed_over", "Handed over to somebody"),
    ("returned", "Given back to the owner"),
    ("destroyed", "Destroyed"),
]
#: What an object under legal hold is kept from.
GONE = ("returned", "destroyed")


class ComplaintCustodyWizard(models.TransientModel):
    """Asks what happened to evidence, and why; it goes into the custody ledger (D3)."""

    _name = "complaint.custody.wizard"
    _description = "Record What Happened to Evidence"

    evidence_ids = fields.Many2many(comodel_name="complaint.evidence", required=True)
    file_id = fields.Many2one(comodel_name="complaint.evidence.file", readonly=True)
    operation = fields.Selection(
        selection=OPERATIONS, required=True, default="moved", readonly=True
    )
    whereabouts = fields.Selection(
        selection=ON_OBJECTS, string="What happened", default="stored"
    )
    holder = fields.Char(
        string="Who has it now", help="Name of the person or of the body."
    )
    place = fields.Char(string="Where it is kept")
    reason = fields.Text(string="Reason or note")

    def action_confirm(self):
        """Write it down, and do what follows.

        :raise UserError: when something needed is missing, or a legal hold forbids it
        """
        self.ensure_one()
        self.evidence_ids.check_access("write")
        reason = (self.reason or "").strip()
        if self.operation == "moved":
            self._move_object(reason)
        elif not reason:
            raise UserError(self.env._("Please say why."))
        elif self.operation == "rejected":
            self.evidence_ids._reject(reason)
        else:
            self.file_id._set_aside(reason)
        return {"type": "ir.actions.act_window_close"}

    def _move_object(self, reason):
        if not self.whereabouts:
            raise UserError(self.env._("Please choose what happened to it."))
        place, holder = (self.place or "").strip(), (self.holder or "").strip()
        if self.whereabouts == "stored" and not place:
            raise UserError(self.env._("Please say where it is kept."))
        if self.whereabouts in ("handed_over", "returned") and not holder:
            raise UserError(self.env._("Please say who has it now."))
        held = self.evidence_ids.filtered("legal_hold")[:1]
        if held and self.whereabouts in GONE:
            raise UserError(
                self.env._(
                    "%(evidence)s is under legal hold (%(reason)s): it is neither "
                    "given back nor destroyed.",
                    evidence=held.display_name,
                    reason=held.hold_reason,
                )
            )
        if self.whereabouts == "destroyed" and not reason:
            raise UserError(self.env._("Please say why."))
        self.evidence_ids._custody(
            self.whereabouts,
            reason,
            holder=self.whereabouts != "destroyed" and holder,
            place=self.whereabouts in ("stored", "handed_over") and place,
        )
