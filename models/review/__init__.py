from . import complaint_review
from . import complaint_review_decision
from . import complaint_review_people
from . import complaint_case_review
from . import complaint_case_review_asking
