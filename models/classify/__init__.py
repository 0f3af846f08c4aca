from . import complaint_rule
from . import complaint_rule_match
from . import complaint_classification
from . import complaint_case_classify
from . import complaint_case_triage
