"""A link made by hand and copied to another course finds its settings by its gradebook column."""

import pytest
from sqlalchemy import select

from lti_tool.lti.errors import ServiceError
from lti_tool.persistence.tables.activities import Activity
from tests.support.school import School


def activities(school: School) -> list[Activity]:
    """All activities, oldest first."""
    with school.runtime.database.read() as session:
        return list(session.scalars(select(Activity).order_by(Activity.created_at)))


def copied_link(school: School, resource_id: str) -> int:
    """What a course copy leaves: a link without our parameters, with a column that kept its resourceId."""
    column = {"scoreMaximum": 10, "label": "Adding", "resourceId": resource_id}
    content = {"type": "ltiResourceLink", "title": "Adding", "lineItem": column}
    return school.lms.add_activity("class-5b", content)[0]


def test_a_copied_link_opens_a_copy_of_its_activity(school: School) -> None:
    school.open("marit", school.add_activity("M.NBT2.ADDREG", title="Adding"))
    [original] = activities(school)
    link = copied_link(school, original.id)
    page = school.open("tomas", link, course="class-5b")
    assert "Adding" in page.text
    assert 'name="skill"' not in page.text
    copy = activities(school)[1]
    assert (copy.copied_from_id, copy.skill_ids, copy.points) == (original.id, original.skill_ids, original.points)


def test_a_pupil_who_comes_first_can_practise_at_once(school: School) -> None:
    school.open("marit", school.add_activity("M.NBT2.ADDREG", title="Adding"))
    link = copied_link(school, activities(school)[0].id)
    page = school.open("ada", link, course="class-5b")
    assert 'id="answer-form"' in page.text


@pytest.mark.parametrize("resource_id", ["", "somebody-elses", "x" * 255])
def test_a_column_that_names_nothing_of_ours_leads_to_the_picker(school: School, resource_id: str) -> None:
    page = school.open("tomas", copied_link(school, resource_id), course="class-5b")
    assert 'name="skill"' in page.text
    assert activities(school) == []


def test_an_lms_that_does_not_answer_leads_to_the_picker(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ServiceError("timeout", "no answer")

    monkeypatch.setattr("lti_tool.lti.services.ags.GradeService.resource_id_of", fails)
    page = school.open("tomas", copied_link(school, "anything"), course="class-5b")
    assert 'name="skill"' in page.text
