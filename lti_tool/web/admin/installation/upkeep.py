"""What belongs to the whole installation: signing keys, background jobs, banks and parameter sets, retention."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from lti_tool.lti.tool_keys import published_keys, rotate
from lti_tool.services.admin.district.audit_log import record
from lti_tool.services.admin.installation import upkeep
from lti_tool.services.admin.reach import serves_one_district
from lti_tool.services.practising.sound_reports import reported_sounds
from lti_tool.web.admin.rights import with_right
from lti_tool.web.admin.said import back_to, done_words, job_words
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped

blueprint = Blueprint("admin_installation", __name__, url_prefix="/admin")


@blueprint.get("/keys")
@with_right("see district")
def keys() -> ResponseReturnValue:
    """The published keys, newest first."""
    moment = now()
    with runtime().database.read() as session:
        rows, alone = published_keys(session, moment), g.reach.runs_installation or serves_one_district(session)
    return render_template("admin/installation/keys.html", keys=rows, alone=alone, now=moment, said=done_words())


@blueprint.post("/keys/rotate")
@with_right("run district")
def rotate_keys() -> ResponseReturnValue:
    """Publish a new key. Where several districts share the keys it takes who looks after the installation."""
    parts, moment = runtime(), now()
    with parts.database.write() as session:
        if not (g.reach.runs_installation or serves_one_district(session)):
            raise Stopped("admin-not-allowed", 403)
        key = rotate(session, parts.vault, moment)
        record(session, g.reach, "keys.rotated", key.kid, moment)
    return back_to(".keys", "rotated")


@blueprint.get("/jobs")
@with_right("see district")
def jobs() -> ResponseReturnValue:
    """What the workers did last."""
    with runtime().database.read() as session:
        return render_template("admin/installation/jobs.html", jobs=upkeep.jobs(session), job_words=job_words)


@blueprint.get("/content")
@with_right("see district")
def content() -> ResponseReturnValue:
    """Banks and their versions, the parameter sets that trace answers, and the sounds that were reported."""
    with runtime().database.read() as session:
        lines = upkeep.banks(session)
        sounds = reported_sounds(session, runtime().catalog.banks)
    return render_template(
        "admin/installation/content.html", banks=lines, titles=runtime().catalog.banks, sounds=sounds
    )


@blueprint.get("/retention")
@with_right("see district")
def retention() -> ResponseReturnValue:
    """How long data about people is kept, and whom that concerns."""
    settings = runtime().settings
    with runtime().database.read() as session:
        line = upkeep.retention(session, g.reach, settings.names_days, settings.records_days, now())
    return render_template("admin/installation/retention.html", line=line, settings=settings)
