from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """How far complaints are looked back for repeats and clusters (A7)."""

    _inherit = "res.company"

    complaint_repeat_days = fields.Integer(
        string="Repeat within (days)",
        default=90,
        help="A complaint of the same customer about the same order, product or "
        "category is a repeat of an earlier one that is open or was closed within so "
        "many days. 0: repeats are not recognised.",
    )
    complaint_cluster_days = fields.Integer(
        string="Cluster within (days)",
        default=7,
        help="Complaints of so many days are looked at to find products about which "
        "several customers complain.",
    )
    complaint_cluster_customers = fields.Integer(
        string="Cluster from (customers)",
        default=3,
        help="From so many customers the complaints about a product are a cluster.",
    )

    @api.constrains(
        "complaint_repeat_days",
        "complaint_cluster_days",
        "complaint_cluster_customers",
    )
    def _check_complaint_recognition(self):
        for company in self:
            if not 0 <= company.complaint_repeat_days <= 3650:
                raise ValidationError(
                    self.env._("Repeats: give a number of days from 0 to 3650.")
                )
            if not 1 <= company.complaint_cluster_days <= 365:
                raise ValidationError(
                    self.env._("Clusters: give a number of days from 1 to 365.")
                )
            if company.complaint_cluster_customers < 2:
                raise ValidationError(
                    self.env._("A cluster has at least two customers.")
                )
