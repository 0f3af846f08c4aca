from odoo import api, models
from odoo.fields import Domain


class ComplaintCase(models.Model):
    """How customers reach their complaints and orders in the portal (I1)."""

    _inherit = "complaint.case"

    # Which complaints --------------------------------------------------------------

    @api.model
    def _portal_domain(self, partner):
        """Complaints that belong on a contact's own list.

        Record rules say the same for customers; employees, who may read others'
        complaints for their work, would else find those among their own.
        """
        domain = Domain("partner_id", "=", partner.id)
        if partner.is_complaint_contact:
            domain |= Domain(
                "commercial_partner_id", "=", partner.commercial_partner_id.id
            )
        return domain

    @api.model
    def _portal_search_domain(self, partner, text):
        """Complaints with a text in number, subject or number of the order."""
        # sudo: employees need no access to sales; the customer's own orders only.
        orders = (
            self.env["sale.order"]
            .sudo()
            ._search(
                [
                    ("name", "ilike", text),
                    (
                        "partner_id.commercial_partner_id",
                        "=",
                        partner.commercial_partner_id.id,
                    ),
                ]
            )
        )
        return (
            Domain("name", "ilike", text)
            | Domain("subject", "ilike", text)
            | Domain("order_id", "in", orders)
        )

    @api.model
    def _portal_orders(self, partner, order_ids=None):
        """Confirmed orders of the contact's company, latest first.

        :param list order_ids: only these, when given
        """
        domain = Domain(
            "partner_id.commercial_partner_id", "=", (partner.commercial_partner_id.id)
        )
        domain &= Domain("state", "=", "sale")
        domain &= Domain("company_id", "in", self.env.user.company_ids.ids)
        if order_ids is not None:
            domain &= Domain("id", "in", order_ids)
        # sudo: which orders are the customer's is said above, whatever rules for
        # followers and salespeople the company has.
        return (
            self.env["sale.order"]
            .sudo()
            .search(domain, order="date_order desc, id desc", limit=200)
        )

    @api.model
    def _portal_order_lines(self, orders):
        """What can be complained about, as {order: lines}, with a few queries."""

        def is_product(line):
            return line.product_id and not line.display_type and not line.is_downpayment

        lines = {order: order.order_line.filtered(is_product) for order in orders}
        together = {id_ for some in lines.values() for id_ in some.ids}
        return {order: some.with_prefetch(together) for order, some in lines.items()}

    @api.model
    def _get_thread_with_access(
        self,
        thread_id,
        *,
        token=None,
        hash=None,
        pid=None,
        **kwargs,
    ):
        """A complaint that is not there is told from one out of reach by nobody.

        Odoo compares tokens as they come, and an error tells that there is something
        to compare with.
        """
        # sudo: only to see whether there is something to compare with.
        case = self.browse(thread_id).sudo().exists()
        if not case:
            return self.browse()
        is_comparable = isinstance(token, str) and token.isascii() and case.access_token
        is_signed = isinstance(hash, str) and hash.isascii() and str(pid).isdecimal()
        return super()._get_thread_with_access(
            thread_id,
            token=token if is_comparable else None,
            hash=hash if is_signed else None,
            pid=pid if is_signed else None,
            **kwargs,
        )
