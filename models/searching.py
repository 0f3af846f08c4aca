"""Searches on yes/no fields that are not stored."""

from odoo.fields import Domain


def yes_or_no(operator, value, yes):
    """What a search on a computed yes/no field looks for.

    :param str operator: as Odoo hands it to a search method
    :param value: the values that are searched for
    :param Domain yes: the records of which it is true
    :return: a Domain; NotImplemented for what Odoo puts otherwise itself
    """
    if operator not in ("in", "not in"):
        return NotImplemented
    wanted = {bool(item) for item in value}
    if len(wanted) != 1:
        return Domain(len(wanted) == (2 if operator == "in" else 0))
    return yes if (True in wanted) == (operator == "in") else ~yes
