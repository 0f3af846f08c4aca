from odoo import api, models
from odoo.exceptions import UserError


class ComplaintByHandMixin(models.AbstractModel):
    """A record of which people write a few fields, and its methods the rest (E5).

    It holds for buttons, RPC and import alike, and for defaults in the context, which
    anybody may send and which would write what no value may. The system writes
    everything: the methods do, by a ``sudo()`` of their own, and say all of it: the
    context with which a button was called tells the system nothing either.
    """

    _name = "complaint.by.hand.mixin"
    _description = "Complaint: record that is written by its methods"

    #: Names of the fields that people write.
    _by_hand = frozenset()
    #: Names of those that are given when the record is created, and stay.
    _given_once = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        allowed = self._by_hand | self._given_once
        if not self.env.su and any(vals.keys() - allowed for vals in vals_list):
            self._refuse_by_hand()
        records = self._with_defaults(allowed)
        vals_list = records._completed(vals_list)
        created = super(ComplaintByHandMixin, records).create(vals_list)
        return created.with_env(self.env)

    def write(self, vals):
        if not self.env.su and vals.keys() - self._by_hand:
            self._refuse_by_hand()
        return super().write(vals)

    @api.model
    def _completed(self, vals_list):
        """What the system adds to what was given; a model may add something."""
        return vals_list

    def _with_defaults(self, allowed):
        """The same, with no default in the context but for these fields.

        :param allowed: names of fields
        """
        context = {
            name: value
            for name, value in self.env.context.items()
            if not name.startswith("default_")
            or name.removeprefix("default_") in allowed
        }
        return self.with_env(self.env(context=context))

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
