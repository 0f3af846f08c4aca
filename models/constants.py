"""Words that the whole add-on shares.

They are few on purpose: what a company may rename or extend (stages, categories,
channels ...) is data. Only these words appear in code.
"""

#: The way of a complaint, in order. Stages carry one of these (E5).
PHASES = [
    ("received", "Received"),
    ("accepted", "Accepted"),
    ("investigating", "Investigating"),
    ("resolving", "Resolving"),
    ("answered", "Answered"),
    ("closed", "Closed"),
]
PHASE_ORDER = {phase: rank for rank, (phase, _label) in enumerate(PHASES)}

#: What a time limit can be set for (C1). Each is stamped once in a round. They are
#: named as events: "Accepted, 6 hours overdue" would read as if it had been done.
MILESTONES = [
    ("accepted", "Acceptance"),
    ("assessed", "Assessment"),
    ("first_reply", "First reply"),
    ("resolved", "Resolution"),
    ("answered", "Answer"),
    ("closed", "Closing"),
]

#: What clocks measure: the way of the complaint, and what is due apart from it.
CLOCKED = [*MILESTONES, ("action", "Corrective action")]

#: Milestones that a case has passed when it stands in a phase. A case that jumps
#: ahead, such as one settled at first contact, passes all of them at once.
PHASE_MILESTONES = {
    "received": (),
    "accepted": ("accepted",),
    "investigating": ("accepted", "assessed"),
    "resolving": ("accepted", "assessed"),
    "answered": ("accepted", "assessed", "first_reply", "resolved", "answered"),
    "closed": ("closed",),
}

#: How a complaint ended (B5). An open case has none.
OUTCOMES = [
    ("settled", "Settled to the customer's satisfaction"),
    ("answered_without_agreement", "Answered without agreement"),
    ("refused", "Refused"),
    ("withdrawn", "Withdrawn"),
    ("merged", "Merged into another complaint"),
]
#: Outcomes that need no answer to the customer before the case is closed.
OUTCOMES_WITHOUT_ANSWER = ("withdrawn", "merged")

NATURES = [
    ("general", "General"),
    ("major", "Major"),
    ("repeat", "Repeat"),
    ("invalid", "Invalid"),
]

PRIORITIES = [
    ("0", "General"),
    ("1", "Important"),
    ("2", "Urgent"),
]

HANDLING_MODES = [
    ("general", "General process"),
    ("dedicated", "Dedicated team"),
    ("committee", "Senior management or committee"),
]

SOURCES = [
    ("external", "External: customer or third party"),
    ("internal", "Internal: employee"),
    ("institutional", "Institutional: association, regulator, assessor"),
]

CUSTOMER_TYPES = [
    ("individual", "Individual"),
    ("company", "Company"),
    ("government", "Government body"),
    ("institution", "Public institution"),
    ("association", "Association"),
]

FINDINGS = [
    ("upheld", "Upheld"),
    ("partly", "Partly upheld"),
    ("not_upheld", "Not upheld"),
    ("not_proven", "Not proven"),
]

#: What makes a complaint urgent whatever it is about (field.md 21): the levels of each
#: question of the triage, and the points that a level is worth.
TRIAGE = {
    "triage_harm": [
        ("0", "None"),
        ("1", "Inconvenience or a small loss"),
        ("2", "Injury or a considerable loss"),
        ("3", "Severe injury, or several people harmed"),
    ],
    "triage_safety": [
        ("0", "None"),
        ("1", "Possible"),
        ("2", "Likely, others may be affected"),
        ("3", "Danger to life"),
    ],
    "triage_vulnerable": [
        ("0", "No"),
        ("1", "In the household"),
        ("2", "Affected: child, old, ill or disabled person"),
    ],
    "triage_publicity": [
        ("0", "None"),
        ("1", "Public review or post"),
        ("2", "Lawyer, press or authority threatened"),
        ("3", "Lawyer, press or authority involved"),
    ],
    "triage_value": [
        ("0", "Ordinary"),
        ("1", "High"),
        ("2", "Very high"),
    ],
}
TRIAGE_POINTS = {
    "triage_harm": (0, 1, 4, 8),
    "triage_safety": (0, 2, 5, 9),
    "triage_vulnerable": (0, 1, 3),
    "triage_publicity": (0, 1, 3, 6),
    "triage_value": (0, 2, 4),
}
TRIAGE_BANDS = [
    ("low", "Ordinary"),
    ("important", "Important"),
    ("urgent", "Urgent"),
    ("major", "Major"),
]
