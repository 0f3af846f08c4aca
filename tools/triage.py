"""Points and bands of the triage: plain arithmetic, monotone in every answer.

A worse answer to any question never gives a better band (property tested).
"""

from __future__ import annotations

from typing import NamedTuple


class Thresholds(NamedTuple):
    """Points from which a complaint is important, urgent, major; 0 switches one off."""

    important: int
    urgent: int
    major: int


def score(levels, points):
    """The total of the answers.

    :param dict levels: {question: level as a digit}; what is missing counts as 0
    :param dict points: {question: points of each level, ascending}
    """
    return sum(worth[int(levels.get(name) or 0)] for name, worth in points.items())


def priority_of(total, thresholds):
    """The least priority that a total asks for: "0", "1" or "2"."""
    if thresholds.urgent and total >= thresholds.urgent:
        return "2"
    if thresholds.major and total >= thresholds.major:
        return "2"
    if thresholds.important and total >= thresholds.important:
        return "1"
    return "0"


def is_major(total, thresholds):
    """Whether a total makes a complaint major."""
    return bool(thresholds.major) and total >= thresholds.major


def band_of(total, thresholds):
    """The name of the highest threshold that is reached, or "low"."""
    if is_major(total, thresholds):
        return "major"
    return {"0": "low", "1": "important", "2": "urgent"}[priority_of(total, thresholds)]
