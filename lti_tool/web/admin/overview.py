"""The console's first page, and the choice of a district for who looks after several."""

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from lti_tool.services.admin.access.sessions import choose_district
from lti_tool.services.admin.district.grades import grades
from lti_tool.services.admin.district.lmss import lmss
from lti_tool.services.admin.district.schools import schools
from lti_tool.services.admin.installation.health import look
from lti_tool.services.admin.reach import reaches
from lti_tool.web.admin.rights import with_right, with_session
from lti_tool.web.admin.said import number_in_form
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("/")
@with_right("see")
def overview() -> ResponseReturnValue:
    """What needs somebody, in sentences; then what there is."""
    parts, moment = runtime(), now()
    with parts.database.read() as session:
        found = grades(session, g.reach, moment)
        own_schools = schools(session, g.reach)
        own_lmss = lmss(session, g.reach) if g.reach.sees_district else []
    findings = list(look(parts, moment, str(get_locale()))) if g.reach.sees_district else []
    return render_template(
        "admin/overview.html",
        grades=found,
        schools=own_schools,
        waiting=[line for line in own_lmss if line.registration.state == "waiting"],
        active=[line for line in own_lmss if line.registration.state == "active"],
        bad=[finding for finding in findings if not finding.good],
    )


@blueprint.post("/district/choose")
@with_session
def choose() -> ResponseReturnValue:
    """Look after another of one's districts."""
    wanted = number_in_form("district")
    with runtime().database.write() as session:
        if wanted not in {reach.district_id for reach in reaches(session, g.admin)}:
            raise Stopped("admin-not-allowed", 403)
        choose_district(session, g.admin.id, wanted)
    return redirect(url_for("admin.overview"), 303)
