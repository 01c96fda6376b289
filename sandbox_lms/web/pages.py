"""The plain pages of the practice LMS: who are you, classes, activities, people."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from sandbox_lms import texts
from sandbox_lms.errors import Refused
from sandbox_lms.lms import current_lms
from sandbox_lms.records import activities, course_copy, school, scores, tools
from sandbox_lms.records.activities import NewLink
from sandbox_lms.web.visitors import current_visitor, enter_course, required_visitor, sign_in

pages = Blueprint("pages", __name__)


def format_points(value: float) -> str:
    """Points with at most two decimals: 7.5, 10, 6.67."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def format_moment(text: str) -> str:
    """ISO 8601 text for readers, in UTC and to the second."""
    return f"{datetime.fromisoformat(text).astimezone(UTC):%d %b %Y, %H:%M:%S} UTC"


def format_day(text: str) -> str:
    """ISO 8601 text as a day."""
    return f"{datetime.fromisoformat(text):%A %d %B %Y}".replace(" 0", " ")


def refusal_page(refusal: Refused) -> ResponseReturnValue:
    """A refusal as a page that says what was wrong."""
    return render_template("refused.html", refusal=refusal), refusal.status


def http_error_page(error: HTTPException) -> ResponseReturnValue:
    """An error that Flask found (no such page, wrong method, a fault of ours) as the same page."""
    return refusal_page(Refused(error.code or 500, error.description or error.name))


@pages.app_context_processor
def common() -> dict[str, object]:
    """What every page's frame shows."""
    lms = current_lms()
    active = lms.tools
    return {"visitor": current_visitor(), "tools": active, "tool": active[0] if active else None, "lms": lms}


@pages.get("/healthz")
def health() -> Response:
    """Says that the LMS runs."""
    current_lms().database.row("SELECT 1")
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@pages.get("/")
def who() -> str:
    """The first page: choose a person."""
    everybody = school.people(current_lms().database)
    groups = [
        (title, [person for person in everybody if person.kind == kind])
        for title, kind in ((texts.TEACHERS, "teacher"), (texts.PUPILS, "pupil"), (texts.ADMINS, "admin"))
    ]
    labels = {person.id: school.courses_of(current_lms().database, person) for person in everybody}
    return render_template("who.html", groups=groups, courses_of=labels)


@pages.post("/sign-in")
def become() -> AnyResponse:
    """Become the chosen person and go to the class, or to the choice of classes."""
    lms = current_lms()
    person = school.find_person(lms.database, request.form.get("person", ""))
    if person is None:
        raise Refused(404, texts.NO_SUCH_PERSON)
    sign_in(person)
    courses = school.courses_of(lms.database, person)
    return redirect(f"/courses/{courses[0].id}" if len(courses) == 1 else "/courses", 303)


@pages.post("/sign-out")
def leave() -> AnyResponse:
    """Nobody is signed in any more."""
    session.clear()
    return redirect("/", 303)


@pages.get("/courses")
def courses() -> str:
    """The visitor's classes; for the admin also the facts of the registration."""
    lms, visitor = current_lms(), required_visitor()
    return render_template("courses.html", courses=school.courses_of(lms.database, visitor.person), config=lms.config)


@pages.get("/courses/<course_id>")
def course(course_id: str) -> str:
    """The activities of a class."""
    place = enter_course(course_id)
    database = place.lms.database
    items = activities.line_items(database, course_id)
    rules = place.lms.family.scores
    own = {item.id: scores.grades(database, item, rules).get(place.visitor.person.id) for item in items}
    return render_template(
        "course.html", place=place, links=activities.links(database, course_id), items=items, own=own, args=request.args
    )


@pages.post("/courses/<course_id>/links")
def add_by_hand(course_id: str) -> AnyResponse:
    """A link to the tool without settings of the tool's own, as teachers can make one in real LMSs."""
    place = enter_course(course_id, manage=True)
    number = request.form.get("tool", type=int)
    tool = place.lms.tool if number is None else tools.active_tool(place.lms.database, number)
    link = NewLink(title=_title(), url=tool.launch_url)
    with place.lms.database.transaction() as connection:
        activities.add_links(connection, course_id, [link], tool.id)
    return redirect(f"/courses/{course_id}?added=1", 303)


@pages.post("/courses/<course_id>/links/<row:link_id>/rename")
def rename(course_id: str, link_id: int) -> AnyResponse:
    """Another title for an activity."""
    place = enter_course(course_id, manage=True)
    activities.rename_link(place.lms.database, activities.link(place.lms.database, course_id, link_id).id, _title())
    return redirect(f"/courses/{course_id}", 303)


@pages.post("/courses/<course_id>/links/<row:link_id>/delete")
def delete(course_id: str, link_id: int) -> AnyResponse:
    """Delete an activity with its grades."""
    place = enter_course(course_id, manage=True)
    activities.delete_link(place.lms.database, activities.link(place.lms.database, course_id, link_id).id)
    return redirect(f"/courses/{course_id}", 303)


@pages.post("/courses/<course_id>/links/<row:link_id>/attempts")
def limit_attempts(course_id: str, link_id: int) -> AnyResponse:
    """How often a pupil may hand in for an activity; nothing typed means any number."""
    place = enter_course(course_id, manage=True)
    link = activities.link(place.lms.database, course_id, link_id)
    attempts = request.form.get("attempts", type=int)
    for item in activities.line_items(place.lms.database, course_id):
        if item.resource_link_id == link.id:
            activities.allow_attempts(place.lms.database, item.id, attempts)
    return redirect(f"/courses/{course_id}", 303)


@pages.post("/courses/<course_id>/copy")
def copy(course_id: str) -> AnyResponse:
    """A new class with the activities and columns of this one, without grades."""
    place = enter_course(course_id, manage=True)
    copied = course_copy.copy_course(
        place.lms.database, place.course, title=_title(), with_pupils="pupils" in request.form
    )
    return redirect(f"/courses/{copied}", 303)


@pages.get("/courses/<course_id>/people")
def roster(course_id: str) -> str:
    """Who is in the class."""
    place = enter_course(course_id)
    return render_template("people.html", place=place, members=school.members(place.lms.database, course_id))


def _title() -> str:
    title = " ".join(request.form.get("title", "").split())[:200]
    if not title:
        raise Refused(400, texts.TITLE_NEEDED)
    return title
