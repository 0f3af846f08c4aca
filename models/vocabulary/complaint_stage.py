from odoo import api, fields, models
from odoo.exceptions import UserError

from ..constants import PHASES


class ComplaintStage(models.Model):
    """A column of the company's board; its phase is what the process goes by."""

    _name = "complaint.stage"
    _inherit = ["complaint.kept.mixin"]
    _description = "Complaint Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    phase = fields.Selection(
        selection=PHASES,
        required=True,
        default="investigating",
        index=True,
        help="What a complaint in this stage counts as. Time limits, the customer's "
        "view and all checks go by the phase; name and order are yours.",
    )
    fold = fields.Boolean(string="Folded in Kanban")
    description = fields.Text(
        translate=True,
        string="What to do here",
        help="Shown to the handler as a hint on the form.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last_of_phase(self):
        self._check_phase_covered(self.mapped("phase"), leaving=self)

    def write(self, vals):
        phases = self.mapped("phase")
        result = super().write(vals)
        if "phase" in vals or vals.get("active") is False:
            self._check_phase_covered(phases)
        return result

    @api.model
    def _check_phase_covered(self, phases, leaving=None):
        """Every phase keeps a stage, or complaints could not go through it.

        :raise UserError: naming the phase that would be left without a stage
        """
        remaining = set((self._all() - (leaving or self.browse())).mapped("phase"))
        labels = dict(self._fields["phase"]._description_selection(self.env))
        for phase in phases:
            if phase not in remaining:
                raise UserError(
                    self.env._(
                        "“%(phase)s” needs at least one stage. Add another stage with "
                        "this phase first.",
                        phase=labels[phase],
                    )
                )

    @api.model
    def _by_phase(self):
        """The stage that a case enters when it is moved to a phase: the first one."""
        stages = {}
        for stage in self._all():
            stages.setdefault(stage.phase, stage)
        return stages

    @api.model
    def _all(self):
        """All stages in their order: a company has a dozen of them."""
        return self.search([("phase", "!=", False)])
