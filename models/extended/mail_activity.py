from odoo import fields, models

from ..clocked.complaint_clocked_alert import ALERT, ESCALATION


class MailActivity(models.Model):
    _inherit = "mail.activity"

    complaint_remedy_id = fields.Many2one(
        comodel_name="complaint.remedy",
        string="Remedy",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        groups="base.group_user",
        help="What of the complaint the to-do is about.",
    )

    def write(self, vals):
        """Who is given somebody else's to-do about limits keeps it, and reads it in the
        own language and time zone."""
        if not vals.get("user_id") or "summary" in vals:
            return super().write(vals)
        person = self.env["res.users"].browse(vals["user_id"])
        passed_on = self._about_limits().filtered(lambda to_do: to_do.user_id != person)
        for to_do in passed_on:
            subject = self.env[to_do.res_model].browse(to_do.res_id)
            said = subject._alert_values_for(person, to_do.activity_type_id.id)
            super(MailActivity, to_do).write({**said, "automated": False, **vals})
        return super(MailActivity, self - passed_on).write(vals)

    def _about_limits(self, *kinds):
        """Those that clocks have raised on what has limits.

        :param str kinds: external ids of types of to-dos; ours about limits by default
        """
        mixin = self.env.registry["complaint.clocked.mixin"]
        to_do_type = self.env["complaint.clocked.mixin"]._to_do_type
        ids = [to_do_type(kind) for kind in kinds or (ALERT, ESCALATION)]
        return self.filtered(
            lambda to_do: (
                to_do.activity_type_id.id in ids
                and to_do.res_model in self.env
                and issubclass(self.env.registry[to_do.res_model], mixin)
            )
        )

    def _action_done(self, feedback=False, attachment_ids=None):
        """Doing the to-do of an escalation acknowledges it (C5)."""
        to_dos = self.browse()
        if not self.env.context.get("complaint_acknowledged"):
            to_dos = self._about_limits(ESCALATION)
        subjects = [
            self.env[model].browse(of_model.mapped("res_id"))
            for model, of_model in to_dos.grouped("res_model").items()
        ]
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        # Whoever clears away somebody else's to-do has not looked after the complaint.
        for records in subjects:
            records.filtered(
                lambda record: record._may_acknowledge()
            )._acknowledge_escalation()
        return result
