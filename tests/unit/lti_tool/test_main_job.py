"""The main job, from deep link to grade, without a browser and without a network."""

from tests.support.pupils import wrong_answer
from tests.support.school import School

SKILL = "M.NBT2.ADDREG"


def test_ada_answers_twelve_questions_and_her_grade_is_in_the_gradebook(school: School) -> None:
    link = school.add_activity(SKILL, "M.NBT2.SUBREG", "M.NBT3.SUB0", title="Adding", points="8")
    page = school.open("ada", link)
    for _ in range(12):
        page = page.respond(wrong_answer(page.item)).reload()
    school.deliver_grades()
    book = school.lms.gradebook("class-5a")
    [column] = book["columns"]
    ada = next(pupil for pupil in book["pupils"] if pupil["id"] == "ada")
    assert ada["grades"][str(column["id"])]["score"] == 8.0
