"""Which word of a list comes next."""

from __future__ import annotations

from engine.curriculum import Curriculum

from ..builders import MONDAY, answer, expect, skills, tutor_for, words

WORDS = [f"word{n}" for n in range(12)]


def test_a_missed_word_comes_back_after_three_others():
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", *WORDS)))
    learner = answer(tutor, tutor.new_learner(), ["word0.typed"], False)
    for _ in range(3):
        choice = expect(tutor, learner)
        assert choice.item.member != "word0"
        learner = answer(tutor, learner, [choice.item.id], True)
    back = expect(tutor, learner)
    assert (back.item.member, back.reason.key, back.reason.values) == ("word0", "missed_before", {"member": "word0"})


def test_a_word_does_not_follow_itself_in_another_format():
    bank = [*words("tricky", *WORDS[:5]), *words("tricky", *WORDS[:5], response_format="choice3")]
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), bank))
    learner, last = tutor.new_learner(), None
    for n in range(30):
        choice = expect(tutor, learner, within=["tricky"])
        assert choice.item.member != last
        last = choice.item.member
        learner = answer(tutor, learner, [choice.item.id], n % 4 == 0)


def test_words_not_written_yet_come_before_words_that_went_right():
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", *WORDS)))
    learner, seen = tutor.new_learner(), set()
    for _ in range(9):
        choice = expect(tutor, learner)
        seen.add(choice.item.member)
        learner = answer(tutor, learner, [choice.item.id], True)
    assert len(seen) == 9


def test_a_list_of_two_words_goes_on():
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", "said", "once")))
    learner = answer(tutor, tutor.new_learner(), ["said.typed", "once.typed"], False)
    assert expect(tutor, learner).item.member == "said"


def test_a_list_answered_with_help_only_repeats_its_words():
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), words("tricky", *WORDS[:5])))
    all_but = [f"{w}.typed" for w in WORDS[:5]]
    learner = answer(tutor, answer(tutor, tutor.new_learner(), all_but, True, hints=1), all_but[:4], True)
    assert expect(tutor, learner).item.id == "word4.typed"


def test_words_that_can_only_be_chosen_do_not_keep_a_list_from_being_strong():
    bank = [*words("tricky", *WORDS[:5]), *words("tricky", *WORDS[5:], response_format="choice4")]
    tutor = tutor_for(Curriculum(skills("tricky", kind="list"), bank))
    learner = answer(tutor, tutor.new_learner(), [item.id for item in bank], True)
    assert tutor.report(learner, now=MONDAY)["tricky"].state == "strong"
