from . import complaint_api_request
from . import complaint_case_api
from . import complaint_api
