from odoo import api, fields, models

from ..extended.res_partner import HANDLERS
from .complaint_recovery import LONG


class ResPartner(models.Model):
    """What the complaints of a customer came to, in a few sentences."""

    _inherit = "res.partner"

    complaint_recovery = fields.Text(
        string="Service recovery",
        compute="_compute_complaint_recovery",
        groups=HANDLERS,
        help="Of the company with all its people. Revenue kept: untaxed, of orders "
        "within 180 days after a complaint, each order once, less credit notes; free "
        "replacements do not count.",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_complaint_recovery(self):
        customers = self.commercial_partner_id
        lines = customers._complaint_recovery_lines()
        for partner in self:
            customer = partner.commercial_partner_id
            about = lines.get(customer) or []
            if about and customer._origin != partner._origin:
                about = [
                    self.env._(
                        "%(company)s, all people together:", company=customer.name
                    ),
                    *about,
                ]
            partner.complaint_recovery = "\n".join(about)

    def _complaint_recovery_lines(self):
        """Sentences about each customer, of the complaints that the user may read.

        :param self: commercial partners: a person of a company is not the customer
        :return: {partner: list of str}; empty where there is no complaint
        """
        came = self.env["complaint.recovery"]._of_customers(self._origin)
        return {
            partner: self._complaint_recovery_words(came.get(partner._origin.id))
            for partner in self
        }

    def _complaint_recovery_words(self, came):
        if not came:
            return []
        over = sum(one.over for one in came)
        running = sum(one.cases for one in came) - over
        lines = []
        if over:
            lines.append(
                self.env._(
                    "Bought again within %(days)s days of a complaint: %(again)s of "
                    "%(over)s.",
                    days=LONG,
                    again=sum(one.again for one in came),
                    over=over,
                )
            )
        if running:
            lines.append(
                self.env._(
                    "Complaints of the last %(days)s days: %(running)s.",
                    days=LONG,
                    running=running,
                )
            )
        # Sums of companies with different currencies stand beside each other.
        cost = ", ".join(one.currency.format(one.cost) for one in came)
        revenue = ", ".join(one.currency.format(one.revenue) for one in came)
        return [
            *lines,
            self.env._("Cost of remedies: %(amounts)s.", amounts=cost),
            self.env._("Revenue kept: %(amounts)s.", amounts=revenue),
        ]
