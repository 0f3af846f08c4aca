from . import complaint_import
from . import complaint_import_texts
from . import complaint_import_writing
from . import complaint_reason_wizard
