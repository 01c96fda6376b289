"""What comes next for a pupil, and why."""

from __future__ import annotations

import math
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.choosing.wishes import Wishes
from engine.curriculum import Curriculum, CurriculumError, ItemRef, Skill
from engine.learner import Learner, Response
from engine.mastery import Policy
from engine.parameters import EXPERT_FORMATS, FormatParameters, ParameterSet, SkillParameters
from engine.tutor import Tutor

from ..builders import (
    MONDAY,
    NEXT_DAY,
    answer,
    chain,
    choose,
    expect,
    fail,
    items,
    master,
    one_skill,
    skills,
    tutor_for,
    words,
)

CHAIN = Curriculum(chain("add", "carry"), [*items("add", count=10), *items("carry", count=10)])


# Which skill


def test_a_new_pupil_starts_with_what_needs_nothing_before_it():
    tutor = tutor_for(CHAIN)
    choice = expect(tutor, tutor.new_learner())
    assert (choice.skill, choice.reason.key) == ("add", "start")


def test_mastering_a_skill_opens_the_next():
    tutor = tutor_for(CHAIN)
    choice = expect(tutor, master(tutor, tutor.new_learner(), "add"))
    assert (choice.skill, choice.reason.key) == ("carry", "next_step")


def test_skills_of_one_item_take_turns_so_that_none_comes_twice_in_a_row():
    tutor = tutor_for(Curriculum(skills("add", "measure"), [*items("add", count=1), *items("measure", count=1)]))
    learner, seen = tutor.new_learner(), []
    for _ in range(6):
        choice = expect(tutor, learner)
        seen.append(choice.skill)
        learner = answer(tutor, learner, [choice.item.id], False)
    assert seen == ["add", "measure"] * 3
    alone = answer(tutor, tutor.new_learner(), ["add.typed.0"], False)
    assert expect(tutor, alone, within=["add"]).item.id == "add.typed.0"


def test_practice_ends_when_all_assigned_skills_are_mastered():
    tutor = tutor_for(CHAIN)
    learner = master(tutor, tutor.new_learner(), "add")
    assert choose(tutor, learner, within=["add"]) is None
    assert choose(tutor, master(tutor, learner, "carry")) is None


def test_only_assigned_skills_are_offered_and_an_unpractised_prerequisite_holds_nothing_up():
    tutor = tutor_for(CHAIN)
    assert expect(tutor, tutor.new_learner(), within=["carry"]).skill == "carry"


def test_a_prerequisite_known_to_be_weak_puts_the_skill_behind_others_even_when_it_is_not_assigned():
    tutor = tutor_for(Curriculum({**CHAIN.skills, **skills("shapes")}, [*CHAIN.items, *items("shapes")]))
    learner = answer(tutor, tutor.new_learner(), ["add.typed.0", "add.typed.1"], False)
    assert expect(tutor, learner, within=["carry", "shapes"]).skill == "shapes"
    assert expect(tutor, learner, within=["carry"]).skill == "carry"


def test_a_skill_waits_for_its_assigned_prerequisite_even_when_that_stands_on_weak_ground():
    graph = {**chain("count", "add", "carry"), "shapes": Skill("shapes")}
    tutor = tutor_for(Curriculum(graph, [i for s in graph for i in items(s)]))
    learner = answer(tutor, tutor.new_learner(), ["count.typed.0", "count.typed.1"], False)
    assert expect(tutor, learner, within=["add", "carry"]).skill == "add"
    assert expect(tutor, learner, within=["add", "carry", "shapes"]).skill == "shapes"


def test_assigning_nothing_offers_nothing():
    tutor = tutor_for(CHAIN)
    assert choose(tutor, tutor.new_learner(), within=[]) is None


def test_an_assigned_skill_that_does_not_exist_is_refused():
    tutor = tutor_for(CHAIN)
    with pytest.raises(CurriculumError, match="ghost"):
        choose(tutor, tutor.new_learner(), within=["ghost"])


