"""The health of the installation in words."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from lti_tool.services.admin.installation.health import look, look_closely
from lti_tool.web.admin.rights import with_right
from lti_tool.web.context import now, runtime

blueprint = Blueprint("admin_health", __name__, url_prefix="/admin/health")


@blueprint.get("")
@with_right("see district")
def show() -> ResponseReturnValue:
    """What the doctor sees without calling anybody."""
    findings = list(look(runtime(), now(), str(get_locale())))
    return render_template("admin/installation/health.html", findings=findings, close=False)


@blueprint.post("")
@with_right("run district")
def examine() -> ResponseReturnValue:
    """The same, with our own address as a browser sees it and every LMS of the district: takes a while."""
    findings = list(look_closely(runtime(), g.reach, now(), str(get_locale())))
    return render_template("admin/installation/health.html", findings=findings, close=True)
