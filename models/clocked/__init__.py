from . import complaint_clocked_mixin
from . import complaint_clocked_alert
from . import complaint_clocked_escalation
