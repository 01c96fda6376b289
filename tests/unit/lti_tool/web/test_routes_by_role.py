"""Every route of the tool for every kind of visitor: who gets in, and that nobody else changes anything.

Who may is said in `audiences`. Visitors ask for what belongs to class 5A and to the first district, each with the best
session, form token and cookies that they have.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lti_tool.persistence.tables import Base
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.administration import AdminGrant, Administrator, AdminSession
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import Person
from lti_tool.persistence.tables.tenancy import Context, District, Registration
from lti_tool.persistence.tables.tenancy import School as SchoolRow
from lti_tool.services.helping.materials import Author, add_file
from lti_tool.web.admin.rights import _token as console_form_token
from lti_tool.web.sessions import SESSION_COOKIE
from lti_tool.web.sessions import _form_token as launch_form_token
from tests.support.console import PROXY, add_school, console, give_role
from tests.support.databases import Servers
from tests.support.pupils import MATH, Desk, wrong_answer
from tests.support.school import TOOL_URL, School, open_school
from tests.unit.lti_tool.web.audiences import (
    DISTRICT,
    EVERYBODY,
    LAUNCHED,
    NO_ROLE,
    NOBODY,
    OPERATOR,
    OTHER_DISTRICT,
    OTHER_TEACHER,
    OWN_SAY,
    PUPIL,
    PUPILS,
    READER,
    SCHOOL_ADMIN,
    TEACHER,
    TEACHERS,
    WHO,
    audience,
)


@dataclass
class Visitor:
    """Somebody with a browser, and the form token of the best page that they can open."""

    name: str
    browser: FlaskClient
    token: str = ""
    launch_id: str = "0123456789012345678901"
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, fields: dict[str, Any]) -> TestResponse:
        data = {**fields, "form_token": self.token} if method == "POST" else None
        return self.browser.open(path, method=method, data=data, base_url=TOOL_URL, headers=self.headers, buffered=True)


@dataclass
class World:
    """Two districts, a school with class 5A, and everybody who might knock."""

    school: School
    visitors: list[Visitor]
    values: dict[str, Any]
    """What the addresses and forms name: things of class 5A and of the first district."""

    @property
    def fields(self) -> dict[str, Any]:
        """What the forms say: about the first district and 5A's pupil."""
        pair = {"first": self.values["person_id"], "second": self.values["partner_id"]}
        asked = {"id": self.values["person_id"], "lms": self.values["registration_id"], "user": self.values["sub"]}
        skill = {"own_tries": "5", "skill": MATH[0], "act": "next"}
        return FIELDS | pair | asked | skill | {"pupil": self.values["person_id"]}

    def path(self, rule: Rule, visitor: Visitor) -> str:
        """The rule's address with the first district's ids, within the visitor's own launch."""
        values = self.values | {"launch_id": visitor.launch_id, "filename": "proximal.css"}
        kind = rule.endpoint.rpartition(".")[2]
        values["row_id"] = values["deployment_id" if kind == "map_deployment" else "course_id"]
        adapter = self.school.app.url_map.bind("127.0.0.1:9001")
        return str(adapter.build(rule.endpoint, {name: values.get(name, "1") for name in rule.arguments}))

    def contents(self) -> dict[str, list[Any]]:
        """Every row of every table, but for the signs of life of sessions."""
        with self.school.runtime.database.read() as session:
            return {
                table.name: [
                    tuple(value for name, value in row.items() if name not in ("seen_at", "last_seen_at"))
                    for row in session.execute(select(table)).mappings()
                ]
                for table in Base.metadata.sorted_tables
                if table.name not in ("login_attempt", "admin_login", "background_job", "exposure")
            }


