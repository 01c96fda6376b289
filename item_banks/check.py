"""Proves a bank: every template over many seeds. This is what `proximal banks check` runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from item_banks.generators.problem import ProblemGenerator
from item_banks.generators.wording import mentions
from item_banks.keys import MINUS, number_marks
from item_banks.marking import as_typed, mark
from item_banks.numbers import read_number, write_number
from item_banks.schema import Bank, Item, ItemTemplate
from item_banks.solver import agrees
from item_banks.solver.translation import Translation
from item_banks.words.audio import missing
from item_banks.words.sentences import occurrences

LONGEST_INSTRUCTION = 12
"""Words; an instruction is read aloud to a seven-year-old."""
LONGEST_FEEDBACK = 20
LONGEST_RULE = 30
"""A rule is read with the corrected word before the eyes."""
ENOUGH_ITEMS = 200
"""Different items that a template should have, unless it says why it has `few`."""
_DRAWS = 800  # enough to meet 200 different ones even if there are only 300
_AGAIN = 5  # items drawn a second time, to see that a seed gives the same one
_WORD_SEEDS = 3  # an item about a word is the same for every seed but for the praise
_FACT_SEEDS = 6  # an item about a fact differs in little but the order of its numbers
_WORD, _NAMED = re.compile(r"[^\W\d_]{2,}"), re.compile(r"\{[^{}]*\}")
_SENTENCE = 3  # words; shorter texts, such as "x = {v}" or a name, can be the same in two languages
_RAREST = 0.25  # a misconception that fewer items can tell is not what the template is for

_UNDRAWN = (KeyError, TypeError, ValueError, IndexError, ArithmeticError)
"""What a generator raises where its options or sentences allow no item."""

Solved = Callable[[Item], bool]
"""Whether an item is solved, apart from its generator, by the answer that it has."""
Together = Callable[[Bank, ItemTemplate, list[Item]], Iterator[str]]


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a bank, at a file and (where one is to blame) a line."""

    file: str
    line: int | None
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


def prove(bank: Bank) -> list[Problem]:
    """What keeps a template of a bank or a pack from being drawn, such as a missing sentence; one item of each is."""
    found = []
    for template in bank.templates.values():
        try:
            _pictures(bank, template, bank.draw(template.id, 0))
        except _UNDRAWN as error:
            found.append(_at(bank, template.id, _undrawn(bank, template, error)))
    return found


def check_bank(bank: Bank, seeds: int = 50) -> list[Problem]:
    """Everything that is wrong with a bank, each thing once, in the order of its files."""
    found = [
        _at(bank, template.id, what)
        for template in bank.templates.values()
        for what in _drawn(bank, template, seeds, agrees, _together)
    ]
    found += [_at(bank, name, what) for name, what in _of_words(bank)]
    return sorted(set(found))


def check_pack(pack: Bank, source: Bank, seeds: int = 10) -> list[Problem]:
    """Everything that is wrong with a pack of the bank `source`: its items are read back into that one's language,
    and solved there. What the bank's own check proves of the same mathematics is not proved again."""
    solved = _read_back(pack, source)
    found = [
        _at(pack, template.id, f"in {pack.locale}: {what}")
        for template in pack.templates.values()
        for what in _drawn(pack, template, seeds, solved)
    ]
    found += [_at(pack, name, f"in {pack.locale}: {what}") for name, what in _untranslated(pack, source)]
    return sorted(set(found))


def _untranslated(pack: Bank, source: Bank) -> Iterator[tuple[str, str]]:
    """Skills of a pack in another language of which sentences still are those of the bank that it translates."""
    if pack.language.partition("-")[0] == source.language.partition("-")[0]:
        return
    for name in pack.skills:
        own = (f"skills.{name}.", f"templates.{name}/")
        same = [
            text
            for key in pack.strings
            if key.startswith(own) and key in source.strings
            for text in set(pack.texts(key)) & set(source.texts(key))
            if len(_WORD.findall(_NAMED.sub("", text))) >= _SENTENCE
        ]
        if same:
            yield name, f"still in {source.language}, {len(same)} sentences like {same[0]!r}; translate them"


