from odoo import api, models
from odoo.fields import Domain

from ...tools import phones

#: Rows that are offered; whoever gets more types more.
OFFERED = 8
#: Fewer signs find too much.
MIN_LETTERS = 2


class ComplaintCustomerSearch(models.AbstractModel):
    """One field that finds the customer, whatever was typed or scanned (A2, A8).

    A phone number, an e-mail address, a name, the number of an order or of a
    complaint: what it can be is looked up, each by an index.
    """

    _name = "complaint.customer.search"
    _description = "Search of Customers at the Desk"

    @api.model
    def _find(self, text):
        """What a text can mean, the surest first.

        :return: list of dict of plain values; ``kind`` is order, case or customer
        """
        text = " ".join((text or "").split())
        if len(text) < MIN_LETTERS:
            return []
        orders = self._orders(text)
        partners = self._partners(text)
        counts = self._case_counts((partners | orders.partner_id).commercial_partner_id)
        rows = [self._case_row(case) for case in self._cases(text)]
        rows += [self._order_row(order, counts) for order in orders]
        rows += [self._partner_row(partner, counts) for partner in partners]
        return rows[:OFFERED]

    @api.model
    def _orders(self, text):
        orders = self.env["sale.order"]
        if " " in text or "@" in text or not phones.digits(text):
            return orders
        if not orders.has_access("read"):
            return orders
        return orders.search(
            Domain("name", "=ilike", f"{_literal(text)}%")
            & Domain("state", "=", "sale"),
            limit=OFFERED // 2,
            order="date_order desc, id desc",
        )

    @api.model
    def _cases(self, text):
        cases = self.env["complaint.case"].with_context(active_test=False)
        if not phones.digits(text) or " " in text or "@" in text:
            return cases
        return cases.search(
            Domain("name", "=", text.upper()) | Domain("name", "=", text), limit=1
        )

    @api.model
    def _partners(self, text):
        partners = self.env["res.partner"]
        if "@" in text:
            return partners.search(
                self._email_domain(text), limit=OFFERED, order="id desc"
            )
        found = partners._complaint_by_phone(text, limit=OFFERED)
        if phones.is_phone(text):
            return found
        # By what an index holds; the reference of the customer only as a whole.
        domain = Domain("complete_name", "ilike", _literal(text))
        domain |= Domain("ref", "=", text)
        return partners.search(domain, limit=OFFERED, order="complete_name, id")

    @api.model
    def _email_domain(self, text):
        return Domain("email_normalized", "=like", f"{_literal(text.lower())}%")

    @api.model
    def _case_counts(self, commercials):
        """Open and all complaints of customers, of those that the user may see."""
        rows = self.env["complaint.case"]._read_group(
            [("commercial_partner_id", "in", commercials.ids)],
            ["commercial_partner_id", "phase"],
            ["__count"],
        )
        counts = {}
        for commercial, phase, count in rows:
            held = counts.setdefault(commercial, {"all": 0, "open": 0})
            held["all"] += count
            held["open"] += count if phase != "closed" else 0
        return counts

    @api.model
    def _partner_row(self, partner, counts):
        commercial = partner.commercial_partner_id
        count = counts.get(commercial, {"all": 0, "open": 0})
        return {
            "kind": "customer",
            "key": f"customer-{partner.id}",
            "partner_id": partner.id,
            "partner": partner.display_name,
            "title": partner.name or partner.email or "",
            "company": commercial.name if commercial != partner else "",
            "phone": partner.phone or "",
            "email": partner.email or "",
            "city": partner.city or "",
            "is_vulnerable": (
                partner.is_complaint_vulnerable or commercial.is_complaint_vulnerable
            ),
            "complaints": count["all"],
            "open_complaints": count["open"],
            "order_id": False,
            "case_id": False,
        }

    @api.model
    def _order_row(self, order, counts):
        return {
            **self._partner_row(order.partner_id, counts),
            "kind": "order",
            "key": f"order-{order.id}",
            "order_id": order.id,
            "order": order.name,
        }

    @api.model
    def _case_row(self, case):
        return {
            "kind": "case",
            "key": f"case-{case.id}",
            "case_id": case.id,
            "title": case.name,
            "subject": case.subject,
            "partner_id": case.partner_id.id,
            "order_id": False,
        }


def _literal(text):
    """A text in which the signs of a pattern stand for themselves."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
