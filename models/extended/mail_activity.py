from odoo import models

from ..sla.complaint_case_alert import ESCALATION


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """Doing the to-do of an escalation acknowledges it (C5)."""
        cases = self.env["complaint.case"]
        if not self.env.context.get("complaint_acknowledged"):
            kind = cases._to_do_type(ESCALATION)
            cases = cases.browse(
                to_do.res_id
                for to_do in self
                if to_do.activity_type_id.id == kind and to_do.res_model == cases._name
            )
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if cases:
            cases._acknowledge_escalation()
        return result
