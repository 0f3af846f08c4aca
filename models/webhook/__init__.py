from . import complaint_webhook
from . import complaint_webhook_pause
from . import complaint_webhook_delivery
from . import complaint_webhook_sending
from . import complaint_case_outside
