"""Who could work together."""

from engine.learner import SkillReport
from lti_tool.services.classroom.groups import Group, Pair, Standing, suggest_groups, suggest_pairs

BUILDS_ON = {"A": (), "B": ("A",), "C": ()}


def report(state: str, p: float = 0.4) -> SkillReport:
    return SkillReport(p, p, p, state, 9, ())  # type: ignore[arg-type]


def pupil(name: str, *, resting: tuple[str, ...] = (), **skills: str) -> Standing:
    states = {"A": "strong", "B": "new", "C": "new", **skills}
    levels = {"new": 0.3, "growing": 0.5, "stuck": 0.4, "strong": 0.9, "kept": 0.9}
    return Standing(name, {skill: report(state, levels[state]) for skill, state in states.items()}, frozenset(resting))


def test_three_who_need_the_same_skill_are_a_group_with_the_stuck_ones_first() -> None:
    class_ = [pupil("ada", B="growing"), pupil("noa", B="stuck"), pupil("sean", B="growing"), pupil("zoe", B="strong")]
    assert suggest_groups(class_, BUILDS_ON) == [Group("B", ("noa", "ada", "sean"), ("noa",))]


def test_two_are_no_group() -> None:
    assert suggest_groups([pupil("ada", B="stuck"), pupil("noa", B="stuck")], BUILDS_ON) == []


def test_who_lacks_what_the_skill_builds_on_is_not_ready_for_the_group() -> None:
    class_ = [pupil("ada", B="growing"), pupil("noa", B="stuck"), pupil("sean", A="growing", B="growing")]
    assert suggest_groups(class_, BUILDS_ON) == []


def test_a_skill_that_rests_asks_for_nobody() -> None:
    class_ = [pupil("ada", B="growing"), pupil("noa", B="stuck"), pupil("sean", B="growing", resting=("B",))]
    assert suggest_groups(class_, BUILDS_ON) == []


def test_six_are_two_groups_of_three_and_nobody_is_in_two() -> None:
    class_ = [pupil(f"p{number}", B="growing", C="growing") for number in range(6)]
    groups = suggest_groups(class_, BUILDS_ON)
    assert [len(group.people) for group in groups] == [3, 3]
    people = [who for group in groups for who in group.people]
    assert len(set(people)) == len(people)


def test_seven_are_four_and_three() -> None:
    class_ = [pupil(f"p{number}", B="growing") for number in range(7)]
    assert [len(group.people) for group in suggest_groups(class_, BUILDS_ON)] == [4, 3]


def test_the_skill_that_most_are_stuck_on_comes_first() -> None:
    class_ = [pupil(f"p{number}", B="growing") for number in range(5)]
    class_ += [pupil(f"q{number}", C="stuck") for number in range(3)]
    assert [group.skill_id for group in suggest_groups(class_, BUILDS_ON)] == ["C", "B"]


def test_in_a_pair_each_explains_what_the_other_needs() -> None:
    class_ = [pupil("ada", B="strong", C="growing"), pupil("noa", B="growing", C="strong")]
    assert suggest_pairs(class_, BUILDS_ON) == [Pair("ada", "noa", "B", "C")]


def test_nobody_is_always_the_helped_one() -> None:
    assert (
        suggest_pairs([pupil("ada", B="strong", C="strong"), pupil("noa", B="growing", C="growing")], BUILDS_ON) == []
    )


def test_partners_are_not_too_far_apart_to_follow_each_other() -> None:
    far = {f"S{number}": () for number in range(8)}
    ada = Standing("ada", {skill: report("strong", 0.95) for skill in far} | {"C": report("growing", 0.5)})
    noa = Standing(
        "noa", {skill: report("new", 0.1) for skill in far} | {"S0": report("growing", 0.3), "C": report("strong", 0.9)}
    )
    assert suggest_pairs([ada, noa], {**far, "C": ()}) == []
    near = Standing(
        "noa", {skill: report("strong", 0.9) for skill in far} | dict(noa.skills) | {"S1": report("strong", 0.8)}
    )
    near = Standing("noa", {**near.skills, **{f"S{n}": report("strong", 0.9) for n in range(1, 8)}})
    assert suggest_pairs([ada, near], {**far, "C": ()}) == [Pair("ada", "noa", "S0", "C")]


def test_a_pair_that_helps_somebody_who_is_stuck_comes_before_one_that_is_closer() -> None:
    class_ = [
        pupil("ada", B="strong", C="growing"),
        pupil("noa", B="growing", C="strong"),
        pupil("zoe", B="stuck", C="strong"),
    ]
    [pair] = suggest_pairs(class_, BUILDS_ON)
    assert {pair.first, pair.second} == {"ada", "zoe"}


def test_in_a_course_of_thousands_who_is_stuck_finds_a_partner_without_looking_at_all_twos() -> None:
    begun = [pupil(f"p{number}", A="strong", B="growing") for number in range(5_000)]
    helped = [pupil("ada", A="strong", C="stuck"), pupil("noa", A="stuck", C="strong")]
    pairs = suggest_pairs([*begun, *helped], {"A": (), "C": ()})
    assert pairs[0] == Pair("ada", "noa", "A", "C")
