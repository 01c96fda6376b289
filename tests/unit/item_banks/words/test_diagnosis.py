"""What Proximal tells a pupil about a misspelling: where the word differs, and what kind of error it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from item_banks.words.diagnosis import ERROR_CLASSES, Diagnosis, diagnose, sound_alternatives

RUNNING = ("r", "u", "nn", "i", "ng")
MAKING = ("m", "a", "k", "i", "ng")
CAKE = ("c", "a", "k", "e")
FRIEND = ("f", "r", "ie", "n", "d")
WHICH = ("wh", "i", "ch")
NIGHT = ("n", "igh", "t")


def marked(diagnosis: Diagnosis) -> str:
    """The pieces as one string, the wrong ones in brackets."""
    return "".join(f"[{piece.text}]" if piece.wrong else piece.text for piece in diagnosis.pieces)


@pytest.mark.parametrize(
    ("graphemes", "response", "seen"),
    [
        (RUNNING, "runing", "ru[nn]ing"),
        (RUNNING, "runnning", "ru[nn]ing"),
        (RUNNING, "runnin", "runni[ng]"),
        (CAKE, "cak", "cak[e]"),
        (CAKE, "caek", "ca[ke]"),
        (CAKE, "kake", "[c]ake"),
        (FRIEND, "freind", "fr[ie]nd"),
        (FRIEND, "frend", "fr[ie]nd"),
        (WHICH, "wihch", "[whi]ch"),
        (WHICH, "wich", "[wh]ich"),
        (RUNNING, "runnngi", "runn[ing]"),
        (MAKING, "makking", "ma[k]ing"),
        (MAKING, "makeing", "ma[ki]ng"),
        (CAKE, "xcake", "[c]ake"),
        (CAKE, "cakex", "cak[e]"),
    ],
)
def test_only_the_letters_that_differ_are_marked(graphemes: tuple[str, ...], response: str, seen: str) -> None:
    assert marked(diagnose(graphemes, response)) == seen


def test_a_right_answer_has_nothing_marked() -> None:
    diagnosis = diagnose(RUNNING, "Running ")
    assert (marked(diagnosis), diagnosis.error_class) == ("running", "correct")


def test_accents_may_be_typed_as_two_characters() -> None:
    assert diagnose(("c", "a", "f", "é"), "cafe\u0301").error_class == "correct"


@pytest.mark.parametrize("response", ["runing", "runnning", "runin"])
def test_a_missed_doubling_is_an_error_of_the_rule(response: str) -> None:
    assert diagnose(RUNNING, response, pattern={2}, pattern_error="rule").error_class == "rule"


@pytest.mark.parametrize("response", ["makeing", "makking"])
def test_a_kept_e_is_an_error_of_the_rule(response: str) -> None:
    assert diagnose(MAKING, response, pattern={2, 3}, pattern_error="rule").error_class == "rule"


def test_a_letter_put_in_beside_the_pattern_marks_the_pattern_alone() -> None:
    assert marked(diagnose(("i", "c", "y"), "icey", pattern={2})) == "ic[y]"


def test_an_error_elsewhere_is_not_an_error_of_the_rule() -> None:
    assert diagnose(RUNNING, "unning", pattern={2}, pattern_error="rule").error_class == "omission"


def test_a_wrong_rule_among_many_other_errors_is_not_blamed_on_the_rule() -> None:
    assert diagnose(RUNNING, "wonin", pattern={2}, pattern_error="rule").error_class == "other"


def test_letters_in_another_order_count_as_order_even_inside_the_pattern() -> None:
    assert diagnose(FRIEND, "freind", pattern={2}, pattern_error="rule").error_class == "order"
    assert diagnose(RUNNING, "urnning").error_class == "order"
    assert diagnose(("ca", "t"), "tca").error_class == "order"


def test_left_out_and_added_letters_have_their_own_classes() -> None:
    assert diagnose(("f", "l", "a", "g"), "fag").error_class == "omission"
    assert diagnose(("f", "l", "a", "g"), "flang").error_class == "addition"


def test_a_word_that_is_mostly_missing_is_no_omission() -> None:
    assert diagnose(RUNNING, "r").error_class == "other"
    assert diagnose(CAKE, "").error_class == "other"


def test_a_spelling_that_sounds_right_is_recognised_by_the_banks_spellings() -> None:
    alternatives = sound_alternatives(("n", "aɪ", "t"), {"aɪ": ["igh", "ie", "i"], "t": ["t", "te"]})
    assert alternatives == ((), ("igh", "ie", "i"), ("t", "te"))
    assert diagnose(NIGHT, "nite", alternatives=alternatives).error_class == "sound_plausible"
    assert diagnose(NIGHT, "nat", alternatives=alternatives).error_class == "other"
    assert diagnose(NIGHT, "nite").error_class == "other"


def test_a_silent_letter_may_be_left_out_by_ear() -> None:
    island = ("i", "s", "l", "a", "n", "d")
    silent = ((), ("",), (), (), (), ())
    assert diagnose(island, "iland", alternatives=silent).error_class == "silent"
    assert diagnose(island, "iland", alternatives=silent, pattern={1}, pattern_error="rule").error_class == "rule"


def test_something_far_too_long_marks_the_whole_word() -> None:
    diagnosis = diagnose(CAKE, "cake" * 25_000)
    assert (marked(diagnosis), diagnosis.error_class) == ("[cake]", "other")


@pytest.mark.parametrize(
    "response", ["\x00\x1b", "🦊🦊", "<b>cake</b>", "\ud800", "ｃａｋｅ", "Ｉ̈", "ca\nke", "İ", "ß"]
)
def test_strange_characters_are_only_wrong_letters(response: str) -> None:
    diagnosis = diagnose(CAKE, response, pattern={1, 2, 3})
    assert "".join(piece.text for piece in diagnosis.pieces) == "cake"
    assert diagnosis.error_class in ERROR_CLASSES


@given(
    graphemes=st.lists(st.text(max_size=3), max_size=6),
    response=st.text(max_size=25),
    pattern=st.frozensets(st.integers(-1, 7), max_size=3),
    alternatives=st.lists(st.lists(st.text(max_size=3), max_size=3), max_size=7),
)
def test_whatever_is_typed_the_pieces_join_to_the_word_and_a_wrong_answer_is_marked(
    graphemes: list[str], response: str, pattern: frozenset[int], alternatives: list[list[str]]
) -> None:
    diagnosis = diagnose(graphemes, response, pattern=pattern, alternatives=alternatives)
    assert "".join(piece.text for piece in diagnosis.pieces) == "".join(graphemes)
    if diagnosis.error_class != "correct" and any(graphemes):
        assert any(piece.wrong for piece in diagnosis.pieces)
    if diagnosis.error_class == "correct":
        assert not any(piece.wrong for piece in diagnosis.pieces)


@given(st.text(alphabet="abcdefgh", min_size=2, max_size=10), st.data())
def test_two_exchanged_letters_are_always_called_order(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    typed = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if typed != word:
        assert diagnose(tuple(word), typed).error_class == "order"


@given(st.text(alphabet="abcdefgh", min_size=2, max_size=10), st.data())
def test_one_letter_left_out_is_always_called_an_omission(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    diagnosis = diagnose(tuple(word), word[:at] + word[at + 1 :])
    assert diagnosis.error_class == "omission"
    assert sum(len(piece.text) for piece in diagnosis.pieces if piece.wrong) == 1


NITE = {"aɪ": ("igh", "i", "i-e"), "t": ("t", "tt"), "n": ("n", "kn")}


def test_a_spelling_may_surround_the_next_sound() -> None:
    alternatives = sound_alternatives(("n", "aɪ", "t"), NITE)
    diagnosis = diagnose(NIGHT, "nite", alternatives=alternatives)
    assert (diagnosis.error_class, marked(diagnosis)) == ("sound_plausible", "n[igh]t")


def test_a_silent_letter_may_share_a_grapheme_with_one_that_is_heard() -> None:
    knot, alternatives = ("kn", "o", "t"), (("n", "kn"), ("o",), ("t",))
    assert diagnose(knot, "not", alternatives=alternatives, silent=(0,)).error_class == "silent"
    assert diagnose(knot, "not", alternatives=alternatives).error_class == "sound_plausible"


def test_a_neighbouring_key_is_a_slip_and_a_far_one_is_not() -> None:
    keyboard, market = ("qwertyuiop", "asdfghjkl", "zxcvbnm"), ("m", "ar", "k", "e", "t")
    assert diagnose(market, "narket", keyboard=keyboard).error_class == "slip"
    assert diagnose(market, "parket", keyboard=keyboard).error_class == "other"
    assert diagnose(("m", "a", "t"), "nat", keyboard=keyboard).error_class == "other"


def test_a_weak_vowel_may_be_written_otherwise_but_the_first_vowel_may_not() -> None:
    tables = {"spellings": {"ɪ": ["i"]}, "weak": {"ɪ": ["e"]}, "vowels": ["ɪ"]}
    assert sound_alternatives(("v", "ɪ", "l", "ɪ"), **tables)[1] == ("i",)  # type: ignore[arg-type]
    assert sound_alternatives(("v", "ɪ", "l", "ɪ"), **tables)[3] == ("i", "e")  # type: ignore[arg-type]


@given(
    graphemes=st.lists(st.text(alphabet="abcd", min_size=1, max_size=3), min_size=1, max_size=6),
    response=st.text(alphabet="abcde", max_size=15),
    alternatives=st.lists(st.lists(st.sampled_from(["", "a", "b-c", "dd"]), max_size=3), max_size=7),
)
def test_every_letter_typed_belongs_to_one_element_of_the_word(
    graphemes: list[str], response: str, alternatives: list[list[str]]
) -> None:
    elements = diagnose(graphemes, response, alternatives=alternatives).elements
    assert "".join(element.grapheme for element in elements) == "".join(graphemes)
    assert "".join(element.written for element in elements) == response
    assert all(
        (element.score == 3) == (element.written == element.grapheme) for element in elements if element.score in (0, 3)
    )
