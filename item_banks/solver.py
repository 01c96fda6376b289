"""Solves an item from what the pupil sees and hears, apart from the generators, to prove their answers."""

from __future__ import annotations

import re

from item_banks.schema import Block, Item

_SUM = re.compile(r"(\d+) ([+−]) (\d+) =")
_FRACTION = re.compile(r"<mfrac>(?:<mn>(\d+)</mn>|<mtext>\?</mtext>)(?:<mn>(\d+)</mn>|<mtext>\?</mtext>)</mfrac>")


def agrees(item: Item) -> bool:
    """Whether the item's answer is what its prompt asks for. An item that nothing here can solve is not proved."""
    if item.speech is not None:
        return _spelling(item, item.speech.word, item.speech.sentence)
    block = item.prompt[0]
    try:
        return _arithmetic(block, item) if block.kind == "expression" else _equivalence(block, item)
    except ValueError:
        return False


def _arithmetic(block: Block, item: Item) -> bool:
    match = _SUM.fullmatch(block.text)
    if match is None:
        return False
    second = int(match[3]) if match[2] == "+" else -int(match[3])
    return item.answer == str(int(match[1]) + second)


def _equivalence(block: Block, item: Item) -> bool:
    shown = [(top and int(top), bottom and int(bottom)) for top, bottom in _FRACTION.findall(block.mathml)]
    if len(shown) == 2:
        completed = tuple(int(item.answer) if part == "" else part for part in shown[1])
        return _same(shown[0], completed)
    if len(shown) != 1:
        return False
    answer = _pair(item.answer)
    if item.response.choices:
        right = [choice.value for choice in item.response.choices if _same(shown[0], _pair(choice.value))]
        return right == [item.answer]
    return _same(shown[0], answer) and shown[0] != answer


def _pair(text: str) -> tuple[int, int]:
    top, bottom = text.split("/")
    return int(top), int(bottom)


def _same(one: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    """Cross products, so that 2/3 and 8/12 agree."""
    (a, b), (c, d) = one, other
    return int(a) * int(d) == int(b) * int(c)


def _spelling(item: Item, said: str, sentence: str) -> bool:
    """What is said must fill the gap in the sentence, and the letters around a gap must complete it to that word."""
    spelled = item.answer
    for block in item.prompt:
        if block.kind == "sentence" and (block.before + said + block.after).lower() != sentence.lower():
            return False
        if block.kind == "gapped":
            spelled = block.before + item.answer + block.after
    return spelled == said
