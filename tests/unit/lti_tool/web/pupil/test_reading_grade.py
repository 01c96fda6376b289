"""A child of seven reads the instructions alone: they are short, and their reading grade is measured.

English: Flesch–Kincaid grade (Kincaid et al. 1975). Dutch: Flesch–Douma reading ease (Douma 1960), where 80 and more is
easy. Both count syllables by groups of vowels, which is right for nine words of ten; a single sentence is too short for
them, so that all instructions of a language are read as one text.
"""

import re
from collections.abc import Iterable

from item_banks.loader import load_banks
from item_banks.schema import Bank
from tests.unit.lti_tool.web.test_languages import for_pupils

MOST_WORDS = 12
GRADE, EASE = 3.0, 80.0
SILENT_END = re.compile(r"(?<=[^aeiouy])e$|(?<=[^aeiouydt])ed$")
VOWELS = {"en": re.compile("[aeiouy]+"), "nl": re.compile("aai|ooi|oei|eeu|ieu|[aeiouyéëïö]{1,2}")}


def counted(texts: Iterable[str], language: str) -> tuple[float, float]:
    """Words per sentence and syllables per word."""
    sentences = [each for text in texts for each in re.split(r"(?<=[.?!:])\s+", text) if re.search("[a-z]", each)]
    words = [word.lower() for each in sentences for word in re.findall(r"[A-Za-zéëïö']+", each)]
    spoken = [SILENT_END.sub("", word) or word if language == "en" else word for word in words]
    syllables = sum(max(1, len(VOWELS[language].findall(word))) for word in spoken)
    return len(words) / len(sentences), syllables / len(words)


def grade(texts: Iterable[str]) -> float:
    """The school year of the United States in which an English text is read."""
    sentence, word = counted(texts, "en")
    return 0.39 * sentence + 11.8 * word - 15.59


def ease(texts: Iterable[str]) -> float:
    """How easily a Dutch text is read, up to about 120."""
    sentence, word = counted(texts, "nl")
    return 206.83 - 0.93 * sentence - 77 * word


def instructions(bank: Bank) -> set[str]:
    """The instructions of a bank: of each skill and format in math, of each format where words are asked for."""
    kinds = {("" if bank.words else each.skill, each.format): each.id for each in bank.templates.values()}
    return {bank.draw(template, 1).instruction for template in kinds.values()}


def pages(language: str) -> list[str]:
    """The sentences of a pupil's pages."""
    found = [message.id if language == "en" else message.string for message in for_pupils()]
    return [
        re.sub(r"%\(\w+\)[sd]", "7", text) for each in found for text in ([each] if isinstance(each, str) else each)
    ]


def test_the_measures_tell_a_childs_text_from_a_lawyers() -> None:
    assert grade(["The cat sat on the mat."]) < 1
    assert grade(["Notwithstanding the aforementioned considerations, liability remains unlimited."]) > 15
    assert ease(["De kat zat op de mat."]) > 110
    assert ease(["Niettegenstaande voorgenoemde overwegingen blijft aansprakelijkheid onbeperkt."]) < 10


def test_every_instruction_is_short_and_easy_to_read() -> None:
    for bank in load_banks().values():
        for place in (bank, *bank.packs.values()):
            found = instructions(place)
            assert [text for text in found if len(text.split()) > MOST_WORDS] == []
            if place.language == "nl":
                assert ease(found) >= EASE, place.id
            else:
                assert grade(found) <= GRADE, place.id


def test_the_pages_around_them_are_easy_too() -> None:
    assert grade(pages("en")) <= GRADE
    assert ease(pages("nl")) >= EASE
