from . import complaint_guide
from . import complaint_guide_use
from . import complaint_case_guide
from . import complaint_case_words
