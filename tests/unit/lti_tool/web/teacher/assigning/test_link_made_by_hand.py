"""A link that a teacher made by hand, without choosing skills in Proximal."""

from tests.support.school import COURSE, School

SKILL = "M.NBT2.ADDREG"


def test_the_picker_offers_the_name_that_the_link_has_in_the_lms(school: School) -> None:
    link = school.lms.add_link_by_hand(COURSE, "Tuesday & Thursday")
    assert 'value="Tuesday &amp; Thursday"' in school.open("marit", link).text


def test_the_name_that_the_teacher_typed_stays_while_something_else_is_put_right(school: School) -> None:
    link = school.lms.add_link_by_hand(COURSE, "Tuesday")
    page = school.open("marit", link).send("choose", skill=SKILL, title="Wednesday", points="none")
    assert page.status == 422
    assert 'value="Wednesday"' in page.text


def test_the_picker_for_a_new_activity_offers_no_name(school: School) -> None:
    assert 'name="title" type="text" maxlength="120" value=""' in school.open_deep_linking().text


def test_the_column_is_called_like_the_link(school: School) -> None:
    link = school.lms.add_link_by_hand(COURSE, "Tuesday")
    picker = school.open("marit", link)
    picker.send("choose", skill=SKILL, title="Tuesday", points="10")
    page = school.open("ada", link)
    page.respond(page.item.answer)
    school.deliver_grades()
    assert [column["label"] for column in school.lms.gradebook(COURSE)["columns"]] == ["Tuesday"]
