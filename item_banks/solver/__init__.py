"""Solves an item from what the pupil sees and hears, apart from the generators, to prove their answers."""

from __future__ import annotations

from item_banks.responses import BETWEEN
from item_banks.schema import Item
from item_banks.solver.expressions import solves_expression, value
from item_banks.solver.forms import FORMS, solves_form
from item_banks.solver.reading import LARGEST, lines, same, solves_equivalence
from item_banks.solver.rules import RULES


def agrees(item: Item) -> bool:
    """Whether the item's answer is what its prompt asks for. An item that nothing here can solve is not proved."""
    if item.speech is not None:
        return _spelling(item, item.speech.word, item.speech.sentence)
    if item.format == "sort":
        return _sorts(item)
    try:
        if item.response.kind in FORMS:
            return solves_form(item)
        return _by_rule(item) or solves_equivalence(item) or solves_expression(item)
    except (ValueError, ZeroDivisionError):
        return False


def _by_rule(item: Item) -> bool:
    """The first rule that reads the whole page decides; where the words say all, the picture beside them is no more."""
    seen, said = lines(item), lines(item, pictures=False)
    for page in ["\n".join(seen)] if seen == said else ["\n".join(said), "\n".join(seen)]:
        for rule in RULES:
            found = rule.read(page)
            if found is not None:
                return _is(item, found)
    return False


def _is(item: Item, expected: object) -> bool:
    if expected is LARGEST:
        return item.answer == max((choice.value for choice in item.response.choices), key=value)
    if item.response.choices:
        right = [choice.value for choice in item.response.choices if same(choice.value, expected)]
        return right == [item.answer]
    return same(item.answer, expected)


def _spelling(item: Item, said: str, sentence: str) -> bool:
    """What is said must fill the gap in the sentence, and the letters around a gap must complete it to that word."""
    spelled = item.answer
    for block in item.prompt:
        if block.kind == "sentence" and (block.before + said + block.after).lower() != sentence.lower():
            return False
        if block.kind == "gapped" and item.format == "missing":
            spelled = block.before + item.answer + block.after
        elif block.kind == "gapped" and not (said.startswith(block.before) and said.endswith(block.after)):
            return False
        if block.kind == "proof" and not _one_word_differs(block.text, sentence, said):
            return False
    return spelled == said


def _sorts(item: Item) -> bool:
    """Each card has the letters of its group; of two groups that both fit, it is in the longer one (ough, ou)."""
    groups = [group.value for group in item.response.groups]

    def group_of(card: str) -> str:
        return max((letters for letters in groups if letters in card), key=len, default="")

    return BETWEEN.join(group_of(card.value) for card in item.response.choices) == item.answer


def _one_word_differs(shown: str, sentence: str, said: str) -> bool:
    """Whether a text is the sentence with another word in place of the one that is to be written."""
    pairs = zip(shown.lower().split(), sentence.lower().split(), strict=True)
    different = [meant for seen, meant in pairs if seen != meant]
    return len(different) == 1 and said.lower() in different[0]
