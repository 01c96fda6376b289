"""Where the tool meets the browser: the frame of an activity, the OIDC authentication, and deep linking."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict

from sandbox_lms import texts
from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms, current_lms
from sandbox_lms.lti import deep_linking
from sandbox_lms.lti.launches import FormPost, authentication_response, begin_deep_linking, begin_launch, check_client
from sandbox_lms.records import activities, tools
from sandbox_lms.records.tools import Tool
from sandbox_lms.web.visitors import current_visitor, enter_course

frames = Blueprint("frames", __name__)


@frames.get("/courses/<course_id>/links/<row:link_id>")
def activity(course_id: str, link_id: int) -> str:
    """The page of one activity, with the tool in a frame."""
    place = enter_course(course_id)
    link = activities.link(place.lms.database, course_id, link_id)
    tool = tools.tool(place.lms.database, link.tool_id)
    student_view = place.manages and place.lms.family.student_view and "student_view" in request.args
    return render_template("activity.html", place=place, link=link, tool=tool, student_view=student_view)


@frames.get("/courses/<course_id>/links/<row:link_id>/launch")
def launch(course_id: str, link_id: int) -> str:
    """What the frame, or the new window, begins with: a form that posts itself to the tool's login address."""
    place = enter_course(course_id)
    link = activities.link(place.lms.database, course_id, link_id)
    target = "window" if request.args.get("target") == "window" else "iframe"
    student_view = "student_view" in request.args
    if student_view and not (place.manages and place.lms.family.student_view):
        raise Refused(403, texts.NO_STUDENT_VIEW)
    return _post(begin_launch(place.lms, place.visitor, link, target, student_view=student_view))


@frames.get("/courses/<course_id>/add")
def add(course_id: str) -> str:
    """The page on which a teacher chooses activities in the tool."""
    place = enter_course(course_id, manage=True)
    return render_template("add.html", place=place, tool=_chosen_tool(place.lms))


@frames.get("/courses/<course_id>/add/launch")
def add_launch(course_id: str) -> str:
    """What the frame of that page begins with."""
    place = enter_course(course_id, manage=True)
    return _post(begin_deep_linking(place.lms, place.visitor, _chosen_tool(place.lms), place.course))


@frames.get("/storage")
def storage() -> str:
    """A frame of ours beside the tool's, which keeps data for it in some LMSs (Platform Storage 1.0)."""
    return render_template("storage.html", tool=_chosen_tool(current_lms()))


@frames.route("/lti/auth", methods=["GET", "POST"])
def authenticate() -> str:
    """The authorization endpoint (OpenID Connect Core, section 3.2.2)."""
    lms, parameters = current_lms(), request.values
    _refuse_repeats(parameters)
    tool, redirect_uri = check_client(lms, parameters)
    visitor = current_visitor()
    if visitor is None and "resent" not in parameters:
        # Our cookie is SameSite=Lax and stays away from what another site's page began: post it again from here.
        return _post(FormPost(lms.config.url("/lti/auth"), {**parameters.to_dict(), "resent": "1"}))
    return _post(authentication_response(lms, tool, visitor, parameters, redirect_uri))


@frames.post("/lti/deep-link-return/<deep_link_id>")
def deep_link_return(deep_link_id: str) -> str:
    """Where the tool brings the teacher back with what was chosen. The address itself says who and where."""
    lms = current_lms()
    token = request.form.get("JWT", "")
    if not token:
        raise Refused(400, "The form field JWT is missing.")
    outcome = deep_linking.accept_response(lms, deep_link_id, token)
    query: dict[str, str] = {"added": str(len(outcome.link_ids))}
    if outcome.message:
        query["lti_msg"] = outcome.message
    if outcome.error_message:
        query["lti_errormsg"] = outcome.error_message
    return render_template("chosen.html", address=f"/courses/{outcome.course_id}?{urlencode(query)}")


def _chosen_tool(lms: Lms) -> Tool:
    """The tool that the address names, else the first one."""
    number = request.args.get("tool", "")
    if number.isascii() and number.isdecimal() and len(number) < 10:
        return tools.active_tool(lms.database, int(number))
    if not lms.tools:
        raise Refused(404, texts.NO_TOOLS)
    return lms.tool


def _post(form: FormPost) -> str:
    return render_template("post.html", form=form)


def _refuse_repeats(parameters: MultiDict[str, str]) -> None:
    # OAuth 2, RFC 6749, section 3.1: parameters must not be included more than once.
    if any(len(values) > 1 for values in parameters.listvalues()):
        raise Refused(400, "A parameter of the authentication request is there more than once.")
