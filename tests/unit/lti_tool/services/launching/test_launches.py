"""What a launch leaves behind: people and roles, a session, and nothing of somebody else's in the same browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.lti.messages.roles import Role
from lti_tool.lti.services.nrps import Member
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import Membership, Person
from lti_tool.persistence.tables.tenancy import Context, Registration
from lti_tool.services.launching.launches import KEPT_SESSIONS, find_session
from lti_tool.services.platforms.roster import merge_roster
from tests.support.databases import Servers
from tests.support.school import COURSE, TOOL_URL, Page, School, open_school

CONTEXT_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
LMS_ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
SKILL = "M.NBT2.ADDREG"


@pytest.fixture
def school(database_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


@pytest.fixture
def link(school: School) -> int:
    return school.add_activity(SKILL, title="Adding")


def open_on(school: School, tablet: str, who: str, link: int) -> Page:
    """Somebody opens an activity on a device that others use as well."""
    login = school.begin_login(tablet, school.lms.start_launch(who, link).fields)
    return school.page(tablet, school.post_launch(tablet, school.lms.authorize(who, login.location).fields))


def role_of(school: School, who: str) -> tuple[str, bool]:
    """Somebody's role in the class, and whether they are counted as a preview."""
    with school.runtime.database.read() as session:
        query = select(Membership.role, Person.preview).join(Person).where(Person.sub == school.lms.sub(who))
        role, preview = session.execute(query).one()
        return role, preview


def tell_roster(school: School, who: str, role: Role) -> None:
    """The LMS's class list names one person."""
    parts = school.runtime
    with parts.database.read() as session:
        context_id = session.scalars(select(Context.id)).one()
    member = Member(school.lms.sub(who), None, role, active=True)
    merge_roster(parts.database, parts.vault, school.registration_id, context_id, [member], datetime.now(UTC))


class TestOneTabletTwoChildren:
    def test_ada_s_page_is_closed_once_sean_has_opened_his(self, school: School, link: int) -> None:
        ada = open_on(school, "tablet", "ada", link)
        item = ada.item_token
        sean = open_on(school, "tablet", "sean", link)
        assert 'id="answer-form"' in sean.text
        back = ada.reload()
        assert back.status == 401
        assert "data-item" not in back.text

        late = ada.send("answer", item=item, response="7")
        assert late.status == 401
        with school.runtime.database.read() as session:
            assert session.scalars(select(ScoreOutbox)).all() == []

    def test_ada_gets_her_own_place_back_when_it_is_her_turn_again(self, school: School, link: int) -> None:
        first = open_on(school, "tablet", "ada", link).item_token
        open_on(school, "tablet", "sean", link)
        assert open_on(school, "tablet", "ada", link).item_token == first

    def test_ada_s_two_tabs_both_stay_open(self, school: School, link: int) -> None:
        second = school.add_activity("SP.DOUBLE")
        one, two = open_on(school, "tablet", "ada", link), open_on(school, "tablet", "ada", second)
        assert one.reload().status == two.reload().status == 200
        assert one.reload().item_token != two.reload().item_token

    def test_another_device_of_ada_s_is_left_alone(self, school: School, link: int) -> None:
        home = school.open("ada", link)
        open_on(school, "tablet", "ada", link)
        open_on(school, "tablet", "sean", link)
        assert home.reload().status == 200

    def test_a_teacher_s_class_page_stays_open_while_she_tries_it_as_the_test_pupil(
        self, school: School, link: int
    ) -> None:
        page = school.open("marit", link)
        answer = school.launch_signed("marit", link, sub="test", roles=[f"{CONTEXT_ROLE}Learner", TEST_USER])
        preview = school.page("marit", answer)
        assert page.reload().status == 200
        school.open("marit", link)
        assert preview.reload().status == 401, "and the test pupil is gone when she comes back"

    def test_a_made_up_cookie_ends_nobody_s_session(self, school: School, link: int) -> None:
        ada = school.open("ada", link)
        school.browser("sean").set_cookie(
            f"__Host-proximal-{ada.place.rpartition('/')[2]}", "guess", domain="127.0.0.1", secure=True
        )
        school.open("sean", link)
        assert ada.reload().status == 200

    def test_a_browser_keeps_the_newest_sessions_of_one_person_only(self, school: School, link: int) -> None:
        pages = [school.open("ada", link) for _ in range(KEPT_SESSIONS + 3)]
        assert [page.reload().status for page in pages[:2]] == [401, 401]
        assert {page.reload().status for page in pages[-KEPT_SESSIONS:]} == {200}


