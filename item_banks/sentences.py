"""Finding a word in a sentence, for sentences that are shown with the word left out."""

from __future__ import annotations

import re


def occurrences(sentence: str, word: str) -> int:
    """How often the word stands in the sentence as a word of its own, in upper or lower case."""
    return len(_pattern(word).findall(sentence))


def blanked(sentence: str, word: str) -> tuple[str, str]:
    """What stands before and after the word. Raises ValueError if the sentence does not have the word."""
    match = _pattern(word).search(sentence)
    if match is None:
        raise ValueError(f"{sentence!r} does not contain {word!r}")
    return sentence[: match.start()], sentence[match.end() :]


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'’]){re.escape(word)}(?![\w'’])", re.IGNORECASE)
