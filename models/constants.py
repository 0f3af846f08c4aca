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
