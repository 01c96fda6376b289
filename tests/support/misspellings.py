"""The project's own labelled misspellings, and what the diagnosis makes of them."""

from collections import Counter
from pathlib import Path

from item_banks.loader import load_banks
from item_banks.marking import mark
from item_banks.words.diagnosis import ERROR_CLASSES

HALVES = Path(__file__).parents[1] / "unit" / "item_banks" / "words" / "misspellings"


def labelled(half: str) -> list[tuple[str, str, str]]:
    """Word, misspelling and a teacher's class, of the "development" or the "test" half."""
    lines = (HALVES / f"{half}.tsv").read_text("utf-8").splitlines()
    return [(word, typed, error) for word, typed, error in (line.split("\t") for line in lines)]


def classes_given(half: str) -> Counter[tuple[str, str]]:
    """How often each class of a teacher got which class from the diagnosis."""
    bank = load_banks()["spelling-en"]
    homes = {word.word: key for key, word in bank.words.items()}
    found: Counter[tuple[str, str]] = Counter()
    for word, typed, error in labelled(half):
        [given] = mark(bank.draw(f"{homes[word]}/dictation", 0), typed).misconceptions
        found[error, given] += 1
    return found


def right(found: Counter[tuple[str, str]]) -> float:
    """The share of misspellings that got the teacher's class."""
    return sum(times for (error, given), times in found.items() if error == given) / found.total()


def confusion(found: Counter[tuple[str, str]]) -> str:
    """Teacher's classes as rows, the diagnosis's as columns."""
    rows = [["", *(error[:8] for error in ERROR_CLASSES)]]
    rows += [[error, *(str(found[error, given] or ".") for given in ERROR_CLASSES)] for error in ERROR_CLASSES]
    return "\n".join(f"{row[0]:16}" + "".join(f"{cell:>9}" for cell in row[1:]) for row in rows)
