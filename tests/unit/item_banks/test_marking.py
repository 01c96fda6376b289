"""Pupils type their answers in many ways; a teacher would accept some of them, and nothing may break the marking."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from item_banks.loader import load_banks
from item_banks.marking import KEPT_LENGTH, Mark, mark, response_in_words
from item_banks.numbers import sums_unbroken, unbroken
from item_banks.schema import Item, MarkingRules

BANKS = load_banks()
MATH, SPELLING = BANKS["math-en"], BANKS["spelling-en"]
calm = settings(deadline=None)


def item_with(template: str, **parts: Any) -> Item:
    """An item of a template with an answer of our own."""
    bank = MATH if template in MATH.templates else SPELLING
    return replace(bank.draw(template, 1), **parts)


def number(answer: str = "85", **wrong: str) -> Item:
    return item_with("M.NBT2.ADDREG/number", answer=answer, misconceptions=wrong)


def fraction(given: str = "2/3", answer: str = "4/6", **wrong: str) -> Item:
    rules = MarkingRules(given=given)
    return item_with("M.NF4.EQ/fraction", answer=answer, misconceptions=wrong, rules=rules)


def dictation(word: str = "SP.DOUBLE/running") -> Item:
    return SPELLING.draw(f"{word}/dictation", 1)


def missing(word: str = "SP.DOUBLE/running") -> Item:
    return SPELLING.draw(f"{word}/missing", 1)


@pytest.mark.parametrize(
    "typed",
    [
        "85", " 85 ", "8 5", "085", "+85", "85.", "85.0", "85,000".replace("85,000", "85.00"), "８５", "٨٥", "८५",
        "85\n", "\t85", "8\u200b5", "\ufeff85", "170/2", "170 / 2", "84 2/2", "= 85", "47 + 38 = 85", "８５．０",
    ],
)  # fmt: skip
def test_a_number_is_right_however_it_is_typed(typed: str) -> None:
    assert mark(number(), typed).verdict == "correct"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("1,000", "1000"), ("1 000", "1000"), ("1\u00a0000", "1000"), ("1\u202f000", "1000"), ("1,234,567", "1234567"),
        ("½", "1/2"), ("1½", "3/2"), ("1 1/2", "3/2"), ("3⁄4", "3/4"), ("0.5", "1/2"), ("−3", "-3"), ("–3", "-3"),
        ("-1/2", "-1/2"), ("-1 1/2", "-3/2"),
    ],
)  # fmt: skip
def test_marks_inside_a_number_and_signs_are_read(typed: str, answer: str) -> None:
    assert mark(number(answer), typed).verdict == "correct"


@pytest.mark.parametrize("typed", ["58", "-85", "850", "8.5", "85.5", "½", "84 1/2", "47 + 38 = 75"])
def test_another_number_is_wrong(typed: str) -> None:
    assert mark(number(), typed).verdict == "incorrect"


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "\n", "\x00", "\u200b", "eighty-five", "85 apples", "8,5", "1,00", "²", "8²", "/", "-", "1/0",
        "85=", "1 1/0", "😀", "<script>85</script>", "é", "e\u0301", "0x55", "8e1", "\ud800", "9" * 100_000,
        "1 " * 50_000, "--85",
    ],
)  # fmt: skip
def test_what_is_no_number_is_asked_again_and_counts_for_nothing(typed: str) -> None:
    marked = mark(number(), typed)
    assert marked.verdict == "unreadable"
    assert marked.message == MATH.text("unreadable.number")
    assert (marked.feedback, marked.misconceptions) == ("", ())


def test_a_dutch_pupil_writes_a_decimal_comma_and_a_point_between_thousands() -> None:
    rules = MarkingRules(decimal=",", group=".")
    assert mark(item_with("M.NBT2.ADDREG/number", answer="3/2", rules=rules), "1,5").verdict == "correct"
    assert mark(item_with("M.NBT2.ADDREG/number", answer="1000", rules=rules), "1.000").verdict == "correct"


def test_a_wrong_answer_is_recognised_as_what_it_comes_from_and_told_what_to_do() -> None:
    item = number(no_carry="75")
    marked = mark(item, " ７５ ")
    assert marked == Mark("incorrect", "７５", ("no_carry",), item.strings["no_carry"], item.strings["solution"])
    assert "new ten" in marked.feedback


def test_a_wrong_answer_of_no_known_kind_gets_the_general_advice() -> None:
    item = number(no_carry="75")
    assert mark(item, "86").feedback == item.strings["other"]
    assert mark(item, "86").misconceptions == ()


def test_a_right_answer_is_told_so_and_shows_its_steps() -> None:
    item = MATH.draw("M.NBT2.ADDREG/number", 3)
    marked = mark(item, item.answer)
    assert marked.feedback in MATH.texts("feedback.correct")
    assert marked.solution.endswith(f"= {item.answer}.")


def test_a_pupil_who_gives_an_item_up_without_an_answer_can_be_shown_its_solution() -> None:
    item = MATH.draw("M.NBT2.ADDREG/number", 3)
    assert mark(item, "").solution == mark(item, item.answer).solution


@pytest.mark.parametrize("typed", ["4/6", "4 / 6", "8/12", "40/60", "⅔".replace("⅔", "6/9"), "０４/０６", "4⁄6", "4∕6"])
def test_any_fraction_of_the_same_value_is_right(typed: str) -> None:
    assert mark(fraction(), typed).verdict == "correct"


@pytest.mark.parametrize(("typed", "given"), [("2/3", "2/3"), ("⅔", "2/3"), ("2 / 3", "2/3"), ("02/03", "2/3")])
def test_the_fraction_of_the_question_is_no_answer_to_it(typed: str, given: str) -> None:
    marked = mark(fraction(given), typed)
    assert (marked.verdict, marked.message) == ("unreadable", MATH.text("unreadable.same"))


def test_a_mixed_number_or_a_whole_one_is_a_fraction_too() -> None:
    assert mark(fraction("2/4", "3/2"), "1 1/2").verdict == "correct"
    assert mark(fraction("6/2", "12/4"), "3").verdict == "correct"
    assert mark(fraction("6/2", "12/4"), "4").verdict == "incorrect"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("How many of 12 are 2 1/8 or more?", "How many of 12 are 2~1/8 or more?"),
        ("47 + 138 + 29 =", "47 +~138 +~29~="),
        ("The bars left of 40: 9 + 6 = 15.", "The bars left of 40: 9 +~6 =~15."),
        ("4 × (10 − 9) = ?", "4 ×~(10 −~9) =~?"),
        ("|−8| + |−3| =", "|&−8| +~|&−3|~="),
        ("360 : 12 = 30. Samen: 4.", "360 :~12 =~30. Samen: 4."),
    ],
)
def test_a_line_ends_before_a_sign_and_not_inside_of_a_mixed_number(text: str, kept: str) -> None:
    assert unbroken(text) == kept.replace("~", "\N{NO-BREAK SPACE}").replace("&", "\N{WORD JOINER}")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Tens: 4 + 4 + 1 = 9. So 45 + 48 = 93.", "Tens: 4~+~4~+~1~=~9. So 45~+~48~=~93."),
        ("So 28,625 + 9,355 = 37,980.", "So 28,625 +~9,355 =~37,980."),  # too long for a line on a phone
        ("Ones: 2 → 12, 12 − 9 = 3.", "Ones: 2~→~12, 12~−~9~=~3."),
        ("From −22 to −9 there are 22 − 9 = 13 steps.", "From −22 to −9 there are 22~−~9~=~13 steps."),
        ("A frame is 20 cm wide and 4 cm high.", "A frame is 20~cm wide and 4~cm high."),
        ("There are 12 more.", "There are 12 more."),
    ],
)
def test_a_short_sum_stands_on_one_line_and_a_unit_with_its_number(text: str, kept: str) -> None:
    assert sums_unbroken(text) == kept.replace("~", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize("typed", ["0.66", "two thirds", "2:3", "4/0", "1 1/0", "4/", "/6", "4//6", "x/y", "4/6/8"])
def test_what_is_no_fraction_is_asked_again(typed: str) -> None:
    marked = mark(fraction(), typed)
    assert (marked.verdict, marked.message) == ("unreadable", MATH.text("unreadable.fraction"))


def test_a_top_without_a_bottom_is_asked_again_unless_it_tells_how_the_pupil_thought() -> None:
    assert mark(fraction("2/3", "4/6"), "46").message == MATH.text("unreadable.fraction")
    assert mark(fraction("2/3", "4/6", add_same="4"), "4").misconceptions == ("add_same",)


def test_a_fraction_made_by_adding_is_recognised_but_not_another_of_its_value() -> None:
    item = fraction(add_same="3/4")
    assert mark(item, "3/4").misconceptions == ("add_same",)
    assert mark(item, "75/100").misconceptions == ()


def test_a_choice_is_one_of_those_shown_or_asked_again() -> None:
    item = MATH.draw("M.NF4.EQ/choice", 5)
    verdicts = {choice.value: mark(item, choice.value) for choice in item.response.choices}
    assert [value for value, marked in verdicts.items() if marked.verdict == "correct"] == [item.answer]
    assert {m.misconceptions for m in verdicts.values()} == {(), ("add_same",), ("top_only",), ("bottom_only",)}
    assert mark(item, "99/98").message == MATH.text("unreadable.choice")


@pytest.mark.parametrize("typed", ["running", "Running", "RUNNING", " running ", "run\u200bning", "ｒunning"])
def test_a_word_is_right_in_any_case_and_with_spaces_around(typed: str) -> None:
    assert mark(dictation(), typed).verdict == "correct"


def test_spaces_inside_a_word_are_wrong_and_not_unreadable() -> None:
    assert mark(dictation(), "run ning").verdict == "incorrect"


@pytest.mark.parametrize("typed", ["", "  ", "123", "?!", "😀", "\x00\x01", "\ud83d", "a" * 100_000])
def test_what_is_no_word_is_asked_again(typed: str) -> None:
    marked = mark(dictation(), typed)
    assert (marked.verdict, marked.message) == ("unreadable", SPELLING.text("unreadable"))


def test_a_missed_rule_is_named_and_the_correct_word_shown_with_its_letters_marked() -> None:
    marked = mark(dictation(), "runing")
    assert (marked.verdict, marked.misconceptions, marked.solution) == ("incorrect", ("rule",), "running")
    assert marked.feedback == f"Not yet. {SPELLING.skills['SP.DOUBLE'].rule}"
    assert [piece.text for piece in marked.differences if piece.wrong] == ["nn"]


@given(st.text())
@calm
def test_a_misspelling_is_never_shown_again(typed: str) -> None:
    marked = mark(dictation(), typed)
    assert "".join(piece.text for piece in marked.differences) in ("", "running")


@pytest.mark.parametrize("typed", ["nn", "NN", "running", "Running"])
def test_missing_letters_may_be_typed_alone_or_as_the_whole_word(typed: str) -> None:
    assert mark(missing(), typed).verdict == "correct"


def test_missing_letters_may_be_those_of_the_other_country() -> None:
    assert mark(missing("SP.HF34/centre"), "er").verdict == "correct"
    assert mark(missing("SP.HF34/centre"), "center").verdict == "correct"
    assert mark(missing("SP.HF34/centre"), "ur").verdict == "incorrect"


@pytest.mark.parametrize("typed", ["n", "runing", "nm", "x"])
def test_missing_letters_are_diagnosed_in_the_word_whether_typed_alone_or_whole(typed: str) -> None:
    marked = mark(missing(), typed)
    assert marked.verdict == "incorrect"
    assert [piece.text for piece in marked.differences if piece.wrong] == ["nn"]


def test_a_name_needs_its_capital() -> None:
    plain = dictation()
    rules = replace(plain.rules, graphemes=("Ann", "a"), pattern=(), alternatives=(), case_sensitive=True)
    item = replace(plain, answer="Anna", rules=rules)
    assert mark(item, "Anna").verdict == "correct"
    marked = mark(item, "anna")
    assert (marked.verdict, marked.feedback) == ("incorrect", SPELLING.text("feedback.capital"))


@pytest.mark.parametrize("typed", ["don't", "don’t", "DON‘T", "donʼt", "don`t"])
def test_both_apostrophes_are_one(typed: str) -> None:
    rules = MarkingRules(graphemes=("d", "o", "n", "'", "t"))
    assert mark(replace(dictation(), answer="don't", rules=rules), typed).verdict == "correct"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_accent_is_the_same_composed_or_not(form: Any) -> None:
    rules = MarkingRules(graphemes=("c", "a", "f", "é"))
    item = replace(dictation(), answer="café", rules=rules)
    assert mark(item, unicodedata.normalize(form, "café")).verdict == "correct"
    assert mark(item, "cafe").verdict == "incorrect"


NASTY = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="0123456789/ ,.-−½⅓²=+'’", max_size=40),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Cf", "Mn", "Nd", "No", "So"]), max_size=100),
)
EVERY = [MATH.draw(name, 1) for name in MATH.templates] + [dictation(), missing(), dictation("SP.HF34/women")]


@given(st.sampled_from(EVERY), NASTY)
@calm
def test_marking_never_fails_and_what_it_keeps_can_be_stored(item: Item, typed: str) -> None:
    marked = mark(item, typed)
    assert marked.verdict in ("correct", "incorrect", "unreadable")
    assert len(marked.response) <= KEPT_LENGTH
    assert not any(unicodedata.category(each) in ("Cc", "Cs") for each in marked.response)
    json.dumps(marked.response).encode()
    assert bool(marked.message) == (marked.verdict == "unreadable")
    assert bool(marked.feedback) == (marked.verdict != "unreadable")


@given(st.sampled_from(EVERY), st.text(min_size=1, max_size=3))
@settings(max_examples=20)
def test_a_hundred_kilobytes_are_no_answer(item: Item, piece: str) -> None:
    assert mark(item, piece * 40_000).verdict in ("unreadable", "incorrect")


@pytest.mark.parametrize(
    ("template", "seed", "response", "shown"),
    [
        ("M.NBT4.DIV1/quotient", 3, "82 r 3", "82 rest 3"),
        ("M.NF4.DEC/line", 3, "3.45", "3,45"),
        ("M.NF3.LINE/place", 3, "0.875", "7/8"),
        ("M.NF3.LINE/place", 3, "0.25", "2/8"),
        ("M.NF3.LINE/place", 3, "1", "1"),
        ("M.MD3.PLOT/place", 0, "5.75", "5 3/4"),
        ("M.NBT3.ROUND/number", 1, "1.200", "1.200"),
        ("M.NF3.CMP/choice", 3, "<", "is kleiner dan"),
        ("M.G3.QUAD/group", 3, "fits; fits", "vierkant: altijd waar; vlieger"),
    ],
)
def test_a_dutch_teacher_reads_answers_in_dutch_and_what_was_typed_as_it_was_typed(
    template: str, seed: int, response: str, shown: str
) -> None:
    item = load_banks()["math-en"].in_locale("nl-NL").draw(template, seed)
    assert response_in_words(item, response).startswith(shown)