def different_items(bank: Bank, template_id: str, draws: int = _DRAWS, enough: int = ENOUGH_ITEMS) -> int:
    """How many different items a number of seeds gives (parameter twins count once); stops counting at enough."""
    keys: set[str] = set()
    template = bank.templates[template_id]
    generator = bank.generators[template.generator]
    for seed in range(draws):
        if isinstance(generator, ProblemGenerator):
            keys.add(generator.key(bank, template, seed))
        else:
            keys.add(generator(bank, template, seed).key)
        if len(keys) >= enough:
            break
    return len(keys)


def _at(bank: Bank, name: str, what: str) -> Problem:
    file, line = bank.sources.get(name, (str(bank.folder), None))
    return Problem(file, line, f"{name}: {what}")


def _read_back(pack: Bank, source: Bank) -> Solved:
    translation = Translation(pack, source)

    def solved(item: Item) -> bool:
        try:
            return agrees(translation.back(item))
        except ValueError:
            return False

    return solved


def _drawn(
    bank: Bank, template: ItemTemplate, seeds: int, solved: Solved, together: Together | None = None
) -> Iterator[str]:
    """What is wrong with a template, also that it has no item with some seed."""
    try:
        items = _items(bank, template, seeds)
        yield from _of(bank, template, items, solved)
        if together is not None:
            yield from together(bank, template, items)
    except _UNDRAWN as error:
        yield _undrawn(bank, template, error)


def _undrawn(bank: Bank, template: ItemTemplate, error: Exception) -> str:
    if isinstance(error, KeyError):
        file = Path(bank.sources[template.id][0]).name
        return f"lacks {error}; add it to its options or to {bank.language}/{file}"
    return f"can't be drawn: {error}"


def _items(bank: Bank, template: ItemTemplate, seeds: int) -> list[Item]:
    most = _WORD_SEEDS if bank.words else _FACT_SEEDS if template.member else seeds
    return [bank.draw(template.id, seed) for seed in range(min(seeds, most))]


def _of(bank: Bank, template: ItemTemplate, items: list[Item], solved: Solved) -> Iterator[str]:
    seen: set[str] = set()
    for item in items:
        if item.seed < _AGAIN and bank.draw(template.id, item.seed) != item:
            yield "the same seed gives another item"
        _pictures(bank, template, item)
        fixed, signed = "shown" in template.options, "signed" in template.options
        for what in chain(_of_keys(bank, item), _of_item(item, fixed=fixed, signed=signed, solved=solved(item))):
            kind = what.split(":")[0]
            if kind not in seen:
                seen.add(kind)
                yield f"{what} (seed {item.seed})"


def _pictures(bank: Bank, template: ItemTemplate, item: Item) -> None:
    """Draw what is drawn only when it is asked for. Raises one of _UNDRAWN."""
    generator = bank.generators[template.generator]
    if isinstance(generator, ProblemGenerator) and "picture" in template.options:
        generator.pictures(bank, template, item)


def _together(bank: Bank, template: ItemTemplate, items: list[Item]) -> Iterator[str]:
    """What is wrong with the items of a template together."""
    # One fact can't tell everything: 2 + 2 is 2 x 2.
    for code in template.options.get("misconceptions", ()) if template.member is None else ():
        share = sum(code in item.misconceptions for item in items) / len(items)
        if share < _RAREST:
            yield f"only {share:.0%} of the items can tell {code}; widen the options or leave it out"
    if not bank.words and "few" not in template.options:
        count = different_items(bank, template.id)
        if count < ENOUGH_ITEMS:
            yield f"only {count} different items; widen the options, or say why under `few`"


def _of_item(item: Item, *, fixed: bool, signed: bool, solved: bool) -> Iterator[str]:
    """What is wrong with one item: "kind: details". Its choices may be `fixed`, its numbers `signed`."""
    if not solved:
        yield f"solving the prompt gives another answer: {item.answer!r} to {item.key}"
    if Item.from_json(item.to_json()) != item:
        yield "storing changes the item: not the same after JSON"
    if mark(item, as_typed(item, item.answer)).verdict != "correct":
        yield f"the answer does not mark itself right: {item.answer!r}"
    if item.answer.startswith("-") and not signed:
        yield f"the answer is negative: {item.answer!r}"
    if not item.features:
        yield "no difficulty features: record at least one"
    yield from _of_misconceptions(item, signed)
    yield from _of_choices(item, fixed)
    yield from _of_sentences(item)
    yield from _leaks(item)


