from . import complaint_recovery
from . import res_partner
from . import sale_order
