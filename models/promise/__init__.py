from . import complaint_promise
from . import complaint_case_promise
from . import complaint_case_holding
from . import complaint_sla_policy
