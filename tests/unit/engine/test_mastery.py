"""When a skill is strong, kept, reopened or stuck."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.beliefs.lists import p_share_reaches
from engine.curriculum import Curriculum, ItemRef
from engine.learner import Learner, Response
from engine.mastery import Policy
from engine.parameters import ParameterSet
from engine.population import EXPERT_POPULATION
from engine.tutor import Tutor

from .builders import MONDAY, NEXT_DAY, answer, chain, choose, fail, items, master, one_skill, skills, tutor_for, words

TYPED = [f"add.typed.{n}" for n in range(6)]
MIXED = Curriculum(skills("add"), [*items("add"), *items("add", "choice4")])
CHOSEN = [f"add.choice4.{n}" for n in range(6)]
WORDS = [f"word{n}" for n in range(40)]


def state(tutor, learner, skill="add"):
    return tutor.report(learner, now=MONDAY)[skill].state


def strong_at_adding(tutor=None):
    tutor = tutor or one_skill()
    return tutor, master(tutor, tutor.new_learner(), "add")


def rights_until_strong(tutor):
    return master(tutor, tutor.new_learner(), "add").presented


def test_a_handful_of_right_typed_answers_makes_a_skill_strong_where_nothing_is_known_of_pupils():
    assert rights_until_strong(one_skill()) == 6


def test_a_standard_of_ninety_percent_asks_for_more():
    assert rights_until_strong(tutor_for(one_skill().curriculum, Policy(standard=0.9))) == 7


def test_choosing_takes_longer_to_convince_than_typing():
    chosen = one_skill("choice4")
    learner = answer(chosen, chosen.new_learner(), CHOSEN, True)
    assert state(chosen, learner) == "growing"
    assert state(chosen, answer(chosen, learner, CHOSEN[:1], True)) == "strong"


def test_a_pupil_who_is_good_at_everything_needs_fewer_answers_in_the_next_skill():
    bank = Curriculum(chain("a", "b", "add"), [*items("a"), *items("b"), *items("add")])
    tutor = tutor_for(bank)
    able = master(tutor, master(tutor, tutor.new_learner(), "a"), "b")
    assert master(tutor, able, "add").presented - able.presented < 6


def test_failing_elsewhere_opens_a_skill_that_had_just_become_strong_where_ability_is_general():
    bank = Curriculum(chain("add", "b", "c", "d"), [i for s in ("add", "b", "c", "d") for i in items(s)])
    general = replace(EXPERT_POPULATION, ability_sd=2.0, deviation_sd=0.5, log_odds=-8.0)
    tutor = Tutor(bank, ParameterSet({}, population=general))
    learner = master(tutor, tutor.new_learner(), "add")
    struggling = answer(tutor, learner, [f"{s}.typed.{n}" for n in range(6) for s in "bcd"], False)
    assert state(tutor, struggling) == "growing"
    assert tutor.report(struggling, now=MONDAY)["add"].p_meets_standard < 0.97


def test_choosing_right_again_and_again_is_not_mastery_where_the_skill_can_be_produced():
    tutor = tutor_for(MIXED)
    learner = answer(tutor, tutor.new_learner(), CHOSEN * 3, True)
    assert tutor.report(learner, now=MONDAY)["add"].p_meets_standard > 0.97
    assert state(tutor, learner) == "growing"
    assert state(tutor, answer(tutor, learner, TYPED[:1], True)) == "strong"


def test_answers_with_hints_never_make_a_skill_strong():
    tutor = one_skill()
    assert state(tutor, answer(tutor, tutor.new_learner(), TYPED * 5, True, hints=1)) == "growing"


def test_help_never_completes_mastery():
    tutor = one_skill()
    five = answer(tutor, tutor.new_learner(), TYPED[:5], True)
    helped = answer(tutor, five, TYPED[:5], True, attempt=2)
    assert tutor.report(helped, now=MONDAY)["add"].p_meets_standard > 0.97
    assert state(tutor, helped) == "growing"
    assert state(tutor, answer(tutor, helped, TYPED[3:4], True)) == "strong"


def test_where_only_choosing_is_possible_two_different_items_decide():
    tutor = one_skill("choice4")
    same = answer(tutor, tutor.new_learner(), CHOSEN[:1] * 20, True)
    assert state(tutor, same) == "growing"
    assert state(tutor, answer(tutor, same, CHOSEN[1:2], True)) == "strong"


def test_a_skill_with_one_item_only_can_still_be_mastered():
    tutor = one_skill("choice4", count=1)
    assert state(tutor, answer(tutor, tutor.new_learner(), CHOSEN[:1] * 9, True)) == "strong"


def test_two_way_choices_alone_take_a_long_row():
    tutor = one_skill("choice2")
    lucky = [f"add.choice2.{n}" for n in range(6)]
    assert state(tutor, answer(tutor, tutor.new_learner(), lucky, True)) == "growing"
    assert state(tutor, answer(tutor, tutor.new_learner(), lucky * 2, True)) == "strong"


def test_one_slip_of_a_sure_pupil_does_not_take_mastery_away_and_more_do():
    tutor, learner = strong_at_adding()
    sure = answer(tutor, learner, TYPED * 2, True)
    once = answer(tutor, sure, TYPED[:1], False)
    assert state(tutor, once) == "strong"
    assert state(tutor, answer(tutor, once, TYPED[1:4], False)) == "growing"


def test_a_skill_that_holds_on_another_day_is_kept():
    tutor, learner = strong_at_adding()
    same_day = answer(tutor, learner, TYPED[:1], True, now=MONDAY + timedelta(hours=7))
    assert state(tutor, same_day) == "strong"
    kept = answer(tutor, learner, TYPED[:1], True, now=NEXT_DAY)
    assert state(tutor, kept) == "kept"
    assert state(tutor, answer(tutor, kept, TYPED[1:2], True, now=NEXT_DAY)) == "kept"


def test_holding_on_another_day_is_shown_by_producing_the_answer():
    tutor, learner = strong_at_adding(tutor_for(MIXED))
    chosen = answer(tutor, learner, CHOSEN[:1], True, now=NEXT_DAY)
    helped = answer(tutor, learner, TYPED[:1], True, now=NEXT_DAY, hints=1)
    assert state(tutor, chosen) == state(tutor, helped) == "strong"


def test_a_skill_that_was_forgotten_is_reopened():
    tutor, learner = strong_at_adding()
    assert state(tutor, answer(tutor, learner, TYPED[:1], False, now=NEXT_DAY)) == "growing"


def test_a_certificate_for_eighty_percent_is_none_for_ninety_but_is_not_lost():
    eighty, learner = strong_at_adding()
    ninety = tutor_for(eighty.curriculum, Policy(standard=0.9))
    assert state(eighty, learner) == "strong"
    assert state(ninety, learner) == "growing"
    helped = answer(ninety, learner, TYPED[3:4], True, hints=2)
    assert state(eighty, helped) == "strong"
    assert state(ninety, helped) == "growing"
    higher = answer(ninety, learner, TYPED[3:5], True)
    assert state(ninety, higher) == state(eighty, higher) == "strong"


def test_a_certificate_for_eighty_percent_stays_where_ninety_is_not_reached_yet():
    eighty, learner = strong_at_adding()
    ninety = tutor_for(eighty.curriculum, Policy(standard=0.9))
    unsure = answer(ninety, answer(ninety, learner, TYPED, True), TYPED[3:4], False)
    ninety_anew = ninety.observe(unsure, Response(ninety.curriculum.item(TYPED[0]), True, hints=1), now=MONDAY)
    assert state(eighty, ninety_anew) == "strong"


def test_what_is_believed_of_a_pupil_does_not_depend_on_the_teacher_s_standard():
    eighty, ninety = one_skill(), tutor_for(one_skill().curriculum, Policy(standard=0.9))
    one, other = (answer(t, t.new_learner(), TYPED[:4], True) for t in (eighty, ninety))
    assert one == other


def test_a_pupil_who_gets_nowhere_is_stuck_but_not_for_a_bad_start():
    tutor = one_skill()
    bad_start = answer(tutor, tutor.new_learner(), TYPED, False)
    assert state(tutor, bad_start) == "growing"
    assert 8 <= fail(tutor, bad_start, "add").presented <= 30


def test_a_pupil_who_takes_help_with_every_item_is_stuck_and_the_teacher_sees_it():
    tutor = one_skill()
    seven = answer(tutor, tutor.new_learner(), [*TYPED, TYPED[0]], True, hints=1)
    assert state(tutor, seven) == "growing"
    eight = answer(tutor, seven, TYPED[1:2], True, hints=1)
    assert state(tutor, eight) == "stuck"
    assert choose(tutor, eight, within=["add"]).reason.key == "try_again", "assigned work is never a dead end"


def test_a_stuck_pupil_gets_six_new_tries():
    tutor = one_skill()
    stuck = fail(tutor, tutor.new_learner(), "add")
    for tries in range(1, 6):
        assert state(tutor, answer(tutor, stuck, TYPED[:tries], False)) == "growing"
    assert state(tutor, answer(tutor, stuck, TYPED, False)) == "stuck"


def test_a_stuck_pupil_can_still_become_strong():
    tutor = one_skill()
    assert state(tutor, master(tutor, fail(tutor, tutor.new_learner(), "add"), "add")) == "strong"


@pytest.mark.parametrize(("size", "wrong"), [(len(WORDS), 0), (len(WORDS), 1), (12, 1)])
def test_a_list_is_strong_when_ten_or_so_of_its_words_went_right(size, wrong):
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", *WORDS[:size])))
    learner = answer(tutor, tutor.new_learner(), [f"{w}.typed" for w in WORDS[:wrong]], False)
    nine = answer(tutor, learner, [f"{w}.typed" for w in WORDS[wrong:9]], True)
    assert state(tutor, nine, "tricky") == "growing"
    done = answer(tutor, nine, [f"{w}.typed" for w in WORDS[9 : 10 + wrong]], True)
    assert state(tutor, done, "tricky") == "strong"


def test_words_that_practice_has_taught_say_nothing_of_words_never_asked():
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", *WORDS)))
    learner = answer(tutor, tutor.new_learner(), [f"{w}.typed" for w in WORDS[:3]], False)
    learner = answer(tutor, learner, [f"{w}.typed" for w in [*WORDS[3:11], *WORDS[:3]]], True)
    assert state(tutor, learner, "tricky") == "growing", "eleven of eleven now, but it was eight of eleven"
    assert state(tutor, answer(tutor, learner, [f"{w}.typed" for w in WORDS[11:20]], True), "tricky") == "strong"


def test_who_knew_half_of_a_long_list_has_to_learn_the_rest_of_it():
    tutor, learner = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", *WORDS))), Learner()
    taught, rng = set(WORDS[::2]), Random(1)
    while (choice := choose(tutor, learner, seed=rng.randrange(99))) is not None:
        learner = tutor.observe(learner, Response(choice.item, choice.item.member in taught), now=MONDAY)
        taught.add(choice.item.member)
    assert state(tutor, learner, "tricky") == "strong"
    assert len(taught) >= 0.75 * len(WORDS)


def test_a_short_list_needs_all_of_its_words():
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", "said", "once", "busy")))
    two = answer(tutor, tutor.new_learner(), ["said.typed", "once.typed"], True)
    assert state(tutor, two, "tricky") == "growing"
    all_three = answer(tutor, two, ["busy.typed"], True)
    assert state(tutor, all_three, "tricky") == "strong"
    assert tutor.report(all_three, now=MONDAY)["tricky"].p_meets_standard == 1.0
    assert state(tutor, answer(tutor, all_three, ["busy.typed"], False), "tricky") == "growing"


def test_choosing_words_right_does_not_sample_a_list_that_can_be_written():
    bank = [*words("tricky", *WORDS), *words("tricky", *WORDS, response_format="choice3")]
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), bank))
    learner = answer(tutor, tutor.new_learner(), [f"{w}.choice3" for w in WORDS], True)
    assert state(tutor, learner, "tricky") == "growing"
    assert {m.right for m in learner.members["tricky"].values()} == {-1}


def test_a_word_s_last_written_answer_stands_after_help():
    bank = Curriculum(skills("tricky", kind="list"), words("tricky", *WORDS))
    tutor = tutor_for(bank)
    learner = answer(tutor, tutor.new_learner(), ["word0.typed"], False)
    assert answer(tutor, learner, ["word0.typed"], True, attempt=2).members["tricky"]["word0"].right == 0


def test_an_item_of_a_list_without_a_word_stands_for_itself():
    bank = [ItemRef(f"fact{n}", ("tables",), "typed") for n in range(3)]
    tutor = tutor_for(Curriculum(skills("tables", kind="list"), bank))
    learner = answer(tutor, tutor.new_learner(), [i.id for i in bank], True)
    assert set(learner.members["tables"]) == {i.id for i in bank}
    assert state(tutor, learner, "tables") == "strong"


def test_near_the_standard_and_never_there_a_skill_rests_in_the_end():
    tutor, learner = one_skill(), Learner()
    for n in range(Policy().patience):
        assert state(tutor, learner) in ("new", "growing")
        learner = answer(tutor, learner, [TYPED[n % 6]], n % 4 > 0)
    assert state(tutor, learner) == "stuck"


def test_three_words_get_three_rounds():
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", "said", "once", "busy")))
    round_of = ["said.typed", "once.typed", "busy.typed"]
    assert state(tutor, twice := answer(tutor, Learner(), 2 * round_of, False), "tricky") == "growing"
    assert state(tutor, answer(tutor, twice, round_of, False), "tricky") == "stuck"


def test_the_first_round_of_a_list_may_go_wrong_without_being_stuck():
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", *WORDS)))
    learner = answer(tutor, tutor.new_learner(), [f"{w}.typed" for w in WORDS[:19]], False)
    assert state(tutor, learner, "tricky") == "growing"
    assert state(tutor, answer(tutor, learner, [f"{WORDS[19]}.typed"], False), "tricky") == "stuck"


@given(st.integers(11, 300), st.sampled_from([0.7, 0.8]))
def test_ten_of_eleven_pass_eighty_percent_however_long_the_list_is(size, standard):
    assert p_share_reaches(standard, size, 11, 10, 10) >= Policy().list_threshold
    assert p_share_reaches(standard, size, 10, 10, 10) >= Policy().list_threshold


@given(st.integers(1, 200), st.data())
def test_the_chance_of_reaching_the_standard_rises_with_every_right_answer(size, data):
    sampled = data.draw(st.integers(1, size))
    right = data.draw(st.integers(0, sampled - 1))
    standard = data.draw(st.sampled_from([0.5, 0.8, 0.9]))
    at_first = data.draw(st.integers(0, sampled - 1))
    low = p_share_reaches(standard, size, sampled, right, at_first)
    for better in ((right + 1, at_first), (right, at_first + 1)):
        assert 0 <= low <= p_share_reaches(standard, size, sampled, *better) + 1e-12 <= 1 + 2e-12


def test_a_full_count_leaves_no_doubt():
    assert p_share_reaches(0.8, 10, 10, 8, 0) == 1.0
    assert p_share_reaches(0.8, 10, 10, 7, 10) == 0.0


def test_one_unseen_word_by_hand():
    assert p_share_reaches(0.8, 5, 4, 3, 3) == pytest.approx(4 / 6)
    assert p_share_reaches(0.8, 5, 4, 3, 1) == pytest.approx(2 / 6), "two of three were taught"


@pytest.mark.parametrize("name", ["standard", "threshold", "list_threshold"])
@pytest.mark.parametrize("value", [0, 1, 80])
def test_a_policy_outside_its_limits_is_refused(name, value):
    with pytest.raises(ValueError, match=name):
        Policy(**{name: value})


def test_mastering_a_skill_on_the_way_counts_for_both_skills_of_an_item():
    bank = [ItemRef(f"both{n}", ("add", "carry"), "typed") for n in range(4)]
    tutor = tutor_for(Curriculum(chain("add", "carry"), bank))
    learner = answer(tutor, tutor.new_learner(), [i.id for i in bank] * 3, True)
    assert state(tutor, learner, "add") == state(tutor, learner, "carry") == "strong"
