"""Substitution variables in custom parameters (LTI Core 1.3, appendix B)."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox_lms.records.activities import ResourceLink
from sandbox_lms.records.people import Course, Person

VARIABLES = (
    *("User.id", "Person.name.full", "Context.id", "Context.label", "Context.title", "Context.id.history"),
    *("ResourceLink.id", "ResourceLink.title", "ResourceLink.id.history"),
)


def substituted(
    custom: Mapping[str, str],
    person: Person,
    course: Course,
    link: ResourceLink | None = None,
    *,
    more: Mapping[str, str],
) -> dict[str, str]:
    """The parameters with each `$Variable` filled in; one that we do not know, or that has no value, stays as it is.

    `more` are the values of variables of the LMS's own family.
    """
    known = {**_values(person, course, link), **more}
    return {name: known.get(value[1:], value) if value.startswith("$") else value for name, value in custom.items()}


def _values(person: Person, course: Course, link: ResourceLink | None) -> dict[str, str]:
    values = {
        "User.id": person.sub,
        "Person.name.full": person.name,
        "Context.id": course.id,
        "Context.label": course.label,
        "Context.title": course.title,
        "Context.id.history": course.history,
    }
    if link is None:
        return values
    return values | {
        "ResourceLink.id": str(link.id),
        "ResourceLink.title": link.title,
        "ResourceLink.id.history": link.history,
    }
