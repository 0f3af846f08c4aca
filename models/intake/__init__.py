from . import complaint_case_intake
from . import complaint_case_mail
from . import complaint_case_mail_sender
from . import complaint_case_once
from . import complaint_intake_failure
from . import complaint_intake_failure_decision
from . import complaint_intake_failure_todo
