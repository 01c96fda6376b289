"""An activity's grades: the log, with its buttons."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.assigning.course_page import activity_of_course
from lti_tool.services.delivery.grade_log import grade_log
from lti_tool.services.delivery.grade_repairs import release, send_again
from lti_tool.services.grading.rules import MAX_TRIES, BadRule, read_count
from lti_tool.services.grading.settings import Author, set_pupil_goal
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.sessions import keeps_cookies, with_launch
from lti_tool.web.teacher.assigning.grading_form import rule_problem
from lti_tool.web.teacher.grading.grade_words import (
    attempt_words,
    column_sentence,
    grade_sentence,
    label_of,
    number,
    still_there,
)
from lti_tool.web.teacher.reach import class_page_address

blueprint = Blueprint("grades", __name__, url_prefix="/a/<launch_id>/activity/<activity_id>")


@blueprint.route("/grades", methods=["GET", "POST"])
@with_launch(role="teacher")
def show_log(activity_id: str) -> ResponseReturnValue:
    """What was sent, when, what the LMS answered, what waits."""
    return _log_page(activity_id)


@blueprint.post("/grades/send")
@with_launch(role="teacher")
def send(activity_id: str) -> ResponseReturnValue:
    """Send again what did not get through: of all, or what one pupil has here."""
    with runtime().database.write() as session:
        activity = _activity(session, activity_id)
        send_again(session, now=now(), activity_id=activity.id, person_id=_pupil(), author_id=g.launch.person_id)
    return _done(activity_id)


@blueprint.post("/grades/release")
@with_launch(role="teacher")
def let_go(activity_id: str) -> ResponseReturnValue:
    """Send what waited for the teacher's review: of one pupil, or of all."""
    with runtime().database.write() as session:
        activity = _activity(session, activity_id)
        release(session, activity.id, now=now(), person_id=_pupil(), author_id=g.launch.person_id)
    return _done(activity_id)


@blueprint.post("/grades/tries")
@with_launch(role="teacher")
def set_tries(activity_id: str) -> ResponseReturnValue:
    """Give one pupil another number of tries; an empty field gives back the activity's."""
    text, person_id = request.form.get("own_tries", "").strip(), _pupil()
    if person_id is None:
        raise Stopped("bad-request", 400)
    try:
        tries = read_count(text, MAX_TRIES) if text else None
    except BadRule as problem:
        return _log_page(activity_id, message=rule_problem(problem.code), status=422)
    parts = runtime()
    with parts.database.write() as session:
        activity = _activity(session, activity_id)
        log = grade_log(session, activity, parts.vault)
        if person_id not in {pupil.person_id for pupil in (*log.pupils, *log.without)}:
            raise Stopped("not-allowed", 403)
        set_pupil_goal(session, parts.catalog, activity, person_id, tries, _author())
    return _done(activity_id)


def _log_page(activity_id: str, *, message: str = "", status: int = 200) -> ResponseReturnValue:
    parts = runtime()
    with parts.database.read() as session:
        log = grade_log(session, _activity(session, activity_id), parts.vault)
    html = render_template(
        "teacher/grading/grades.html",
        log=log,
        activity=log.activity,
        back=class_page_address(log.activity.id),
        message=message,
        label_of=label_of,
        sentence=grade_sentence,
        still_there=still_there,
        column_sentence=column_sentence,
        attempt_words=attempt_words,
        points=number,
    )
    return html, status


def _activity(session: Session, activity_id: str) -> Activity:
    """The activity, if this launch is for it or for its course."""
    launch = g.launch
    if "\x00" not in activity_id:
        if launch.kind == "course":
            found = activity_of_course(session, launch.context_id, activity_id)
        else:
            found = session.get(Activity, activity_id) if activity_id == launch.activity_id else None
        if found is not None:
            return found
    raise Stopped("not-allowed", 403)


def _pupil() -> str | None:
    person_id = request.form.get("pupil")
    if person_id is not None and "\x00" in person_id:
        raise Stopped("bad-request", 400)
    return person_id


def _author() -> Author:
    return Author(g.launch.person_id, g.launch.locale, now())


def _done(activity_id: str) -> ResponseReturnValue:
    """To the log: by a redirect, so that a reload does nothing again; where that would lose the session, at once."""
    if keeps_cookies():
        return redirect(url_for(".show_log", launch_id=g.launch.id, activity_id=activity_id), 303)
    return _log_page(activity_id)
