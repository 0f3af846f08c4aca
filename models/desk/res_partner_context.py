from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

from ..words import month_name

#: Rows of each kind that are listed; the counts are complete.
LISTED = 5
#: What counts as recent.
RECENT_DAYS = 30
ROLES = ("complaint_management.group_handler", "complaint_management.group_auditor")


class ResPartner(models.Model):
    """The customer at a glance (A8): orders, invoices, complaints, satisfaction.

    Everything is read with the rights of whoever looks: a confidential complaint is
    not even counted for somebody who must not see it. The one exception are the sums
    that a customer owes, where the company shows them to handlers.
    """

    _inherit = "res.partner"

    @api.readonly
    def get_complaint_context(self, case_id=False):
        """What the panel beside a complaint shows of its customer.

        A fixed number of queries, whatever there is.

        :param int case_id: the complaint that is looked at; not listed itself
        :return: dict of plain values
        :raise AccessError: unless the user works with complaints
        """
        self.ensure_one()
        if not any(self.env.user.has_group(role) for role in ROLES):
            raise AccessError(
                self.env._("Only those who work with complaints see this.")
            )
        self.check_access("read")
        commercial = self.commercial_partner_id
        return {
            "id": self.id,
            "name": self.name,
            "company": commercial.name if commercial != self else "",
            "since": month_name(self.env, commercial.create_date, "yMMM"),
            "needs": self.complaint_needs or commercial.complaint_needs or "",
            "is_vulnerable": (
                self.is_complaint_vulnerable or commercial.is_complaint_vulnerable
            ),
            "can_note": self.env.user.has_group(ROLES[0]),
            "orders": commercial._complaint_context_orders(),
            "owed": commercial._complaint_context_owed(),
            "complaints": commercial._complaint_context_cases(case_id),
            "satisfaction": commercial._complaint_context_satisfaction(),
            "recovery": commercial._complaint_recovery_lines()[commercial],
        }

    def _complaint_recent(self):
        return fields.Datetime.now() - timedelta(days=RECENT_DAYS)

    def _complaint_day(self, moment):
        return format_date(self.env, moment, date_format="short")

    def _complaint_context_orders(self):
        """Confirmed orders: how many, how many lately, and the latest.

        What was sent for nothing to carry out a remedy was not ordered: it is with the
        complaint.
        """
        orders = self.env["sale.order"]
        # sudo: which orders these are, also of complaints that one may not see.
        remedies = (
            self.env["complaint.remedy"]
            .sudo()
            ._search(
                [("document_model", "=", orders._name), ("document_id", "!=", False)]
            )
        )
        domain = Domain("partner_id.commercial_partner_id", "=", self.id)
        domain &= Domain("state", "=", "sale")
        domain &= Domain("id", "not in", remedies.subselect("document_id"))
        if not orders.has_access("read"):
            return {"count": 0, "recent": 0, "rows": []}
        latest = orders.search(domain, limit=LISTED, order="date_order desc, id desc")
        recent = domain & Domain("date_order", ">=", self._complaint_recent())
        return {
            "count": orders.search_count(domain),
            "recent": orders.search_count(recent),
            "rows": [
                {
                    "id": order.id,
                    "name": order.name,
                    "day": self._complaint_day(order.date_order),
                    "amount": formatLang(
                        self.env, order.amount_total, currency_obj=order.currency_id
                    ),
                }
                for order in latest
            ],
        }

    def _complaint_context_owed(self):
        """Open invoices and credit notes: sums, and the documents to who may read them.

        :return: False when neither is to be seen
        """
        moves = self.env["account.move"]
        may_read = moves.has_access("read")
        companies = self.env.companies
        if not may_read:
            # sudo: the company's setting; handlers need not read companies.
            companies = companies.sudo().filtered("complaint_show_balance")
        if not companies:
            return False
        domain = (
            Domain("partner_id.commercial_partner_id", "=", self.id)
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("state", "=", "posted")
            & Domain("payment_state", "in", ("not_paid", "partial"))
            & Domain("company_id", "in", companies.ids)
        )
        # sudo: sums only, and only where the company shows them.
        totals = moves.sudo()._read_group(
            domain,
            ["company_id", "move_type"],
            ["__count", "amount_residual_signed:sum"],
        )
        today = fields.Date.context_today(self)
        overdue = moves.sudo().search_count(
            domain
            & Domain("move_type", "=", "out_invoice")
            & Domain("invoice_date_due", "<", today)
        )
        return {
            "sums": [
                {
                    "kind": kind,
                    "count": count,
                    "amount": formatLang(
                        self.env, abs(amount), currency_obj=company.currency_id
                    ),
                }
                for company, kind, count, amount in totals
            ],
            "overdue": overdue,
            "rows": self._complaint_context_moves(domain) if may_read else [],
        }

    def _complaint_context_moves(self, domain):
        moves = self.env["account.move"].search(
            domain, limit=LISTED, order="invoice_date_due, id"
        )
        return [
            {
                "id": move.id,
                "name": move.name,
                "kind": move.move_type,
                "day": self._complaint_day(move.invoice_date_due),
                "amount": formatLang(
                    self.env, move.amount_residual, currency_obj=move.currency_id
                ),
            }
            for move in moves
        ]

    def _complaint_context_cases(self, case_id):
        """Complaints that the user may see: by how they ended, and the latest."""
        cases = self.env["complaint.case"].with_context(active_test=False)
        domain = Domain("commercial_partner_id", "=", self.id)
        domain &= Domain("id", "!=", case_id or 0)
        outcomes = dict(cases._fields["outcome"]._description_selection(self.env))
        phases = dict(cases._fields["phase"]._description_selection(self.env))
        counts = cases._read_group(domain, ["phase", "outcome"], ["__count"])
        recent = domain & Domain("date_received", ">=", self._complaint_recent())
        latest = cases.search(domain, limit=LISTED, order="date_received desc, id desc")
        ended = {}
        for phase, outcome, count in counts:
            if phase == "closed":
                label = outcomes.get(outcome, phases[phase])
                ended[label] = ended.get(label, 0) + count
        return {
            "count": sum(count for *_keys, count in counts),
            "open": sum(count for phase, _o, count in counts if phase != "closed"),
            "recent": cases.search_count(recent),
            "ended": [{"label": label, "count": n} for label, n in ended.items()],
            "messages": self._complaint_context_messages(domain),
            "rows": [
                {
                    "id": case.id,
                    "name": case.name,
                    "subject": case.subject,
                    "day": self._complaint_day(case.date_received),
                    "is_open": case.phase != "closed",
                    "state": (
                        outcomes.get(case.outcome) or phases[case.phase]
                        if case.phase == "closed"
                        else phases[case.phase]
                    ),
                }
                for case in latest
            ],
        }

    def _complaint_context_messages(self, domain):
        """How often the customer wrote about complaints lately."""
        cases = self.env["complaint.case"].with_context(active_test=False)
        # sudo: a number of messages of complaints that the user may read; reading
        # messages one by one would check each of them.
        messages = self.env["mail.message"].sudo()
        return messages.search_count(
            [
                ("model", "=", cases._name),
                ("res_id", "in", cases.search(domain, limit=80).ids),
                ("author_id.commercial_partner_id", "=", self.id),
                ("message_type", "in", ("comment", "email")),
                ("date", ">=", self._complaint_recent()),
            ]
        )

    def _complaint_context_satisfaction(self):
        """What the customer said after earlier complaints."""
        feedback = self.env["complaint.feedback"]
        domain = [
            ("case_id.commercial_partner_id", "=", self.id),
            ("counts", "=", True),
        ]
        latest = feedback.search(
            domain, limit=LISTED, order="answered_at desc, id desc"
        )
        scores = [answer.score for answer in latest if answer.score]
        levels = dict(feedback._fields["level"]._description_selection(self.env))
        return {
            "average": round(sum(scores) / len(scores), 1) if scores else 0,
            "rows": [
                {
                    "case_id": answer.case_id.id,
                    "name": answer.case_id.name,
                    "day": self._complaint_day(answer.answered_at),
                    "score": round(answer.score, 1),
                    "level": levels.get(answer.level, ""),
                    "is_poor": answer.level == "dissatisfied",
                }
                for answer in latest
                if answer.score
            ],
        }

    @api.readonly
    def action_open_complaint_order(self, order_id):
        """Open one of the customer's orders from the panel."""
        self.ensure_one()
        order = self.env["sale.order"].browse(order_id)
        order.check_access("read")
        action = order._get_records_action()
        if not self.env.user.has_group("sales_team.group_sale_salesman"):
            # The sales form asks for invoices that they may not read.
            view = self.env.ref("complaint_management.sale_order_view_form_complaint")
            action |= {"views": [(view.id, "form")], "target": "new"}
        return action
