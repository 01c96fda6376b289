"""Every teacher's page and form, for the application to register."""

from lti_tool.web.teacher.assigning import bank_page, bulk, changes, course_page, features, picker, word_lists
from lti_tool.web.teacher.classroom import progress, pupil_page, sample
from lti_tool.web.teacher.grading import grades
from lti_tool.web.teacher.helping import acts, materials, together
from lti_tool.web.teacher.paper import downloads, prints

_ROOMS = (
    picker,
    bank_page,
    changes,
    acts,
    bulk,
    course_page,
    downloads,
    features,
    pupil_page,
    prints,
    together,
    grades,
    materials,
    progress,
    sample,
    word_lists,
)
BLUEPRINTS = tuple(room.blueprint for room in _ROOMS)
