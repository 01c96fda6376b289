"""A teacher tries an activity as the LMS's own test pupil ("student view")."""

from tests.support.school import TOOL_URL, Page, School

LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"


def test_the_test_pupil_practises_and_leaves_no_trace_in_class_page_and_gradebook(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG", title="Adding")
    answer = school.launch_signed("ada", link, sub="test-pupil", name="Test Student", roles=[LEARNER, TEST_USER])
    page = Page(school, "ada", answer.location, school.browser("ada").get(answer.location, base_url=TOOL_URL))
    for _ in range(3):
        page = page.respond("1").reload()
    school.deliver_grades()
    assert "Test Student" not in school.open("marit", link).text
    book = school.lms.gradebook("class-5a")
    assert all(not any(pupil["grades"].values()) for pupil in book["pupils"])
    with school.runtime.database.read() as session:
        from lti_tool.persistence.tables.grades import ScoreOutbox

        assert session.query(ScoreOutbox).count() == 0


def test_an_ordinary_pupil_beside_the_test_pupil_is_graded(school: School) -> None:
    link = school.add_activity("M.NBT2.ADDREG", title="Adding")
    page = school.open("ada", link)
    page.respond("1")
    school.deliver_grades()
    book = school.lms.gradebook("class-5a")
    assert any(grade for pupil in book["pupils"] for grade in pupil["grades"].values())
