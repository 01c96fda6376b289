"""Who is in which class, and in which role."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sandbox_lms.errors import Refused
from sandbox_lms.records.database import Database
from sandbox_lms.records.people import Course, Person


@dataclass(frozen=True)
class Member:
    """A person in a course. `role` is Instructor or Learner, `status` Active or Inactive (NRPS 2.0, section 2.3).

    `sub_role` is TeachingAssistant for a teacher who does not edit, else None.
    """

    person: Person
    role: str
    status: str
    sub_role: str | None = None


def people(database: Database) -> list[Person]:
    """Everybody in the school, in the order of the school's own list."""
    return [_person(row) for row in database.rows("SELECT * FROM person ORDER BY rowid")]


def find_person(database: Database, person_id: str) -> Person | None:
    """The person with our own id."""
    row = database.row("SELECT * FROM person WHERE id = ?", person_id)
    return _person(row) if row else None


def course(database: Database, course_id: str) -> Course:
    """A course. Raises Refused 404."""
    row = database.row("SELECT id, label, title, history FROM course WHERE id = ?", course_id)
    if row is None:
        raise Refused(404, "There is no such class.")
    return Course(*row)


def courses_of(database: Database, person: Person) -> list[Course]:
    """The courses that a person may open; an admin opens all."""
    if person.kind == "admin":
        return [Course(*row) for row in database.rows("SELECT id, label, title, history FROM course ORDER BY label")]
    return [
        Course(*row)
        for row in database.rows(
            "SELECT course.id, label, title, history FROM course JOIN membership ON course_id = course.id"
            " WHERE person_id = ? AND status = 'Active' ORDER BY label",
            person.id,
        )
    ]


def role_in(database: Database, course_id: str, person: Person) -> str | None:
    """Instructor, Learner, Administrator (everywhere, without being a member) or None."""
    if person.kind == "admin":
        return "Administrator"
    row = database.row(
        "SELECT role FROM membership WHERE course_id = ? AND person_id = ? AND status = 'Active'", course_id, person.id
    )
    return str(row["role"]) if row else None


def sub_role_in(database: Database, course_id: str, person: Person) -> str | None:
    """TeachingAssistant, or None."""
    row = database.row("SELECT sub_role FROM membership WHERE course_id = ? AND person_id = ?", course_id, person.id)
    return row["sub_role"] if row else None


def members(database: Database, course_id: str) -> list[Member]:
    """Everybody in a course, teachers first, then in the order of the school's list."""
    rows = database.rows(
        "SELECT person.*, role, status, sub_role FROM membership JOIN person ON person.id = person_id"
        " WHERE course_id = ? ORDER BY role, person.rowid",
        course_id,
    )
    return [Member(_person(row), row["role"], row["status"], row["sub_role"]) for row in rows]


def pupils(database: Database, course_id: str) -> list[Person]:
    """The pupils of a course who can have grades."""
    return [
        member.person
        for member in members(database, course_id)
        if member.role == "Learner" and member.status == "Active"
    ]


def _person(row: sqlite3.Row) -> Person:
    return Person(*(row[name] for name in ("id", "sub", "name", "given_name", "family_name", "kind")))
