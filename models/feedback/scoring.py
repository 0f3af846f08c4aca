"""What a questionnaire measures, and how every scale is brought to one (F1)."""

#: What a question asks about. Whatever the wording, answers of one dimension stay
#: comparable.
DIMENSIONS = [
    ("attitude", "Attitude"),
    ("efficiency", "Efficiency"),
    ("content", "Content"),
    ("effect", "Effect"),
    ("support", "Follow-up support"),
    ("overall", "Overall"),
    ("settled", "Matter settled"),
    ("again", "Would buy again"),
    ("effort", "Little effort"),
    ("recommend", "Would recommend us"),
]
#: How it was handled, and what came of it, are scored apart: somebody may be treated
#: well and still not be helped.
HANDLING = ("attitude", "efficiency", "content", "support", "effort")
OUTCOME = ("effect", "settled", "again")
#: Kinds of questions that yield a score.
SCORED = ("scale", "simple_choice")

#: Ends of the scale that every score is brought to, whatever scale was asked.
SCORE_MIN, SCORE_MAX = 1.0, 10.0
#: Stands for "no answer" where zero is one.
NO_ANSWER = -1

RECOMMENDS = [
    ("promoter", "Promoter"),
    ("passive", "Passive"),
    ("detractor", "Detractor"),
]


def brought_to(value, least, most, low=SCORE_MIN, high=SCORE_MAX):
    """A value of a scale on another one, ends on ends."""
    return low + (value - least) / (most - least) * (high - low)


def mean(scores):
    """The average of what was answered, two decimals; 0 where nothing was."""
    scores = [score for score in scores if score]
    return round(sum(scores) / len(scores), 2) if scores else 0.0


def recommend_group(value):
    """Who recommends, by the usual bounds of the net promoter score.

    :param int value: 0 to 10, or NO_ANSWER
    """
    if value == NO_ANSWER:
        return False
    if value >= 9:
        return "promoter"
    return "passive" if value >= 7 else "detractor"
