from . import complaint_case_intake
from . import complaint_case_once
