"""Sums over surveys, and the figures that they come to; without the database."""

from __future__ import annotations

from fractions import Fraction

from ...tools.satisfaction import mean, net_promoters, share

#: Numbers of surveys, and of answers to the two questions that are counted.
COUNTS = (
    "sent",
    "answered",
    "sent_answered",
    "still_open",
    "is_satisfied",
    "is_fully_satisfied",
    "answers_verdict",
    "promoters",
    "detractors",
    "answers_recommend",
)
#: Scores whose averages are shown, in this order; each is 1 to 10.
MEANS = (
    "effort",
    "handling",
    "outcome",
    "attitude",
    "efficiency",
    "content",
    "effect",
    "support",
    "settled",
    "again",
)
#: Names of what is summed, as the fields of ``complaint.feedback.report``.
SUMMED = (
    *COUNTS,
    *(f"score_{name}" for name in MEANS),
    *(f"answers_{name}" for name in MEANS),
)


class Tally:
    """What some surveys come to. Two tallies of different surveys can be added."""

    def __init__(self, sums=()):
        """:param sums: one number for each of SUMMED, None for zero"""
        exact = (Fraction(round(100 * (number or 0)), 100) for number in sums)
        self.sums = dict(zip(SUMMED, exact, strict=True)) if sums else {}

    def __add__(self, other):
        added = Tally()
        added.sums = {
            name: self.sums.get(name, 0) + other.sums.get(name, 0) for name in SUMMED
        }
        return added

    def count(self, name):
        """A number of surveys or answers."""
        return int(self.sums.get(name, 0))

    @property
    def response_rate(self):
        """Share of the surveys sent that were answered, or None where none was."""
        return share(self.count("sent_answered"), self.count("sent"))

    @property
    def csat(self):
        """Share of satisfied and basically satisfied among those with a verdict."""
        return share(self.count("is_satisfied"), self.count("answers_verdict"))

    @property
    def fully(self):
        """Share of the satisfied, not only basically, among those with a verdict."""
        return share(self.count("is_fully_satisfied"), self.count("answers_verdict"))

    @property
    def nps(self):
        """Net promoter score, -100 to 100, of those who answered the question."""
        return net_promoters(
            self.count("promoters"),
            self.count("detractors"),
            self.count("answers_recommend"),
        )

    def mean(self, name):
        """The average of a score, 1 to 10, of those who answered."""
        total = self.sums.get(f"score_{name}", 0)
        return mean(total, self.count(f"answers_{name}"))