def _of_keys(bank: Bank, item: Item) -> Iterator[str]:
    """A key without which the answer can't be given on a tablet."""
    typed = item.response.kind in ("number", "money", "pair")
    marks = {".": item.rules.decimal, "-": MINUS} if typed else {}
    for sign, key in marks.items():
        if sign in item.answer and key not in number_marks(bank, item):
            yield f"no key {key!r} for {item.answer!r}: say `decimals` or `signed` in its options"


def _of_misconceptions(item: Item, signed: bool) -> Iterator[str]:
    wrong = item.misconceptions
    if len(set(wrong.values())) < len(wrong):
        yield f"two misconceptions give the same answer: {dict(wrong)}"
    for code, answer in wrong.items():
        marked = mark(item, as_typed(item, answer))
        if marked.verdict != "incorrect" or code not in marked.misconceptions:
            yield f"{code} is not recognised: {answer!r} marks {marked.verdict}"
        if answer.startswith("-") and not signed:
            yield f"{code} gives a negative answer: {answer!r}"


def _of_choices(item: Item, fixed: bool) -> Iterator[str]:
    values = [choice.value for choice in item.response.choices]
    if len(set(values)) < len(values):
        yield f"two choices are the same: {values}"
    nameless = set(values) - {item.answer, *item.misconceptions.values()}
    if nameless and not fixed and item.response.kind == "choice":
        yield f"choices that no misconception explains: {sorted(nameless)}"


def _of_sentences(item: Item) -> Iterator[str]:
    if len(item.instruction.split()) > LONGEST_INSTRUCTION:
        yield f"the instruction has more than {LONGEST_INSTRUCTION} words: {item.instruction!r}"
    for name, text in item.strings.items():
        longest = LONGEST_RULE if name == "rule" and item.speech is not None else LONGEST_FEEDBACK
        if name != "solution" and len(text.split()) > longest:
            yield f"the sentence {name} has more than {longest} words: {text!r}"


def _leaks(item: Item) -> Iterator[str]:
    for hint in item.hints:
        if _gives_away(item, hint):
            yield f"a hint gives the answer away: {hint!r}"
    if item.speech is not None and not item.response.choices and _gives_away(item, _shown(item)):
        yield f"the page gives the answer away: {item.speech.word!r} can be read before answering"


def _shown(item: Item) -> str:
    """Everything that can be read on the page, one text per line."""
    blocks = [text for block in item.prompt for name, text in block.to_dict().items() if name != "kind"]
    return "\n".join((item.instruction, item.response.label, *blocks))


def _gives_away(item: Item, text: str) -> bool:
    if item.speech is None:
        number = read_number(item.answer, ".", ",") if item.format == "number" else None
        shown = item.answer if number is None else write_number(number, item.rules.decimal, item.rules.group)
        return mentions(text, item.answer) or mentions(text, shown)
    # A single missing letter may well be a word of its own ("a", "i") in any sentence.
    hidden = {item.speech.word, item.answer} if len(item.answer) > 1 else {item.speech.word}
    return any(occurrences(text, word) for word in hidden)


def _of_words(bank: Bank) -> Iterator[tuple[str, str]]:
    """What is wrong with the words of a bank: where, and what."""
    for key in missing(bank):
        yield key, "no dictation sound; run `proximal banks audio` or add a recording"
    home: dict[str, str] = {}
    for key, word in bank.words.items():
        skill = bank.skills[key.partition("/")[0]]
        lesson = " ".join((*skill.contrast, skill.lesson))
        if skill.kind == "rule" and occurrences(lesson, word.word):
            yield skill.id, f"the lesson gives {word.word!r} away, which pupils have to spell; take other words"
        if occurrences(skill.child_title, word.word):
            yield skill.id, f"the title gives {word.word!r} away, which pupils have to spell; take another example"
        if word.word in home and skill.kind == "rule":
            yield key, f"{word.word!r} already has its home in {home[word.word]}; choose another word"
        elif skill.kind == "rule":
            home[word.word] = skill.id
