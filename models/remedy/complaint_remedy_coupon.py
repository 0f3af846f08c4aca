from odoo import fields, models
from odoo.exceptions import UserError


class ComplaintRemedy(models.Model):
    """A coupon of Odoo's own loyalty app, where that is installed (E2)."""

    _inherit = "complaint.remedy"

    def _execute_coupon(self):
        """Make a gift card over the amount for the customer; called as the system.

        :return: loyalty.card
        :raise UserError: without a programme of gift cards in the currency
        """
        case = self.case_id
        if not case.partner_id:
            raise UserError(
                self.env._(
                    "The complainant is no contact. Choose the customer on the "
                    "complaint first."
                )
            )
        program = self.env["loyalty.program"].search(
            [
                ("program_type", "=", "gift_card"),
                ("company_id", "in", [self.company_id.id, False]),
                ("currency_id", "=", self.currency_id.id),
            ],
            order="company_id, id",
            limit=1,
        )
        if not program:
            raise UserError(
                self.env._(
                    "There is no gift card programme in %(currency)s. Create one under "
                    "Sales › Products › Gift cards & eWallet.",
                    currency=self.currency_id.name,
                )
            )
        wizard = self.env["loyalty.generate.wizard"].create(
            {
                "program_id": program.id,
                "mode": "selected",
                "customer_ids": case.partner_id.ids,
                "points_granted": self.amount,
                "description": self.env._("Complaint %(number)s", number=case.name),
            }
        )
        return wizard.generate_coupons()

    def _cost_of_coupon(self, _card):
        return self.company_amount

    # What becomes of it; called as the system -----------------------------------------

    def _redeemed(self, card):
        """What orders took off the card; what is changed by hand does not count."""
        taken = card.history_ids.filtered("order_id")
        return self.currency_id.round(sum(taken.mapped("used")))

    def _is_expired(self, card):
        today = fields.Date.context_today(self)
        return bool(card.expiration_date) and card.expiration_date < today

    def _follow_coupon(self, card):
        """Look whether the customer can still redeem it (E2).

        Withdrawn before anything was redeemed, the remedy is to be carried out again;
        after that a new card over the whole amount would give too much, so the handler
        decides. What expires was the customer's to use.

        :return: whether it is to be looked at again
        """
        compare = self.currency_id.compare_amounts
        redeemed = self._redeemed(card) if card else 0
        if compare(redeemed, self.amount) >= 0:
            return False
        is_there = card and card.active and compare(card.points, 0) > 0
        if is_there and not self._is_expired(card):
            return True
        if not redeemed and not is_there:
            self._document_undone()
            return False
        company = self.company_id
        self.cost = self.currency_id._convert(
            redeemed,
            company.currency_id,
            company,
            fields.Date.context_today(self, self.executed_at),
        )
        self.case_id._alert_handler(
            self.env._(
                "%(remedy)s: %(redeemed)s were redeemed, the rest cannot be any more",
                remedy=self.display_name,
                redeemed=self.currency_id.format(redeemed),
            )
        )
        return False
