"""Ada plans, says how sure she is, and looks back; none of it is graded, and all that was shown is kept."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import Exposure, PresentedItem
from lti_tool.persistence.tables.pupils import Confidence
from lti_tool.services.practising.presented import find_presented
from lti_tool.services.practising.sittings import latest_sitting
from lti_tool.services.pupil.reflection import (
    Calibration,
    asks_how_sure,
    calibration_of,
    find_strategy,
    make_plan,
    note_how_sure,
    note_shown,
    offered_strategies,
    plan_of,
    reflect,
    reflects,
    right_since_plan,
)
from tests.support.pupils import Desk, wrong_answer
from tests.support.school import School


def test_spelling_reflects_by_itself_and_math_where_the_teacher_wants_it(school: School) -> None:
    banks = school.runtime.catalog.banks
    assert reflects(Session(), Activity(metacognition=None), banks["spelling-en"])
    assert not reflects(Session(), Activity(metacognition=None), banks["math-en"])
    assert reflects(Session(), Activity(metacognition=True), banks["math-en"])
    assert not reflects(Session(), Activity(metacognition=False), banks["spelling-en"])


def test_strategies_fit_the_grade_and_each_has_its_turn(school: School) -> None:
    bank = school.runtime.catalog.banks["spelling-en"]
    first = offered_strategies(bank, 2)
    assert len(first) == 3
    assert all(each.grades[0] <= 2 <= each.grades[1] for each in first)
    assert first[0] not in offered_strategies(bank, 2, [first[0].id])
    assert find_strategy(bank, "nothing of the kind") is None


def test_about_one_item_in_four_asks_how_sure_and_the_start_check_never_does() -> None:
    asked = sum(asks_how_sure(PresentedItem(token=f"token {n}", reason={"values": {}})) for n in range(400))
    assert 60 < asked < 140
    in_check = {"values": {"asked": 3.0}}
    assert not any(asks_how_sure(PresentedItem(token=f"token {n}", reason=in_check)) for n in range(50))


def answer(desk: Desk, *, right: bool, sure: int | None) -> None:
    waiting = desk.open().open_item
    assert waiting is not None
    desk.now += desk.pace
    with desk.school.runtime.database.write() as session:
        desk.school.runtime.practice.answer(
            session,
            session.get_one(Activity, desk.activity_id),
            desk.person_id,
            token=waiting.token,
            response=waiting.item.answer if right else wrong_answer(waiting.item),
            action="answer",
            locale="en",
            now=desk.now,
            sure=sure,
        )


def test_how_sure_ada_was_is_kept_beside_whether_she_was_right(school: School) -> None:
    ada = Desk.newcomer(school, "M.NBT2.ADDREG", "M.NBT3.SUB0")
    for right, sure in ((True, 3), (False, 3), (True, 3), (True, 3), (False, 1), (True, None)):
        answer(ada, right=right, sure=sure)
    with school.runtime.database.read() as session:
        found = calibration_of(session, ada.person_id, "math-en")
    assert found == Calibration(sure=4, sure_right=3, unsure=1, unsure_right=0)
    assert found.says_something
    with school.runtime.database.write() as session, pytest.raises(ValueError, match="Use one of"):
        note_how_sure(session, session.scalars(select(PresentedItem)).all()[-1], 7, ada.now)


def test_being_sure_changes_no_belief_and_no_grade(school: School) -> None:
    desks = [Desk.newcomer(school, "M.NBT2.ADDREG") for _ in range(2)]
    for desk, sure in zip(desks, (3, None), strict=True):
        answer(desk, right=True, sure=sure)
    [first, second] = [desk.opportunities[0] for desk in desks]
    assert (first.p_after, first.honest, first.correct) == (second.p_after, second.honest, second.correct)


def test_that_it_was_asked_is_noted_once(school: School) -> None:
    ada = Desk.newcomer(school, "SP.DOUBLE")
    for _ in range(12):
        view = ada.open()
        if view.open_item is None:
            break
        ada.open()
        with school.runtime.database.read() as session:
            presented = find_presented(session, ada.activity_id, ada.person_id, view.open_item.token)
            noted = select(Exposure).where(Exposure.presented_item_id == presented.id, Exposure.kind == "confidence")
            assert len(session.scalars(noted).all()) == int(view.asks_how_sure)
            assert view.asks_how_sure == (asks_how_sure(presented) and view.items_done > 0)
            assert session.get(Confidence, presented.id) is None
        ada.answer()


def test_a_plan_can_be_changed_and_is_looked_back_on_beside_the_facts(school: School) -> None:
    ada = Desk.newcomer(school, "SP.DOUBLE")
    ada.answer(correct=False)
    bank = school.runtime.catalog.banks["spelling-en"]
    first, second, _ = offered_strategies(bank, 3)
    with school.runtime.database.write() as session:
        sitting = latest_sitting(session, ada.activity_id, ada.person_id)
        assert sitting is not None
        reflect(session, sitting, "yes", ada.now)  # nothing planned: nothing to look back on
        assert plan_of(session, sitting.id) is None
        for strategy in (first, second):
            make_plan(session, sitting, strategy, ada.now)
        for _ in range(2):
            note_shown(session, sitting, "plan", ada.now)
    ada.answer()
    ada.answer()
    with school.runtime.database.write() as session:
        sitting = latest_sitting(session, ada.activity_id, ada.person_id)
        assert sitting is not None
        plan = plan_of(session, sitting.id)
        assert plan is not None
        assert plan.strategy == second.id
        assert right_since_plan(session, plan) in ((2, 2), (3, 2))
        reflect(session, sitting, "a_bit", ada.now)
        assert plan.helped == "a_bit"
        assert len(session.scalars(select(Exposure).where(Exposure.kind == "plan")).all()) == 1
