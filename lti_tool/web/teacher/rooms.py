"""Every teacher's page and form, for the application to register."""

from lti_tool.web.teacher import (
    acts,
    bank_page,
    bulk,
    changes,
    course_page,
    downloads,
    features,
    grades,
    materials,
    picker,
    prints,
    progress,
    pupil_page,
    sample,
    together,
    word_lists,
)

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
