"""What stands on paper."""

import pytest

from item_banks.loader import load_banks
from lti_tool.services.paper.worksheets import ON_PAPER, dictation_words, group_activity, paper_items, sample_items

BANKS = load_banks()
MATH, SPELLING = BANKS["math-en"], BANKS["spelling-en"]


def test_the_same_number_is_the_same_sheet_and_another_one_is_another() -> None:
    skills = ["M.NBT2.ADDREG", "M.NBT2.SUBREG"]
    once, again, other = (paper_items(MATH, skills, 10, seed) for seed in (7, 7, 8))
    assert [item.key for item in once] == [item.key for item in again]
    assert [item.key for item in once] != [item.key for item in other]
    assert len({item.key for item in once}) == 10
    assert {item.skill for item in once} == set(skills)


@pytest.mark.parametrize("bank", [MATH, SPELLING, BANKS["spelling-nl"]], ids=lambda bank: bank.id)
def test_every_skill_has_something_for_paper_and_nothing_that_needs_a_screen(bank) -> None:  # type: ignore[no-untyped-def]
    for skill_id in bank.skills:
        items = paper_items(bank, [skill_id], 4, seed=1)
        assert all(item.format in ON_PAPER for item in items)
        if not items:
            formats = {template.format for template in bank.templates.values() if template.skill == skill_id}
            assert not formats & set(ON_PAPER), skill_id


def test_words_that_are_kept_for_checks_are_never_printed() -> None:
    reserved = {word.word for word in SPELLING.words.values() if word.reserved}
    words = dictation_words(SPELLING, SPELLING.skills, 5000, seed=1)
    assert reserved
    assert not reserved & {word.word for word in words}
    assert all(word.word in word.sentence or word.word.casefold() in word.sentence.casefold() for word in words)


def test_five_minutes_have_an_example_with_its_usual_mistakes() -> None:
    plan = group_activity(MATH, "M.NBT3.SUB0", seed=1)
    assert plan is not None
    assert len({plan.example.key, plan.together.key, *(item.key for item in plan.alone)}) == 4
    assert plan.listen_for
    assert plan.example.strings["solution"]


def test_samples_show_different_formats() -> None:
    assert len({item.format for item in sample_items(SPELLING, "SP.DOUBLE", 3)}) == 3
