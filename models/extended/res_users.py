import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResUsers(models.Model):
    """Who stands in for whom, and who reports to whom (C5)."""

    _inherit = "res.users"

    complaint_deputy_id = fields.Many2one(
        comodel_name="res.users",
        string="Deputy",
        index="btree_not_null",
        ondelete="set null",
        domain=[("share", "=", False)],
        groups="base.group_user",
        help="Gets what is escalated about complaints while this person is absent.",
    )
    complaint_absent_until = fields.Date(
        string="Absent until",
        groups="base.group_user",
        help="Last day of absence. The out-of-office dates count as well.",
    )
    complaint_manager_id = fields.Many2one(
        comodel_name="res.users",
        string="Reports to",
        index="btree_not_null",
        ondelete="set null",
        domain=[("share", "=", False)],
        groups="base.group_user",
        help="Whom complaints are escalated to above this person.",
    )

    @property
    def SELF_READABLE_FIELDS(self):  # noqa: N802 - the platform's name
        return [
            *super().SELF_READABLE_FIELDS,
            "complaint_absent_until",
            "complaint_deputy_id",
            "complaint_manager_id",
        ]

    @property
    def SELF_WRITEABLE_FIELDS(self):  # noqa: N802 - the platform's name
        return [
            *super().SELF_WRITEABLE_FIELDS,
            "complaint_absent_until",
            "complaint_deputy_id",
        ]

    @api.constrains("complaint_deputy_id")
    def _check_complaint_deputy(self):
        for user in self:
            if user.complaint_deputy_id == user:
                raise ValidationError(
                    self.env._(
                        "Nobody stands in for themselves. Choose another deputy."
                    )
                )
            # sudo: a handler may not read other users' groups.
            if user.sudo().complaint_deputy_id.share:
                raise ValidationError(
                    self.env._("Only colleagues can stand in. Choose another deputy.")
                )

    @api.constrains("complaint_manager_id")
    def _check_complaint_manager(self):
        if self._has_cycle("complaint_manager_id"):
            raise ValidationError(
                self.env._(
                    "“Reports to” goes round in a circle. Choose a person who does not "
                    "report to this one."
                )
            )

    def _complaint_is_absent(self, now):
        """Whether the person cannot be reached at the moment (naive UTC)."""
        self.ensure_one()
        if not self.active:
            return True
        if self.complaint_absent_until:
            zone = pytz.timezone(self.tz or "UTC")
            today = pytz.utc.localize(now).astimezone(zone).date()
            if today <= self.complaint_absent_until:
                return True
        begin, end = self.out_of_office_from, self.out_of_office_to
        return bool(begin) and begin <= now and (not end or now <= end)

    def _complaint_stand_in(self, now):
        """The person, or who stands in while absent: the deputy, or the deputy's.

        :return: an empty user when nobody of them is there
        """
        person, asked = self, self.browse()
        while person and person not in asked:
            if not person._complaint_is_absent(now):
                return person
            asked |= person
            person = person.complaint_deputy_id
        return self.browse()
