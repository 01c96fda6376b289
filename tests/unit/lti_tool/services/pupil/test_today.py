"""Ada sees her skills, chooses one of three, sets a goal for the week, and shows what she knows already."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Exposure, Sitting
from lti_tool.services.practising.practice import TopicChoice
from lti_tool.services.pupil.goals import Goal, Week, goal_of, set_goal
from lti_tool.services.pupil.learned import learned, sitting_facts
from lti_tool.services.pupil.today import Today, today
from tests.support.pupils import Desk
from tests.support.school import School

GARDEN = ("M.OA2.ADD20", "M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.OA3.X34", "M.NF3.UNIT")
UTC_ZONE = ZoneInfo("UTC")


def newcomer(school: School, *skills: str, **settings: object) -> Desk:
    desk = Desk.newcomer(school, *(skills or GARDEN))
    change(desk, own_frontier=True, **settings)
    return desk


def change(desk: Desk, **settings: object) -> None:
    with desk.school.runtime.database.write() as session:
        for name, value in settings.items():
            setattr(session.get_one(Activity, desk.activity_id), name, value)


def look(desk: Desk) -> Today:
    with desk.school.runtime.database.write() as session:
        activity = session.get_one(Activity, desk.activity_id)
        return today(session, desk.school.runtime.catalog, activity, desk.person_id, zone=UTC_ZONE, now=desk.now)


def act(desk: Desk, step: Callable[..., None], *given: object) -> None:
    with desk.school.runtime.database.write() as session:
        step(session, session.get_one(Activity, desk.activity_id), desk.person_id, *given, now=desk.now)


def choose(desk: Desk, topic: str | None, purpose: str = "practice") -> None:
    act(desk, desk.school.runtime.practice.choose, TopicChoice(topic, purpose))  # type: ignore[arg-type]


def test_a_new_pupil_finds_out_where_to_start_once_and_then_chooses(school: School) -> None:
    ada = newcomer(school)
    assert look(ada).checking
    assert look(ada).topics == ()
    choose(ada, None)
    asked = 0
    while ada.open().open_item and "asked" in ada.open().open_item.reason["values"]:  # type: ignore[union-attr]
        ada.answer(asked % 3 != 0)
        asked += 1
    assert 0 < asked <= 12
    for _ in range(4):  # doubts that practice raises are practice's own
        ada.answer(correct=False)
        waiting = ada.open().open_item
        assert waiting is None or "asked" not in waiting.reason["values"]
    ada.again()
    act(ada, school.runtime.practice.stop)
    view = look(ada)
    assert not view.checking
    assert view.answered is None
    assert len(view.topics) == 3
    assert len({topic.skill_id for topic in view.topics}) == 3


def test_the_start_check_has_no_hints_which_would_end_it(school: School) -> None:
    ada = newcomer(school)
    choose(ada, None)
    waiting = ada.open().open_item
    assert waiting is not None
    assert not waiting.more_hints
    with school.runtime.database.write() as session:
        activity = session.get_one(Activity, ada.activity_id)
        school.runtime.practice.hint(session, activity, ada.person_id, waiting.token, ada.now)
    assert ada.presented[0].hints_shown == 0
    ada.answer(correct=False)
    following = ada.open().open_item
    assert following is not None
    assert following.reason["values"]["asked"] == 2


def test_without_a_start_check_the_topics_are_there_at_once_from_different_strands(school: School) -> None:
    view = look(newcomer(school, start_check=False))
    assert not view.checking
    strands = [plant.strand for plant in view.plants if plant.skill_id in {topic.skill_id for topic in view.topics}]
    assert len(set(strands)) == 3
    assert [plant.state for plant in view.plants] == ["new"] * len(GARDEN)


def test_the_topic_that_ada_chooses_comes_first_and_the_choice_is_noted(school: School) -> None:
    ada = newcomer(school, start_check=False)
    wanted = look(ada).topics[-1].skill_id
    choose(ada, wanted)
    assert ada.open().open_item.skill_id == wanted  # type: ignore[union-attr]
    assert look(ada).answered == 0
    with school.runtime.database.read() as session:
        noted = session.scalars(select(Exposure).where(Exposure.kind == "topic")).one()
    assert noted.detail == f"shared practice {wanted}"


def test_another_choice_ends_what_was_under_way_and_the_same_one_goes_on(school: School) -> None:
    ada = newcomer(school, start_check=False)
    first, second, _ = (topic.skill_id for topic in look(ada).topics)
    choose(ada, first)
    choose(ada, second)  # nobody has seen the first question yet: the same sitting
    assert ada.sittings == [None]
    waiting = ada.open().open_item
    choose(ada, second)
    assert ada.open().open_item == waiting
    ada.answer()
    choose(ada, first)
    assert ada.sittings == ["stopped", None]
    assert ada.open().open_item.skill_id == first  # type: ignore[union-attr]


def test_where_the_teacher_chooses_a_pupils_choice_does_not_count(school: School) -> None:
    ada, ben = (newcomer(school, start_check=False, control="teacher") for _ in range(2))
    choose(ada, GARDEN[-1])
    choose(ben, None)
    assert ada.open().open_item.skill_id == ben.open().open_item.skill_id  # type: ignore[union-attr]


def test_where_the_pupil_chooses_everything_that_is_ready_is_offered(school: School) -> None:
    ada = newcomer(school, start_check=False)
    assert look(ada).more_topics == ()
    change(ada, control="pupil")
    view = look(ada)
    assert {topic.skill_id for topic in (*view.topics, *view.more_topics)} > {t.skill_id for t in view.topics}


def test_easier_please_changes_the_question_that_nobody_has_seen(school: School) -> None:
    ada = newcomer(school, start_check=False)
    choose(ada, None)
    waiting = ada.open().open_item
    assert waiting is not None
    act(ada, school.runtime.practice.wish, "easier")  # it has been seen: it stays
    assert ada.open().open_item == waiting
    ada.send(waiting.token, waiting.item.answer)
    act(ada, school.runtime.practice.wish, "easier")
    assert ada.open().open_item is not None
    with school.runtime.database.read() as session:
        assert session.scalars(select(Sitting.level)).one() == "easier"
    assert len(ada.presented) == 2
    act(ada, school.runtime.practice.stop)
    act(ada, school.runtime.practice.wish, "harder")  # pressed too late: nothing
    act(ada, school.runtime.practice.stop)
    assert ada.sittings == ["stopped"]


def test_who_knows_a_skill_already_shows_it_and_the_sitting_ends(school: School) -> None:
    ada = newcomer(school, start_check=False)
    choose(ada, "M.OA3.X34", "test_out")
    for _ in range(15):
        if ada.open().open_item is None:
            break
        ada.answer()
    assert ada.sittings == ["shown"]
    states = {plant.skill_id: plant.state for plant in look(ada).plants}
    assert states["M.OA3.X34"] == "strong"


def test_a_wrong_answer_turns_showing_into_practice(school: School) -> None:
    ada = newcomer(school, start_check=False)
    choose(ada, "M.OA3.X34", "test_out")
    ada.answer(correct=False)
    with school.runtime.database.read() as session:
        assert session.scalars(select(Sitting.purpose)).one() == "practice"
    assert ada.open().open_item.skill_id == "M.OA3.X34"  # type: ignore[union-attr]


def test_who_has_everything_is_offered_what_comes_after(school: School) -> None:
    ada = newcomer(school, "M.OA2.ADD20", start_check=False)
    assert look(ada).ahead is None
    choose(ada, None)
    for _ in range(30):
        if ada.open().open_item is None:
            break
        ada.answer()
    ahead = look(ada).ahead
    assert ahead is not None
    choose(ada, ahead.skill_id, "challenge")
    assert ada.open().open_item.skill_id == ahead.skill_id  # type: ignore[union-attr]
    change(ada, only_these=True)
    assert look(ada).ahead is None


def goal(desk: Desk, week: Week) -> Goal | None:
    with desk.school.runtime.database.read() as session:
        return goal_of(session, desk.person_id, "math-en", week)


def test_ada_sets_a_goal_changes_it_and_sees_how_far_she_is(school: School) -> None:
    ada = newcomer(school, start_check=False)
    week = Week.of(ada.now, UTC_ZONE)
    assert goal(ada, week) is None
    choose(ada, None)
    for kind, target in (("days", 2), ("items", 20), ("skills", 1)):
        with school.runtime.database.write() as session:
            set_goal(session, ada.person_id, "math-en", kind, target, week=week, now=ada.now)  # type: ignore[arg-type]
        ada.answer()
        found = goal(ada, week)
        assert found is not None
        assert (found.kind, found.target, found.reached) == (kind, target, False)
        assert found.done == {"days": 1, "items": 2, "skills": 0}[kind]
    next_week = Week.of(ada.now + timedelta(days=7), UTC_ZONE)
    assert goal(ada, next_week) is None
    with school.runtime.database.write() as session, pytest.raises(ValueError, match="not offered"):
        set_goal(session, ada.person_id, "math-en", "days", 9, week=week, now=ada.now)


def test_a_week_begins_on_the_districts_monday() -> None:
    late_on_sunday = datetime(2026, 9, 6, 23, 30, tzinfo=UTC)
    assert Week.of(late_on_sunday, UTC_ZONE).monday == date(2026, 8, 31)
    assert Week.of(late_on_sunday, ZoneInfo("Europe/Amsterdam")).monday == date(2026, 9, 7)


def test_what_was_learned_is_counted_from_the_answers(school: School) -> None:
    ada = newcomer(school, start_check=False)
    choose(ada, "M.OA3.X34")
    for correct in (True, False, True):
        ada.answer(correct)
    view = ada.open()
    with school.runtime.database.write() as session:
        bank = school.runtime.catalog.banks["math-en"]
        facts = sitting_facts(session, bank, view.sitting, view.report)
        activity = session.get_one(Activity, ada.activity_id)
        everything = learned(
            session,
            school.runtime.catalog,
            activity,
            ada.person_id,
            week=Week.of(ada.now, UTC_ZONE),
            since=ada.now - timedelta(days=28),
            now=ada.now,
        )
    assert (facts.questions, facts.minutes) == (3, 1)
    [skill] = facts.skills
    assert (skill.skill_id, skill.questions, skill.right, skill.state) == ("M.OA3.X34", 3, 2, "growing")
    assert (everything.questions_this_week, everything.days_this_week) == (3, 1)
    assert sum(len(plants) for plants in everything.strands.values()) == len(GARDEN)


@pytest.mark.parametrize("only_these", [False, True])
def test_when_nothing_goes_right_what_the_skill_builds_on_comes_too(school: School, only_these: bool) -> None:
    ada = newcomer(school, "M.NBT3.SUB0", start_check=False, only_these=only_these)
    choose(ada, None)
    for _ in range(6):
        assert ada.open().open_item.skill_id == "M.NBT3.SUB0"  # type: ignore[union-attr]
        ada.answer(correct=False)
    now_asked = ada.open().open_item
    assert now_asked is not None
    below = school.runtime.catalog.banks["math-en"].skills["M.NBT3.SUB0"].prerequisites
    assert (now_asked.skill_id in below) is not only_these
