"""What an item bank is made of, as frozen dataclasses.

Two readers depend on this module: the tool, which shows and stores items, and the generators, which make
them. An `Item` carries everything that marking needs, so that a stored item is marked the same way by every
later release.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from item_banks.responses import Cell, Scale

ResponseKind = Literal[
    "number", "fraction", "text", "choice", "mixed", "money", "remainder", "clock", "pair", "steps",
    "order", "group", "line", "hands", "point",
]  # fmt: skip
BlockKind = Literal["text", "expression", "math", "gapped", "sentence", "meaning", "speech", "picture", "proof"]
SkillKind = Literal["rule", "list"]

ENGINE_FORMATS: Mapping[str, str] = {
    **dict.fromkeys(("number", "fraction", "mixed", "money", "remainder", "clock", "pair", "steps"), "typed"),
    **dict.fromkeys(("group", "line", "hands", "point"), "place"),
    "order": "order",
    "dictation": "typed",
    # The letters around the gap leave few plausible fillings (n or nn, ing or eing), so that a pupil who does
    # not know the pattern is right about as often as with four choices, and success is no production.
    "missing": "choice4",
    "cloze": "typed",
    "build": "typed",
    "family": "typed",
    # Whoever can read the letters can sort by them, so a right answer says as little as a choice of two.
    "sort": "choice2",
    "homophone": "choice{choices}",
    "proofread": "choice4",
    "choice": "choice{choices}",
}
"""Response format of a template -> format of the engine; `{choices}` comes from the template's options."""


@dataclass(frozen=True)
class Skill:
    """One thing a pupil can learn. `kind` "list": a set of members (words, facts) without a common rule.

    `title` is for teachers, `child_title` for pupils, both in the bank's language; `rule` is one sentence
    in a child's words, or empty. `ccss` holds codes of the Common Core State Standards, `uk_year` the year of
    England's national curriculum ("2", "3-4"). `lesson` says what sets the two words of `contrast` apart (hoping,
    hopping); it is read before the first item. `pattern_error`: what an error in the letters of a spelling pattern
    is ("rule", "word_part"), or empty. `sort`: the letters of the pattern by which its words are sorted (er, ir, ur).
    """

    id: str
    subject: str
    title: str
    child_title: str
    grade: int
    uk_year: str
    strand: str
    ccss: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    kind: SkillKind = "rule"
    rule: str = ""
    contrast: tuple[str, ...] = ()
    lesson: str = ""
    pattern_error: str = ""
    sort: tuple[str, ...] = ()


@dataclass(frozen=True)
class Word:
    """One word of a spelling bank. `graphemes` join to the word and pair with `sounds` (IPA; "" if silent).

    `gap` holds the indexes of the graphemes that show the pattern. The sentence has the word exactly once.
    `band`: how common the word is (the size of the smallest SCOWL list that has it: 10 is among the commonest), 0
    where unknown. `reserved`: kept for checks, not practised. `variant`: the spelling in the other country. `parts`:
    what it is built from. `family`: words of the same family. `homophones`: words that sound the same.
    `slips`: what is written in its place by mistake in a text, also real words, where the sentence tells them apart.
    """

    word: str
    graphemes: tuple[str, ...]
    sounds: tuple[str, ...]
    gap: tuple[int, ...]
    sentence: str
    meaning: str
    band: int = 0
    reserved: bool = False
    variant: str = ""
    parts: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    homophones: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()

    def place(self, at: int) -> str:
        """Where a grapheme stands in the word: "first", "last" or "middle"."""
        return "first" if at == 0 else "last" if at == len(self.graphemes) - 1 else "middle"


@dataclass(frozen=True)
class ItemTemplate:
    """What items are drawn from: a generator with options ("M.NBT2.ADDREG/number") or a word in one format
    ("SP.DOUBLE/running/dictation"). `member` is the word or fact of a list skill, None for a rule skill.

    `twin_of` names the template that this one may take the place of, as evidence of the same: it is never chosen for
    itself.
    """

    id: str
    skill: str
    skills: tuple[str, ...]
    format: str
    generator: str
    options: Mapping[str, Any] = field(default_factory=dict)
    member: str | None = None
    twin_of: str = ""

    @property
    def engine_format(self) -> str:
        """The engine's name of the response format: "typed", "choice2" to "choice6"."""
        return ENGINE_FORMATS[self.format].format(**self.options)


