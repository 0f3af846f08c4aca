from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintStepWizard(models.AbstractModel):
    """One step of something that has a way of its own, with what is to be said of it.

    A dialogue names its record in ``_step_of`` and its own fields in
    :meth:`_step_details`; what the steps do is known to the record's ``_operations``.
    """

    _name = "complaint.step.wizard"
    _description = "Complaint: dialogue of a step"

    #: Name of the field with the record.
    _step_of = ""

    text = fields.Text(string="What is there to say")
    hint = fields.Char(compute="_compute_hint", help="What belongs there.")

    @api.depends("operation")
    def _compute_hint(self):
        for wizard in self:
            wizard.hint = wizard._hints().get(wizard.operation)

    def _hints(self):
        """{operation: what to write}."""
        return {}

    def _step_details(self):
        """What else the step is told: {name: value}."""
        return {}

    def action_confirm(self):
        """Take the step.

        :raise UserError: without a word, or when the step is not the user's to take
        """
        self.ensure_one()
        one = self[self._step_of]
        one.check_access("read")
        if not (self.text or "").strip():
            raise UserError(self.env._("Please say something about it."))
        one._operations()[self.operation](self.text, **self._step_details())
        return {"type": "ir.actions.act_window_close"}
