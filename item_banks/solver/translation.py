"""Reads an item of a pack back into the language of its bank, so that the rules that read that one can solve it.

Only what the pupil sees is read: each sentence is matched with the pack's own, and the numbers and words found in it
are put into the sentence that it translates. One that asks for something else, or loses a number, gives another page,
and another solution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from item_banks.responses import Rows
from item_banks.schema import Bank, Block, Item

_PLACEHOLDER = re.compile(r"\{(\w+)((?:\|[^{}|]*)+)?\}")
_NUMBER = re.compile(r"\d[\d.,]*\d")
_LISTED = re.compile(r"(?<=[\d?]); (?=[\d?])")
_TIME = re.compile(r"\b(1[3-9]):(\d\d)\b")
_NOON = 12


@dataclass(frozen=True)
class Translation:
    """A pack and the bank that it translates."""

    pack: Bank
    source: Bank

    def back(self, item: Item) -> Item:
        """The same question in the bank's language. Raises ValueError for a sentence that the pack does not have."""
        prompt: list[Block] = []
        texts = [block.text for block in item.prompt if block.kind == "text"]
        if texts:
            prompt += [Block("text", text=line) for line in self._story(item, "\n".join(texts)).split("\n")]
        prompt += [self._block(block) for block in item.prompt if block.kind != "text"]
        return replace(
            item,
            language=self.source.language,
            instruction=self._sentence(item.instruction, self._named(item, "instruction")),
            prompt=tuple(prompt),
            response=replace(item.response, rows=self._rows(item)),
        )

    def _rows(self, item: Item) -> Rows:
        rest = {str(self.pack.strings.get("numbers.rest", "r")): str(self.source.strings.get("numbers.rest", "r"))}
        return tuple(
            tuple(replace(cell, text=rest.get(cell.text, self._signs(cell.text))) for cell in row)
            for row in item.response.rows
        )

    def _block(self, block: Block) -> Block:
        if block.kind == "picture":
            names = [(key, key) for key in self.pack.strings if key.startswith("pictures.")]
            return replace(block, text=self._sentence(block.text, self._pairs(names)))
        return replace(block, text=self._words(self._notation(block.text)), mathml=self._notation(block.mathml))

    def _story(self, item: Item, text: str) -> str:
        return self._sentence(text, self._named(item, "prompt"))

    def _named(self, item: Item, name: str) -> Iterator[tuple[str, str]]:
        """The pack's sentences of a name, each with the one that it translates: the template's or the skill's."""
        options = self.pack.templates[item.template].options
        told = [f"stories.{options['story']}.{name}"] if "story" in options else []
        own = [f"templates.{item.template}.{name}", *told, f"skills.{item.skill}.{name}"]
        keys = [each for place in own for each in (place, *(f"{place}.{theme}" for theme in self.pack.themes))]
        return self._pairs([(key, key) for key in keys if key in self.pack.strings])

    def _pairs(self, keys: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for of_pack, of_source in keys:
            here, there = self.pack.texts(of_pack), self.source.texts(of_source)
            if len(here) != len(there):
                raise ValueError(f"{of_pack} has {len(here)} sentences in place of {len(there)}")
            yield from zip(here, there, strict=True)

    def _sentence(self, text: str, pairs: Iterator[tuple[str, str]]) -> str:
        for here, there in pairs:
            match = re.fullmatch(_pattern(here, self._phrases), text)
            if match:
                return self._filled(there, match.groupdict())
        raise ValueError(f"{text!r} is none of the pack's sentences")

    @cached_property
    def _phrases(self) -> str:
        """What reads the pack's words that are two words, as "meer dan", before a shorter text is tried."""
        words = {str(text) for key, text in self.pack.strings.items() if key.startswith("words.")}
        return "|".join(re.escape(word) for word in sorted(words) if word.count(" ") == 1)

    def _filled(self, sentence: str, found: Mapping[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            if match[2] is not None:  # the form of a word: that of several will do for a solver
                return match[2].split("|")[-1]
            if match[1] not in found:
                raise ValueError(f"the translation of {sentence!r} leaves {match[0]} out")
            return self._words(self._notation(found[match[1]]))

        return _PLACEHOLDER.sub(value, sentence)

    def _words(self, text: str) -> str:
        """A word of the pack as the bank's own, and also behind a number: "3 uur"."""
        words = {
            str(here): str(self.source.strings.get(key, key.partition(".")[2]))
            for key, here in self.pack.strings.items()
            if key.startswith("words.")
        }
        return words.get(text) or " ".join(words.get(part, part) for part in text.split(" "))

    def _notation(self, text: str) -> str:
        """Numbers, lists and times of day as the bank writes them."""
        here = (self.pack.text("numbers.decimal"), self.pack.text("numbers.group"))
        there = (self.source.text("numbers.decimal"), self.source.text("numbers.group"))
        text = _TIME.sub(lambda match: f"{int(match[1]) - _NOON}:{match[2]}", text)
        text = self._signs(self._amounts(text))
        if here == there:
            return text
        if re.search(rf"\d{re.escape(here[0])}\d", text):
            text = _LISTED.sub(", ", text)
        swap = str.maketrans({here[0]: there[0], here[1]: there[1]})
        return _NUMBER.sub(lambda match: match[0].translate(swap), text)

    def _signs(self, text: str) -> str:
        """Division and remainder as the bank writes them."""
        for name, plain in (("divide", "÷"), ("rest", "r")):
            here, there = (str(bank.strings.get(f"numbers.{name}", plain)) for bank in (self.pack, self.source))
            text = re.sub(rf"(?<=[ >]){re.escape(here)}(?=[ <])", there, text) if here != there else text
        return text

    def _amounts(self, text: str) -> str:
        here, there = (str(bank.strings.get("numbers.money", "")) for bank in (self.pack, self.source))
        pattern = re.escape(here).replace(re.escape("{amount}"), r"(?P<amount>\d[\d.,]*\d|\d)")
        return re.sub(pattern, lambda match: there.replace("{amount}", match["amount"]), text) if here else text


def _pattern(sentence: str, phrases: str) -> str:
    """What reads a sentence with anything in its placeholders, `phrases` whole; a name that is there twice is the same
    thing twice."""
    parts: list[str] = []
    seen: set[str] = set()
    end = 0
    for match in _PLACEHOLDER.finditer(sentence):
        parts.append(re.escape(sentence[end : match.start()]))
        end = match.end()
        if match[2] is not None:
            parts.append("(?:" + "|".join(map(re.escape, match[2].split("|")[1:])) + ")")
        elif match[1] in seen:
            parts.append(f"(?P={match[1]})")
        else:
            seen.add(match[1])
            parts.append(rf"(?P<{match[1]}>{phrases}|[^\n]+?)")
    return "".join((*parts, re.escape(sentence[end:])))
