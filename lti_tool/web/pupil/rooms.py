"""Every pupil's page and form, for the application to register."""

from lti_tool.web.pupil import learned, settings, strategies, today
from lti_tool.web.pupil.practising import example, materials, notes, pair, practice, retype, sound, warm_up

_ROOMS = (today, warm_up, practice, example, retype, learned, notes, settings, sound, strategies, pair, materials)
BLUEPRINTS = tuple(room.blueprint for room in _ROOMS)
