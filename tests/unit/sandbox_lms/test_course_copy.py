"""A class is copied for a new year: what comes along, and what its launches remember."""

from __future__ import annotations

from sandbox_lms.lti.messages import LTI
from sandbox_lms.records import activities
from sandbox_lms.records.activities import ResourceLink
from tests.unit.sandbox_lms.school import School

ASKING = {
    "activity_id": "a-1",
    "link_history": "$ResourceLink.id.history",
    "course_history": "$Context.id.history",
    "unknown": "$Moodle.Something",
}


def copy(school: School, course: str = "class-5a", *, pupils: bool = True) -> str:
    """Copy a class as Marit; return the new one's id."""
    fields = {"title": "Class 5A next year"} | ({"pupils": "yes"} if pupils else {})
    page = school.lms.post("marit", f"/courses/{course}/copy", fields)
    assert page.status == 303
    return page.headers["location"].rpartition("/")[2]


def links(school: School, course: str) -> list[ResourceLink]:
    return activities.links(school.lms.lms.database, course)


def test_activities_and_columns_come_along_with_new_ids_and_grades_stay(school: School) -> None:
    line_item = {"scoreMaximum": 10, "resourceId": "a-1", "tag": "grade"}
    old = school.activity(custom=ASKING, lineItem=line_item)
    school.send(school.score("ada", 7))
    copied = copy(school)
    [new] = links(school, copied)
    assert (new.title, new.custom, new.history) == ("Fractions", ASKING, str(old))
    assert new.id != old
    [column] = activities.line_items(school.lms.lms.database, copied)
    assert (column.resource_link_id, column.resource_id, column.tag) == (new.id, "a-1", "grade")
    assert school.lms.gradebook(copied)["scores_received"] == 0
    assert school.grade("ada") is not None


def test_a_launch_of_the_copy_names_where_it_came_from(school: School) -> None:
    old = school.activity(custom=ASKING)
    assert school.launch("ada", old)[LTI + "custom"] == {
        "activity_id": "a-1",
        "link_history": "",
        "course_history": "",
        "unknown": "$Moodle.Something",
    }
    first = copy(school)
    second = copy(school, first)
    [middle], [newest] = links(school, first), links(school, second)
    custom = school.launch("ada", newest.id, course=second)[LTI + "custom"]
    assert custom["link_history"] == f"{middle.id},{old}"
    assert custom["course_history"] == f"{first},class-5a"


def test_the_teachers_come_along_and_pupils_only_if_wanted(school: School) -> None:
    alone = copy(school, pupils=False)
    assert "Ada Okonkwo" not in school.lms.get("marit", f"/courses/{alone}/people").text
    assert school.lms.get("ada", f"/courses/{alone}").status == 403
    assert "Ada Okonkwo" in school.lms.get("marit", f"/courses/{copy(school)}/people").text


def test_a_pupil_copies_no_class(school: School) -> None:
    assert school.lms.post("ada", "/courses/class-5a/copy", {"title": "Mine"}).status == 403
    assert school.lms.post("marit", "/courses/class-5a/copy", {"title": " "}).status == 400