def test_a_skill_without_items_is_looked_through_to_what_it_needs():
    graph = chain("add", "talk", "carry")
    tutor = tutor_for(Curriculum(dict(reversed(graph.items())), [*items("carry"), *items("add")]))
    learner = tutor.new_learner()
    assert expect(tutor, learner).skill == "add"
    assert expect(tutor, master(tutor, learner, "add")).skill == "carry"
    assert choose(tutor, learner, within=["talk"]) is None


def test_a_strong_skill_is_checked_once_on_another_day():
    tutor = tutor_for(CHAIN)
    learner = master(tutor, tutor.new_learner(), "add")
    assert expect(tutor, learner, now=NEXT_DAY - timedelta(minutes=1)).skill == "carry"
    check = expect(tutor, learner, now=NEXT_DAY)
    assert (check.skill, check.reason.key) == ("add", "check")
    kept = answer(tutor, learner, [check.item.id], True, now=NEXT_DAY)
    assert expect(tutor, kept, now=NEXT_DAY).skill == "carry"


def test_a_check_answered_with_help_is_repeated_on_another_day_only():
    tutor = tutor_for(CHAIN)
    learner = master(tutor, tutor.new_learner(), "add")
    helped = answer(tutor, learner, ["add.typed.5"], True, hints=1, now=NEXT_DAY)
    assert choose(tutor, helped, now=NEXT_DAY, within=["add"]) is None
    assert expect(tutor, helped, now=NEXT_DAY + timedelta(hours=20)).reason.key == "check"


def test_checks_take_turns_with_new_work():
    tutor = tutor_for(Curriculum(skills("a", "b", "c"), [*items("a"), *items("b"), *items("c")]))
    learner = master(tutor, master(tutor, tutor.new_learner(), "a"), "b")
    order = []
    for _ in range(3):
        choice = expect(tutor, learner, now=NEXT_DAY)
        order.append(choice.skill)
        learner = answer(tutor, learner, [choice.item.id], True, now=NEXT_DAY)
    assert order == ["a", "c", "b"]


def test_checks_follow_each_other_when_there_is_nothing_else():
    tutor = tutor_for(Curriculum(skills("a", "b"), [*items("a"), *items("b")]))
    learner = master(tutor, master(tutor, tutor.new_learner(), "a"), "b")
    learner = answer(tutor, learner, ["a.typed.5"], True, now=NEXT_DAY)
    assert expect(tutor, learner, now=NEXT_DAY).skill == "b"


def test_a_due_check_comes_before_a_stuck_skill():
    tutor = tutor_for(Curriculum(skills("a", "b", "c"), [*items("a"), *items("b"), *items("c")]))
    learner = master(tutor, master(tutor, tutor.new_learner(), "a"), "b")
    learner = fail(tutor, learner, "c", now=NEXT_DAY)
    learner = answer(tutor, learner, ["a.typed.5"], True, now=NEXT_DAY)
    assert expect(tutor, learner, now=NEXT_DAY).skill == "b"


def test_a_check_asks_for_the_answer_to_be_produced():
    bank = [*items("add", "typed", 3), *items("add", "choice6", 30)]
    tutor = tutor_for(Curriculum(skills("add"), bank))
    learner = master(tutor, tutor.new_learner(), "add")
    assert expect(tutor, learner, now=NEXT_DAY).item.response_format == "typed"


def test_who_gets_stuck_goes_back_to_the_weakest_prerequisite_first():
    graph = {**skills("add", "count"), "carry": Skill("carry", ("add", "count"))}
    tutor = tutor_for(Curriculum(graph, [*items("add"), *items("count"), *items("carry")]))
    learner = master(tutor, master(tutor, tutor.new_learner(), "add"), "count")
    learner = fail(tutor, answer(tutor, learner, ["add.typed.5"] * 3, True), "carry")
    back = expect(tutor, learner)
    assert (back.skill, back.reason.key, back.reason.values) == ("count", "back_to_basics", {"skill": "carry"})
    refreshed = answer(tutor, learner, [back.item.id], True)
    again = expect(tutor, refreshed, within=list(graph))
    assert (again.skill, again.reason.key) == ("carry", "try_again")


