from . import complaint_case_intake
from . import complaint_case_once
from . import complaint_case_similar
from . import complaint_case_repeat
