"""What a customer can get (E1), as a table: what each kind needs, and what it makes.

A new kind is a line here, a label in ``_selection_kind`` and, where it makes a document
of a new sort, the methods ``_execute_<makes>`` and ``_cost_of_<makes>``.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of remedy."""

    #: what carries it out: credit, order, coupon; nothing for what is only said
    makes: str = ""
    #: whether an amount of money is given
    is_money: bool = False
    #: whether it concerns a product of the order
    is_product: bool = False
    #: model that is there only when the app for it is installed
    needs: str = ""


KINDS = {
    "refund": Kind(makes="credit", is_money=True),
    "price_reduction": Kind(makes="credit", is_money=True),
    "goodwill": Kind(makes="credit", is_money=True),
    "coupon": Kind(makes="coupon", is_money=True, needs="loyalty.program"),
    "replacement": Kind(makes="order", is_product=True),
    "return": Kind(makes="return", is_product=True, needs="stock.return.picking"),
    "repair": Kind(makes="repair", is_product=True, needs="repair.order"),
    "free_service": Kind(makes="order", is_product=True),
    "apology": Kind(),
    "explanation": Kind(),
}
#: Kinds that give money back on the order: capped by what was paid for it.
CAPPED = {code for code, kind in KINDS.items() if kind.makes == "credit"} - {"goodwill"}