def test_a_stuck_skill_waits_while_there_is_other_work_and_comes_back_another_day():
    tutor = tutor_for(Curriculum(skills("add", "shapes"), [*items("add"), *items("shapes")]))
    learner = fail(tutor, tutor.new_learner(), "add")
    assert expect(tutor, learner).skill == "shapes"
    tomorrow = expect(tutor, learner, now=NEXT_DAY)
    assert (tomorrow.skill, tomorrow.reason.key) == ("add", "try_again")


def test_a_stuck_skill_is_no_dead_end_for_what_builds_on_it():
    tutor = tutor_for(CHAIN)
    learner = fail(tutor, tutor.new_learner(), "add")
    choice = expect(tutor, learner)
    assert (choice.skill, choice.reason.key) == ("carry", "start")


def test_what_builds_on_a_stuck_skill_comes_after_what_does_not():
    tutor = tutor_for(
        Curriculum({**chain("add", "carry"), **skills("draw")}, [i for s in ("add", "carry", "draw") for i in items(s)])
    )
    learner = fail(tutor, Learner(), "add")
    assert [expect(tutor, learner, within=within).skill for within in (None, ["carry", "draw"])] == ["draw", "draw"]
    assert expect(tutor, master(tutor, learner, "draw")).skill == "carry"


def test_when_only_stuck_skills_remain_of_an_assignment_they_are_offered_again():
    tutor = tutor_for(CHAIN)
    learner = fail(tutor, fail(tutor, tutor.new_learner(), "add"), "carry", now=MONDAY + timedelta(minutes=20))
    choice = expect(tutor, learner, now=MONDAY + timedelta(minutes=30), within=["add", "carry"])
    assert (choice.skill, choice.reason.key) == ("add", "try_again")


def test_who_practises_by_own_choice_leaves_stuck_skills_for_another_day():
    tutor = tutor_for(CHAIN)
    learner = fail(tutor, fail(tutor, tutor.new_learner(), "add"), "carry")
    assert choose(tutor, learner) is None
    assert expect(tutor, learner, now=NEXT_DAY).reason.key == "try_again"


def test_of_two_stuck_skills_the_one_that_rested_longer_comes_first():
    tutor = tutor_for(Curriculum(skills("add", "shapes"), [*items("add"), *items("shapes")]))
    learner = fail(tutor, tutor.new_learner(), "shapes")
    learner = fail(tutor, learner, "add", now=MONDAY + timedelta(minutes=20))
    assert expect(tutor, learner, now=MONDAY + timedelta(minutes=30), within=["add", "shapes"]).skill == "shapes"


def test_after_three_misses_in_a_row_other_new_work_comes_between():
    tutor = tutor_for(Curriculum(skills("add", "shapes"), [*items("add"), *items("shapes")]))
    missed = answer(tutor, tutor.new_learner(), [f"add.typed.{n}" for n in range(2)], False)
    assert expect(tutor, missed).skill == "add"
    missed = answer(tutor, missed, ["add.typed.2"], False)
    assert expect(tutor, missed).skill == "shapes"
    assert expect(tutor, answer(tutor, missed, ["shapes.typed.0"], True)).skill == "shapes"
    assert expect(tutor, answer(tutor, missed, ["shapes.typed.0", "shapes.typed.1"], True)).skill == "add"
    assert expect(tutor, missed, now=NEXT_DAY).skill == "add"


def test_the_topic_that_a_pupil_chose_rests_too_when_nothing_goes_right():
    tutor = tutor_for(Curriculum(skills("add", "shapes"), [*items("add"), *items("shapes")]))
    missed = answer(tutor, tutor.new_learner(), [f"shapes.typed.{n}" for n in range(3)], False)
    choice = tutor.next_item(missed, now=MONDAY, rng=Random(1), wishes=Wishes(topic="shapes"))
    assert choice is not None
    assert choice.skill == "add"


