"""What an answer does to the belief about a pupil."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.curriculum import Curriculum, CurriculumError, ItemRef
from engine.knowledge_tracing import after_opportunity
from engine.learner import Learner, Response
from engine.parameters import EXPERT_SKILL, ParameterSet
from engine.population import CLASSES, EXPERT_POPULATION, shares
from engine.tutor import Tutor

from .builders import MONDAY, answer, chain, items, one_skill, skills, tutor_for, words

TWO = Curriculum(skills("add", "carry"), [*items("add"), *items("carry"), ItemRef("both", ("add", "carry"), "typed")])


def belief(tutor, learner, skill="add", now=MONDAY):
    return tutor.report(learner, now=now)[skill].p_known


def test_where_all_pupils_learn_alike_p_known_follows_the_closed_form():
    weights = shares([1.0 if each == (0.6, 0.0) else 1e-9 for each in CLASSES])
    alike = replace(EXPERT_POPULATION, class_weights=weights)
    tutor = Tutor(one_skill().curriculum, ParameterSet({"add": EXPERT_SKILL}, population=alike))
    item = tutor.curriculum.item("add.typed.0")
    typed = tutor.parameters.for_item(item, "add")
    p, learner = typed.prior, tutor.new_learner()
    for correct in (True, False, False, True):
        p = after_opportunity(p, correct, replace(typed, learn=0.6 * typed.learn))
        learner = answer(tutor, learner, [item.id], correct)
    assert belief(tutor, learner) == pytest.approx(p, abs=0.002)


def test_a_report_on_some_skills_says_the_same_of_them_and_leaves_out_what_is_not_there():
    tutor = tutor_for(TWO)
    learner = answer(tutor, tutor.new_learner(), ["both"], True)
    whole = tutor.report(learner, now=MONDAY)
    assert tutor.report(learner, now=MONDAY, within=["carry", "an older bank's"]) == {"carry": whole["carry"]}
    assert set(whole) == {"add", "carry"}


def test_observing_leaves_the_learner_before_untouched():
    tutor = one_skill()
    before = answer(tutor, tutor.new_learner(), ["add.typed.0"], True)
    copy = Learner.from_json(before.to_json())
    answer(tutor, before, ["add.typed.1"], False)
    assert before == copy


@pytest.mark.parametrize("details", [{"hints": 1}, {"attempt": 2}], ids=str)
def test_help_teaches_but_proves_nothing(details):
    tutor = one_skill()
    new = tutor.new_learner()
    right, wrong = (answer(tutor, new, ["add.typed.0"], correct, **details) for correct in (True, False))
    assert right == wrong
    assert right.traits == new.traits
    assert belief(tutor, right) > belief(tutor, new)
    assert tutor.report(right, now=MONDAY)["add"].evidence == ("with_help",)


def test_saying_i_don_t_know_counts_more_than_a_wrong_choice():
    tutor = one_skill("choice4")
    honest = answer(tutor, tutor.new_learner(), ["add.choice4.0"], False, outcome="dont_know")
    wrong = answer(tutor, tutor.new_learner(), ["add.choice4.0"], False)
    assert belief(tutor, honest) < belief(tutor, wrong)
    assert honest == answer(tutor, tutor.new_learner(), ["add.choice4.0"], True, outcome="dont_know")


@pytest.mark.parametrize("kind", ["rule", "list"])
def test_an_answer_that_came_before_the_question_could_be_read_says_less(kind):
    tutor = tutor_for(Curriculum(skills("add", kind=kind), items("add")))
    new = tutor.new_learner()
    before = belief(tutor, answer(tutor, new, ["add.typed.0"], False, hints=1))
    wrong, hasty, quick, right = (
        belief(tutor, answer(tutor, new, ["add.typed.0"], correct, seconds=seconds))
        for correct, seconds in ((False, 20.0), (False, 1.0), (True, 1.0), (True, 20.0))
    )
    assert wrong < hasty < before < quick < right
    assert right == belief(tutor, answer(tutor, new, ["add.typed.0"], True, seconds=0.1))  # nobody's time


def test_i_don_t_know_is_believed_however_quickly_it_is_said():
    tutor = one_skill()
    quick, slow = (
        answer(tutor, tutor.new_learner(), ["add.typed.0"], False, outcome="dont_know", seconds=seconds)
        for seconds in (0.8, 30.0)
    )
    assert quick == slow


def test_who_guesses_blindly_now_and_then_is_not_put_aside_for_it():
    """Every third answer is quick and wrong, the others are right."""
    tutor = one_skill()
    for seconds, state in ((1.0, "strong"), (20.0, "growing")):
        learner = tutor.new_learner()
        for n in range(12):
            learner = answer(tutor, learner, [f"add.typed.{n % 6}"], n % 3 > 0, seconds=seconds if n % 3 == 0 else 20.0)
        assert tutor.report(learner, now=MONDAY)["add"].state == state


def test_an_item_that_could_not_be_heard_changes_only_what_was_shown():
    tutor = one_skill()
    learner = answer(tutor, tutor.new_learner(), ["add.typed.0"], False, outcome="no_evidence")
    assert not learner.skills
    assert (learner.presented, learner.last_item) == (1, "add.typed.0")


def test_both_skills_of_an_item_share_the_blame_by_how_surely_each_is_known():
    tutor = tutor_for(TWO)
    learner = answer(tutor, tutor.new_learner(), ["add.typed.0", "add.typed.1"], True)
    sure, unsure = belief(tutor, learner, "add"), belief(tutor, learner, "carry")
    after = answer(tutor, learner, ["both"], False)
    assert sure - belief(tutor, after, "add") < 0.05
    assert belief(tutor, after, "carry") < unsure


def test_steps_of_an_item_are_evidence_on_their_own_skill():
    tutor = tutor_for(TWO)
    learner = answer(tutor, tutor.new_learner(), ["both"], False, per_skill={"add": True, "carry": False})
    report = tutor.report(learner, now=MONDAY)
    assert report["add"].evidence == ("right",)
    assert report["carry"].evidence == ("wrong",)
    assert report["add"].p_known > 0.9 > 0.3 > report["carry"].p_known


def test_a_step_that_was_not_reached_is_left_alone():
    tutor = tutor_for(TWO)
    stepped = answer(tutor, tutor.new_learner(), ["both"], False, per_skill={"add": False}, outcome="dont_know")
    helped = answer(tutor, tutor.new_learner(), ["both"], True, per_skill={"add": True}, hints=1)
    assert set(stepped.skills) == set(helped.skills) == {"add"}
    assert tutor.report(stepped, now=MONDAY)["add"].evidence == ("did_not_know",)
    assert tutor.report(helped, now=MONDAY)["add"].evidence == ("with_help",)


def test_a_step_of_a_skill_that_the_item_does_not_have_is_refused():
    tutor = tutor_for(TWO)
    with pytest.raises(ValueError, match=r"per_skill names \['carry'\], but item 'add.typed.0'"):
        answer(tutor, tutor.new_learner(), ["add.typed.0"], True, per_skill={"carry": True})


def test_an_item_of_another_bank_is_refused_by_name():
    tutor = one_skill()
    with pytest.raises(CurriculumError, match="Item 'ghost'"):
        tutor.observe(tutor.new_learner(), Response(ItemRef("ghost", ("add",), "typed"), True), now=MONDAY)


def test_over_night_some_is_forgotten_and_within_a_day_nothing():
    tutor = one_skill()
    learner = answer(tutor, tutor.new_learner(), ["add.typed.0"], True)
    today = belief(tutor, learner)
    assert belief(tutor, learner, now=MONDAY + timedelta(hours=8)) == today
    over_night = belief(tutor, learner, now=MONDAY + timedelta(hours=9))
    assert over_night == pytest.approx(today * (1 - EXPERT_SKILL.forget), abs=1e-4)


def test_a_clock_that_jumps_back_is_a_gap_of_zero():
    tutor = one_skill()
    learner = answer(tutor, tutor.new_learner(), ["add.typed.0"], True)
    back = answer(tutor, learner, ["add.typed.1"], True, now=MONDAY - timedelta(days=400))
    assert back.skills["add"].p_known == answer(tutor, learner, ["add.typed.1"], True).skills["add"].p_known


def test_knowing_one_word_is_not_knowing_another():
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", "said", "once", "busy")))
    learner = answer(tutor, tutor.new_learner(), ["said.typed"], True)
    learner = answer(tutor, learner, ["once.typed"], False)
    known = {word: record.p_known for word, record in learner.members["tricky"].items()}
    assert known["said"] > 0.9
    assert known["once"] < 0.3
    assert "busy" not in known


def test_the_report_covers_untouched_skills_too():
    tutor = tutor_for(Curriculum({**chain("add", "carry"), **skills("tricky", kind="list")}, items("add")))
    report = tutor.report(tutor.new_learner(), now=MONDAY)
    assert {each.state for each in report.values()} == {"new"}
    assert report["tricky"].p_known == report["carry"].p_known == pytest.approx(EXPERT_SKILL.prior, abs=0.02)
    assert 0.04 < report["carry"].p_correct_typed < 0.4 * 0.95 + 0.6 * 0.04
    assert report["carry"].evidence == ()


answers = st.lists(
    st.tuples(
        st.sampled_from([i.id for i in TWO.items]),
        st.booleans(),
        st.integers(0, 2),
        st.integers(1, 2),
        st.sampled_from(["answered", "dont_know", "no_evidence"]),
        st.integers(0, 60),
        st.sampled_from([None, 0.1, 1.0, 20.0]),
    ),
    max_size=30,
)


@given(answers)
def test_replaying_stored_answers_gives_the_live_learner(log):
    tutor = tutor_for(TWO)
    live, replayed, now = tutor.new_learner(), tutor.new_learner(), MONDAY
    for item_id, correct, hints, attempt, outcome, hours, seconds in log:
        now += timedelta(hours=hours)
        response = Response(TWO.item(item_id), correct, hints, seconds, attempt, outcome)
        live = tutor.observe(live, response, now=now)
        replayed = Learner.from_json(tutor.observe(replayed, response, now=now).to_json())
    assert replayed == live
    for each in tutor.report(live, now=now).values():
        assert 0 <= each.p_meets_standard <= 1
        assert 0 <= each.p_known <= 1
        assert 0 <= each.p_correct_typed <= 1


@given(answers)
def test_the_order_in_which_skills_are_written_changes_no_belief(log):
    tutor = tutor_for(TWO)
    turned = tutor_for(Curriculum(dict(reversed(TWO.skills.items())), TWO.items[::-1]))
    one, other, now = tutor.new_learner(), turned.new_learner(), MONDAY
    for item_id, correct, hints, attempt, outcome, hours, seconds in log:
        now += timedelta(hours=hours)
        response = Response(TWO.item(item_id), correct, hints, seconds, attempt, outcome)
        one = tutor.observe(one, response, now=now)
        other = turned.observe(other, response, now=now)
    assert one == other
    assert tutor.report(one, now=now) == turned.report(other, now=now)


@given(answers, st.sampled_from([i.id for i in TWO.items]), st.sampled_from([None, 1.0]))
def test_a_right_unaided_answer_never_lowers_the_belief(log, item_id, quick):
    tutor, learner = tutor_for(TWO), Learner()
    for earlier, correct, hints, attempt, outcome, _, seconds in log:
        response = Response(TWO.item(earlier), correct, hints, seconds, attempt, outcome)
        learner = tutor.observe(learner, response, now=MONDAY)
    before = tutor.report(learner, now=MONDAY)
    after = tutor.report(answer(tutor, learner, [item_id], True, seconds=quick), now=MONDAY)
    # Beliefs are stored in steps of 1/65535.
    assert all(after[s].p_known >= before[s].p_known - 5e-5 for s in TWO.item(item_id).skills)


def test_luck_among_three_says_less_than_luck_among_four():
    tutor = one_skill("choice4")
    usual = answer(tutor, tutor.new_learner(), ["add.choice4.0"], True)
    fewer = answer(tutor, tutor.new_learner(), ["add.choice4.0"], True, choices=3)
    assert tutor.new_learner() != fewer
    assert belief(tutor, fewer) < belief(tutor, usual)
    with pytest.raises(ValueError, match="7 choices"):
        Response(tutor.curriculum.item("add.choice4.0"), True, choices=7)
