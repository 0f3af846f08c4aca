from . import complaint_touchpoint
from . import complaint_case_feedback
from . import complaint_feedback
from . import complaint_feedback_sending
from . import survey_question
from . import survey_survey
from . import survey_user_input
