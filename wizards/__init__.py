from . import complaint_import
from . import complaint_import_writing
from . import complaint_reason_wizard
from . import complaint_breach_wizard
from . import complaint_pause_wizard
from . import complaint_policy_version_wizard
from . import complaint_receipt_wizard
from . import complaint_sla_simulation
