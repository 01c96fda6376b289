"""The short way of a launch leaves the same rows behind as the long one, whatever is new in it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from lti_tool.persistence.tables import Base
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.services.launching import known_launch
from lti_tool.services.launching.known_launch import KnownPlace
from sandbox_lms.testing import DROP
from tests.support.databases import Servers
from tests.support.school import School, open_school

SKILL = "M.NBT2.ADDREG"
TABLES = (
    *("deployment", "context", "person", "membership", "resource_link", "line_item", "activity", "launch_session"),
)
EVER_NEW = {"id", "person_id", "secret_hash", "created_at", "expires_at", "seen_at", "last_launch_at", "activity_id"}
EVER_NEW |= {
    "encrypted_name",
    "resource_id",
    "requested_activity_id",
    "author_id",
    "roster_read_at",
    "roster_tried_at",
    "deep_linking",
    "copied_from_id",
}
"""Ids, secrets and moments: what differs between any two runs."""
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("nothing", {}),
    ("another name", {"name": "Ada Lovelace"}),
    ("no name", {"name": DROP, "given_name": DROP, "family_name": DROP}),
    ("a teacher now", {"roles": ["Instructor"]}),
    ("no role", {"roles": []}),
    ("another title of the class", {"context": {"id": "class-5a", "label": "5A", "title": "Class 6A"}}),
    ("another class", {"context": {"id": "class-9z", "label": "9Z", "title": "Class 9Z"}}),
    ("no class", {"context": DROP}),
    ("another link", {"resource_link": {"id": "77", "title": "Adding"}}),
    ("another title of the link", {"resource_link": {"id": "1", "title": "Adding more"}}),
    ("no gradebook", {"ags": DROP}),
    ("another column", {"ags": {"scope": [], "lineitem": "https://lms.example/column", "lineitems": None}}),
    ("fewer scopes", {"ags": {"scope": [], "lineitems": "http://localhost:9000/lti/courses/class-5a/lineitems"}}),
    ("no roster", {"nrps": DROP}),
    ("another roster", {"nrps": {"context_memberships_url": "https://lms.example/members"}}),
    ("an activity of nobody", {"custom": {"activity_id": "made-up"}}),
    ("no custom parameters", {"custom": DROP}),
    ("the whole course", {"custom": {"view": "course"}}),
    ("sections", {"custom": {"sections": '["Red"]'}}),
    ("somebody else", {"sub": "somebody-else"}),
]


@pytest.fixture
def school(database_servers: Servers, tmp_path: Path) -> Iterator[School]:
    with database_servers.fresh("sqlite") as url, open_school(url, tmp_path) as opened:
        yield opened


def visited(school: School) -> int:
    """A link that Ada has opened before, at a time that is another visit."""
    link = school.add_activity(SKILL, title="Adding")
    school.open("ada", link)
    assert school.runtime.rosters.read(1, datetime.now(UTC)) == 26
    with school.runtime.database.write() as session:
        session.execute(update(Person).values(last_launch_at=datetime.now(UTC) - timedelta(days=1)))
    return link


def rows(school: School) -> dict[str, list[str]]:
    """All that launches write; of what differs between any two runs only whether it is there."""
    found = {}
    with school.runtime.database.read() as session:
        for name in TABLES:
            table = Base.metadata.tables[name]
            columns = [column.is_(None) if column.key in EVER_NEW else column for column in table.columns]
            found[name] = sorted(map(repr, session.execute(select(*columns)).all()))
        names = session.scalars(select(DisplayName.encrypted_name))
        found["names"] = sorted(map(school.runtime.vault.decrypt, names))
    return found


def way(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each launch from now on takes the short way."""
    short: list[bool] = []
    original = known_launch.known_place

    def watched(*arguments: Any) -> KnownPlace | None:
        place = original(*arguments)
        short.append(place is not None)
        return place

    monkeypatch.setattr("lti_tool.services.launching.launches.known_place", watched)
    return short


def states(database_servers: Servers, folder: Path, kind: str) -> list[tuple[str, int, dict[str, list[str]]]]:
    """What each launch leaves behind, one after the other: each change comes, and goes again."""
    left = []
    folder = folder / kind
    folder.mkdir()
    with database_servers.fresh("sqlite") as url, open_school(url, folder) as school:
        link = visited(school)
        for name, changes in CHANGES:
            for what, claims in ((name, changes), (f"{name}, no more", {})):
                answer = school.launch_signed("ada", link, **claims)
                left.append((what, answer.status_code, rows(school)))
    return left


def test_whatever_is_new_both_ways_leave_the_same_behind(
    database_servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = states(database_servers, tmp_path, "both")
    monkeypatch.setattr("lti_tool.services.launching.launches.known_place", lambda *_: None)
    for one, other in zip(both, states(database_servers, tmp_path, "long"), strict=True):
        assert one[:2] == (other[0], 303)
        for table, found in one[2].items():
            assert (one[0], table, found) == (one[0], table, other[2][table])


def test_a_launch_that_brings_nothing_new_takes_the_short_way(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    link = visited(school)
    short = way(monkeypatch)
    for who in ("ada", "ada", "marit", "marit", "noa"):
        assert school.launch(who, link).status_code == 303
    assert short == [True, True, True, True, False], "Noa has no membership of hers from a launch"


def test_every_visit_is_noted(school: School) -> None:
    link = visited(school)
    for _ in range(2):
        before = datetime.now(UTC)
        school.launch("ada", link)
        with school.runtime.database.read() as session:
            query = select(Person.last_launch_at, Membership.seen_at).join(Membership)
            came, seen = session.execute(query.where(Person.sub == school.lms.sub("ada"))).one()
        assert came == seen >= before


@pytest.mark.parametrize(("problem", "goes_again"), [("not-enrolled", True), ("http-422", True), ("no-column", False)])
def test_who_is_back_in_class_takes_the_long_way_so_that_refused_scores_go_again(
    school: School, monkeypatch: pytest.MonkeyPatch, problem: str, goes_again: bool
) -> None:
    link = visited(school)
    page = school.open("ada", link)
    page.respond(page.item.answer)
    with school.runtime.database.write() as session:
        session.execute(update(ScoreOutbox).values(state="parked", problem=problem))
    short = way(monkeypatch)
    school.launch("ada", link)
    assert short == [not goes_again]
    with school.runtime.database.read() as session:
        assert session.scalars(select(ScoreOutbox.state)).all() == ["waiting" if goes_again else "parked"]
