"""What administrators see and change in the console, and that each change is written down."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from item_banks.schema import Speech
from item_banks.words.audio import name_of
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import DisplayName, Person
from lti_tool.persistence.tables.tenancy import Context, Deployment, District, Registration
from lti_tool.persistence.tables.tenancy import School as SchoolRow
from lti_tool.services.platforms.registrations import add_registration
from lti_tool.services.practising.sound_reports import report_sound
from lti_tool.services.upkeep.jobs import reported
from tests.support.console import PROXY, Console, add_school, console, give_role
from tests.support.pupils import MATH, wrong_answer
from tests.support.school import School, open_school, practice_lms_registration


@pytest.fixture
def school(database_url: str, tmp_path: Path) -> Iterator[School]:
    with open_school(database_url, tmp_path, **PROXY) as opened:
        give_role(opened, "it", "district")
        yield opened


@pytest.fixture
def imani(school: School) -> Console:
    """Who runs the district."""
    return console(school, "Imani", "it")


def told(school: School) -> list[AuditEvent]:
    """The changes that were made in the console, oldest first."""
    with school.runtime.database.read() as session:
        query = select(AuditEvent).where(AuditEvent.administrator_id.is_not(None)).order_by(AuditEvent.id)
        return [event for event in session.scalars(query) if not event.action.startswith("admin.")]


def practise(school: School, course: str = "class-5a", title: str = "Sums") -> None:
    page = school.open("ada", school.add_activity(*MATH, title=title, course=course), course=course)
    page.respond(wrong_answer(page.item))


def course_id(school: School, lms_id: str) -> int:
    with school.runtime.database.read() as session:
        return session.scalars(select(Context.id).where(Context.lms_id == lms_id)).one()


def park(school: School) -> None:
    """As if the LMS had refused every grade, an hour ago."""
    with school.runtime.database.write() as session:
        values = {"state": "parked", "problem": "not-enrolled", "problem_detail": "the LMS answered 404"}
        session.execute(update(ScoreOutbox).values(**values, waiting_since=datetime.now(UTC) - timedelta(hours=1)))


def test_an_lms_that_was_registered_twice_becomes_one(school: School, imani: Console) -> None:
    practise(school)
    with school.runtime.database.write() as session:
        old = session.get_one(Registration, school.registration_id)
        old.client_id = "of last year"
        session.flush()
        kept = old.id
        new = add_registration(session, practice_lms_registration(), datetime.now(UTC)).id
        pupils = session.scalars(select(Person.id).order_by(Person.id)).all()
    assert "of last year" in imani.follow(f"/admin/lms/{new}").text
    assert "tick the box first" in imani.post(f"/admin/lms/{new}/merge", old=str(kept)).text
    assert imani.post(f"/admin/lms/{new}/merge", old="4711", sure="yes").status_code == 404
    assert "are one now" in imani.post(f"/admin/lms/{new}/merge", old=str(kept), sure="yes").text
    with school.runtime.database.read() as session:
        [row] = session.scalars(select(Registration))
        assert row.client_id == "proximal-demo"
        assert session.scalars(select(Person.id).order_by(Person.id)).all() == pupils
    assert told(school)[-1].action == "registration.merged"


# Schools and courses


def test_imani_sets_up_her_district_and_each_step_is_written_down(school: School, imani: Console) -> None:
    practise(school)
    page = imani.post("/admin/district", name="Rivierenland", time_zone="Europe/Amsterdam")
    assert "Saved." in page.text
    assert "Rivierenland" in page.text
    assert "North" in imani.post("/admin/schools", name="  North   Elementary ").text
    with school.runtime.database.read() as session:
        [row] = session.scalars(select(SchoolRow)).all()
        assert row.name == "North Elementary"
        deployment = session.scalars(select(Deployment.id)).one()
        assert session.scalars(select(District)).one().time_zone == "Europe/Amsterdam"
    imani.post(f"/admin/schools/{row.id}", name="Northfield")
    page = imani.post(f"/admin/deployments/{deployment}", school=row.id)
    assert "as its installation: Northfield" in page.text
    imani.post(f"/admin/courses/{course_id(school, 'class-5a')}", school=row.id)
    schools = imani.get("/admin/schools").text
    assert re.search(r'Northfield</bdi></th><td class="number">1</td><td class="number">1</td>', schools)
    imani.post(f"/admin/schools/{row.id}/remove")
    assert [event.action for event in told(school)] == [
        "district.changed",
        "school.added",
        "school.renamed",
        "deployment.mapped",
        "course.mapped",
        "school.removed",
    ]
    log = imani.get("/admin/audit").text
    assert "Imani" in log
    assert "school.renamed" in log
    assert "school.renamed" not in imani.get("/admin/audit?action=registration").text


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\u202eb", "North"])
def test_a_school_needs_a_name_of_its_own(school: School, imani: Console, name: str) -> None:
    add_school(school, "North")
    answer = imani.post("/admin/schools", name=name)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert told(school) == []


def test_a_district_keeps_a_clock_that_exists(school: School, imani: Console) -> None:
    assert imani.post("/admin/district", name="Mine", time_zone="Mars/Olympus").status_code == 422
    assert told(school) == []


def test_hedda_who_runs_north_sees_its_courses_and_no_others(school: School) -> None:
    practise(school, title="Sums of 5A")
    practise(school, course="class-5b", title="Sums of 5B")
    north = add_school(school, "North")
    add_school(school, "South")
    give_role(school, "heads", "school", school_id=north)
    with school.runtime.database.write() as session:
        session.execute(update(Context).where(Context.lms_id == "class-5a").values(school_id=north))
    park(school)
    hedda = console(school, "Hedda", "heads")
    seen = "".join(
        hedda.follow(path).text for path in ("/admin/", "/admin/schools", "/admin/courses", "/admin/grades/")
    )
    assert "Class 5A" in seen
    assert "Sums of 5A" in seen
    assert [name for name in ("Class 5B", "Sums of 5B", "South") if name in seen] == []
    hedda.post("/admin/grades/send")
    with school.runtime.database.read() as session:
        assert sorted(session.scalars(select(ScoreOutbox.state))) == ["parked", "waiting"]
    assert [event.action for event in told(school)] == ["grades.sent_again"]


def test_a_courses_own_school_wins_over_its_installations(school: School) -> None:
    practise(school)
    north, south = add_school(school, "North"), add_school(school, "South")
    give_role(school, "heads", "school", school_id=north)
    with school.runtime.database.write() as session:
        session.execute(update(Deployment).values(school_id=north))
    hedda = console(school, "Hedda", "heads")
    assert "Class 5A" in hedda.follow("/admin/courses").text
    with school.runtime.database.write() as session:
        session.execute(update(Context).values(school_id=south))
    assert "Class 5A" not in hedda.follow("/admin/courses").text


# LMSs


def test_an_lms_that_imani_invites_is_her_districts_and_keeps_no_names(school: School) -> None:
    give_role(school, "others", "district", district="Eastbank")
    ola = console(school, "Ola", "others")
    page = ola.post("/admin/lms/invite", names="none")
    address = re.search(r"<code>([^<]*invitation=[^<]+)</code>", page.text)
    assert address
    assert "1 address is still unused" in page.text
    assert school.register(address[1], choice="new").status_code == 200
    with school.runtime.database.read() as session:
        newest = session.scalars(select(Registration).order_by(Registration.id.desc())).first()
        assert newest is not None
        eastbank = session.scalars(select(District).where(District.name == "Eastbank")).one()
        assert (newest.district_id, newest.display_names, newest.state) == (eastbank.id, False, "active")
    assert f"/admin/lms/{newest.id}" in ola.get("/admin/lms/").text
    assert ola.get(f"/admin/lms/{school.registration_id}").status_code == 404


def test_an_lms_waits_is_approved_tested_and_switched_off(school: School, imani: Console) -> None:
    with school.runtime.database.write() as session:
        session.execute(update(Registration).values(state="waiting"))
    assert "An LMS waits for approval" in imani.follow().text
    place = f"/admin/lms/{school.registration_id}"
    assert "may launch Proximal now" in imani.post(f"{place}/state", state="active").text
    tested = imani.post(f"{place}/test").text
    for what in ("public keys", "clock", "access token", "class lists"):
        assert what in tested
    assert "refused now" in imani.post(f"{place}/state", state="disabled").text
    assert imani.post(f"{place}/state", state="anything").status_code == 400
    assert [event.action for event in told(school)] == ["registration.active", "registration.disabled"]
    assert school.begin_login("ada", {"iss": "http://localhost:9000", "login_hint": "x"}).status_code == 403


def test_without_names_those_that_were_there_go_and_none_come(school: School, imani: Console) -> None:
    practise(school)
    with school.runtime.database.read() as session:
        assert len(session.scalars(select(DisplayName)).all()) == 2
    imani.post(f"/admin/lms/{school.registration_id}/names")
    practise(school, title="More sums")
    school.runtime.rosters.read(course_id(school, "class-5a"), datetime.now(UTC))
    with school.runtime.database.read() as session:
        assert session.scalars(select(DisplayName)).all() == []
        assert len(session.scalars(select(Person)).all()) > 2
    [event] = told(school)
    assert (event.action, event.detail) == ("registration.names", {"keep": False, "deleted": 2})
    imani.post(f"/admin/lms/{school.registration_id}/names", names="keep")
    practise(school, title="Still more sums")
    with school.runtime.database.read() as session:
        assert session.scalars(select(DisplayName)).all() != []


def test_further_hosts_of_an_lms_are_named_and_taken_away(school: School, imani: Console) -> None:
    place = f"/admin/lms/{school.registration_id}/hosts"
    assert "https://portal.school.example" in imani.post(place, add="https://portal.school.example/x").text
    assert imani.post(place, add="no host at all").status_code == 422
    assert "portal.school.example</code>" not in imani.post(place, remove="https://portal.school.example").text
    assert [event.action for event in told(school)] == ["registration.page_hosts"] * 2


# Grades, jobs, keys, roles


def test_grades_that_were_refused_are_explained_and_sent_again(school: School, imani: Console) -> None:
    practise(school)
    park(school)
    page = imani.follow("/admin/grades/")
    assert "Not getting through" in page.text
    assert "Class 5A" in page.text
    assert "the LMS answered 404" in page.text
    assert "Okonkwo" not in page.text
    assert "An LMS refused 1 grade." in imani.get().text
    assert "They will be sent again." in imani.post("/admin/grades/send").text
    assert "There was nothing to send." in imani.post("/admin/grades/send").text
    school.deliver_grades_later()
    assert "Everything gets through." in imani.get("/admin/grades/").text


def test_jobs_say_how_they_went(school: School, imani: Console) -> None:
    assert "No worker has run yet" in imani.follow("/admin/jobs").text
    now = datetime.now(UTC)

    def fails(_: datetime) -> object:
        raise RuntimeError("the disk is full, said Ada Okonkwo")

    broken = reported(school.runtime.database, "rosters", fails)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            broken(now)
    reported(school.runtime.database, "grades", lambda _: 0)(now)
    page = imani.get("/admin/jobs").text
    assert "stopped 2 times in a row (RuntimeError)" in page
    assert "Okonkwo" not in page
    assert "went through" in page


def test_a_new_signing_key_is_made_where_the_keys_are_one_districts_own(school: School, imani: Console) -> None:
    assert "It signs from tomorrow" in imani.post("/admin/keys/rotate").text
    assert [event.action for event in told(school)] == ["keys.rotated"]
    give_role(school, "others", "district", district="Eastbank")
    assert imani.post("/admin/keys/rotate").status_code == 403
    assert "Several districts share these keys" in imani.get("/admin/keys").text


def test_roles_are_given_and_taken_and_the_last_one_stays(school: School, imani: Console) -> None:
    north = add_school(school, "North")
    assert "heads" in imani.post("/admin/roles", group="heads", role="school", school=north).text
    assert imani.post("/admin/roles", group="heads", role="school", school="").status_code == 422
    assert imani.post("/admin/roles", group="heads", role="school", school=999).status_code == 404
    assert imani.post("/admin/roles", group="a,b", role="reader").status_code == 422
    assert imani.post("/admin/roles", group="x", role="superuser").status_code == 422
    page = imani.get("/admin/roles").text
    numbers = re.findall(r"/admin/roles/(\d+)/remove", page)
    assert len(numbers) == 2
    answers = [imani.post(f"/admin/roles/{number}/remove").status_code for number in numbers]
    assert sorted(answers) == [200, 422]  # who runs the district can't lock everybody out
    assert [event.action for event in told(school)] == ["role.given", "role.taken"]


def test_one_who_has_two_districts_looks_after_one_at_a_time(school: School) -> None:
    give_role(school, "others", "district", district="Eastbank")
    add_school(school, "Northfield", district="My district")
    add_school(school, "Quayside", district="Eastbank")
    both = console(school, "Both", "it", "others")
    first = both.follow("/admin/schools").text
    with school.runtime.database.read() as session:
        ids = {row.name: row.id for row in session.scalars(select(District))}
    second = both.post("/admin/district/choose", district=ids["My district"]) and both.get("/admin/schools").text
    assert "Quayside<" in first
    assert "Northfield<" not in first
    assert "Northfield<" in second
    assert "Quayside<" not in second


def test_pages_about_the_installation_show_what_there_is(school: School, imani: Console) -> None:
    practise(school)
    speech = Speech("dropped", "Tom dropped the box.", "en")
    with school.runtime.database.write() as session:
        ada = session.scalars(select(Person.id)).all()[0]
        report_sound(session, ada, "pupil", "wrong", speech, datetime.now(UTC))
    content = imani.follow("/admin/content").text
    assert "math-en" in content
    assert "Tom dropped the box." in content
    assert name_of("recorded", speech) in content
    assert "400 days after the last launch" in imani.get("/admin/retention").text
    health = imani.get("/admin/health").text
    assert "all tables of this release" in health
    imani.headers["Accept-Language"] = "nl"
    gezondheid = imani.get("/admin/health").text
    assert "alle tabellen van deze versie" in gezondheid
    assert "of this release" not in gezondheid
