from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintCase(models.Model):
    """When a complaint was received drives every limit: corrected with a reason (C1).

    Letters, calls taken down later, mail of a weekend: whoever registers a complaint
    gives its true date. Once it is taken up, the date changes through
    :meth:`_correct_receipt` only, which keeps why.
    """

    _inherit = "complaint.case"

    def write(self, vals):
        if "date_received" in vals:
            self._check_receipt_change(
                fields.Datetime.to_datetime(vals["date_received"])
            )
        return super().write(vals)

    def _check_receipt_change(self, moment):
        """Refuse to move the receipt of a complaint that is taken up, silently."""
        if self.env.su or self.env.user.has_group("complaint_management.group_manager"):
            return
        moved = self.filtered(
            lambda case: case.phase != "received" and case.date_received != moment
        )
        if moved:
            raise UserError(
                self.env._(
                    "%(complaint)s is taken up: its time limits count from the date "
                    "received. Use “Correct” beside the date and give the reason.",
                    complaint=moved[0].display_name,
                )
            )

    def _correct_receipt(self, moment, reason):
        """Correct when complaints were received; open limits are planned anew (C1).

        Limits that were met or missed by the wrong date are judged again. The date
        before, the reason and who did it stay on record: in the chatter, and in the
        ledger of each clock.

        :param datetime moment: UTC
        :param str reason: why, for the record
        :raise UserError: without a reason, or for a closed case
        """
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Please say why the date is corrected."))
        closed = self.filtered(lambda case: case.phase == "closed")
        if closed:
            raise UserError(
                self.env._(
                    "%(complaint)s is closed: its history is not rewritten. Reopen it "
                    "if it must be looked at again.",
                    complaint=closed[0].display_name,
                )
            )
        self.check_access("write")
        note = self.env._("Date received corrected: %(reason)s", reason=reason)
        # sudo: this is the one way around _check_receipt_change; who did it is kept.
        self.sudo().with_context(complaint_replan_note=note).write(
            {"date_received": moment}
        )
        self._log_reason(self.env._("Date received corrected"), reason)

    def action_correct_receipt(self):
        """Open the dialogue that corrects the date received."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_receipt_wizard_action"
        )
        return action | {
            "context": {
                "default_case_id": self.id,
                "default_date_received": fields.Datetime.to_string(self.date_received),
            }
        }
