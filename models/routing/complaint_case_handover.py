from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ComplaintCase(models.Model):
    """Nobody loses a complaint: it has an owner, and every change of owner is on
    record (A5)."""

    _inherit = "complaint.case"

    # A person who owns complaints is archived, not deleted.
    user_id = fields.Many2one(ondelete="restrict")
    handover_ids = fields.One2many(
        comodel_name="complaint.handover",
        inverse_name="case_id",
        string="Hand-overs",
        readonly=True,
        groups="base.group_user",
    )
    handler_is_absent = fields.Boolean(
        compute="_compute_handler_is_absent", groups="base.group_user"
    )

    _untaken_idx = models.Index(
        "(date_received) WHERE user_id IS NULL AND phase <> 'closed'"
    )

    def _compute_handler_is_absent(self):
        now = fields.Datetime.now()
        for case in self:
            # sudo: whether a colleague is there is no secret to colleagues.
            handler = case.sudo().user_id
            case.handler_is_absent = bool(handler) and handler._complaint_is_absent(now)

    def _untaken_domain(self):
        """Open complaints that nobody looks after: no handler, or one who has left."""
        left = Domain("user_id", "=", False) | Domain("user_id.active", "=", False)
        return self._open_domain() & left

    def write(self, vals):
        if "user_id" not in vals or (self.env.su and self._is_history()):
            return super().write(vals)
        self._check_owner_kept(vals["user_id"])
        before = {case: case.user_id for case in self}
        result = super().write(vals)
        self._log_handovers(before)
        return result

    def _check_owner_kept(self, user_id):
        """Once taken up, a complaint always has a handler."""
        if user_id:
            return
        left = self.filtered(lambda case: case.user_id and case.phase != "received")
        if left:
            raise UserError(
                self.env._(
                    "%(complaint)s is taken up and would be without a handler. Hand it "
                    "over to another person instead.",
                    complaint=left[0].display_name,
                )
            )

    def _log_handovers(self, before):
        """:param dict before: the handler that each case comes from"""
        told = self.env.context.get("complaint_handover") or {}
        # Whoever calls from outside may put any words into the context: what the
        # system does is told by the system only.
        kind = told.get("kind") if self.env.su else None
        notes, turns = told.get("notes") or {}, told.get("turns") or {}
        # sudo: only to say why, in a ledger that those involved cannot read.
        involved = {case: case.sudo().involved_user_ids for case in self}
        by_person = not self.env.user.share and self.env.uid != SUPERUSER_ID
        # sudo: hand-overs are written by the system, by nobody's hand.
        self.env["complaint.handover"].sudo().create(
            [
                {
                    "case_id": case.id,
                    "from_user_id": before[case].id,
                    "to_user_id": case.user_id.id,
                    "team_id": case.team_id.id,
                    "user_id": self.env.uid if by_person and not kind else False,
                    "kind": kind
                    or ("conflict" if before[case] in involved[case] else "manual"),
                    "note": notes.get(case.id) or told.get("note"),
                    "turn": turns.get(case.id, 0) if kind else 0,
                }
                for case in self
                if case.user_id != before[case]
            ]
        )

    def _hand_over(self, person, note):
        """Hand complaints to another person, with a note for the record (A5).

        :raise UserError: when that person may not handle one of them
        """
        self.check_access("write")
        self._check_may_handle(person)
        self.with_context(
            complaint_handover={"note": note}, mail_notify_force_send=False
        ).write({"user_id": person.id})

    def _check_may_handle(self, person):
        # sudo: whether a colleague may handle it does not depend on who asks.
        refused = self.sudo() - self.sudo()._handled_by(person)
        if refused:
            raise UserError(
                self.env._(
                    "%(person)s cannot handle %(complaint)s: not in the complaint "
                    "department of that company, not named on the confidential "
                    "complaint, or involved in it. Choose somebody else.",
                    person=person.sudo().name,
                    complaint=refused[0].display_name,
                )
            )

    def action_hand_over(self):
        """Open the dialogue that asks to whom and why."""
        self.check_access("write")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_handover_wizard_action"
        )
        return action | {"context": {"default_case_ids": self.ids}}
