from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintInvestigationPart(models.AbstractModel):
    """A line of an investigation: open while that is, sealed with it (D1)."""

    _name = "complaint.investigation.part"
    _inherit = ["complaint.kept.mixin"]
    _description = "Part of an Investigation"

    investigation_id = fields.Many2one(
        comodel_name="complaint.investigation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_open()
        return parts

    def write(self, vals):
        self._check_open()
        if "investigation_id" in vals:
            raise UserError(
                self.env._("What belongs to an investigation stays with it.")
            )
        return super().write(vals)

    def _check_open(self):
        # sudo: whoever is asked a question sees nothing of the investigation.
        self.sudo().investigation_id._check_open()

    @api.ondelete(at_uninstall=False)
    def _unlink_while_open(self):
        self._check_open()
