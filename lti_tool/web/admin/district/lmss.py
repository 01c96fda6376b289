"""The district's LMSs: invite, approve, test, switch off."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from lti_tool.services.admin.district import lmss
from lti_tool.services.platforms.invitations import invite
from lti_tool.services.platforms.platform_check import Check, check_platform
from lti_tool.services.platforms.registrations import BadRegistration, change_page_hosts, set_state
from lti_tool.services.upkeep.merging import merge_registrations
from lti_tool.services.wording import catalogue
from lti_tool.web.admin.rights import with_right
from lti_tool.web.admin.said import back_to, done_words, number_in_form, problem_words
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped, error_page
from lti_tool.web.lti.addresses import tool_addresses

blueprint = Blueprint("admin_lmss", __name__, url_prefix="/admin/lms")


@blueprint.get("/")
@with_right("see district")
def show_all() -> ResponseReturnValue:
    """Every LMS of the district."""
    return _list_page()


@blueprint.post("/invite")
@with_right("run district")
def make_invitation() -> ResponseReturnValue:
    """A registration address for an LMS, shown this once."""
    parts = runtime()
    with parts.database.write() as session:
        secret = invite(
            session,
            now(),
            district_id=g.reach.district_id,
            display_names=request.form.get("names") == "keep",
            administrator_id=g.reach.administrator_id,
        )
    return _list_page(f"{parts.settings.base_url}/lti/register?invitation={secret}")


@blueprint.get("/<int:registration_id>")
@with_right("see district")
def show(registration_id: int) -> ResponseReturnValue:
    """One LMS."""
    return _page(registration_id)


@blueprint.post("/<int:registration_id>/state")
@with_right("run district")
def change_state(registration_id: int) -> ResponseReturnValue:
    """Approve, disable or enable it."""
    state = request.form.get("state", "")
    if state not in ("active", "disabled"):
        raise Stopped("bad-request", 400)
    with runtime().database.write() as session:
        line = lmss.lms_in_reach(session, g.reach, registration_id)
        if line.registration.state != state:
            set_state(session, line.registration, state, now(), administrator_id=g.reach.administrator_id)
    return back_to(".show", "approved" if state == "active" else "disabled", registration_id=registration_id)


@blueprint.post("/<int:registration_id>/names")
@with_right("run district")
def change_names(registration_id: int) -> ResponseReturnValue:
    """Keep names of people for their teachers' eyes, or none."""
    keep = request.form.get("names") == "keep"
    with runtime().database.write() as session:
        line = lmss.lms_in_reach(session, g.reach, registration_id)
        lmss.keep_names(session, g.reach, line.registration, keep, now())
    return back_to(".show", "saved" if keep else "names-off", registration_id=registration_id)


@blueprint.post("/<int:registration_id>/hosts")
@with_right("run district")
def change_hosts(registration_id: int) -> ResponseReturnValue:
    """Name further hosts on which the LMS's pages stand."""
    form = request.form
    try:
        with runtime().database.write() as session:
            line = lmss.lms_in_reach(session, g.reach, registration_id)
            change_page_hosts(
                session,
                line.registration,
                add=[form["add"]] if form.get("add") else [],
                remove=[form["remove"]] if form.get("remove") else [],
                now=now(),
                administrator_id=g.reach.administrator_id,
            )
    except BadRegistration:
        return _page(registration_id, problem=problem_words("host")), 422
    return back_to(".show", "saved", registration_id=registration_id)


@blueprint.post("/<int:registration_id>/merge")
@with_right("run district")
def merge(registration_id: int) -> ResponseReturnValue:
    """Take over the history of another registration of the same LMS, and let that one go."""
    if request.form.get("sure") != "yes":
        return _page(registration_id, problem=problem_words("not-sure")), 422
    with runtime().database.write() as session:
        new = lmss.lms_in_reach(session, g.reach, registration_id).registration
        others = {line.registration.id: line.registration for line in lmss.other_registrations(session, g.reach, new)}
        old = others.get(number_in_form("old") or 0)
        if old is None:
            raise LookupError("registration")
        kept = old.id
        merge_registrations(session, old, new, now(), g.reach.administrator_id)
    return back_to(".show", "merged", registration_id=kept)


@blueprint.post("/<int:registration_id>/test")
@with_right("run district")
def test(registration_id: int) -> ResponseReturnValue:
    """Ask it for its keys, its clock and tokens."""
    parts = runtime()
    with parts.database.read() as session:
        line = lmss.lms_in_reach(session, g.reach, registration_id)
    checks = check_platform(
        parts.database,
        parts.vault,
        parts.transport,
        line.registration,
        now(),
        catalogue(str(get_locale())),
        key_set=f"{parts.settings.base_url}/lti/jwks",
    )
    return _page(registration_id, checks=checks)


@blueprint.errorhandler(LookupError)
def not_in_reach(_error: LookupError) -> ResponseReturnValue:
    """An LMS that is another district's is not there."""
    return error_page("admin-not-found", 404)


def _list_page(address: str = "") -> str:
    with runtime().database.read() as session:
        lines = lmss.lmss(session, g.reach)
        invited = lmss.open_invitations(session, g.reach, now())
    tool = tool_addresses()
    return render_template(
        "admin/district/lmss.html", lmss=lines, invited=invited, address=address, tool=tool, said=done_words()
    )


def _page(registration_id: int, *, checks: list[Check] | None = None, problem: str = "") -> str:
    with runtime().database.read() as session:
        line = lmss.lms_in_reach(session, g.reach, registration_id)
        others = lmss.other_registrations(session, g.reach, line.registration)
    return render_template(
        "admin/district/lms.html",
        line=line,
        lms=line.registration,
        others=others,
        checks=checks,
        problem=problem,
        said=done_words(),
    )
