"""A teacher brings her own words: whatever the file, she gets a list that works or is told row and reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from item_banks.loader import load_banks
from item_banks.marking import mark
from item_banks.words.own_lists import (
    MAX_WORDS,
    OwnWord,
    RowProblem,
    Segmenter,
    bank_of,
    check_words,
    decoded,
    read_list,
)

ENGLISH = load_banks()["spelling-en"]
SEGMENTER = Segmenter(ENGLISH.words.values())


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.row, problem.reason) for problem in read_list(text, {"damn"})[1]]


def words(text: str) -> list[tuple[str, str]]:
    found, wrong = read_list(text, ())
    assert wrong == ()
    return [(each.word, each.sentence) for each in found]


@pytest.mark.parametrize(
    "data",
    [
        "café,We met at the café.\nzoo".encode(),
        "\ufeffcafé,We met at the café.\nzoo".encode(),
        "café;We met at the café.\r\nzoo\r\n".encode("cp1252"),
        "café\tWe met at the café.\nzoo".encode("utf-16"),
        "Word,Sentence\ncafé,We met at the café.\n\n,\nzoo,\n".encode(),
    ],
)
def test_a_list_is_read_however_it_was_saved(data: bytes) -> None:
    assert words(decoded(data)) == [("café", "We met at the café."), ("zoo", "")]


def test_a_sentence_may_hold_commas_with_quotes_or_without() -> None:
    assert words('cat,"Look, a cat!"') == [("cat", "Look, a cat!")]
    assert words("cat,Look, a cat!") == [("cat", "Look, a cat!")]
    assert words('cat,She said "no, the cat!\ndog') == [("cat", "She said no, the cat!"), ("dog", "")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [(0, "empty")]),
        (" \n\t\n,,\n", [(0, "empty")]),
        ("word,sentence", [(0, "empty")]),
        ("\n".join(f"word{'abcdefghij'[n % 10]}" for n in range(10_000)), [(0, "too-many")]),
        ("cat\ndog\nCat", [(3, "twice")]),
        ("cat\n=1+1\n@SUM(A1)\n+dog", [(2, "formula"), (3, "formula"), (4, "formula")]),
        ("cat,=HYPERLINK(1)", [(1, "formula")]),
        ("a" * 41, [(1, "too-long")]),
        ("cat\n<b>\n3\nhttp://x", [(2, "not-a-word"), (3, "not-a-word"), (4, "not-a-word")]),
        (",A sentence alone.", [(1, "no-word")]),
        ("cat,The dog ran.\ndog,A dog and a dog.", [(1, "sentence"), (2, "sentence")]),
        (f"cat,The cat {'a' * 200}.", [(1, "long-sentence")]),
        ("cat\nDamn", [(2, "unfit")]),
    ],
)
def test_a_bad_row_is_named_with_its_reason(text: str, found: list[tuple[int, str]]) -> None:
    assert problems(text) == found


@given(st.text(max_size=200) | st.binary(max_size=200).map(decoded))
def test_whatever_is_pasted_is_read_or_refused_with_reasons(text: str) -> None:
    found, wrong = read_list(text, ())
    assert wrong or all(each.word for each in found)


def test_parts_that_a_teacher_edits_must_join_to_the_word() -> None:
    good = OwnWord("ship", "", ("sh", "i", "p"))
    assert check_words([good], ()) == ()
    assert check_words([], ()) == (RowProblem(0, "", "empty"),)
    assert check_words([good] * (MAX_WORDS + 1), ())[0].reason == "too-many"
    assert [each.reason for each in check_words([good, good, OwnWord("chip", "", ("sh", "i", "p"))], ())] == [
        "twice",
        "parts",
    ]
    assert check_words([OwnWord("at", "", ("a", "", "t"))], ())[0].reason == "parts"


@pytest.mark.parametrize(
    ("word", "graphemes"),
    [
        ("shipping", "sh i pp i ng"),
        ("chocolates", "ch o c o l a t e s"),
        ("nightlight", "n igh t l igh t"),
        ("Friday", "F r i d ay"),
        ("knickers", "kn i ck er s"),
        ("xylem", "x y l e m"),
        ("naïve", "n a ï v e"),
        ("zzz", "zz z"),
    ],
)
def test_letters_that_belong_together_are_proposed_together(word: str, graphemes: str) -> None:
    assert SEGMENTER.graphemes(word) == tuple(graphemes.split())


def test_the_proposal_is_mostly_what_the_bank_says_of_words_it_has_not_seen() -> None:
    every = list(ENGLISH.words.values())
    seen, unseen = [word for at, word in enumerate(every) if at % 4], every[::4]
    proposing = Segmenter(seen)
    right = sum(proposing.graphemes(word.word) == word.graphemes for word in unseen)
    assert right >= 0.7 * len(unseen)


def test_a_list_is_a_bank_whose_words_can_be_practised_and_marked() -> None:
    rows = [OwnWord("photosynthesis", "Plants live by photosynthesis."), OwnWord("train"), OwnWord("zebra")]
    bank = bank_of(ENGLISH, "abc", "Science", rows, SEGMENTER)
    assert (bank.id, list(bank.skills), bank.skills["W.abc"].kind) == ("words-abc", ["W.abc"], "list")
    item = bank.draw("W.abc/photosynthesis/dictation", 0)
    assert mark(item, "photosynthesis").verdict == "correct"
    assert mark(item, "fotosynthesis").misconceptions == ("sound_plausible",)
    assert bank.templates["W.abc/photosynthesis/cloze"].twin_of == "W.abc/photosynthesis/dictation"
    # Without a sentence of hers the bank's own one is used, which is spoken by the shipped file.
    speech = bank.draw("W.abc/train/dictation", 0).speech
    assert speech is not None
    assert speech.audio is not None
    # Of a word that nobody knows there is just the word: it can be heard only.
    assert "W.abc/zebra/cloze" not in bank.templates
    assert mark(bank.draw("W.abc/zebra/dictation", 0), "zebra").verdict == "correct"


def test_a_changed_list_is_another_version() -> None:
    one = bank_of(ENGLISH, "abc", "Science", [OwnWord("cat")], SEGMENTER)
    assert one.version == bank_of(ENGLISH, "abc", "Science", [OwnWord("cat")], SEGMENTER).version
    assert one.version != bank_of(ENGLISH, "abc", "Science", [OwnWord("dog")], SEGMENTER).version
