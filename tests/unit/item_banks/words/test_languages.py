"""A language is files only: Dutch ships as a start, and anybody can add one without a line of code."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

import item_banks
from item_banks.check import check_bank
from item_banks.loader import load_bank, load_banks
from item_banks.marking import mark
from item_banks.words.items import word_of

DUTCH = load_banks()["spelling-nl"]
ENGLISH_HEAD = yaml.safe_load((Path(item_banks.__file__).parent / "spelling" / "en" / "bank.yaml").read_text("utf-8"))


def test_the_dutch_pack_has_twelve_categories_of_ten_words() -> None:
    assert set(Counter(key.partition("/")[0] for key in DUTCH.words).values()) == {10}
    assert len(DUTCH.skills) == 12
    assert check_bank(DUTCH, seeds=2) == []


@pytest.mark.parametrize(
    ("word", "typed", "error"),
    [
        ("NL.EI_IJ/trein", "trijn", "sound_plausible"),
        ("NL.VERDUBBEL/bakker", "baker", "rule"),
        ("NL.D_T/hond", "hont", "rule"),
        ("NL.SCH/schaap", "sgaap", "sound_plausible"),
        ("NL.WERKWOORD/vindt", "vind", "word_part"),
        ("NL.LIJK_IG/moeilijk", "moeiluk", "word_part"),
    ],
)
def test_dutch_mistakes_are_diagnosed_by_the_same_code(word: str, typed: str, error: str) -> None:
    assert mark(DUTCH.draw(f"{word}/dictation", 0), typed).misconceptions == (error,)


def test_a_dutch_verb_is_decided_between_its_forms() -> None:
    item = DUTCH.draw("NL.WERKWOORD/wordt/homophone", 3)
    assert {choice.value for choice in item.response.choices} == {"word", "wordt"}
    assert mark(item, "wordt").verdict == "correct"
    wrong = mark(item, "word")
    assert (wrong.misconceptions, "hij-vorm" in wrong.feedback) == (("homophone",), True)


def test_a_language_that_nobody_foresaw_is_added_by_files_alone(tmp_path: Path) -> None:
    folder = tmp_path / "spelling" / "x-toy"
    folder.mkdir(parents=True)
    head = {name: ENGLISH_HEAD[name] for name in ("strings", "feedback", "unreadable", "choose")}
    head |= {"id": "spelling-toy", "subject": "spelling", "language": "x-toy", "title": "Toy", "voice": "device"}
    head |= {"sound_spellings": {"м": ["м", "мм"], "ö": ["ö", "œ"]}, "keyboard": ["йцукен", "фывапр"]}
    (folder / "bank.yaml").write_text(yaml.safe_dump(head, allow_unicode=True), "utf-8")
    skill = {"id": "T.ONE", "title": "One", "child_title": "One", "grade": 2, "uk_year": "2", "strand": "s"}
    skill |= {"kind": "rule", "rule": "Say it.", "pattern_error": "rule"}
    word = {"word": "мöмö", "graphemes": ["м", "ö", "м", "ö"], "sounds": ["м", "ö", "м", "ö"], "gap": [1]}
    word |= {"sentence": "Ти мöмö та.", "meaning": "тата"}
    content = {"skill": skill, "words": [word]}
    (folder / "T.ONE.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    bank = load_bank(tmp_path / "spelling", "x-toy")
    assert check_bank(bank, seeds=2) == []
    assert word_of(bank, bank.templates["T.ONE/мöмö/cloze"]).word == "мöмö"
    item = bank.draw("T.ONE/мöмö/dictation", 0)
    assert mark(item, "МÖМÖ").verdict == "correct"
    assert mark(item, "мœмö").misconceptions == ("rule",)
    assert mark(item, "мöммö").misconceptions == ("addition",)
