"""Choosing skills: whatever a teacher's browser sends, the picker comes back or an activity is made."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from lti_tool.persistence.activities import Activity
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import MATH
from tests.support.school import School, open_school


@pytest.fixture(scope="module", params=BACKENDS)
def school(
    request: pytest.FixtureRequest, database_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[School]:
    with (
        database_servers.fresh(request.param) as url,
        open_school(url, tmp_path_factory.mktemp("school")) as opened,
    ):
        yield opened


def made(school: School) -> int:
    with school.runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(Activity)) or 0


@pytest.mark.parametrize("points", ["0", "-1", "0.99", "nan", "inf", "-inf", "1e9", "1000.01", "abc", "", "\x00"])
def test_points_outside_1_to_1000_are_asked_for_again(school: School, points: str) -> None:
    before = made(school)
    answer = school.open_deep_linking().send("choose", skill=list(MATH), title="Sums", points=points)
    assert answer.status == 422
    assert "Points must be a number from 1 to 1000." in answer.text
    assert made(school) == before
    assert answer.text.count("checked") >= len(MATH)


@pytest.mark.parametrize(("points", "value"), [("1", 1.0), ("1000", 1000.0), ("7,5", 7.5), ("１２", 12.0)])
def test_points_as_people_write_them(school: School, points: str, value: float) -> None:
    answer = school.open_deep_linking().send("choose", skill=[MATH[0]], title="", points=points)
    assert answer.status == 200
    with school.runtime.database.read() as session:
        newest = session.scalars(select(Activity).order_by(Activity.created_at.desc()).limit(1)).one()
    assert newest.points == value


@pytest.mark.parametrize(
    ("skills", "words"),
    [
        ([], "Choose at least one skill."),
        (["M.NO.SUCH"], "One of these skills is not in the bank any more."),
        ([MATH[0], "\x00"], "One of these skills is not in the bank any more."),
        ([f"M.{n}" for n in range(200)], "One of these skills is not in the bank any more."),
        (["<script>"], "One of these skills is not in the bank any more."),
    ],
)
def test_skills_that_are_not_there_are_asked_for_again(school: School, skills: list[str], words: str) -> None:
    answer = school.open_deep_linking().send("choose", skill=skills, title="", points="10")
    assert answer.status == 422
    assert words in answer.text
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_every_skill_of_the_bank_named_two_hundred_times_over_is_one_activity(school: School) -> None:
    skills = list(school.runtime.catalog.banks["math-en"].skills)
    answer = school.open_deep_linking().send("choose", skill=skills * 200, title="All", points="10")
    assert answer.status == 200
    with school.runtime.database.read() as session:
        newest = session.scalars(select(Activity).order_by(Activity.created_at.desc()).limit(1)).one()
    assert newest.skill_ids == skills


@pytest.mark.parametrize(
    "title",
    ["x" * 10_000, "\x00\x01", "<img src=x onerror=alert(1)>", "\u202ex", " spaced  out ", "日本語" * 100],
)
def test_any_title_is_cut_to_what_an_lms_takes_and_shown_as_text(school: School, title: str) -> None:
    link = school.add_activity(MATH[0], title=title)
    page = school.open("marit", link)
    assert page.status == 200
    assert "<img" not in page.text
    with school.runtime.database.read() as session:
        newest = session.scalars(select(Activity).order_by(Activity.created_at.desc()).limit(1)).one()
    assert 0 < len(newest.title) <= 120
    assert newest.title.isprintable()
