"""What time limits, classification and routing look at in a complaint.

Each of them has conditions on order value, customer tags and trees of categories:
they are read here, so that the same words mean the same everywhere (B4, C3).
"""

#: Which complaints a rule of the company is for.
AMONG = [
    ("none", "No complaint"),
    ("major", "Major ones and those of a committee"),
    ("all", "Every complaint"),
]


def is_among(case, which):
    """Whether a rule of the company is for a complaint.

    :param str which: one of AMONG
    """
    if which == "major":
        return case.nature == "major" or case.handling_mode == "committee"
    return which == "all"


def path_of(category):
    """Ids of a category and everything above it."""
    return [int(part) for part in (category.parent_path or "").split("/") if part]


def within(amount, least, most):
    """Whether an order's total lies between two amounts; 0 means any.

    A complaint without an order fits only where no amount is asked for.
    """
    if not least and not most:
        return True
    return amount is not None and amount >= least and (not most or amount <= most)


def order_amount(order, company):
    """Total of an order in the currency of a company; None without an order."""
    if not order:
        return None
    currency = company.currency_id
    return currency.round(order.amount_total / (order.currency_rate or 1.0))


def tags_of(partner):
    """Ids of the tags of a contact and of its company."""
    return partner.category_id.ids + partner.commercial_partner_id.category_id.ids
