from . import complaint_stage
from . import complaint_category
from . import complaint_cause
from . import complaint_channel
from . import complaint_tag
from . import complaint_team
from . import complaint_pause_reason
from . import complaint_breach_reason