@pytest.fixture(scope="module")
def world(database_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with (
        database_servers.fresh("sqlite") as url,
        open_school(url, tmp_path_factory.mktemp("world"), **PROXY) as school,
    ):
        yield build(school)


def build(school: School) -> World:
    activity = school.add_activity(*MATH, title="Only of 5A")
    elsewhere = school.add_activity(*MATH, title="5B's", course="class-5b")
    pupil = school.open("ada", activity)
    token = pupil.item_token
    pupil = pupil.respond(wrong_answer(pupil.item)).reload()
    partner = Desk.of(school.open("noa", activity))
    teacher = school.page("marit", school.launch_signed("marit", activity, custom={"view": "course"}))
    other = school.open("tomas", elsewhere, course="class-5b")
    give_role(school, "it", "district")
    north, spare = add_school(school, "Northfield Elementary"), add_school(school, "Spare")
    give_role(school, "heads", "school", school_id=north)
    give_role(school, "eyes", "reader")
    give_role(school, "spare", "reader")
    give_role(school, "others", "district", district="Another district")
    give_role(school, "operators", "server", district="The operators")
    console(school, "spare", "spare").follow()
    with school.runtime.database.write() as session:
        launched = session.get_one(LaunchSession, pupil.place.rpartition("/")[2])
        course = session.scalars(select(Context).where(Context.lms_id == "class-5a")).one()
        author = Author(course.id, launched.person_id, launched.created_at)
        picture = add_file(session, author, MATH[0], "The board", b"\x89PNG\r\n\x1a\n")
        values = {
            "material_id": picture.id,
            "activity_id": launched.activity_id,
            "person_id": launched.person_id,
            "partner_id": partner.person_id,
            "token": token,
            "bank_id": "spelling-en",
            "template_id": "SP.DOUBLE/dropped/dictation",
            "registration_id": school.registration_id,
            "school_id": spare,
            "course_id": course.id,
            "deployment_id": course.deployment_id,
            "sub": session.get_one(Person, launched.person_id).sub,
            "district_id": session.scalars(select(District.id).where(District.name == "My district")).one(),
            "session_id": session.scalars(
                select(AdminSession.id).join(AdminSession.administrator).where(Administrator.subject == "spare")
            ).one(),
            "grant_id": session.scalars(select(AdminGrant.id).where(AdminGrant.group_name == "spare")).one(),
        }
    visitors = [Visitor(NOBODY, school.app.test_client())]
    for name, page in ((PUPIL, pupil), (TEACHER, teacher), (OTHER_TEACHER, other)):
        launch_id = page.place.rpartition("/")[2]
        cookie = school.browser(page.who).get_cookie(SESSION_COOKIE.format(id=launch_id), domain="127.0.0.1")
        assert cookie, page.text
        visitors.append(Visitor(name, school.browser(page.who), launch_form_token(cookie.value), launch_id))
    roles = {
        DISTRICT: "it",
        SCHOOL_ADMIN: "heads",
        READER: "eyes",
        OTHER_DISTRICT: "others",
        OPERATOR: "operators",
        NO_ROLE: "staff",
    }
    for name, group in roles.items():
        admin = console(school, name, group)
        admin.follow()
        visitors.append(Visitor(name, admin.browser, console_form_token(str(admin.cookie)), headers=admin.headers))
    return World(school, visitors, values)


def is_refused(answer: TestResponse) -> bool:
    """Turned away: no session, no right, or nothing there for this visitor."""
    to_sign_in = answer.status_code == 303 and "/admin/sign-in" in (answer.location or "")
    return answer.status_code in (401, 403, 404) or to_sign_in


def questions(world: World) -> Iterator[tuple[Rule, str]]:
    for rule in world.school.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule, method


FIELDS = {
    "kind": "person",
    "names": "keep",
    "state": "active",
    "school": "",
    "district": "1",
    "name": "",
    "group": "",
    "activity": "x",
}
REASONS_OF_THEIR_OWN = PUPILS, TEACHERS, EVERYBODY
"""Audiences whose routes also ask what the launch is for, or for more than a session: other tests go these ways."""


def test_every_route_has_an_audience_and_every_audience_a_route(world: World) -> None:
    rules = list(world.school.app.url_map.iter_rules())
    assert {audience(world.school.app, rule) for rule in rules}
    assert set(WHO) <= {rule.endpoint for rule in rules}


def test_who_may_not_is_turned_away_and_changes_nothing(world: World) -> None:
    before = world.contents()
    let_in = []
    for rule, method in questions(world):
        for visitor in world.visitors:
            if visitor.name not in audience(world.school.app, rule):
                answer = visitor.ask(method, world.path(rule, visitor), world.fields)
                if not is_refused(answer):
                    let_in.append(f"{visitor.name}: {method} {rule.rule} -> {answer.status_code}")
    assert not let_in, "\n".join(let_in)
    assert world.contents() == before


def test_a_launch_is_nobody_elses(world: World) -> None:
    before = world.contents()
    owners = {visitor.name: visitor for visitor in world.visitors if visitor.name in LAUNCHED}
    let_in = []
    for rule, method in questions(world):
        if "launch_id" in rule.arguments and audience(world.school.app, rule) != EVERYBODY:
            for owner in owners.values():
                for visitor in world.visitors:
                    if visitor is not owner:
                        answer = visitor.ask(method, world.path(rule, owner), world.fields)
                        if not is_refused(answer):
                            let_in.append(f"{visitor.name} as {owner.name}: {method} {rule.rule}")
    assert not let_in, "\n".join(let_in)
    assert world.contents() == before


def test_another_classs_teacher_who_names_5as_activity_in_a_form_learns_and_changes_nothing(world: World) -> None:
    """Such a route is open to every teacher: its address names no class, its form does."""
    [other] = [visitor for visitor in world.visitors if visitor.name == OTHER_TEACHER]
    activity_id = world.values["activity_id"]

    def of_5a() -> list[Any]:
        return [row for rows in world.contents().values() for row in rows if activity_id in row]

    with world.school.runtime.database.read() as session:
        title = session.get_one(Activity, activity_id).title
    before, told = of_5a(), []
    for rule, method in questions(world):
        if method == "POST" and audience(world.school.app, rule) == TEACHERS:
            answer = other.ask(method, world.path(rule, other), world.fields | {"activity": activity_id})
            if title in answer.text:
                told.append(rule.rule)
    assert told == []
    assert of_5a() == before


def test_a_form_without_its_token_changes_nothing(world: World) -> None:
    before = world.contents()
    let_in = []
    for rule, method in questions(world):
        if method == "POST" and audience(world.school.app, rule) != EVERYBODY:
            for visitor in world.visitors:
                answer = visitor.browser.post(
                    world.path(rule, visitor),
                    data=world.fields,
                    base_url=TOOL_URL,
                    headers=visitor.headers,
                    buffered=True,
                )
                if not is_refused(answer):
                    let_in.append(f"{visitor.name}: {rule.rule} -> {answer.status_code}")
    assert not let_in, "\n".join(let_in)
    assert world.contents() == before


def test_what_another_districts_administrator_sees_names_nothing_of_this_one(world: World) -> None:
    seen = ""
    for other in (visitor for visitor in world.visitors if visitor.name in (OTHER_DISTRICT, OPERATOR)):
        for rule, method in questions(world):
            if method == "GET" and other.name in audience(world.school.app, rule) and rule.rule.startswith("/admin"):
                seen += other.ask("GET", world.path(rule, other), {}).text
    with world.school.runtime.database.read() as session:
        theirs = [row.title for row in session.scalars(select(Context))]
        theirs += [row.name for row in session.scalars(select(SchoolRow))]
        theirs += [row.issuer for row in session.scalars(select(Registration))]
    assert "Another district" in seen
    assert [name for name in [*theirs, "heads", "eyes", world.values["activity_id"]] if name in seen] == []


@pytest.fixture
def quick_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor's close look calls nobody here."""
    monkeypatch.setattr("lti_tool.web.admin.installation.health.look_closely", lambda *_: iter(()))


@pytest.mark.usefixtures("quick_doctor")
def test_who_may_gets_in(world: World) -> None:
    """Last in this file: what is allowed is done."""
    turned_away = []
    order = ("remove", "take_away", "sign_out")
    asked = sorted(questions(world), key=lambda one: [word in one[0].endpoint for word in order][::-1])
    for rule, method in asked:
        for visitor in world.visitors:
            if visitor.name in audience(world.school.app, rule) and rule.endpoint not in OWN_SAY:
                answer = visitor.ask(method, world.path(rule, visitor), world.fields)
                if is_refused(answer) and audience(world.school.app, rule) not in REASONS_OF_THEIR_OWN:
                    turned_away.append(f"{visitor.name}: {method} {rule.rule} -> {answer.status_code}")
    assert not turned_away, "\n".join(turned_away)
