from odoo import models
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
