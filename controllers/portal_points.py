"""What a customer complains of, point by point: one row of the form each."""

import re

from odoo.fields import Command

FIELDS = ("line", "category", "summary")
MAX_POINTS = 20
#: Some room is left: the subject of the complaint is made of the first one.
SUMMARY_LENGTH = 160

_NAME = re.compile(rf"({'|'.join(FIELDS)})_([1-9][0-9]{{0,2}})")
_NUMBER = re.compile(r"[0-9]{1,9}")


def clean(text):
    """What was typed, without what the database or a comparison trips over."""
    return (text or "").replace("\x00", "").replace("\r\n", "\n").strip()


def number(text):
    """The id in a text that came from outside, or 0."""
    return int(text) if _NUMBER.fullmatch(text) else 0


def empty_point(position):
    """A row in which nothing is typed."""
    return {"n": str(position), **dict.fromkeys(FIELDS, "")}


def read_points(data):
    """The rows of a form in which something is typed, in their order.

    :param data: mapping of field names (summary_1, line_1 ...) to texts
    :return: list of dict with n, the row's number, and the FIELDS; never empty
    """
    rows = {}
    for name, text in data.items():
        match = _NAME.fullmatch(name)
        if match:
            field, position = match.groups()
            row = rows.setdefault(int(position), empty_point(position))
            row[field] = " ".join(clean(text).split())
    typed = [rows[n] for n in sorted(rows) if any(rows[n][f] for f in FIELDS)]
    return typed or [empty_point(1)]


class PointsCheck:
    """Checks the rows of a form and makes allegations of them (A2).

    ``errors`` holds what is wrong, by name of the field.
    """

    def __init__(self, env, points, lines, categories):
        """
        :param points: rows of :func:`read_points`
        :param lines: the customer's own order lines, as {order: lines}
        :param categories: those that may be chosen
        """
        self.env = env
        self.points = points
        self.lines = lines
        self.categories = categories
        self.errors = {}

    def order(self):
        """The order that the first line named is on."""
        wanted = [number(point["line"]) for point in self.points]
        for order, lines in self.lines.items():
            if set(filter(None, wanted)) & set(lines.ids):
                return order
        return self.env["sale.order"]

    def check(self, order):
        """Fill ``errors``; return the values of the allegations.

        :param order: that the complaint is about; an empty record if none
        """
        if len(self.points) > MAX_POINTS:
            self.errors["form"] = self.env._(
                "Please name %(count)s problems at most, and tell the rest in your own "
                "words below.",
                count=MAX_POINTS,
            )
        return [
            {
                "sequence": 10 * (position + 1),
                "summary": point["summary"],
                "customer_words": point["summary"],
                "order_line_id": self._check_line(point, order).id,
                "category_id": self._check_category(point).id,
                **self._check_summary(point),
            }
            for position, point in enumerate(self.points[:MAX_POINTS])
        ]

    def _check_line(self, point, order):
        lines = self.lines.get(order) or self.env["sale.order.line"]
        line = lines.filtered(lambda one: one.id == number(point["line"]))
        if point["line"] and not line:
            self.errors[f"line_{point['n']}"] = self.env._(
                "This product is not on the order. Please choose another."
            )
        return line

    def _check_category(self, point):
        category = self.categories.filtered(
            lambda one: one.id == number(point["category"])
        )
        if point["category"] and not category:
            self.errors[f"category_{point['n']}"] = self.env._(
                "Please choose from the list."
            )
        return category

    def _check_summary(self, point):
        length = len(point["summary"])
        if not length:
            problem = self.env._("Please say in a few words what is wrong.")
        elif length > SUMMARY_LENGTH:
            problem = self.env._(
                "This is too long: %(length)s characters, at most %(limit)s.",
                length=length,
                limit=SUMMARY_LENGTH,
            )
        else:
            return {}
        self.errors[f"summary_{point['n']}"] = problem
        return {}


def subject(env, allegations):
    """What the complaint is about, in one line."""
    first, more = allegations[0]["summary"], len(allegations) - 1
    if not more:
        return first
    return env._("%(first)s (and %(count)s more)", first=first, count=more)


def commands(env, allegations):
    """Commands that create the allegations; what kind they are of is proposed (B4)."""
    undecided = [vals for vals in allegations if not vals["category_id"]]
    # sudo: the words by which categories are proposed are internal.
    proposals = (
        env["complaint.category"]
        .sudo()
        ._propose([vals["summary"] for vals in undecided])
    )
    proposed = {
        id(vals): category.id
        for vals, category in zip(undecided, proposals, strict=True)
    }
    return [
        Command.create(
            {**vals, "category_id": vals["category_id"] or proposed.get(id(vals))}
        )
        for vals in allegations
    ]
