from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class ComplaintSlaPolicy(models.Model):
    """Policies change by new versions, each valid from a day on (C6).

    What a policy demanded when a complaint was received stays readable for ever, and
    reports of a past period do not change with today's limits.
    """

    _inherit = "complaint.sla.policy"

    version = fields.Integer(
        default=1, required=True, readonly=True, copy=False, aggregator=None
    )
    previous_id = fields.Many2one(
        comodel_name="complaint.sla.policy",
        string="Version before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    next_ids = fields.One2many(
        comodel_name="complaint.sla.policy",
        inverse_name="previous_id",
        readonly=True,
        copy=False,
    )
    next_id = fields.Many2one(
        comodel_name="complaint.sla.policy",
        string="Version after",
        compute="_compute_next_id",
    )
    is_used = fields.Boolean(
        compute="_compute_is_used",
        help="Whether it has set time limits of complaints. Then its limits stay as "
        "they are; a new version can set others.",
    )

    # Two people who press the button at once do not make two successors.
    _one_successor = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "There is a newer version of this policy already. Change that one.",
    )

    @api.depends("next_ids")
    def _compute_next_id(self):
        for policy in self:
            policy.next_id = policy.next_ids[:1]

    @api.depends("name", "version")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = policy.name
            if policy.version > 1:
                policy.display_name = self.env._(
                    "%(policy)s (version %(version)s)",
                    policy=policy.name,
                    version=policy.version,
                )

    def _compute_is_used(self):
        used = self._origin._used()
        for policy in self:
            policy.is_used = policy._origin in used

    def _used(self):
        """Those that have set time limits, with one query. Never cached: a complaint
        may come in at any moment."""
        # sudo: also limits of complaints that whoever asks may not see.
        events = self.env["complaint.sla.event"].sudo()
        groups = events._read_group([("policy_id", "in", self.ids)], ["policy_id"])
        used = {policy.id for (policy,) in groups}
        return self.filtered(lambda policy: policy.id in used)

    def _new_version(self, date_from):
        """Copy the policy to be valid from a day on, and end this one before (C6).

        Complaints received before that day keep the limits they have.

        :param date date_from: first day of receipt, in the working hours' time zone
        :return: the new version
        :raise UserError: when there is a newer version, or the day does not fit
        """
        self.ensure_one()
        if self.next_ids:
            raise UserError(
                self.env._(
                    "There is a newer version of this policy already. Change that one."
                )
            )
        if date_from < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "A new version cannot apply to the past: complaints received then "
                    "have their limits. Choose today or a later day."
                )
            )
        if (self.date_from and date_from <= self.date_from) or (
            self.date_to and date_from > self.date_to
        ):
            raise UserError(
                self.env._(
                    "The new version must begin after the first and not after the "
                    "last day of this one."
                )
            )
        version = self.copy(
            {
                "name": self.name,
                "version": self.version + 1,
                "previous_id": self.id,
                "date_from": date_from,
                "date_to": self.date_to,
            }
        )
        self._copy_name_to(version)
        self.date_to = date_from - timedelta(days=1)
        return version

    def _copy_name_to(self, version):
        """The copy carries the name in every language, without “(copy)”."""
        for lang, _name in self.env["res.lang"].get_installed():
            version.with_context(lang=lang).name = self.with_context(lang=lang).name

    def action_new_version(self):
        """Ask from which day a new version shall hold."""
        self.ensure_one()
        self.check_access("write")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_policy_version_wizard_action"
        )
        return action | {"context": {"default_policy_id": self.id}}
