"""Items for paper: five minutes with a group, a paper practice with its key, a dictation to read aloud.

The same skill and seed give the same sheet, so that a sheet printed again fits the key printed before. Words that
are kept for checks (item_banks.schema.Word.reserved) never appear on paper.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from item_banks.schema import Bank, Item, ItemTemplate, Word

ON_PAPER: Final = ("number", "fraction", "choice", "money", "remainder", "clock", "mixed", "pair", "steps", "order",
                   "group", "missing", "cloze", "homophone", "proofread", "family")  # fmt: skip
"""Formats that work on paper, the ones with an answer to be written first."""
MOST_TRIES: Final = 8


@dataclass(frozen=True)
class GroupActivity:
    """Five minutes: one example to talk through, one to do together, two for each alone."""

    example: Item
    together: Item
    alone: Sequence[Item]
    listen_for: Sequence[str]
    """What the bank says to the usual mistakes of the example."""


def paper_items(bank: Bank, skill_ids: Sequence[str], count: int, seed: int) -> list[Item]:
    """So many different items of these skills, in turn. Fewer where the bank has no more that work on paper."""
    rng = Random(seed)
    decks = [_deck(bank, skill_id, rng) for skill_id in skill_ids]
    items: list[Item] = []
    keys: set[str] = set()
    misses = 0
    while decks and len(items) < count and misses < MOST_TRIES * len(decks):
        turn = (len(items) + misses) % len(decks)
        deck = decks[turn]
        if not deck:
            decks.pop(turn)
            continue
        template = deck[0]
        deck.append(deck.pop(0))
        item = bank.draw(template.id, rng.getrandbits(31))
        if item.key in keys:
            misses += 1
            continue
        misses = 0
        keys.add(item.key)
        items.append(item)
    return items


def _deck(bank: Bank, skill_id: str, rng: Random) -> list[ItemTemplate]:
    """A skill's templates for paper, the written formats first, otherwise in an order of chance."""
    templates = [
        template
        for template in bank.templates.values()
        if template.skill == skill_id and template.format in ON_PAPER and not _is_reserved(bank, template)
    ]
    rng.shuffle(templates)
    formats = sorted({template.format for template in templates}, key=ON_PAPER.index)
    kept = formats[:1] if formats[:1] == ["number"] else formats
    return sorted((one for one in templates if one.format in kept), key=lambda one: ON_PAPER.index(one.format))


def _is_reserved(bank: Bank, template: ItemTemplate) -> bool:
    word = bank.words.get(f"{template.skill}/{template.options.get('word', '')}")
    return word is not None and word.reserved


def sample_items(bank: Bank, skill_id: str, count: int) -> list[Item]:
    """So many items of a skill in different formats where it has them, the same each time: to be looked at."""
    rng = Random(skill_id)
    by_format: dict[str, list[ItemTemplate]] = {}
    for template in bank.templates.values():
        if template.skill == skill_id and not _is_reserved(bank, template):
            by_format.setdefault(template.format, []).append(template)
    chosen = [rng.choice(templates) for templates in by_format.values()]
    return [bank.draw(template.id, rng.getrandbits(31)) for template in chosen[:count]]


def group_activity(bank: Bank, skill_id: str, seed: int) -> GroupActivity | None:
    """Five minutes on one skill; None where nothing of it works on paper."""
    items = paper_items(bank, [skill_id], 4, seed)
    if len(items) < 2:
        return None
    example = items[0]
    usual = [example.strings[code] for code in example.misconceptions if code in example.strings]
    return GroupActivity(example, items[1], items[2:], list(dict.fromkeys(usual))[:3])


def dictation_words(bank: Bank, skill_ids: Iterable[str], count: int, seed: int) -> list[Word]:
    """Words to read aloud, with a sentence each: so many of these skills, by chance, none that is kept for checks."""
    wanted = set(skill_ids)
    words = [word for key, word in bank.words.items() if key.partition("/")[0] in wanted and not word.reserved]
    unique = list({word.word: word for word in words}.values())
    Random(seed).shuffle(unique)
    return unique[:count]
