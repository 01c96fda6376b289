"""Who sits in front of the browser, and what they may do in a class."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import abort, redirect, session

from sandbox_lms import texts
from sandbox_lms.errors import Refused
from sandbox_lms.lms import Lms, current_lms
from sandbox_lms.lti.launches import Visitor
from sandbox_lms.records import school
from sandbox_lms.records.people import Course, Person


@dataclass(frozen=True)
class Place:
    """A visitor in a class. `role` is Instructor, Learner or Administrator."""

    lms: Lms
    visitor: Visitor
    course: Course
    role: str

    @property
    def manages(self) -> bool:
        """May change activities and see everybody's grades."""
        return self.role != "Learner"


def sign_in(person: Person) -> None:
    """From now on this browser is that person, in a new session."""
    session.clear()
    session.update(person=person.id, id=secrets.token_urlsafe(16))


def current_visitor() -> Visitor | None:
    """Who is signed in in this browser."""
    person = school.find_person(current_lms().database, session.get("person", ""))
    return Visitor(person, session["id"]) if person else None


def required_visitor() -> Visitor:
    """Who is signed in; nobody is sent to the first page."""
    visitor = current_visitor()
    if visitor is None:
        abort(redirect("/"))
    return visitor


def enter_course(course_id: str, *, manage: bool = False) -> Place:
    """The visitor's place in a class. Raises Refused 403 for outsiders and, with `manage`, for pupils."""
    lms, visitor = current_lms(), required_visitor()
    course = school.course(lms.database, course_id)
    role = school.role_in(lms.database, course_id, visitor.person)
    if role is None:
        raise Refused(403, texts.NOT_IN_CLASS.format(course=course.title))
    place = Place(lms, visitor, course, role)
    if manage and not place.manages:
        raise Refused(403, texts.TEACHERS_ONLY)
    return place
