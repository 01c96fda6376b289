"""How likely practice as it is will do."""

from datetime import UTC, datetime, timedelta

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.learner import Learner, Response
from engine.parameters import ParameterSet
from engine.tutor import Tutor

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
ITEMS = [ItemRef(f"i{n}", ("s",), "typed") for n in range(20)]
CURRICULUM = Curriculum({"s": Skill("s"), "other": Skill("other")}, [*ITEMS, ItemRef("o", ("other",), "typed")])
TUTOR = Tutor(CURRICULUM, ParameterSet.default(CURRICULUM))


def after(*verdicts: bool) -> Learner:
    learner = TUTOR.new_learner()
    for n, correct in enumerate(verdicts):
        learner = TUTOR.observe(learner, Response(ITEMS[n], correct), now=START + timedelta(minutes=n))
    return learner


def test_nothing_is_said_before_there_are_six_answers() -> None:
    assert TUTOR.prospects(after(*[False] * 5), within=CURRICULUM.skills) == {}
    assert TUTOR.prospects(after(*[False] * 3, *[True] * 3), within=CURRICULUM.skills).keys() == {"s"}


def test_right_answers_promise_more_than_wrong_ones() -> None:
    often, seldom = after(True, False, True, False, True, False), after(True, False, False, False, False, False)
    better, worse = (TUTOR.prospects(each, within=["s"])["s"] for each in (often, seldom))
    assert 0 < worse < better <= 1
