from . import complaint_case_intake
from . import complaint_case_once
from . import complaint_throttle
from . import complaint_case_tracking
from . import complaint_case_guest
