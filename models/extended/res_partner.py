from odoo import api, fields, models

from ..constants import CUSTOMER_TYPES

HANDLERS = "complaint_management.group_handler,complaint_management.group_auditor"


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_complaint_contact = fields.Boolean(
        help="In the portal this contact sees the complaints of the whole company, "
        "not only the own ones.",
    )
    complaint_customer_type = fields.Selection(
        selection=CUSTOMER_TYPES,
        string="Customer Type",
        groups=HANDLERS,
        help="Empty: company or individual, as the contact is.",
    )
    complaint_feedback_optout = fields.Boolean(
        string="No satisfaction surveys",
        groups=HANDLERS,
        help="Surveys about complaints are not sent to this contact.",
    )
    complaint_count = fields.Integer(
        compute="_compute_complaint_count", groups=HANDLERS
    )

    def write(self, vals):
        contacts = self.filtered("is_complaint_contact")
        result = super().write(vals)
        if "is_complaint_contact" in vals or (contacts and "parent_id" in vals):
            # Record rules are kept in memory as they were worked out for each user;
            # whose complaints somebody sees has just changed (field 21).
            self.env.registry.clear_cache()
        return result

    def _compute_complaint_count(self):
        # Not stored: a counter on the partner would make all complaints of a large
        # customer wait for one row.
        counts = {}
        for commercial, partner, count in self.env["complaint.case"]._read_group(
            [
                "|",
                ("partner_id", "in", self.ids),
                ("commercial_partner_id", "in", self.ids),
            ],
            ["commercial_partner_id", "partner_id"],
            ["__count"],
        ):
            for owner in {commercial.id, partner.id}:
                counts[owner] = counts.get(owner, 0) + count
        for partner in self:
            partner.complaint_count = counts.get(partner.id, 0)

    def _complaint_customer_type(self):
        self.ensure_one()
        # sudo: a customer of another person's contact is the same customer.
        commercial = self.sudo().commercial_partner_id
        return commercial.complaint_customer_type or (
            "company" if commercial.is_company else "individual"
        )

    @api.readonly
    def action_view_complaints(self):
        """Open the complaints of this contact and, for a company, of its people."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_case_action"
        )
        return action | {
            "domain": [
                "|",
                ("partner_id", "=", self.id),
                ("commercial_partner_id", "=", self.id),
            ],
            "context": {"default_partner_id": self.id},
        }
