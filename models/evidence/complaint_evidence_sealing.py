from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.fingerprint import canonical, fingerprint
from .complaint_evidence import JUDGED

#: What the methods of the model keep for themselves; it is not part of the seal.
KEPT_UP = {
    "alarm",
    "alarm_at",
    "checked_at",
    "custody_count",
    "custody_head",
    "event_error",
    "event_failures",
    "next_event_at",
}
#: What may change after the decision, each time with a line in the custody ledger.
STILL_OPEN = {"hold_reason", "is_customer_visible", "legal_hold"}
#: In the context of the superuser: complaints are merged or split, and evidence goes
#: with them. Nobody else is believed.
MOVING = "complaint_evidence_moving"


class ComplaintEvidence(models.Model):
    """Accepting evidence, and the seal: from then on it stays as it is (D3).

    The rule holds for everybody, administrators and our own code with superuser rights
    included: bytes, metadata and links of what was decided are not changed. Files never
    change at all (``extended/ir_attachment_evidence``).
    """

    _inherit = "complaint.evidence"

    seal = fields.Char(
        readonly=True,
        copy=False,
        help="SHA-256 of everything that was known of the piece when it was decided "
        "upon, the fingerprints of its files included.",
    )

    def write(self, vals):
        self._check_written(vals)
        before = {}
        if STILL_OPEN.intersection(vals):
            before = {piece: piece._still_open() for piece in self}
        result = super().write(vals)
        for piece, values in before.items():
            piece._log_still_open(*values)
        return result

    def _check_written(self, vals):
        names = set(vals)
        if not self.env.su:
            self._check_by_hand(names)
        told = names - KEPT_UP
        is_moved = self.env.su and self.env.context.get(MOVING)
        if "case_id" in told and not is_moved:
            self._refuse_change()
        sealed = self.filtered(lambda piece: piece.state != "draft")
        if sealed and told - STILL_OPEN - ({"case_id"} if is_moved else set()):
            sealed._refuse_change()

    def _refuse_change(self):
        """
        :raise UserError: always
        """
        raise UserError(
            self.env._(
                "%(evidence)s is sealed and cannot be changed any more. Register what "
                "is new as a further piece.",
                evidence=self[:1].display_name,
            )
        )

    def _still_open(self):
        return self.is_customer_visible, self.legal_hold and self.hold_reason

    def _log_still_open(self, was_visible, was_held):
        is_visible, is_held = self._still_open()
        if is_visible != was_visible:
            self._custody("shown" if is_visible else "hidden")
        if is_held and is_held != was_held:
            self._custody("held", is_held)
        elif was_held and not is_held:
            self._custody("released")

    # Deciding -----------------------------------------------------------------------

    def action_accept(self):
        """Accept the pieces as evidence and seal them.

        :raise UserError: when a judgement is missing or speaks against it
        """
        self.check_access("write")
        for piece in self:
            problem = piece._obstacle_to_accept()
            if problem:
                raise UserError(
                    self.env._(
                        "%(evidence)s cannot be accepted: %(problem)s",
                        evidence=piece.display_name,
                        problem=problem,
                    )
                )
        self._decide("accepted")
        return True

    def _obstacle_to_accept(self):
        """Why a piece cannot be accepted as it is; empty when nothing is against it."""
        self.ensure_one()
        labels = {
            name: self._fields[name]._description_string(self.env) for name in JUDGED
        }
        if self.state != "draft":
            return self.env._("it was decided on already. Reload the page.")
        missing = [labels[name] for name in JUDGED if not self[name]]
        if missing:
            return self.env._("judge it first: %(what)s.", what=", ".join(missing))
        lacking = [labels[name] for name in JUDGED if self[name] == "lacking"]
        if lacking:
            return self.env._(
                "it lacks %(what)s. Mark it as not accepted, with the reason.",
                what=", ".join(lacking),
            )
        if not self.judgement_note and "doubtful" in [self[name] for name in JUDGED]:
            return self.env._("say under the reasons what remains in doubt.")
        if self.kind != "physical" and not (self._files_in_force() or self.description):
            return self.env._("it has neither a file nor a description.")
        return ""

    def _reject(self, reason):
        """Mark as not accepted, with the reason; it is kept and sealed all the same."""
        self.check_access("write")
        if self.filtered(lambda piece: piece.state != "draft"):
            raise UserError(self.env._("This was decided on already. Reload the page."))
        # sudo: written by this method only.
        self.sudo().write({"rejection": reason})
        self._decide("rejected", reason)

    def _decide(self, state, note=""):
        now = fields.Datetime.now()
        # sudo: state and seal are written by this method only.
        pieces = self.sudo()
        pieces.write({"decided_at": now, "decided_by_id": self.env.uid})
        for piece in pieces:
            piece.write({"seal": piece._seal_now(state), "state": state})
        self._plan_check(now)
        self._custody(state, note)

    # The seal -----------------------------------------------------------------------

    def _seal_now(self, state=None):
        """Fingerprint of the piece as it is, see :meth:`_seal_facts`."""
        return fingerprint(canonical(self._seal_facts(state or self.state)))

    def _seal_facts(self, state):
        """What the seal covers: everything that is known of the piece, and its files.

        Not the complaint, which changes when complaints are merged: the reference names
        the one it was registered in.
        """
        self.ensure_one()
        return {
            "reference": self.name,
            "title": self.title,
            "description": self.description or "",
            "kind": self.kind,
            "source": self.source,
            "source_name": self.source_name or "",
            "method": self.method,
            "collected_at": self.collected_at,
            "collected_by": self.collected_by_id.id,
            "allegations": sorted(self.allegation_ids.ids),
            **{name: self[name] or "" for name in JUDGED},
            "judgement_note": self.judgement_note or "",
            "state": state,
            "rejection": self.rejection or "",
            "decided_at": self.decided_at,
            "decided_by": self.decided_by_id.id,
            "registered_at": self.create_date.replace(microsecond=0),
            "files": [row._facts() for row in self._files_in_force().sorted("id")],
        }
