from odoo import Command, api, fields, models
from odoo.exceptions import UserError

SUPERVISOR = "complaint_management.group_supervisor"
MANAGER = "complaint_management.group_manager"
TO_APPROVE = "complaint_management.mail_activity_type_remedy"
#: What a proposal is worth follows from these.
WORTH = {
    "amount",
    "invoice_id",
    "kind",
    "order_line_id",
    "product_id",
    "quantity",
}


class ComplaintRemedy(models.Model):
    """Who approves: a supervisor up to the company's limit, a manager above it; above
    the limit of four eyes somebody else than who proposed it or changed what it is
    worth (E1). What is approved is what was seen."""

    _inherit = "complaint.remedy"

    approved_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Approved by",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    approved_at = fields.Datetime(string="Approved on", readonly=True, copy=False)
    may_approve = fields.Boolean(compute="_compute_may_approve")
    worth_by_ids = fields.Many2many(
        comodel_name="res.users",
        relation="complaint_remedy_worth_by_rel",
        string="Changed by",
        readonly=True,
        copy=False,
        help="Who changed what it is worth after it was proposed: as who proposed it, "
        "they do not approve it where four eyes are needed.",
    )
    revision = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        help="How many times the proposal was changed. Who approves says which one "
        "they saw.",
    )

    def write(self, vals):
        result = super().write(vals)
        changed = vals.keys() & (self._by_hand - {"sequence"})
        if changed:
            self._revised(is_worth=bool(changed & WORTH) and not self.env.su)
        return result

    def _revised(self, is_worth=False):
        """Who has the proposal on their screen sees another one by now.

        :param bool is_worth: whether the user changed what it is worth
        """
        # sudo: counted by this method, by nobody's hand.
        for remedy in self.sudo().filtered(lambda one: one.state == "proposed"):
            values = {"revision": remedy.revision + 1}
            if is_worth:
                values["worth_by_ids"] = [Command.link(self.env.uid)]
            remedy.write(values)

    @api.depends(
        "state", "company_amount", "proposed_by_id", "worth_by_ids", "above_invoiced"
    )
    @api.depends_context("uid")
    def _compute_may_approve(self):
        for remedy in self:
            remedy.may_approve = (
                remedy.state == "proposed" and not remedy._approval_obstacle()
            )

    def _worth(self):
        """What approval looks at, in company currency: money, or what a product sells
        for; nothing for words."""
        self.ensure_one()
        if self.is_money:
            return self.company_amount
        if not self.is_product or self.kind == "return":
            return 0.0
        # sudo: a price, whoever proposes.
        one = self.sudo()
        line = one.order_line_id
        if line and line.product_uom_qty:
            share = one.quantity / line.product_uom_qty
            return line.currency_id._convert(
                line.price_total * share,
                one.company_id.currency_id,
                one.company_id,
                fields.Date.context_today(self),
            )
        return one.product_id.lst_price * one.quantity

    def _approval_obstacle(self):
        """Why the user may not approve it; empty when they may."""
        self.ensure_one()
        user, worth = self.env.user, self._worth()
        # sudo: the company's limits only.
        company = self.company_id.sudo()
        if not user.has_group(SUPERVISOR):
            return self.env._("Supervisors and managers approve remedies.")
        limit = company.complaint_remedy_limit
        if worth > limit and not user.has_group(MANAGER):
            return self.env._(
                "%(remedy)s is above what supervisors approve (%(limit)s). A manager "
                "approves it.",
                remedy=self.display_name,
                limit=company.currency_id.format(limit),
            )
        if self.above_invoiced and not user.has_group(MANAGER):
            return self.env._(
                "%(above)s A manager approves it.", above=self.above_invoiced
            )
        if self.proposed_by_id == user and worth > company.complaint_remedy_four_eyes:
            return self.env._(
                "You proposed %(remedy)s: somebody else approves it.",
                remedy=self.display_name,
            )
        if user in self.worth_by_ids and worth > company.complaint_remedy_four_eyes:
            return self.env._(
                "You changed %(remedy)s: somebody else approves it.",
                remedy=self.display_name,
            )
        return ""

    def _check_seen(self):
        """The buttons tell which revision was on the screen. Who calls the method
        otherwise may, too: ``seen_revision`` in the context.

        :raise UserError: when the proposal was changed since
        """
        seen = self.env.context.get("seen_revision")
        if seen is not None and seen != self.revision:
            raise UserError(
                self.env._(
                    "%(remedy)s was changed meanwhile. Reload the page and look at it "
                    "again.",
                    remedy=self.display_name,
                )
            )

    def action_approve(self):
        """Approve what was proposed.

        :raise UserError: when the user may not, or it is no proposal any more
        """
        self.check_access("write")
        for remedy in self:
            remedy._lock("proposed")
            # With what others promised meanwhile for the same order.
            remedy.invalidate_recordset(["above_invoiced"])
            obstacle = remedy._approval_obstacle()
            if obstacle:
                raise UserError(obstacle)
            remedy._check_seen()
            remedy._check_case_open()
            remedy._check_cap()
            remedy._approve(self.env.user)
        return True

    def _approve(self, person):
        self._set(
            "approved",
            approved_by_id=person.id,
            approved_at=fields.Datetime.now(),
        )
        self._end_to_do()

    def _approve_what_costs_nothing(self):
        """Words need nobody's approval."""
        words = self.filtered(
            lambda remedy: remedy.state == "proposed" and not remedy.makes
        )
        words._set("approved", approved_at=fields.Datetime.now())

    def action_ask_approval(self):
        """Give a to-do to somebody who may approve it."""
        self.check_access("write")
        for remedy in self:
            if remedy.state != "proposed":
                continue
            person = remedy._approver()
            if not person:
                raise UserError(
                    self.env._(
                        "%(remedy)s: there is nobody who may approve it and see the "
                        "complaint.",
                        remedy=remedy.display_name,
                    )
                )
            remedy._end_to_do()
            to_do = remedy.case_id.activity_schedule(
                TO_APPROVE,
                summary=self.env._(
                    "%(remedy)s is to be approved", remedy=remedy.display_name
                ),
                user_id=person.id,
            )
            # sudo: which remedy it is about, whoever has it.
            to_do.sudo().complaint_remedy_id = remedy
        return True

    def _approver(self):
        self.ensure_one()
        return self.case_id._supervisor_who(
            lambda person: not self.with_user(person)._approval_obstacle()
        )

    def _end_to_do(self):
        """The to-dos about these remedies are over."""
        # sudo: to-dos of others.
        self.env["mail.activity"].sudo().search(
            [("complaint_remedy_id", "in", self.ids)]
        ).unlink()