@dataclass(frozen=True)
class Block:
    """One part of a prompt. Which fields are filled depends on `kind`; all others stay empty.

    text, meaning: `text` · expression: `text`, `spoken` · math: `mathml` (MathML Core), `spoken` ·
    gapped, sentence: `before`, `after` (the gap is between them) · speech: none (a listen button) ·
    picture: `svg`, and in `text` what it shows for those who do not see it · proof: `text` with a
    mistake in it, which nobody should see once the item is answered.
    """

    kind: BlockKind
    text: str = ""
    spoken: str = ""
    mathml: str = ""
    before: str = ""
    after: str = ""
    svg: str = ""

    def to_dict(self) -> dict[str, str]:
        """The kind and the fields that this kind fills, for JSON."""
        return {"kind": self.kind} | {name: getattr(self, name) for name in _BLOCK_FIELDS[self.kind]}


_BLOCK_FIELDS: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "meaning": ("text",),
    "expression": ("text", "spoken"),
    "math": ("mathml", "spoken"),
    "gapped": ("before", "after"),
    "sentence": ("before", "after"),
    "speech": (),
    "picture": ("svg", "text"),
    "proof": ("text",),
}


@dataclass(frozen=True)
class Choice:
    """One choice: `value` is what the form sends, `label` what the pupil reads or hears, `mathml` the label
    as MathML Core where it is math, else empty."""

    value: str
    label: str
    mathml: str = ""


@dataclass(frozen=True)
class ResponseSpec:
    """The field that takes the response. `label` is its accessible name, `max_length` in characters.

    A "text" field is for spelling: spellcheck, autocorrect, prediction and capitalisation are off in it.
    `unit` stands behind a number ("cm") or before an amount of money ("$"). An "order" and a "group" have their cards
    in `choices`; these go into `groups`. `scale` is the line, or both sides of the grid. `rows` is a written method;
    with `columns` each row begins with the ones. `svg` is what something is placed on.
    """

    kind: ResponseKind
    label: str
    max_length: int
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    groups: tuple[Choice, ...] = ()
    scale: Scale | None = None
    rows: tuple[tuple[Cell, ...], ...] = ()
    columns: bool = False
    svg: str = ""


@dataclass(frozen=True)
class Speech:
    """What a dictation says: word, sentence, word. `audio`: file name in the bank's audio folder, or None.

    Never part of `Item.public()`: both texts are the answer.
    """

    word: str
    sentence: str
    language: str
    audio: str | None = None


