"""How likely it is that practice brings a skill nothing any more."""

from datetime import UTC, datetime, timedelta

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.learner import OPEN_SKILLS, Learner, Response
from engine.mastery import Policy
from engine.parameters import ParameterSet
from engine.tutor import Tutor

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
ITEMS = [ItemRef(f"i{n}", ("s",), "typed") for n in range(20)]
WORDS = [ItemRef(f"w{n}", ("words",), "typed", f"word {n}") for n in range(20)]
OTHERS = [ItemRef(f"o{n}", (f"other{n}",), "typed") for n in range(OPEN_SKILLS)]
SKILLS = {"s": Skill("s"), "words": Skill("words", kind="list")} | {o.skills[0]: Skill(o.skills[0]) for o in OTHERS}
CURRICULUM = Curriculum(SKILLS, [*ITEMS, *WORDS, *OTHERS])
TUTOR = Tutor(CURRICULUM, ParameterSet.default(CURRICULUM), Policy())


def after(*answers: tuple[ItemRef, bool], learner: Learner | None = None) -> Learner:
    learner = learner or TUTOR.new_learner()
    for n, (item, correct) in enumerate(answers):
        learner = TUTOR.observe(learner, Response(item, correct), now=START + timedelta(minutes=n))
    return learner


def sums(*verdicts: bool) -> Learner:
    return after(*zip(ITEMS, verdicts, strict=False))


def words(right_from_round: int) -> Learner:
    """Five words in five rounds, known from one of these rounds on."""
    return after(*((word, number >= right_from_round) for number in range(5) for word in WORDS[:5]))


def standstill(learner: Learner) -> dict[str, float]:
    return TUTOR.standstill(learner, within=CURRICULUM.skills)


def test_nothing_is_said_before_there_are_ten_answers_or_of_a_list_twenty() -> None:
    assert standstill(sums(*[False] * 9)) == {}
    assert standstill(sums(*[False] * 10)).keys() == {"s"}
    assert standstill(after(*((word, False) for word in WORDS[:19]))) == {}
    assert standstill(after(*((word, False) for word in WORDS))).keys() == {"words"}


def test_who_is_wrong_all_the_time_stands_still_and_who_is_ever_more_often_right_does_not() -> None:
    stands, gains = sums(*[False] * 12), sums(*[False] * 4, True, False, True, False, *[True] * 4)
    assert standstill(gains)["s"] < 0.3 < 0.9 < standstill(stands)["s"] <= 1


def test_a_skill_that_rests_is_judged_as_one_that_was_just_practised() -> None:
    rests = after(*((other, False) for other in OTHERS), learner=sums(*[False] * 12))
    assert rests.skills["s"].detail is None
    assert standstill(rests)["s"] > 0.5


def test_a_list_stands_still_when_a_word_takes_more_than_ten_tries() -> None:
    assert standstill(words(right_from_round=5))["words"] > 0.9
    assert standstill(words(right_from_round=3))["words"] < 0.2


def test_what_is_mastered_does_not_stand_still() -> None:
    assert standstill(sums(*[False] * 4, *[True] * 16)) == {}
