from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.triage import Thresholds

MANAGERS = "complaint_management.group_manager"


class ResCompany(models.Model):
    """From how many points of the triage a complaint is important, urgent, major."""

    _inherit = "res.company"

    complaint_triage_important = fields.Integer(
        string="Important from",
        default=3,
        help="Points of the triage from which a complaint is important. 0: never.",
    )
    complaint_triage_urgent = fields.Integer(
        string="Urgent from",
        default=6,
        help="Points of the triage from which a complaint is urgent. 0: never.",
    )
    complaint_triage_major = fields.Integer(
        string="Major from",
        default=8,
        help="Points of the triage from which a complaint is major, and urgent. 0: "
        "never.",
    )

    @api.constrains(
        "complaint_triage_important",
        "complaint_triage_urgent",
        "complaint_triage_major",
    )
    def _check_complaint_triage(self):
        for company in self:
            given = [limit for limit in company._complaint_triage_thresholds() if limit]
            if any(limit < 0 for limit in given) or given != sorted(given):
                raise ValidationError(
                    self.env._(
                        "Triage: give points of zero or more, fewest for important, "
                        "most for major."
                    )
                )

    def _complaint_triage_thresholds(self):
        # sudo: how a complaint is judged is no secret to who handles it.
        company = self.sudo()
        return Thresholds(
            company.complaint_triage_important,
            company.complaint_triage_urgent,
            company.complaint_triage_major,
        )

    def _complaint_managers(self):
        """Active complaint managers of the company."""
        self.ensure_one()
        # sudo: whom to turn to does not depend on who asks.
        return (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("all_group_ids", "in", self.env.ref(MANAGERS).ids),
                    ("company_ids", "in", self.ids),
                ],
                order="id",
            )
        )
