from . import complaint_handover
from . import complaint_qualification
from . import complaint_routing_line
from . import complaint_team_routing
from . import complaint_case_handover
from . import complaint_case_routing
from . import complaint_case_conflict
from . import mail_followers
