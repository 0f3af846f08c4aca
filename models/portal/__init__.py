from . import complaint_case_portal
from . import complaint_case_portal_page
from . import complaint_case_portal_told
from . import complaint_case_tracker
from . import complaint_case_portal_merged
from . import complaint_case_portal_rate
