from . import feedback
from . import portal
from . import portal_form
from . import uploads
from . import portal_merged
