"""Spelling items about one word: heard, read, completed, built, told apart, found in a text, met in its family."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from item_banks.generators.draws import Draws
from item_banks.responses import BETWEEN
from item_banks.schema import (
    Bank,
    Block,
    Choice,
    Item,
    ItemTemplate,
    MarkingRules,
    ResponseSpec,
    Skill,
    Speech,
    Word,
)
from item_banks.words.alignment import SPLIT
from item_banks.words.audio import sound_path
from item_banks.words.diagnosis import ERROR_CLASSES, sound_alternatives
from item_banks.words.sentences import blanked

_LONGEST = 64  # the same for every word: a length that followed the word would give part of it away
JOIN = " + "
"""Between the parts of a word to be built."""
CARDS = 6
GROUPS = 3
SORTED_TOGETHER = CARDS // 2
"""Words that a group needs, so that two groups fill the cards."""


def word_of(bank: Bank, template: ItemTemplate) -> Word:
    """The word of a template; a list may name one that has its home elsewhere."""
    return bank.words[f"{template.options.get('home', template.skill)}/{template.options['word']}"]


def dictation(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """Hear the word, the sentence and the word again; write the word."""
    word = word_of(bank, template)
    return _item(bank, template, seed, word, (Block("speech"), *_context(word)), word.word)


def cloze(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """A dictation without sound: the sentence, the meaning and one letter tell which word is to be written, with that
    letter or without it."""
    word = word_of(bank, template)
    before, after = _known_letters(word)
    prompt = (Block("gapped", before=before, after=after), *_context(word))
    return _item(bank, template, seed, word, prompt, word.word, before=before, after=after)


def missing_letters(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """Write the letters of the pattern into the word. The gap spans its first to its last grapheme."""
    word = word_of(bank, template)
    first, last = min(word.gap), max(word.gap) + 1
    before, gap, after = (
        "".join(part) for part in (word.graphemes[:first], word.graphemes[first:last], word.graphemes[last:])
    )
    prompt = (Block("speech"), Block("gapped", before=before, after=after), *_context(word))
    return _item(bank, template, seed, word, prompt, gap, before=before, after=after)


def build(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """Join the parts of a word, and change the letters where they meet if the rule says so."""
    word = word_of(bank, template)
    prompt = (Block("text", text=JOIN.join(word.parts)), *_context(word))
    return _item(bank, template, seed, word, prompt, word.word)


def family(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """Write the word of a family whose other words are shown: they keep the same letters."""
    word = word_of(bank, template)
    prompt = (Block("text", text=", ".join(word.family)), *_context(word))
    return _item(bank, template, seed, word, prompt, word.word)


def homophone(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """Choose the word that fits the sentence among those that sound like it."""
    word = word_of(bank, template)
    item = _item(bank, template, seed, word, _context(word)[:1], word.word)
    words = Draws(f"{template.id}:{seed}").shuffled((word.word, *word.homophones))
    codes = {"homophone" if not at else f"homophone_{at + 1}": other for at, other in enumerate(word.homophones)}
    feedback = bank.text("feedback.homophone").replace("{meaning}", word.meaning)
    return replace(
        item,
        response=ResponseSpec("choice", item.response.label, _LONGEST, tuple(Choice(each, each) for each in words)),
        strings=dict(item.strings) | dict.fromkeys((*codes, "other"), feedback) | {"unreadable": bank.text("choose")},
        misconceptions=codes,
    )


def proofread(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """Find the word that is spelled as it sounds, and write it as it should be. Only for who knows it already."""
    word = word_of(bank, template)
    before, after = blanked(word.sentence, word.word)
    wrong = Draws(f"{template.id}:{seed}").one_of(str(template.options["misspelled"]).split(BETWEEN))
    shown = wrong.capitalize() if not before else wrong
    return _item(bank, template, seed, word, (Block("proof", text=f"{before}{shown}{after}"),), word.word)


def sort(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """Sort words by the letters of the pattern; the template's own word is one of them."""
    word, skill = word_of(bank, template), bank.skills[template.skill]
    draws = Draws(f"{template.id}:{seed}")
    others = draws.shuffled([letters for letters in skill.sort if letters != pattern_of(word)])
    groups = [letters for letters in skill.sort if letters in (pattern_of(word), *others[: GROUPS - 1])]
    size = CARDS // len(groups)
    shown = draws.shuffled(
        [(each, letters) for letters in groups for each in _sorted_into(bank, skill, letters, size, word, draws)]
    )
    answer = BETWEEN.join(letters for _, letters in shown)
    solution = " · ".join(f"{of}: " + ", ".join(each for each, letters in shown if letters == of) for of in groups)
    item = _item(bank, template, seed, word, (), answer)
    return replace(
        item,
        key=f"{template.id}: {BETWEEN.join(sorted(each for each, _ in shown))}",
        response=ResponseSpec(
            "group",
            item.response.label,
            _LONGEST,
            tuple(Choice(each, each) for each, _ in shown),
            groups=tuple(Choice(letters, letters) for letters in groups),
        ),
        strings={
            "correct": bank.text("feedback.sorted"),
            "other": bank.text("feedback.sort_again"),
            "solution": solution,
            "unreadable": bank.text("strings.unsorted"),
            "incomplete": bank.text("strings.unsorted"),
        },
        speech=None,
    )


