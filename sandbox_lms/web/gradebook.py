"""Grades as teachers, pupils and scripts see them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, render_template

from sandbox_lms import texts
from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms, current_lms
from sandbox_lms.records import activities, school, scores
from sandbox_lms.records.activities import LineItem
from sandbox_lms.records.people import Person
from sandbox_lms.records.scores import Grade
from sandbox_lms.web.visitors import enter_course, required_visitor

gradebook = Blueprint("gradebook", __name__)


@dataclass(frozen=True)
class Column:
    """A line item with its grades by person id."""

    item: LineItem
    grades: dict[str, Grade]


def columns(lms: Lms, course_id: str) -> list[Column]:
    """The whole gradebook of a course."""
    items = activities.line_items(lms.database, course_id)
    if lms.family.only_first_column_counts:
        items = [item for item in items if item.id == _first_of_its_link(items, item).id]
    return [Column(item, scores.grades(lms.database, item, lms.family.scores)) for item in items]


def _first_of_its_link(items: list[LineItem], item: LineItem) -> LineItem:
    if item.resource_link_id is None:
        return item
    return next(one for one in items if one.resource_link_id == item.resource_link_id)


def progress_words(grade: Grade) -> str:
    """How far a pupil is, in plain words."""
    if grade.activity_progress == "Completed":
        return texts.COMPLETED
    if grade.grading_progress != "FullyGraded":
        return texts.NOT_GRADED_YET
    return texts.STILL_WORKING


@gradebook.get("/courses/<course_id>/grades")
def show(course_id: str) -> str:
    """The class's gradebook for a teacher, the own grades for a pupil."""
    place = enter_course(course_id)
    database = place.lms.database
    template = "gradebook.html" if place.manages else "own_grades.html"
    return render_template(
        template,
        place=place,
        columns=columns(place.lms, course_id),
        pupils=school.pupils(database, course_id),
        progress_words=progress_words,
    )


@gradebook.get("/courses/<course_id>/grades/<row:line_item_id>")
@gradebook.get("/courses/<course_id>/grades/<row:line_item_id>/<person_id>")
def history(course_id: str, line_item_id: int, person_id: str | None = None) -> str:
    """Every score that arrived for a column, or for one pupil in it."""
    place = enter_course(course_id, manage=True)
    database = place.lms.database
    people = {person.id: person for person in school.people(database)}
    if person_id is not None and person_id not in people:
        raise Refused(404, texts.NO_SUCH_PERSON)
    return render_template(
        "history.html",
        place=place,
        item=activities.line_item(database, course_id, line_item_id),
        person=people.get(person_id or ""),
        people=people,
        received=scores.history(database, line_item_id, person_id),
    )


@gradebook.get("/api/gradebook/<course_id>")
def as_json(course_id: str) -> Response:
    """The gradebook for scripts and tests; only for the admin. No part of any standard."""
    lms = current_lms()
    if required_visitor().person.kind != "admin":
        raise Refused(403, texts.ADMINS_ONLY)
    school.course(lms.database, course_id)
    found = columns(lms, course_id)
    received = [one for column in found for one in scores.history(lms.database, column.item.id)]
    return jsonify(
        course=course_id,
        columns=[dataclasses.asdict(column.item) for column in found],
        pupils=[_pupil_json(pupil, found) for pupil in school.pupils(lms.database, course_id)],
        scores_received=len(received),
        scores_refused=sum(one.refused is not None for one in received),
    )


def _pupil_json(pupil: Person, found: list[Column]) -> dict[str, object]:
    grades = {
        str(column.item.id): dataclasses.asdict(column.grades[pupil.id])
        for column in found
        if pupil.id in column.grades
    }
    return {"id": pupil.id, "sub": pupil.sub, "name": pupil.name, "grades": grades}
