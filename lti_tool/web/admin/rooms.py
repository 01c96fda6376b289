"""Every page and form of the console, for the application to register."""

from lti_tool.web.admin import overview
from lti_tool.web.admin.access import open_sessions, roles, sign_in
from lti_tool.web.admin.district import audit_log, data_requests, grades, lmss, schools
from lti_tool.web.admin.installation import districts, health, upkeep

_ROOMS = (
    sign_in,
    overview,
    schools,
    districts,
    lmss,
    grades,
    upkeep,
    health,
    roles,
    audit_log,
    open_sessions,
    data_requests,
)
BLUEPRINTS = tuple(room.blueprint for room in _ROOMS)
