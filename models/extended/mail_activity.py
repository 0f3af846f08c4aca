from odoo import models

from ..clocked.complaint_clocked_alert import ALERT, ESCALATION


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def write(self, vals):
        """Who is given somebody else's to-do about limits keeps it, and reads it in the
        own language and time zone."""
        if not vals.get("user_id") or "summary" in vals:
            return super().write(vals)
        person = self.env["res.users"].browse(vals["user_id"])
        passed_on = self._about_limits().filtered(lambda to_do: to_do.user_id != person)
        for to_do in passed_on:
            case = self.env["complaint.case"].browse(to_do.res_id)
            said = case._alert_values_for(person, to_do.activity_type_id.id)
            super(MailActivity, to_do).write({**said, "automated": False, **vals})
        return super(MailActivity, self - passed_on).write(vals)

    def _about_limits(self):
        """Those that the clocks of complaints have raised."""
        cases = self.env["complaint.case"]
        kinds = [cases._to_do_type(kind) for kind in (ALERT, ESCALATION)]
        return self.filtered(
            lambda to_do: (
                to_do.res_model == cases._name and to_do.activity_type_id.id in kinds
            )
        )

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
        # Whoever clears away somebody else's to-do has not looked after the complaint.
        cases.filtered(lambda case: case._may_acknowledge())._acknowledge_escalation()
        return result
