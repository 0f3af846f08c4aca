from . import feedback
from . import portal
from . import portal_actions
from . import portal_form
from . import portal_points
from . import replies
from . import uploads
