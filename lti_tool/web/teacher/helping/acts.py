"""What a teacher does about one pupil: a word on a skill, what comes first or rests, a note, accommodations, pairs."""

from collections.abc import Callable

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.classroom.names import names_of
from lti_tool.services.grading.settings import Author, grade_pupil_anew
from lti_tool.services.helping.accommodations import (
    GRADES,
    MAX_EXTRA_DAYS,
    Accommodations,
    give_days,
    set_accommodations,
)
from lti_tool.services.helping.notes import take_note_back, write_note
from lti_tool.services.helping.overrides import BadOverride, override, take_back
from lti_tool.services.helping.pairs import end_pair, start_pair
from lti_tool.services.helping.steering import EVERYTHING, KINDS, let_run, steer
from lti_tool.web.context import now, runtime
from lti_tool.web.errors import Stopped
from lti_tool.web.sessions import keeps_cookies, with_launch
from lti_tool.web.teacher.classroom.class_page import show_class
from lti_tool.web.teacher.classroom.pupil_page import show_page
from lti_tool.web.teacher.helping.more_time import DAYS
from lti_tool.web.teacher.reach import activity_in_reach, class_page_address

blueprint = Blueprint("acts", __name__, url_prefix="/a/<launch_id>/activity/<activity_id>")

SWITCHES = (
    "audio_always", "larger_text", "dyslexia_font", "fewer_choices", "no_audio", "high_contrast", "reduced_motion",
)  # fmt: skip
"""Accommodations that are on or off; the names of `Accommodations`."""


@blueprint.post("/pupil/<person_id>/skill")
@with_launch(role="teacher")
def on_skill(activity_id: str, person_id: str) -> ResponseReturnValue:
    """A word on a skill (it is strong, it is not yet), or a wish for it (it comes next, it rests)."""
    act, skill_id = request.form.get("act", ""), request.form.get("skill", "")

    def do(session: Session, activity: Activity) -> None:
        if skill_id not in activity.skill_ids and (act, skill_id) != ("pause", EVERYTHING):
            raise Stopped("bad-request", 400)
        if act in KINDS:
            steer(session, activity.id, person_id, skill_id, act, author_id=g.launch.person_id, now=now())
            return
        override(
            session,
            person_id,
            skill_id,
            act,
            request.form.get("reason", ""),
            context_id=activity.context_id or g.launch.context_id,
            author_id=g.launch.person_id,
            now=now(),
        )
        grade_pupil_anew(session, runtime().catalog, person_id, activity.bank_id, _author())

    try:
        return _about(activity_id, person_id, do)
    except BadOverride:
        problem = _("Please choose what you want to say, and give a reason in a few words.")
        return show_page(activity_id, person_id, message=problem, status=422)


@blueprint.post("/pupil/<person_id>/skill/back")
@with_launch(role="teacher")
def undo_on_skill(activity_id: str, person_id: str) -> ResponseReturnValue:
    """Take back a word or a wish."""
    skill_id = request.form.get("skill", "").replace("\x00", "")

    def undo(session: Session, activity: Activity) -> None:
        if request.form.get("what") == "word":
            take_back(session, person_id, skill_id, author_id=g.launch.person_id, now=now())
            grade_pupil_anew(session, runtime().catalog, person_id, activity.bank_id, _author())
        else:
            let_run(session, activity.id, person_id, skill_id, author_id=g.launch.person_id, now=now())

    return _about(activity_id, person_id, undo)


@blueprint.post("/pupil/<person_id>/note")
@with_launch(role="teacher")
def note(activity_id: str, person_id: str) -> ResponseReturnValue:
    """Leave the pupil a note."""
    text = request.form.get("note", "")
    return _about(
        activity_id,
        person_id,
        lambda session, activity: write_note(
            session, activity.id, person_id, text, author_id=g.launch.person_id, now=now()
        ),
    )


