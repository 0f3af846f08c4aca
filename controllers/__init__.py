from . import feedback
from . import portal
from . import portal_form
from . import tracker
from . import guest_form
from . import uploads
