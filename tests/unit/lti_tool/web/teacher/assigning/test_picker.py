"""Choosing skills: whatever a teacher's browser sends, the picker comes back or an activity is made."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, update

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.launches import LaunchSession
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


def newest(school: School) -> Activity:
    with school.runtime.database.read() as session:
        return session.scalars(select(Activity).order_by(Activity.created_at.desc()).limit(1)).one()


def test_a_search_shows_what_fits_by_word_strand_or_standard_and_what_is_ticked(school: School) -> None:
    found = school.open_deep_linking().send("skills", q="fraction equivalent", skill=[MATH[0]])
    assert 'value="M.NF4.EQ"' in found.text
    assert f'value="{MATH[0]}" checked' in found.text, "what was ticked stays in sight"
    assert 'value="M.NBT3.SUB0"' not in found.text
    assert 'value="M.NBT3.SUB0"' in school.open_deep_linking().send("skills", q="3.nbt").text
    assert "Nothing fits" in school.open_deep_linking().send("skills", q="dinosaurs").text
    dutch = school.open_deep_linking()
    with school.runtime.database.write() as session:
        session.execute(update(LaunchSession).values(locale="nl"))
    assert 'value="M.NBT2.SKIP"' in dutch.send("skills", q="plaatswaarde").text, "a strand is found as it is shown"


def test_a_whole_grade_at_each_pupils_own_frontier(school: School) -> None:
    picker = school.open_deep_linking()
    made = picker.send("choose", grade="math-en:3", way="frontier", control="pupil", metacognition="off", points="10")
    assert made.status == 200, made.text
    activity, bank = newest(school), school.runtime.catalog.banks["math-en"]
    assert activity.skill_ids == [skill.id for skill in bank.skills.values() if skill.grade == 3]
    assert (activity.own_frontier, activity.control, activity.metacognition) == (True, "pupil", False)
    assert (activity.hints, activity.start_check) == (False, False), "boxes that are not ticked are off"


def test_a_form_without_the_practice_fields_has_the_usual_settings(school: School) -> None:
    school.open_deep_linking().send("choose", skill=[MATH[0]], points="10")
    activity = newest(school)
    assert (activity.own_frontier, activity.control, activity.metacognition) == (False, "shared", None)
    assert (activity.hints, activity.start_check, activity.only_these) == (True, True, False)


@pytest.mark.parametrize("field", [{"control": "nobody"}, {"control": "pupil", "way": "down"}])
def test_practice_that_is_none_of_those_offered_is_asked_for_again(school: School, field: dict[str, str]) -> None:
    fields = {"way": "set", "metacognition": "subject", **field}
    assert school.open_deep_linking().send("choose", skill=[MATH[0]], points="10", **fields).status == 422


def test_settings_as_last_time_fill_the_form_and_leave_the_skills_to_choose(school: School) -> None:
    picker = school.open_deep_linking()
    picker.send("choose", skill=[MATH[0]], points="7", grading="mastery", title="Sums of May", way="set",
                control="teacher", metacognition="on")  # fmt: skip
    again = school.open_deep_linking().send("skills", like=newest(school).id, points="10", control="pupil")
    assert "Now choose the skills" in again.text
    assert 'name="points" type="text" inputmode="decimal" value="7"' in again.text
    assert 'name="control" value="teacher" checked' in again.text
    assert f'value="{MATH[0]}" checked' not in again.text
    assert "Now choose" not in school.open_deep_linking().send("skills", like="somebody else's").text


def test_a_teacher_looks_at_the_questions_as_a_pupil_before_adding_them(school: School) -> None:
    before = made(school)
    seen = school.open_deep_linking().send("preview", skill=[*MATH[:2], "SP.DOUBLE"], title="Numbers", points="8")
    assert seen.status == 200
    assert seen.text.count('<section class="item"') == 6
    assert "As a pupil sees it" in seen.text
    back = seen.send("skills", skill=list(MATH[:2]), title="Numbers", points="8")
    assert f'value="{MATH[0]}" checked' in back.text
    assert school.open_deep_linking().send("preview").status == 422
    assert made(school) == before
