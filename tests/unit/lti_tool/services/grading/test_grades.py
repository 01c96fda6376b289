"""Grades by numbers worked out by hand, and what a pupil must never find in the gradebook."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import delete, select

from engine.learner import SkillReport
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.services.grading.grades import MAX_COMMENT, Progress, grade_comment, progress_of
from lti_tool.services.grading.honesty import Try, is_honest
from lti_tool.services.grading.rules import GradeRules
from lti_tool.services.grading.settings import Author, change_rules
from tests.support.databases import BACKENDS, Servers
from tests.support.pupils import MATH, SPELLING, Desk
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


def test_with_8_points_each_of_12_wrong_answers_is_worth_two_thirds_of_a_point(school: School) -> None:
    ada = Desk.of(school.open("ada", school.add_activity(*MATH, points="8")))
    points = []
    for _ in range(12):
        ada.answer(correct=False)
        assert ada.score is not None
        points.append(round(ada.score.points_given, 4))
    assert points[:4] == [0.6667, 1.3333, 2.0, 2.6667]
    assert points[-2:] == [7.3333, 8.0]
    assert ada.score is not None
    assert ada.score.completed
    assert ada.score.points_maximum == 8
    assert ada.score.comment.startswith("12 of 12 tries done.")


def test_more_answers_than_12_are_worth_no_more_and_are_not_sent_again(school: School) -> None:
    sean = Desk.of(school.open("sean", school.add_activity(*MATH)))
    for _ in range(12):
        sean.answer(correct=False)
    full = sean.score
    sean.answer(correct=False)
    assert full is not None
    assert sean.score is not None
    assert (sean.score.points_given, sean.score.revision) == (10.0, full.revision)


def test_a_pupil_who_masters_the_skill_after_few_answers_has_full_points(school: School) -> None:
    zoe = Desk.of(school.open("zoe", school.add_activity("M.NBT2.ADDREG", points="8")))
    while zoe.open().open_item is not None:
        zoe.answer()
    assert len(zoe.opportunities) < 12
    assert zoe.score is not None
    assert (zoe.score.points_given, zoe.score.completed) == (8.0, True)
    assert zoe.score.comment == "The skill is strong: all done."
    assert zoe.sittings == ["mastered"]


def test_who_learned_it_all_in_another_activity_gets_full_points_by_opening_this_one(school: School) -> None:
    lina = Desk.of(school.open("lina", school.add_activity("M.NBT2.ADDREG")))
    while lina.open().open_item is not None:
        lina.answer()
    again = Desk.of(school.open("lina", school.add_activity("M.NBT2.ADDREG", points="5")))
    assert not again.opportunities
    with school.runtime.database.read() as session:
        query = select(ScoreOutbox).join(LineItem).where(LineItem.activity_id == again.activity_id)
        row = session.scalars(query).one()
    assert (row.points_given, row.completed) == (5.0, True)


def test_a_skill_that_is_doubted_later_takes_no_points_away(school: School) -> None:
    yusuf = Desk.of(school.open("yusuf", school.add_activity("M.NBT2.ADDREG", points="8")))
    while yusuf.open().open_item is not None:
        yusuf.answer()
    yusuf.now += timedelta(days=1)
    yusuf.launch()
    for _ in range(3):
        if yusuf.open().open_item is not None:
            yusuf.answer(correct=False)
    assert not yusuf.open().progress.all_mastered
    assert yusuf.score is not None
    assert (yusuf.score.points_given, yusuf.score.completed) == (8.0, True)


def test_who_could_not_hear_a_word_finds_no_zero_in_the_gradebook(school: School) -> None:
    noa = Desk.of(school.open("noa", school.add_activity(*SPELLING)))
    noa.put("SP.DOUBLE/running/dictation")
    noa.answer(action="cant_hear")
    assert [opportunity.outcome for opportunity in noa.opportunities] == ["no_evidence"]
    assert noa.open().progress.attempts == 0
    assert noa.score is None


def test_i_dont_know_this_yet_is_an_honest_attempt(school: School) -> None:
    sakura = Desk.of(school.open("sakura", school.add_activity(*MATH, points="12")))
    sakura.answer(action="dont_know")
    assert sakura.score is not None
    assert sakura.score.points_given == 1.0
    assert sakura.opportunities[0].outcome == "dont_know"


def test_the_count_goes_on_in_the_next_sitting(school: School) -> None:
    mali = Desk.of(school.open("mali", school.add_activity(*MATH, points="12")))
    for _ in range(5):
        mali.answer(correct=False)
    mali.now += timedelta(days=1)
    mali.launch()
    mali.answer(correct=False)
    assert mali.sittings == ["left", None]
    assert mali.score is not None
    assert mali.score.points_given == 6.0


def test_without_a_column_nothing_is_sent_and_practice_goes_on(school: School) -> None:
    nino = Desk.of(school.open("nino", school.add_activity(*MATH)))
    with school.runtime.database.write() as session:
        session.execute(delete(LineItem).where(LineItem.activity_id == nino.activity_id))
    nino.answer()
    assert len(nino.opportunities) == 1
    assert nino.score is None


def test_no_attempt_no_score(school: School) -> None:
    kavin = Desk.of(school.open("kavin", school.add_activity(*MATH)))
    kavin.open()
    assert kavin.score is None


def test_the_gradebook_shows_what_the_tool_worked_out(school: School) -> None:
    link = school.add_activity(*MATH, title="Sums", points="7")
    priya = Desk.of(school.open("priya", link))
    priya.pace = timedelta(0)  # the LMS's clock is the real one, and takes no score from the future
    for _ in range(5):
        priya.answer(correct=False)
    school.deliver_grades()
    book = school.lms.gradebook("class-5a")
    [column] = [column for column in book["columns"] if column["label"] == "Sums"]
    [row] = [pupil for pupil in book["pupils"] if pupil["id"] == "priya"]
    assert row["grades"][str(column["id"])]["score"] == pytest.approx(7 * 5 / 12, abs=1e-4)


@pytest.mark.parametrize("skills", [1, 2, 999])
@pytest.mark.parametrize("mastered", [0, 1, 2, 999])
@pytest.mark.parametrize("attempts", [0, 1, 12, 100_000])
def test_every_comment_fits_into_an_lms_field(skills: int, mastered: int, attempts: int) -> None:
    comment = grade_comment(Progress(attempts, 12, min(mastered, skills), skills), "en")
    assert 0 < len(comment) <= MAX_COMMENT


@pytest.mark.parametrize("attempts", [0, 3, 12, 40])
def test_the_share_of_the_points_is_never_more_than_all_of_them(attempts: int) -> None:
    assert Progress(attempts, 12, 0, 3).share == min(1.0, attempts / 12)
    assert Progress(attempts, 12, 3, 3).share == 1.0


def test_an_activity_whose_skills_have_all_left_the_bank_gives_nothing_for_nothing(school: School) -> None:
    thordis = Desk.of(school.open("thordis", school.add_activity(*MATH)))
    with school.runtime.database.write() as session:
        activity = session.get_one(Activity, thordis.activity_id)
        activity.skill_ids = ["M.GONE"]
        progress = progress_of(session, activity, thordis.person_id, dict[str, SkillReport]())
    assert (progress.skills, progress.all_mastered, progress.share) == (0, False, 0.0)


@pytest.mark.parametrize(
    ("mode", "who"),
    [
        *[("practice", "chiara"), ("practice", "wulandari"), ("mastery", "anh"), ("mastery", "dmytro")],
        *[("growth", "eleni"), ("growth", "seoyeon"), ("accuracy", "selam"), ("accuracy", "leilani")],
    ],
)
def test_the_same_answers_counted_anew_give_the_same_grade(school: School, mode: str, who: str) -> None:
    """Quick and slow, right and wrong: a grade hangs on the stored answers alone, and never falls on the way."""
    desk = Desk.of(school.open(who, school.add_activity(*MATH, title=f"Anew by {mode}")))
    with school.runtime.database.write() as session:
        session.get_one(Activity, desk.activity_id).grading = mode
    rng, before = Random(f"{who} {mode}"), 0.0
    for _ in range(14):
        if desk.open().open_item is None:
            desk.again()
        desk.pace = timedelta(seconds=rng.choice((0.8, 12)))
        desk.answer(correct=rng.random() < 0.6)
        score = desk.score_of_activity
        earned = score.points_given if score is not None else 0.0
        assert before <= earned <= 10
        before = earned
    answers = [Try(one.response_format, one.correct, one.seconds) for one in desk.opportunities]
    assert [one.honest for one in desk.opportunities] == [
        is_honest(each, answers[:n]) for n, each in enumerate(answers)
    ]
    first = desk.score_of_activity
    with school.runtime.database.write() as session:
        own = select(LineItem.id).where(LineItem.activity_id == desk.activity_id)
        session.execute(delete(ScoreOutbox).where(ScoreOutbox.line_item_id.in_(own)))
        rules = GradeRules.of(session.get_one(Activity, desk.activity_id))
        author = Author(desk.person_id, "en", desk.now)
        change_rules(session, school.runtime.catalog, desk.activity_id, rules, author)
    again = desk.score_of_activity
    assert first is not None
    assert again is not None
    assert (again.points_given, again.comment, again.completed) == (
        pytest.approx(first.points_given),
        first.comment,
        first.completed,
    )
