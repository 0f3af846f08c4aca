from . import res_partner
from . import res_partner_context
from . import complaint_customer_search
from . import complaint_entry
from . import complaint_bulk
from . import complaint_bulk_line
from . import complaint_bulk_work
from . import complaint_case_many