@dataclass(frozen=True)
class MarkingRules:
    """What marking needs besides the answer.

    `decimal` and `group` are the marks inside a number, `unit` what may stand with it. `given` is the fraction that
    the question shows: any other of the same value as the answer is right. `form` is the form that a fraction must
    have: "mixed", "improper", "lowest", "" for any fraction, "any" for decimals too. `graphemes`, `pattern`,
    `before`, `after` and `case_sensitive` (names) are for spelling: `pattern` holds the indexes of the graphemes that
    show the rule, `pattern_error` what an error there is called, `alternatives` for each grapheme the other spellings
    of its sound, `silent` the indexes of those with a silent letter, `keyboard` the rows of keys, `variant` the
    spelling of the other country; a missing-letters item shows `before` and `after`.
    """

    decimal: str = "."
    group: str = ","
    given: str = ""
    form: str = ""
    unit: str = ""
    graphemes: tuple[str, ...] = ()
    pattern: tuple[int, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()
    before: str = ""
    after: str = ""
    case_sensitive: bool = False
    pattern_error: str = ""
    silent: tuple[int, ...] = ()
    keyboard: tuple[str, ...] = ()
    variant: str = ""


@dataclass(frozen=True)
class Piece:
    """A part of the correct spelling; `wrong` marks the letters that the response did not have."""

    text: str
    wrong: bool


@dataclass(frozen=True)
class Item:
    """One question as one pupil sees it, with everything that marks it.

    `key`: two items with one key ask the same (parameter twins). `misconceptions`: code -> the wrong answer to which it
    leads here. `strings`: the bank's sentences for marking ("correct", "other", "solution", "unreadable", one per
    misconception or error class). `hints`: up to three, none with the answer. `features`: for difficulty models.
    """

    template: str
    skill: str
    seed: int
    format: str
    key: str
    language: str
    instruction: str
    prompt: tuple[Block, ...]
    response: ResponseSpec
    answer: str
    strings: Mapping[str, str]
    rules: MarkingRules = MarkingRules()
    misconceptions: Mapping[str, str] = field(default_factory=dict)
    features: Mapping[str, float | str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    speech: Speech | None = None

    def public(self) -> dict[str, Any]:
        """All that a page may show before the answer. Nothing here is the answer or derived from it."""
        return {
            "instruction": self.instruction,
            "prompt": [block.to_dict() for block in self.prompt],
            "response": {name: value for name, value in _plain(self.response).items() if value},
            "format": self.format,
        }

    def to_json(self) -> str:
        """The whole item for storage on the server. `from_json` gives an equal item back."""
        return json.dumps(_plain(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Item:
        """The item that `to_json` wrote. Raises ValueError for anything else."""
        try:
            return _item(json.loads(text))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a stored item: {error!r}") from error


Generator = Callable[["Bank", ItemTemplate, int], Item]
"""Makes the item of a template and a seed. Same arguments, same item, on every platform and Python."""


@dataclass(frozen=True)
class Bank:
    """One subject in one language, as loaded: id "math-en", "spelling-en".

    `version` is a short hash of the content of its files. `strings` holds every sentence of the bank under a
    dotted key ("feedback.correct"). `words` maps "SP.DOUBLE/running" to the word. `sources` maps a skill or
    template id to the file and line that define it. `folder` holds the bank's files (and its audio).

    `packs` holds the same skills and templates for other places, by locale ("nl-NL"): other words, notation, coins,
    units. They have the bank's id, since what a pupil knows does not depend on them. `values` are what formulas take
    from the place, `source` is the language that a pack translates, "" for what is no pack. `themes` says what stories
    may be about and what pupils call it; `theme` is the one to be taken where there is a choice, "" for any.
    """

    id: str
    subject: str
    language: str
    title: str
    version: str
    folder: Path
    skills: Mapping[str, Skill]
    templates: Mapping[str, ItemTemplate]
    strings: Mapping[str, str | tuple[str, ...]]
    generators: Mapping[str, Generator]
    words: Mapping[str, Word] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    locale: str = ""
    packs: Mapping[str, Bank] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    themes: Mapping[str, str] = field(default_factory=dict)
    theme: str = ""

    def about(self, theme: str) -> Bank:
        """The same bank, with stories about a theme wherever they can be."""
        return replace(self, theme=theme)

    def in_locale(self, locale: str) -> Bank:
        """The pack for a locale, or else for its language; the bank itself where there is none."""
        if locale in ("", self.locale) or not self.packs:
            return self
        if locale in self.packs:
            return self.packs[locale]
        language = locale.partition("-")[0]
        near = (each for each in (self, *self.packs.values()) if each.locale.partition("-")[0] == language)
        return next(near, self)

    def draw(self, template_id: str, seed: int) -> Item:
        """The item of a template and a seed: same seed, same item, forever. KeyError for an unknown id."""
        template = self.templates[template_id]
        return self.generators[template.generator](self, template, seed)

    def text(self, key: str) -> str:
        """The sentence under a key. Raises KeyError if there is none or if the key holds several."""
        value = self.strings[key]
        if not isinstance(value, str):
            raise KeyError(f"{key} holds several sentences")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The sentences under a key, one or several. Raises KeyError if there is none."""
        value = self.strings[key]
        return (value,) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _item(data: dict[str, Any]) -> Item:
    rules, speech = data["rules"], data["speech"]
    data.pop("pictures", None)  # a release before this one stored them with the item
    lists = {name: tuple(rules.get(name, ())) for name in ("graphemes", "pattern", "silent", "keyboard")}
    alternatives = tuple(map(tuple, rules["alternatives"]))
    parts = {
        "prompt": tuple(Block(**block) for block in data["prompt"]),
        "response": _response(data["response"]),
        "rules": MarkingRules(**rules | lists | {"alternatives": alternatives}),
        "speech": None if speech is None else Speech(**speech),
        "hints": tuple(data["hints"]),
    }
    return Item(**data | parts)


def _response(data: dict[str, Any]) -> ResponseSpec:
    scale = data.get("scale")
    parts = {
        "choices": tuple(Choice(**each) for each in data["choices"]),
        "groups": tuple(Choice(**each) for each in data.get("groups", ())),
        "scale": scale and Scale(**scale | {"labels": tuple((at, text) for at, text in scale["labels"])}),
        "rows": tuple(tuple(Cell(**cell) for cell in row) for row in data.get("rows", ())),
    }
    return ResponseSpec(**data | parts)
