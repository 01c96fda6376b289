"""Finding a word in a sentence, for sentences that are shown with the word left out."""

from __future__ import annotations

from collections.abc import Iterator


def occurrences(sentence: str, word: str) -> int:
    """How often the word stands in the sentence as a word of its own, in upper or lower case."""
    return sum(1 for _ in _places(sentence, word))


def blanked(sentence: str, word: str) -> tuple[str, str]:
    """What stands before and after the word. Raises ValueError if the sentence does not have the word."""
    for start, end in _places(sentence, word):
        return sentence[:start], sentence[end:]
    raise ValueError(f"{sentence!r} does not contain {word!r}")


def _places(sentence: str, word: str) -> Iterator[tuple[int, int]]:
    # By hand and not by a pattern: thousands of words are looked up at each start, each would be compiled once.
    text, wanted = sentence.lower(), word.lower()
    start = text.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        if not _in_word(text[start - 1 : start]) and not _in_word(text[end : end + 1]):
            yield start, end
        start = text.find(wanted, end)


def _in_word(character: str) -> bool:
    return character.isalnum() or character in ("_", "'", "’")
