from odoo import models


class ComplaintRemedy(models.Model):
    """How far what was carried out has come to the customer (E1): a document made is
    no money received, no parcel delivered and nothing repaired yet."""

    _inherit = "complaint.remedy"

    def _customer_progress(self):
        """What the customer is told of a remedy that was carried out; as the system.

        :return: (words, whether the customer has it)
        """
        self.ensure_one()
        if not self.makes:
            return self.env._("Done"), True
        document = self._document()
        if not document:
            return self.env._("We prepare it"), False
        return getattr(self, f"_progress_of_{self.makes}")(document)

    def _progress_of_credit(self, note):
        # What is set off against what was owed needs no payment.
        if note.state == "posted" and self.currency_id.is_zero(note.amount_residual):
            return self.env._("Done"), True
        return self.env._("Credited, we pay it out"), False

    def _progress_of_order(self, order):
        # Of sale_stock, where that is installed: services are never delivered by it.
        if getattr(order, "delivery_status", False) == "full":
            return self.env._("Delivered"), True
        return self.env._("Ordered for you"), False

    def _progress_of_coupon(self, card):
        return self.env._("Done. Your code: %(code)s", code=card.code), True

    def _progress_of_return(self, picking):
        if picking.state == "done":
            return self.env._("We have the goods back"), True
        return self.env._("We wait for the goods"), False

    def _progress_of_repair(self, repair):
        if repair.state == "done":
            return self.env._("Repaired"), True
        return self.env._("Repair ordered"), False
