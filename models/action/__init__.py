from . import complaint_action
from . import complaint_action_entry
from . import complaint_action_way
from . import complaint_action_clock
from . import complaint_action_effect
from . import complaint_action_due
from . import complaint_case_action