def test_where_nothing_goes_right_something_well_known_comes_between_now_and_then():
    curriculum = Curriculum(chain("count", "add"), [*items("count"), *items("add")])
    tutor = tutor_for(curriculum, Policy(breathers=True))
    learner = answer(tutor, master(tutor, tutor.new_learner(), "count"), [f"add.typed.{n}" for n in range(6)], False)
    breather = expect(tutor, learner)
    assert (breather.skill, breather.reason.key) == ("count", "breather")
    rested = answer(tutor, learner, [breather.item.id], True)
    assert expect(tutor, rested).skill == "add"
    assert expect(tutor, answer(tutor, rested, ["add.typed.0", "add.typed.1"], False)).skill == "add"
    assert expect(tutor, answer(tutor, rested, ["add.typed.0"], True)).skill == "add"
    assert expect(tutor_for(curriculum), learner).skill == "add"


# Which item


def test_every_item_is_used_once_before_any_is_used_twice():
    tutor = one_skill(count=7)
    learner, shown = tutor.new_learner(), []
    for n in range(14):
        choice = expect(tutor, learner)
        shown.append(choice.item.id)
        learner = answer(tutor, learner, shown[-1:], n % 3 == 0, hints=n % 2)
    assert len(set(shown[:7])) == len(set(shown[7:])) == 7


def test_an_item_comes_again_at_once_only_where_there_is_no_other():
    tutor = one_skill(count=1)
    learner = answer(tutor, tutor.new_learner(), ["add.typed.0"], False)
    assert expect(tutor, learner).item.id == "add.typed.0"


def test_when_only_production_is_missing_the_pupil_is_asked_to_produce():
    bank = [*items("add", "typed", 1), *items("add", "choice4", 20)]
    tutor = tutor_for(Curriculum(skills("add"), bank))
    learner = answer(tutor, tutor.new_learner(), ["add.typed.0"], False)
    learner = answer(tutor, learner, [f"add.choice4.{n % 5}" for n in range(15)], True)
    choice = expect(tutor, learner)
    assert (choice.item.id, choice.reason.key) == ("add.typed.0", "almost_there")


def test_an_item_that_needs_a_skill_never_met_comes_last():
    bank = [ItemRef("both", ("add", "carry"), "typed"), *items("add", "choice2", 2)]
    tutor = tutor_for(Curriculum(chain("add", "carry"), bank))
    learner = answer(tutor, tutor.new_learner(), ["add.choice2.0", "add.choice2.1"], False)
    assert expect(tutor, learner).item.id == "add.choice2.0"
    assert expect(tutor, tutor.new_learner(), within=["carry"]).item.id == "both"


def test_where_an_answer_can_be_produced_with_another_skill_only_it_comes_before_the_others_are_worn_out():
    bank = [ItemRef(f"both{n}", ("add", "carry"), "typed") for n in range(3)]
    tutor = tutor_for(Curriculum(chain("add", "carry"), [*bank, *items("add", "choice4", 2)]))
    learner = Learner()
    for _ in range(9):
        if (choice := choose(tutor, learner, within=["add"])) is not None:
            learner = answer(tutor, learner, [choice.item.id], True)
    assert tutor.report(learner, now=MONDAY)["add"].state == "strong"


def test_the_trace_tells_the_teacher_the_numbers():
    tutor = one_skill()
    trace = expect(tutor, tutor.new_learner()).reason.trace
    assert trace["p_known"] == pytest.approx(0.4, abs=0.02)
    assert 0 < trace["p_meets_standard"] < 0.4
    assert 0 < trace["p_correct"] < 0.5
    assert 0 < trace["information"] < math.log(2)
    assert trace["times_used"] == 0


def test_of_items_that_tell_as_much_the_one_with_the_better_chance_of_success_is_taken():
    formats = {**EXPERT_FORMATS, "order": FormatParameters(0.05, 0.3), "place": FormatParameters(0.3, 0.05)}
    half_known = {"add": SkillParameters(0.5, 0.1, 0.1, 0.1, 0.0)}
    bank = Curriculum(skills("add"), [*items("add", "order"), *items("add", "place")])
    tutor = Tutor(bank, ParameterSet(half_known, formats))
    assert expect(tutor, tutor.new_learner()).item.response_format == "place"


