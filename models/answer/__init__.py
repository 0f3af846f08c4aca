from . import complaint_answer
from . import complaint_answer_approval
from . import complaint_case_approval
from . import complaint_case_answering
