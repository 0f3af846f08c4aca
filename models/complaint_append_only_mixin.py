from odoo import api, models
from odoo.exceptions import UserError


class ComplaintAppendOnlyMixin(models.AbstractModel):
    """A record of what happened: lines are added, none is changed or removed (H2).

    It holds for everybody, administrators and our own code as well. What must be put
    right is a new line.
    """

    _name = "complaint.append.only.mixin"
    _inherit = ["complaint.kept.mixin"]
    _description = "Complaint: record that is only added to"

    def write(self, vals):
        if self and vals and not self._may_change(vals):
            self._refuse_change()
        return super().write(vals)

    def _may_change(self, vals):
        """Whether a line still counts may be part of it; what it tells never is."""
        return False

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse_change()

    def _refuse_change(self):
        """Say that it cannot be changed; a model may find better words.

        :raise UserError: always
        """
        raise UserError(
            self.env._(
                "“%(kind)s” is a record and cannot be changed.",
                kind=self.env["ir.model"]._get(self._name).name,
            )
        )