def test_an_item_of_two_skills_tells_less_about_one_of_them():
    bank = [ItemRef("both", ("add", "carry"), "typed"), *items("add", count=1), *items("carry", count=1)]
    tutor = tutor_for(Curriculum(skills("add", "carry"), bank))
    alone = expect(tutor, tutor.new_learner())
    assert alone.item.id == "add.typed.0"
    learner = answer(tutor, tutor.new_learner(), ["add.typed.0", "carry.typed.0"], False)
    both = expect(tutor, learner)
    assert both.item.id == "both"
    assert both.reason.trace["information"] < alone.reason.trace["information"]


def test_who_is_nearly_there_is_told_so():
    tutor = one_skill()
    learner = answer(tutor, tutor.new_learner(), ["add.typed.0"] * 4, True)
    reason = expect(tutor, learner).reason
    assert (reason.key, reason.values) == ("almost_there", {"right": 4})


def test_an_item_of_a_rule_and_a_word_is_judged_by_both():
    graph = {**skills("add"), **skills("words", kind="list")}
    bank = [ItemRef("story", ("add", "words"), "typed", "altogether"), *items("add", count=1)]
    tutor = tutor_for(Curriculum(graph, bank))
    learner = answer(tutor, tutor.new_learner(), ["story", "add.typed.0"], False)
    learner = answer(tutor, learner, ["add.typed.0"], False)
    assert expect(tutor, learner, within=["add"]).item.id == "story"
    assert expect(tutor, learner, within=["words"]).item.id == "story"
    learner = answer(tutor, learner, ["story"] * 3, True)
    assert learner.members["words"]["altogether"].p_known > 0.9
    assert tutor.report(learner, now=MONDAY)["add"].p_known > 0.9


def test_the_reason_counts_what_was_done():
    tutor = one_skill()
    reason = expect(tutor, answer(tutor, tutor.new_learner(), ["add.typed.0"] * 2, False)).reason
    assert (reason.key, reason.values) == ("practise", {"done": 2})


# Laws

GRAPH = {**chain("a", "b"), "c": Skill("c", ("a",)), "w": Skill("w", kind="list")}
BANK = Curriculum(
    GRAPH,
    [
        *items("a", "typed", 3),
        *items("a", "choice3", 2),
        *items("b", "choice2", 3),
        ItemRef("bc", ("b", "c"), "order"),
        *items("c", "place", 2),
        *words("w", "said", "once", "busy"),
    ],
)
steps = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["answered", "answered", "dont_know", "no_evidence"]), st.integers(0, 1)),
    max_size=60,
)


@settings(max_examples=60)
@given(steps, st.integers(0, 2**32), st.sampled_from([None, ["a"], ["b", "w"], ["c", "a"]]))
def test_whatever_a_pupil_does_the_next_item_is_fresh_and_follows_from_the_seed(log, seed, within):
    tutor, learner, last = tutor_for(BANK), Learner(), None
    for n, (correct, outcome, hints) in enumerate(log):
        now = MONDAY + timedelta(minutes=n if n < 30 else n + 1500)
        choice = tutor.next_item(learner, now=now, rng=Random(seed + n), within=within)
        if choice is None:
            states = {r.state for s, r in tutor.report(learner, now=now).items() if within is None or s in within}
            assert states <= {"strong", "kept"} | ({"stuck"} if within is None else set())
            return
        assert choice == tutor.next_item(
            Learner.from_json(learner.to_json()), now=now, rng=Random(seed + n), within=within
        )
        assert choice.item.id != last
        assert choice.skill in choice.item.skills
        assert within is None or choice.skill in within
        last = choice.item.id
        learner = tutor.observe(learner, Response(choice.item, correct, hints, outcome=outcome), now=now)
