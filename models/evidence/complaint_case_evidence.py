from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ComplaintCase(models.Model):
    """The evidence of a complaint (D3)."""

    _inherit = "complaint.case"

    evidence_ids = fields.One2many(
        comodel_name="complaint.evidence",
        inverse_name="case_id",
        copy=False,
        groups="base.group_user",
    )
    has_evidence_alarm = fields.Boolean(
        compute="_compute_has_evidence_alarm",
        groups="base.group_user",
        help="Something of the evidence is not as it was when it was sealed.",
    )

    @api.depends("evidence_ids.alarm_at")
    def _compute_has_evidence_alarm(self):
        alarming = dict(
            # sudo: that there is an alarm, for whoever sees the complaint.
            self.env["complaint.evidence"]
            .sudo()
            ._read_group(
                [("case_id", "in", self.ids), ("alarm_at", "!=", False)],
                ["case_id"],
                ["__count"],
            )
        )
        for case in self:
            case.has_evidence_alarm = case.sudo() in alarming

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidenced(self):
        # sudo: whether there is any.
        if self.sudo().evidence_ids:
            raise ValidationError(
                self.env._(
                    "There is evidence registered in this complaint: it is kept. Close "
                    "it as refused or withdrawn instead of deleting it."
                )
            )

    def action_register_evidence(self):
        """Open the dialogue that registers evidence, with the files of the complaint
        to choose from."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_evidence_wizard_action"
        )
        return action | {"context": {"default_case_id": self.id}}

    def action_export_evidence(self):
        """Open the dialogue that gives out copies of all accepted evidence."""
        self.ensure_one()
        return self.evidence_ids.filtered(
            lambda piece: piece.state == "accepted"
        ).action_export()

    # With the complaint ---------------------------------------------------------------

    def _merge_move_lines(self, target):
        # sudo: what is sealed moves with its complaint only.
        self.sudo().evidence_ids._move_to_case(target)
        return super()._merge_move_lines(target)

    def _split_move_lines(self, new, allegations):
        """What concerns nothing but the allegations split off goes with them."""
        # sudo: as above.
        pieces = self.sudo().evidence_ids.filtered(
            lambda piece: piece.allegation_ids and piece.allegation_ids <= allegations
        )
        pieces._move_to_case(new)
        return super()._split_move_lines(new, allegations)