def sorted_words(item_key: str) -> tuple[str, ...]:
    """The words on the cards of a sort, from the key of its item; none for an item of another format."""
    template_id, _, words = item_key.partition(": ")
    return tuple(words.split(BETWEEN)) if template_id.endswith("/sort") else ()


def sorts(skill: Skill, word: Word) -> bool:
    """Whether a word belongs to one of the skill's groups, and shows no other group's letters."""
    letters = pattern_of(word)
    others = [other for other in skill.sort if other not in letters]
    return letters in skill.sort and not any(other in word.word for other in others)


def _sorted_into(bank: Bank, skill: Skill, letters: str, size: int, word: Word, draws: Draws) -> tuple[str, ...]:
    """Words to practise that have these letters; the item's own word among them, if it has."""
    found = [
        each.word
        for key, each in bank.words.items()
        if key.startswith(f"{skill.id}/")
        and not each.reserved
        and pattern_of(each) == letters
        and sorts(skill, each)
        and each is not word
    ]
    chosen = draws.shuffled(found)
    return (word.word, *chosen[: size - 1]) if pattern_of(word) == letters else chosen[:size]


def pattern_of(word: Word) -> str:
    """The letters of a word that show the pattern."""
    return "".join(word.graphemes[index] for index in word.gap)


def mistakes(
    word: Word,
    strings: Mapping[str, str | tuple[str, ...]],
    spellings: Collection[tuple[str, str, str]],
    refused: Collection[str],
) -> tuple[str, ...]:
    """How the word may be misspelled in its pattern and still sound right, as the language writes that sound in that
    place (`spellings_of`): *runing*, but not *rukning*. A vowel for which it has no other there takes one from
    elsewhere (*boi*), a silent letter may be left out, an apostrophe or a hyphen is left out and nothing else.

    What the bank names as its `slips` is taken instead: *ik vindt*, which the sentence tells apart from *vind*.
    None of the others is in `refused` (`never_shown`), in lower case: in a text, *raid* is no misspelling of *red*.
    """
    if word.slips:
        return word.slips
    alternatives, vowels = alternatives_of(strings, word), _several(strings, "vowels")
    refused_here = {word.variant, *word.homophones}
    marks = [index for index in word.gap if not word.graphemes[index].isalpha()]
    likely, heard = [], []
    for index in marks or word.gap:
        for other in alternatives[index]:
            if SPLIT in other or other == word.graphemes[index]:
                continue
            text = "".join((*word.graphemes[:index], other, *word.graphemes[index + 1 :]))
            if text.lower() in refused or text in refused_here:
                continue
            if not other or (word.sounds[index], other, word.place(index)) in spellings:
                likely.append(text)
            elif word.sounds[index] in vowels:
                heard.append(text)
    return tuple(dict.fromkeys(likely or heard))


def spellings_of(words: Iterable[Word]) -> frozenset[tuple[str, str, str]]:
    """Each sound with a grapheme for it and a place ("first", "middle", "last"), as found in one of the words."""
    return frozenset(
        (sound, grapheme, word.place(at))
        for word in words
        for at, (sound, grapheme) in enumerate(zip(word.sounds, word.graphemes, strict=True))
    )


