"""The English word files, read as their author's colleague would check them (apart from the loader)."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import item_banks
from item_banks.loader import load_banks
from item_banks.marking import mark
from item_banks.responses import BETWEEN
from item_banks.schema import Bank
from item_banks.words.bank import FEEDBACK
from item_banks.words.diagnosis import ERROR_CLASSES
from item_banks.words.sentences import occurrences
from tests.support.misspellings import classes_given, confusion, labelled, right
from tests.support.requirements import skip_or_fail

FOLDER = Path(item_banks.__file__).parent / "spelling" / "en"
VOWELS = set("aeiou")


@cache
def bank() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FOLDER / "bank.yaml").read_text("utf-8"))
    return content


@cache
def word_files() -> dict[str, dict[str, Any]]:
    files = (yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("SP.*.yaml")))
    return {content["skill"]["id"]: content for content in files}


def words(skill: str | None = None) -> list[dict[str, Any]]:
    return [word for name, file in word_files().items() if skill in (None, name) for word in file["words"]]


COMMON = {
    "a",
    "all",
    "are",
    "as",
    "at",
    "be",
    "but",
    "for",
    "from",
    "he",
    "her",
    "his",
    "in",
    "into",
    "is",
    "it",
    "its",
}
COMMON |= {"my", "not", "of", "on", "or", "our", "out", "she", "so", "some", "than", "that", "the", "their", "them"}
COMMON |= {"then", "they", "this", "to", "up", "was", "we", "were", "what", "when", "who", "with", "you", "your"}
COMMON |= {
    "here",
    "no",
    "there",
    "where",
    "back",
    "big",
    "down",
    "get",
    "got",
    "had",
    "has",
    "have",
    "long",
    "made",
    "much",
    "put",
    "see",
    "way",
}


def each_word(test: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
    """Run a test for every word of the bank, and name all words that fail (thousands of single tests would be slow)."""

    def for_every_word() -> None:
        failures = {}
        for entry in words():
            try:
                test(entry)
            except AssertionError as failure:
                failures[entry["word"]] = str(failure).splitlines()[0] if str(failure) else "failed"
        assert failures == {}

    for_every_word.__name__ = test.__name__
    return for_every_word


def gap_of(entry: dict[str, Any]) -> str:
    return "".join(entry["graphemes"][index] for index in entry["gap"])


def whole_words(text: str) -> list[str]:
    return re.findall(r"[a-z][a-z'-]*", text.lower())


@pytest.mark.parametrize("skill", ["SP.VCE_A", "SP.DROPE", "SP.DOUBLE", "SP.HF34"])
def test_every_skill_has_twenty_words(skill: str) -> None:
    assert len(words(skill)) >= 20


STATUTORY = Path(__file__).parent / "england_years_3_to_6.txt"


@pytest.mark.parametrize(("years", "skill"), [("3-4", "SP.HF34"), ("5-6", "SP.HF56")])
def test_england_s_statutory_lists_are_complete(years: str, skill: str) -> None:
    lists = dict(line.split(": ") for line in STATUTORY.read_text("utf-8").splitlines() if line[:1].isdigit())
    file = word_files()[skill]
    has = {entry["word"] for entry in file["words"]} | {name.split("/")[1] for name in file.get("refers", [])}
    assert set(lists[years].split()) - has == set()


def test_every_rule_pattern_keeps_six_words_for_checks_and_has_twenty_to_practise() -> None:
    for file in word_files().values():
        if file["skill"]["kind"] == "rule":
            assert len(set(file["reserved"])) == 6, file["skill"]["id"]
            assert len(file["words"]) >= 26, file["skill"]["id"]


def test_every_skill_begins_with_a_lesson_that_sets_two_words_apart() -> None:
    for file in word_files().values():
        assert len(file["skill"]["contrast"]) == 2
        assert len(file["skill"]["lesson"].split()) <= 24, file["skill"]["lesson"]


def test_what_a_word_is_built_from_shows_in_it() -> None:
    for entry in words():
        if "parts" in entry:
            first, last = entry["parts"][0], entry["parts"][-1]
            assert entry["word"].startswith(first[:2]), entry["parts"]
            assert entry["word"].endswith(last) or entry["word"].endswith(last[-1]), entry["parts"]


def test_no_word_has_two_homes() -> None:
    assert [word for word, times in Counter(entry["word"] for entry in words()).items() if times > 1] == []


@each_word
def test_graphemes_join_to_the_word_and_each_has_its_sound(entry: dict[str, Any]) -> None:
    assert "".join(entry["graphemes"]) == entry["word"]
    assert len(entry["sounds"]) == len(entry["graphemes"])


@each_word
def test_the_gap_is_one_stretch_inside_the_word(entry: dict[str, Any]) -> None:
    gap = entry["gap"]
    assert gap == list(range(gap[0], gap[0] + len(gap)))
    assert 0 <= gap[0] <= gap[-1] < len(entry["graphemes"])
    assert gap_of(entry) != entry["word"]


@each_word
def test_the_sentence_has_the_word_once_and_is_short(entry: dict[str, Any]) -> None:
    found = whole_words(entry["sentence"])
    assert occurrences(entry["sentence"], entry["word"]) == 1
    assert 5 <= len(found) <= 11
    assert entry["sentence"][0].isupper()
    assert entry["sentence"][-1] in ".?!"


@each_word
def test_no_text_around_a_question_gives_its_word_away(entry: dict[str, Any]) -> None:
    file = next(file for file in word_files().values() if entry in file["words"])
    seen = [text for other in file["words"] if other is not entry for text in (other["sentence"], other["meaning"])]
    seen += [entry["meaning"], file["skill"]["child_title"], file["skill"]["rule"]]
    # Common little words stand in every sentence; that they are written there teaches nobody to spell them.
    if entry["word"] not in COMMON:
        assert [text for text in seen if entry["word"] in whole_words(str(text))] == []
    assert entry["word"] not in entry["meaning"].split()


@each_word
def test_every_sound_has_spellings_to_compare_a_mistake_with(entry: dict[str, Any]) -> None:
    assert set(entry["sounds"]) <= set(bank()["sound_spellings"])


def test_silent_e_words_show_a_consonant_and_e_in_the_gap() -> None:
    assert all(re.fullmatch("a[^aeiou]e", gap_of(entry)) for entry in words("SP.VCE_A"))
    assert all(entry["sounds"][-1] == "" and "eɪ" in entry["sounds"] for entry in words("SP.VCE_A"))


def test_doubling_words_show_one_doubled_letter_after_one_short_vowel() -> None:
    for entry in words("SP.DOUBLE"):
        gap, before = gap_of(entry), entry["graphemes"][: entry["gap"][0]]
        assert (len(gap), len(set(gap))) == (2, 1)
        assert len(VOWELS & set("".join(before))) == 1
        assert before[-1] in VOWELS


def test_dropped_e_words_put_the_ending_straight_after_the_consonant() -> None:
    for entry in words("SP.DROPE"):
        stem, ending = (entry["graphemes"][index] for index in entry["gap"])
        assert stem[-1] not in VOWELS
        assert ending[0] in "eiy"


@pytest.mark.parametrize(("half", "least"), [("development", 0.9), ("test", 0.9)])
def test_misspellings_get_the_class_that_a_teacher_gives_them(
    half: str, least: float, capsys: pytest.CaptureFixture[str]
) -> None:
    found = classes_given(half)
    with capsys.disabled():
        sys.stdout.write(f"\n{half}: teacher's class (rows), diagnosis (columns)\n{confusion(found)}\n")
    assert right(found) >= least


def test_the_labelled_misspellings_are_many_in_two_halves_without_a_pair_in_both() -> None:
    halves = [labelled("development"), labelled("test")]
    assert sum(map(len, halves)) >= 400
    assert {error for half in halves for _, _, error in half} == set(ERROR_CLASSES)
    assert not {pair[:2] for pair in halves[0]} & {pair[:2] for pair in halves[1]}


def test_there_is_a_sentence_for_every_class_of_error() -> None:
    assert set(bank()["feedback"]) == set(FEEDBACK)
    assert len(bank()["feedback"]["correct"]) >= 3


def test_instructions_can_be_read_at_one_glance() -> None:
    assert all(len(text.split()) <= 12 for text in bank()["strings"].values())
    assert all(len(bank()["feedback"][error].split()) <= 20 for error in ERROR_CLASSES)


def test_a_word_to_be_proofread_is_misspelled_as_english_writes_in_that_place() -> None:
    bank = load_banks()["spelling-en"]
    shown = {bank.draw("SP.DOUBLE/running/proofread", seed).prompt[0].text for seed in range(20)}
    assert shown == {"The dog is runing after the ball."}


def misspellings_shown(bank: Bank) -> dict[str, str]:
    """Every misspelling that a text of a bank may show, in lower case, with the word for which it stands; without the
    slips that a bank names, which the sentence tells apart."""
    named = {word.word for word in bank.words.values() if word.slips}
    proofs = [template.options for template in bank.templates.values() if template.format == "proofread"]
    proofs = [options for options in proofs if options["word"] not in named]
    return {each.lower(): option["word"] for option in proofs for each in option["misspelled"].split(BETWEEN)}


@pytest.mark.parametrize("name", ["spelling-en", "spelling-nl"])
def test_no_text_to_proofread_shows_a_word_of_the_bank_a_real_word_or_one_unfit_for_children(name: str) -> None:
    bank = load_banks()[name]
    shown = misspellings_shown(bank)
    assert len(shown) >= len(bank.words) / 2
    assert shown.keys() & {word.word.lower() for word in bank.words.values()} == set()
    assert shown.keys() & {*bank.texts("real_words"), *bank.texts("unfit")} == set()


SCOWL = Path("/usr/share/dict/scowl")


def test_no_text_to_proofread_shows_a_word_that_scowl_has() -> None:
    """What this names after a change of words belongs into `real_words` of bank.yaml."""
    if not SCOWL.is_dir():
        skip_or_fail("the word lists of the system package scowl are not installed")
    kinds = ("words", "upper", "contractions")
    files = [file for kind in kinds for file in SCOWL.glob(f"*-{kind}.*") if int(file.suffix[1:]) <= 70]
    words = {word.lower() for file in files for word in file.read_text("latin-1").split()}
    assert {"raid", "breakfast"} <= words
    shown = misspellings_shown(load_banks()["spelling-en"])
    assert {each: word for each, word in shown.items() if each in words} == {}


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("SP.CONTRACT/didn't", {"didnt"}),
        ("SP.KNWR/knee", {"nee"}),
        ("SP.DIPH_OI/boy", {"boi"}),
        ("SP.AIR/chair", {"chear", "chere", "cheir", "chare"}),
    ],
)
def test_a_misspelling_is_one_that_a_child_could_write(word: str, shown: set[str]) -> None:
    options = load_banks()["spelling-en"].templates[f"{word}/proofread"].options
    assert set(options["misspelled"].split(BETWEEN)) <= shown


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("vindt", {"Papa vind zijn sleutels niet.", "Papa vint zijn sleutels niet."}),
        ("word", {"Ik wordt in mei tien jaar."}),
    ],
)
def test_a_dutch_verb_is_misspelled_as_children_misspell_its_ending(word: str, shown: set[str]) -> None:
    bank = load_banks()["spelling-nl"]
    texts = {bank.draw(f"NL.WERKWOORD/{word}/proofread", seed).prompt[0].text for seed in range(8)}
    assert texts == shown


def test_a_word_whose_only_misspelling_is_a_word_is_not_proofread() -> None:
    bank = load_banks()["spelling-en"]
    assert {"SP.HOMO1/red/proofread", "SP.CONTRACT/we're/proofread"} & set(bank.templates) == set()


@pytest.mark.parametrize(("typed", "verdict"), [("dropped", "correct"), ("ropped", "correct"), ("roped", "incorrect")])
def test_who_reads_instead_of_hearing_may_leave_out_the_letter_that_is_given(typed: str, verdict: str) -> None:
    item = load_banks()["spelling-en"].draw("SP.DOUBLE/dropped/cloze", 1)
    assert mark(item, typed).verdict == verdict
