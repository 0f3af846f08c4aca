from odoo import api, fields, models


class ComplaintActionWizard(models.TransientModel):
    """One step of a corrective action, with what is to be said about it (E3)."""

    _name = "complaint.action.wizard"
    _inherit = ["complaint.step.wizard"]
    _description = "Step of a Corrective Action"
    _step_of = "action_id"

    action_id = fields.Many2one(
        comodel_name="complaint.action", required=True, readonly=True
    )
    operation = fields.Selection(
        selection=[
            ("progress", "Note progress"),
            ("done", "Report as done"),
            ("accept", "Accept the measure"),
            ("reject", "Do not accept the measure"),
            ("postpone", "Postpone the measure"),
            ("cancel", "Cancel the measure"),
            ("effective", "The measure was effective"),
            ("ineffective", "The measure was not effective"),
            ("recheck", "Check the effect again"),
        ],
        required=True,
        readonly=True,
    )
    progress = fields.Integer(
        string="Progress (%)",
        compute="_compute_progress",
        store=True,
        readonly=False,
    )
    day = fields.Date(
        string="New day", compute="_compute_day", store=True, readonly=False
    )
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        string="Files",
        bypass_search_access=True,
    )
    criteria = fields.Text(related="action_id.criteria", related_sudo=False)
    target = fields.Text(related="action_id.target", related_sudo=False)
    effect_text = fields.Text(related="action_id.effect_text", related_sudo=False)

    @api.depends("action_id")
    def _compute_progress(self):
        for wizard in self:
            wizard.progress = wizard.action_id.progress

    @api.depends("action_id", "operation")
    def _compute_day(self):
        """Who does not accept it may leave the day as it is."""
        for wizard in self:
            is_rejected = wizard.operation == "reject"
            wizard.day = is_rejected and wizard.action_id.deadline

    @api.constrains("action_id")
    def _check_action(self):
        # What is computed and stored is computed by the system.
        self.sudo(False).action_id.check_access("read")

    def _hints(self):
        return {
            "progress": self.env._("What was done since, and what comes next ..."),
            "done": self.env._("What was done, and where it can be seen ..."),
            "accept": self.env._("How you checked it against the criteria ..."),
            "reject": self.env._("What is missing ..."),
            "postpone": self.env._("Why it takes longer ..."),
            "cancel": self.env._("Why it is not needed any more ..."),
            "effective": self.env._("By what you see that it helped ..."),
            "ineffective": self.env._("By what you see that it did not help ..."),
            "recheck": self.env._("Why it is too early to tell ..."),
        }

    def _step_details(self):
        return {
            "day": self.day,
            "files": self.attachment_ids,
            "progress": self.progress,
        }