def never_shown(strings: Mapping[str, str | tuple[str, ...]], words: Iterable[Word]) -> frozenset[str]:
    """What may not stand for a misspelling, in lower case: the words given, the real words that a bank names, and what
    is not fit for children."""
    listed = (*(word.word for word in words), *_several(strings, "real_words"), *_several(strings, "unfit"))
    return frozenset(each.lower() for each in listed)


def alternatives_of(strings: Mapping[str, str | tuple[str, ...]], word: Word) -> tuple[tuple[str, ...], ...]:
    """For each grapheme the other spellings of its sound, from the strings of a bank."""

    def listed(table: str) -> dict[str, tuple[str, ...]]:
        keys = {sound: f"{table}.{sound}" for sound in word.sounds}
        return {sound: _several(strings, key) for sound, key in keys.items() if key in strings}

    vowels = _several(strings, "vowels")
    return sound_alternatives(word.sounds, listed("sound_spellings"), weak=listed("weak_spellings"), vowels=vowels)


def _several(strings: Mapping[str, str | tuple[str, ...]], key: str) -> tuple[str, ...]:
    value = strings.get(key, ())
    return (value,) if isinstance(value, str) else value


def _context(word: Word) -> tuple[Block, ...]:
    """Sentence and meaning; a teacher's own word may lack either."""
    blocks = []
    if word.sentence:
        before, after = blanked(word.sentence, word.word)
        blocks.append(Block("sentence", before=before, after=after))
    if word.meaning:
        blocks.append(Block("meaning", text=word.meaning))
    return tuple(blocks)


def _known_letters(word: Word) -> tuple[str, str]:
    """The letters at one end that help to find the word without showing its pattern: before and after the gap."""
    if 0 not in word.gap:
        return word.graphemes[0], ""
    if len(word.graphemes) - 1 not in word.gap:
        return "", word.graphemes[-1]
    return "", ""


def _item(
    bank: Bank,
    template: ItemTemplate,
    seed: int,
    word: Word,
    prompt: tuple[Block, ...],
    answer: str,
    *,
    before: str = "",
    after: str = "",
) -> Item:
    form, skill = template.format, bank.skills[template.skill]
    strings = {
        name: bank.text(f"feedback.{name}").replace("{rule}", skill.rule)
        for name in (*ERROR_CLASSES, "capital", "slip_again")
    }
    strings |= {
        "correct": Draws(f"{template.id}:{seed}").one_of(bank.texts("feedback.correct")),
        "unreadable": bank.text("unreadable"),
        "solution": bank.text("feedback.variant").format(word=word.word, variant=word.variant)
        if word.variant
        else word.word,
    }
    return Item(
        template=template.id,
        skill=template.skill,
        seed=seed,
        format=form,
        key=template.id,
        language=bank.language,
        instruction=bank.text(f"strings.{form}"),
        prompt=prompt,
        response=ResponseSpec("text", bank.text(f"strings.field_{form}"), _LONGEST),
        answer=answer,
        strings=strings,
        rules=MarkingRules(
            graphemes=word.graphemes,
            pattern=word.gap,
            alternatives=alternatives_of(bank.strings, word),
            before=before,
            after=after,
            case_sensitive=word.word != word.word.lower(),
            pattern_error=skill.pattern_error,
            silent=_silent(bank, word),
            keyboard=_several(bank.strings, "keyboard"),
            variant=word.variant,
        ),
        features={
            "letters": len(word.word),
            "graphemes": len(word.graphemes),
            "silent": word.sounds.count(""),
            "band": word.band,
        },
        hints=(skill.rule,) if skill.rule else (),
        speech=_speech(bank, word),
    )


def _silent(bank: Bank, word: Word) -> tuple[int, ...]:
    listed = _several(bank.strings, "silent_letters")
    return tuple(index for index, grapheme in enumerate(word.graphemes) if grapheme in listed)


def _speech(bank: Bank, word: Word) -> Speech:
    speech = Speech(word.word, word.sentence, bank.language)
    path = sound_path(bank.folder, speech)
    return speech if path is None else replace(speech, audio=path.name)
