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


def test_a_list_stands_still_while_less_than_half_of_the_words_missing_at_first_are_known() -> None:
    assert standstill(words(right_from_round=5))["words"] > 0.8
    assert standstill(words(right_from_round=3))["words"] < 0.2


def test_a_list_of_words_that_were_never_missing_does_not_stand_still() -> None:
    assert standstill(words(right_from_round=0)).get("words", 0.0) == 0.0
    mostly = after(*((word, number != 1) for number in range(5) for word in WORDS[:5]))
    assert standstill(mostly).get("words", 0.0) == 0.0


def test_who_hardly_learns_rules_is_sooner_believed_to_hardly_learn_words() -> None:
    """A slow learner elsewhere is one here: the same answers to the same list."""
    round_of_words = [(word, number >= 3 and place < 3) for number in range(4) for place, word in enumerate(WORDS[:5])]
    slow, quick = sums(*[False] * 16), sums(False, False, *[True] * 14)
    told = [standstill(after(*round_of_words, learner=learner))["words"] for learner in (slow, quick)]
    assert told[0] > told[1] + 0.1


def test_a_try_brings_less_while_a_prerequisite_was_never_practised() -> None:
    verdicts = [number % 4 == 3 for number in range(12)]
    skills = {"low": Skill("low"), "s": Skill("s", ("low",))}
    above = Curriculum(skills, [*ITEMS, ItemRef("l", ("low",), "typed")])
    tutor = Tutor(above, ParameterSet.default(above), Policy())
    learner = tutor.new_learner()
    for n, (item, correct) in enumerate(zip(ITEMS, verdicts, strict=False)):
        learner = tutor.observe(learner, Response(item, correct), now=START + timedelta(minutes=n))
    assert tutor.standstill(learner, within=["s"])["s"] > standstill(sums(*verdicts))["s"] + 0.02


def test_what_is_mastered_does_not_stand_still() -> None:
    assert standstill(sums(*[False] * 4, *[True] * 16)) == {}
