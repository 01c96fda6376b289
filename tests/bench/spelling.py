"""Prints what the diagnosis of misspellings does with real ones, how often it agrees with a teacher, and what it costs.

    python -m tests.bench spelling

The real ones are public data, read from PROXIMAL_BENCH_DATA (usual: ../shared/data/misspellings.txt) and never
committed: each of 36,133 is diagnosed against its word, which must raise nothing, and whose elements must add up to
word and response. The teacher's classes are the project's own (tests/unit/item_banks/words/misspellings). The peer in
speed is difflib, which knows letters only.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from item_banks.loader import load_banks
from item_banks.words.diagnosis import Diagnosis, diagnose
from item_banks.words.items import alternatives_of
from item_banks.words.own_lists import OwnWord, Segmenter, bank_of
from tests.support.misspellings import classes_given, confusion, right

DATA = Path(os.environ.get("PROXIMAL_BENCH_DATA", "../shared/data")) / "misspellings.txt"
LIMIT = 0.2
"""Milliseconds, median."""
TIMED = 6_000


def pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Word and misspelling: a line that begins with $ names the word of those that follow."""
    word = ""
    for line in path.read_text("utf-8", errors="replace").splitlines():
        if line.startswith("$"):
            word = line[1:].replace("_", " ")
        elif line:
            yield word, line.replace("_", " ")


def main(words: Sequence[str]) -> None:
    """Print all three."""
    argparse.ArgumentParser(
        prog="tests.bench spelling", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args(words)
    if DATA.is_file():
        real_misspellings(list(pairs(DATA)))
    else:
        print(f"real misspellings: not run, there is no {DATA}")
    found = classes_given("test")
    print(f"\nteacher's class (rows), diagnosis (columns), on the test half: {right(found):.1%} alike (goal 90%)")
    print(confusion(found))


def real_misspellings(found: Sequence[tuple[str, str]]) -> None:
    """Diagnose each: words of the bank as the bank has them, others as a teacher's own list would."""
    diagnosing = diagnosers(sorted({word for word, _ in found}))
    bank = {word.word for word in load_banks()["spelling-en"].words.values()}
    given: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    torn = []
    for word, typed in found:
        diagnosis = diagnosing[word](typed)
        given[word in bank][diagnosis.error_class] += 1
        if not adds_up(diagnosis, word, typed):
            torn.append((word, typed))
    print(
        f"real misspellings: {len(found)} of {len(diagnosing)} words, no exception, {len(torn)} not aligned {torn[:5]}"
    )
    for ours, classes in given.items():
        shares = ", ".join(f"{name} {times / classes.total():.0%}" for name, times in classes.most_common())
        print(f"  {classes.total()} of {'words of the bank' if ours else 'other words'}: {shares}")
    some = found[:: len(found) // TIMED + 1]
    costs = timed(lambda word, typed: diagnosing[word](typed), some)
    peer = timed(lambda word, typed: SequenceMatcher(None, word, typed, autojunk=False).get_opcodes(), some)
    median, high = statistics.median(costs), sorted(costs)[int(len(costs) * 0.99)]
    print(f"  one answer: median {median:.3f} ms (limit {LIMIT}), 99 of 100 under {high:.3f} ms;")
    print(f"  {median / statistics.median(peer):.1f} x difflib")


def diagnosers(words: Sequence[str]) -> dict[str, Callable[[str], Diagnosis]]:
    """For each word what diagnoses a response to it, as marking calls it."""
    bank = load_banks()["spelling-en"]
    segmenter = Segmenter(bank.words.values())
    own = bank_of(bank, "bench", "Bench", [OwnWord(word) for word in words], segmenter)
    keyboard = bank.texts("keyboard")
    silent = set(bank.texts("silent_letters"))

    def diagnoser(name: str) -> Callable[[str], Diagnosis]:
        word = own.words[f"W.bench/{name}"]
        alternatives = alternatives_of(bank.strings, word)
        unheard = tuple(at for at, grapheme in enumerate(word.graphemes) if grapheme in silent)
        return lambda typed: diagnose(
            word.graphemes,
            typed,
            pattern=word.gap,
            pattern_error="rule",
            alternatives=alternatives,
            silent=unheard,
            keyboard=keyboard,
        )

    return {word: diagnoser(word) for word in words}


def adds_up(diagnosis: Diagnosis, word: str, typed: str) -> bool:
    """Whether the elements join to the word, and what was written for them to the response."""
    plain = unicodedata.normalize("NFC", typed).lower().strip()
    graphemes = "".join(element.grapheme for element in diagnosis.elements)
    written = "".join(element.written for element in diagnosis.elements)
    pieces = "".join(piece.text for piece in diagnosis.pieces)
    return (graphemes, written, pieces) == (word, plain, word)


def timed(work: Callable[[str, str], object], some: Sequence[tuple[str, str]]) -> list[float]:
    """CPU milliseconds of each call."""
    found = []
    for word, typed in some:
        began = time.process_time()
        work(word, typed)
        found.append(1000 * (time.process_time() - began))
    return found
