from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..case.complaint_case_checklist import Point


class ComplaintCase(models.Model):
    """Missed limits ask for a reason: from the reasons the company learns (C6)."""

    _inherit = "complaint.case"

    unexplained_clock_ids = fields.Many2many(
        comodel_name="complaint.sla.clock",
        string="Missed without a reason",
        compute="_compute_unexplained_clock_ids",
        groups="base.group_user",
        help="Time limits that were missed and nobody said why.",
    )
    has_unexplained_breach = fields.Boolean(
        string="Reason missing",
        compute="_compute_unexplained_clock_ids",
        search="_search_has_unexplained_breach",
        groups="base.group_user",
    )

    # The limits of a merged complaint run on in the one that remains, from the earlier
    # receipt: that is where somebody says why they were missed.
    @api.depends("outcome", "clock_ids.state", "clock_ids.breach_reason_id")
    def _compute_unexplained_clock_ids(self):
        for case in self:
            is_merged = case.outcome == "merged"
            case.unexplained_clock_ids = not is_merged and case.clock_ids.filtered(
                lambda clock: clock.state == "breached" and not clock.breach_reason_id
            )
            case.has_unexplained_breach = bool(case.unexplained_clock_ids)

    @api.model
    def _search_has_unexplained_breach(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = {bool(item) for item in value}
        if len(wanted) != 1:
            return Domain(len(wanted) == (2 if operator == "in" else 0))
        missing = Domain(
            "clock_ids",
            "any",
            [("state", "=", "breached"), ("breach_reason_id", "=", False)],
        ) & Domain("outcome", "!=", "merged")
        return missing if (True in wanted) == (operator == "in") else ~missing

    def _missing_to_close(self):
        missing = super()._missing_to_close()
        if not self._must_explain_breaches():
            return missing
        # sudo: the company's settings, and limits of all rounds.
        missed = self.sudo().unexplained_clock_ids
        if missed:
            text = self.env._(
                "say why time limits were missed first (%(limits)s).",
                limits=", ".join(missed._milestone_names()),
            )
            missing.append(Point(text, where=missed[:1]))
        return missing

    def _must_explain_breaches(self):
        """Whether whoever closes this case must have said why limits were missed.

        Customers who accept an answer, and the scheduled action, are never stopped;
        managers may close and leave the question open.
        """
        self.ensure_one()
        if self.env.is_superuser() or self.env.user.share:
            return False
        if self.env.user.has_group("complaint_management.group_manager"):
            return False
        # sudo: handlers need not read companies.
        return self.company_id.sudo().complaint_require_breach_reason

    def _explain_breaches(self, reason, note=None, clocks=None):
        """Put on record why limits were missed (C6).

        :param reason: complaint.breach.reason
        :param str note: what happened, in words
        :param clocks: which of the missed limits; all without a reason by default
        :raise UserError: when there are none
        """
        # sudo: clocks are written by the system only, by nobody's hand.
        missed = self.sudo().unexplained_clock_ids if clocks is None else clocks.sudo()
        missed = missed.filtered(
            lambda clock: clock.state == "breached" and clock.case_id in self
        )
        if not missed:
            raise UserError(self.env._("No missed time limit is without a reason."))
        missed._explain(reason, note)
        return missed

    def action_explain_breaches(self):
        """Open the dialogue that asks why time limits were missed."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_breach_wizard_action"
        )
        return action | {"context": {"default_case_id": self.id}}
