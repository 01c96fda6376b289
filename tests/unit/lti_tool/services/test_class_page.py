"""What a teacher sees of an activity."""

from tests.support.pupils import wrong_answer
from tests.support.school import School


def test_a_teacher_opens_an_activity_that_nobody_has_tried(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG", title="Adding")
    page = school.open("marit", link)
    assert page.status == 200
    assert "No pupil has opened this activity yet" in page.text


def test_a_teacher_sees_how_often_each_pupil_tried(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG", "M.NBT2.SUBREG", title="Adding")
    ada = school.open("ada", link)
    for _ in range(3):
        ada = ada.respond(wrong_answer(ada.item)).reload()
    page = school.open("marit", link)
    assert page.status == 200
    assert '<td class="number">3</td>' in page.text