class TestRoles:
    def test_a_mentor_is_told_where_to_look(self, school: School, link: int) -> None:
        page = school.page("ada", school.launch_signed("ada", link, roles=[f"{CONTEXT_ROLE}Mentor"]))
        assert page.status == 403
        assert "LMS's gradebook" in page.text
        assert "Code: mentor" in page.text

    def test_an_administrator_who_is_not_in_the_course_sees_no_pupil(self, school: School, link: int) -> None:
        school.open("ada", link)
        page = school.page("marit", school.launch_signed("marit", link, roles=[LMS_ADMINISTRATOR]))
        assert page.status == 403
        assert "Enrol yourself as a teacher" in page.text
        assert "Ada" not in page.text

    def test_an_administrator_may_choose_content_for_a_course(self, school: School) -> None:
        login = school.begin_login("marit", school.lms.start_deep_linking("marit").fields)
        query = dict(part.split("=", 1) for part in login.location.partition("?")[2].split("&"))
        token = school.lms.sign_deep_linking(nonce=query["nonce"], roles=[LMS_ADMINISTRATOR])
        page = school.page("marit", school.post_launch("marit", {"state": query["state"], "id_token": token}))
        assert 'name="skill"' in page.text

    def test_a_teacher_of_the_class_list_who_comes_as_a_pupil_is_not_one(self, school: School, link: int) -> None:
        """Moodle's "Switch role to Student" launches the teacher as a Learner."""
        school.open("marit", link)
        tell_roster(school, "marit", Role.TEACHER)
        page = school.page("marit", school.launch_signed("marit", link, roles=[f"{CONTEXT_ROLE}Learner"]))
        page.respond(page.item.answer)
        assert role_of(school, "marit") == ("teacher", True)
        with school.runtime.database.read() as session:
            assert session.scalars(select(ScoreOutbox)).all() == []
        assert "Marit" not in school.open("marit", link).text

    def test_who_was_enrolled_as_a_teacher_by_mistake_becomes_a_pupil_and_is_graded(
        self, school: School, link: int
    ) -> None:
        school.launch_signed("ada", link, roles=[f"{CONTEXT_ROLE}Instructor"])
        tell_roster(school, "ada", Role.PUPIL)
        page = school.open("ada", link)
        page.respond(page.item.answer)
        assert role_of(school, "ada") == ("pupil", False)
        with school.runtime.database.read() as session:
            assert len(session.scalars(select(ScoreOutbox)).all()) == 1


class TestSessions:
    def test_a_session_opens_with_its_own_secret_only(self, school: School, link: int) -> None:
        page = school.open("ada", link)
        launch_id = page.place.rpartition("/")[2]
        [secret] = [
            cookie.value for cookie in school.browser("ada")._cookies.values() if cookie.key.endswith(launch_id)
        ]
        with school.runtime.database.read() as session:
            found = find_session(session, launch_id, secret)
            assert found is not None
            assert (found.role, found.kind, found.person.sub) == ("pupil", "resource", school.lms.sub("ada"))
            assert found.activity_id == session.scalars(select(Activity.id)).one()
            for wrong in (None, "", "guess", secret[:-1]):
                assert find_session(session, launch_id, wrong) is None
            assert find_session(session, "nobody", secret) is None

    def test_a_deployment_first_heard_of_opens_only_where_the_registration_takes_new_ones(
        self, school: School, link: int
    ) -> None:
        assert "unknown-deployment" in school.launch_signed("ada", link, deployment_id="77").text
        with school.runtime.database.write() as session:
            session.execute(update(Registration).values(accepts_new_deployments=True))
        assert school.launch_signed("ada", link, deployment_id="77").status_code == 303

    def test_pages_may_be_framed_where_the_launch_says_that_the_lms_stands(self, school: School, link: int) -> None:
        """Canvas's issuer is one host, and each school's pages stand on another."""
        presentation = {"return_url": "https://school.canvas.example/courses/1", "locale": "en"}
        page = school.page("ada", school.launch_signed("ada", link, launch_presentation=presentation))
        policy = page.answer.headers["Content-Security-Policy"]
        assert policy.split("frame-ancestors ")[1].split() == [
            "http://localhost:9000",
            "https://school.canvas.example",
        ]
        assert "X-Frame-Options" not in page.answer.headers

    def test_and_where_an_administrator_said_so(self, school: School, link: int) -> None:
        with school.runtime.database.write() as session:
            session.execute(update(Registration).values(extra_origins=["https://portal.school.example"]))
        policy = school.open("ada", link).answer.headers["Content-Security-Policy"]
        assert "https://portal.school.example" in policy.split("frame-ancestors ")[1]

    def test_a_session_ends_by_itself(self, school: School, link: int) -> None:
        page = school.open("ada", link)
        with school.runtime.database.write() as session:
            for row in session.scalars(select(LaunchSession)):
                row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        assert page.reload().status == 401

    def test_the_class_and_the_link_keep_the_names_of_the_last_launch(self, school: School, link: int) -> None:
        school.launch_signed("ada", link, context={"id": COURSE, "title": "Class 5A, new", "label": "5A"})
        with school.runtime.database.read() as session:
            assert session.scalars(select(Context.title)).one() == "Class 5A, new"

    def test_a_refused_launch_leaves_nobody_behind(self, school: School, link: int) -> None:
        school.launch_signed("ada", link, deployment_id="77")
        with school.runtime.database.read() as session:
            assert session.scalars(select(Person).where(Person.sub == school.lms.sub("ada"))).all() == []


def test_pages_without_a_session_may_be_framed_by_any_lms(school: School) -> None:
    for answer in (
        school.browser("ada").get("/lti/register", base_url=TOOL_URL),
        school.post_launch("ada", {"error": "access_denied", "state": "x"}),
        school.browser("ada").get("/a/nobody", base_url=TOOL_URL),
    ):
        assert answer.status_code >= 400
        ancestors = answer.headers["Content-Security-Policy"].split("frame-ancestors ")[1]
        assert ancestors.split()[0] == "https:"
        assert "X-Frame-Options" not in answer.headers
        assert "Set-Cookie" not in answer.headers
