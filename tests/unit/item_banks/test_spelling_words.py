"""The English word files, read as their author's colleague would check them (apart from the loader)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import item_banks
from item_banks.spelling_diagnosis import ERROR_CLASSES, diagnose, sound_alternatives

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
COMMON |= {"back", "big", "down", "get", "got", "had", "has", "have", "long", "made", "much", "put", "see", "way"}


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
    return re.findall(r"[a-z]+", text.lower())


@pytest.mark.parametrize("skill", ["SP.VCE_A", "SP.DROPE", "SP.DOUBLE", "SP.HF34"])
def test_every_skill_has_twenty_words(skill: str) -> None:
    assert len(words(skill)) >= 20


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
    assert found.count(entry["word"].lower()) == 1
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


@pytest.mark.parametrize(
    ("word", "typed", "error_class"),
    [
        ("cake", "cak", "rule"),
        ("name", "naim", "rule"),
        ("skate", "scate", "sound_plausible"),
        ("making", "makeing", "rule"),
        ("hoping", "hopping", "rule"),
        ("shiny", "shiney", "rule"),
        ("running", "runing", "rule"),
        ("clapped", "clappt", "sound_plausible"),
        ("answer", "anser", "rule"),
        ("believe", "beleive", "order"),
        ("question", "qestion", "omission"),
    ],
)
def test_typical_misspellings_get_the_class_a_teacher_would_give(word: str, typed: str, error_class: str) -> None:
    entry = next(entry for entry in words() if entry["word"] == word)
    alternatives = sound_alternatives(entry["sounds"], bank()["sound_spellings"])
    diagnosis = diagnose(entry["graphemes"], typed, pattern=entry["gap"], alternatives=alternatives)
    assert diagnosis.error_class == error_class


def test_there_is_a_sentence_for_every_class_of_error() -> None:
    assert set(bank()["feedback"]) == {"correct", *ERROR_CLASSES}
    assert len(bank()["feedback"]["correct"]) >= 3


def test_instructions_can_be_read_at_one_glance() -> None:
    assert all(len(text.split()) <= 12 for text in bank()["strings"].values())
    assert all(len(bank()["feedback"][error].split()) <= 20 for error in ERROR_CLASSES)
