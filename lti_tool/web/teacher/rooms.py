"""Every teacher's page and form, for the application to register."""

from lti_tool.web.teacher import changes, course_page, grades, picker, pupil_page, together, word_lists

BLUEPRINTS = tuple(room.blueprint for room in (picker, changes, course_page, pupil_page, together, grades, word_lists))
