from odoo import api, models
from odoo.exceptions import UserError


class ComplaintByHandMixin(models.AbstractModel):
    """A record of which people write a few fields, and its methods the rest (E5).

    It holds for buttons, RPC and import alike, and for defaults in the context, which
    anybody may send and which would write what no value may. The system writes
    everything: the methods do, by a ``sudo()`` of their own.
    """

    _name = "complaint.by.hand.mixin"
    _description = "Complaint: record that is written by its methods"

    #: Names of the fields that people write.
    _by_hand = frozenset()
    #: Names of those that are given when the record is created, and stay.
    _given_once = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        allowed = self._by_hand | self._given_once
        for vals in vals_list:
            if vals.keys() - allowed:
                self._refuse_by_hand()
        context = {
            name: value
            for name, value in self.env.context.items()
            if not name.startswith("default_")
            or name.removeprefix("default_") in allowed
        }
        records = self.with_env(self.env(context=context))
        return super(ComplaintByHandMixin, records).create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() - self._by_hand:
            self._refuse_by_hand()
        return super().write(vals)

    def _refuse_by_hand(self):
        """Say that the rest is not written by hand; a model may find better words.

        :raise UserError: always
        """
        raise UserError(
            self.env._(
                "“%(kind)s”: only what is asked of you is written by hand. Everything "
                "else follows from the buttons.",
                kind=self.env["ir.model"]._get(self._name).name,
            )
        )
