from datetime import timedelta

from odoo import fields, models


class ComplaintPolicyVersionWizard(models.TransientModel):
    """Asks from which day a new version of a policy holds (C6)."""

    _name = "complaint.policy.version.wizard"
    _description = "New Version of a Time Limit Policy"

    policy_id = fields.Many2one(
        comodel_name="complaint.sla.policy",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    date_from = fields.Date(
        string="Valid from",
        required=True,
        default=lambda self: fields.Date.context_today(self) + timedelta(days=1),
        help="First day of receipt that the new version applies to.",
    )

    def action_confirm(self):
        """Make the version and open it."""
        self.ensure_one()
        self.policy_id.check_access("write")
        version = self.policy_id._new_version(self.date_from)
        return version._get_records_action(views=[(False, "form")])