@blueprint.post("/pupil/<person_id>/note/back")
@with_launch(role="teacher")
def undo_note(activity_id: str, person_id: str) -> ResponseReturnValue:
    """Take a note back."""
    note_id = request.form.get("note", "").replace("\x00", "")
    return _about(
        activity_id,
        person_id,
        lambda session, activity: take_note_back(
            session, activity.id, person_id, note_id, author_id=g.launch.person_id, now=now()
        ),
    )


@blueprint.post("/pupil/<person_id>/needs")
@with_launch(role="teacher")
def needs(activity_id: str, person_id: str) -> ResponseReturnValue:
    """What this child needs so that it can read, hear and think."""
    try:
        wanted = Accommodations(
            **{name: name in request.form for name in SWITCHES},
            extra_days=int(request.form.get("extra_days") or 0),
            start_grade=int(request.form["start_grade"]) if request.form.get("start_grade") else None,
        )
    except ValueError:
        problem = _(
            "Extra days go from 0 to %(days)d, grades from %(first)d to %(last)d.",
            days=MAX_EXTRA_DAYS,
            first=GRADES[0],
            last=GRADES[-1],
        )
        return show_page(activity_id, person_id, message=problem, status=422)
    return _about(
        activity_id,
        person_id,
        lambda session, activity: set_accommodations(
            session,
            person_id,
            wanted,
            context_id=activity.context_id or g.launch.context_id,
            author_id=g.launch.person_id,
            now=now(),
        ),
    )


@blueprint.post("/more-time")
@with_launch(role="teacher")
def more_time(activity_id: str) -> ResponseReturnValue:
    """Days more for one pupil of the class, from the class page."""
    activity = activity_in_reach(activity_id)
    person_id, days = request.form.get("pupil", ""), request.form.get("days", "")
    if days not in map(str, DAYS):
        raise Stopped("bad-request", 400)
    with runtime().database.write() as session:
        if person_id not in names_of(session, activity, runtime().vault):
            raise Stopped("not-allowed", 403)
        context_id = activity.context_id or g.launch.context_id
        give_days(session, person_id, int(days), context_id=context_id, author_id=g.launch.person_id, now=now())
    return redirect(f"{class_page_address(activity.id)}#more-time", 303) if keeps_cookies() else show_class(activity)


@blueprint.post("/pairs")
@with_launch(role="teacher")
def pairs(activity_id: str) -> ResponseReturnValue:
    """Let two pupils work together, or end it."""
    activity = activity_in_reach(activity_id)
    first, second = request.form.get("first", ""), request.form.get("second", "")
    skills = [skill for skill in request.form.getlist("skill")[:2] if skill in activity.skill_ids]
    with runtime().database.write() as session:
        if first == second or not {first, second} <= names_of(session, activity, runtime().vault).keys():
            raise Stopped("not-allowed", 403)
        people = {"first_id": first, "second_id": second, "author_id": g.launch.person_id}
        if skills:
            start_pair(session, activity.id, skill_ids=skills, now=now(), **people)
        else:
            end_pair(session, activity.id, now=now(), **people)
    return redirect(class_page_address(activity.id), 303) if keeps_cookies() else show_class(activity)


def _about(activity_id: str, person_id: str, act: Callable[[Session, Activity], object]) -> ResponseReturnValue:
    """Do something about a pupil of the class, and show the pupil's page. Raises `Stopped` for anybody else."""
    activity = activity_in_reach(activity_id)
    with runtime().database.write() as session:
        if person_id not in names_of(session, activity, runtime().vault):
            raise Stopped("not-allowed", 403)
        act(session, activity)
    if not keeps_cookies():
        return show_page(activity_id, person_id)
    where = url_for("pupil_page.show_pupil", launch_id=g.launch.id, activity_id=activity_id, person_id=person_id)
    return redirect(where, 303)


def _author() -> Author:
    return Author(g.launch.person_id, g.launch.locale, now())
