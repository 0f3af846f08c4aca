from . import complaint_letters
from . import complaint_clock_report
from . import complaint_holding_letter
from . import complaint_review_letter
from . import complaint_evidence_list
from . import complaint_investigation_report
from . import complaint_case_file
from . import complaint_action_report
