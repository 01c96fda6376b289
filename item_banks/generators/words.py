"""Spelling items: dictation, and missing letters."""

from __future__ import annotations

from dataclasses import replace

from item_banks.audio import sound_path
from item_banks.generators.draws import Draws
from item_banks.schema import (
    Bank,
    Block,
    Item,
    ItemTemplate,
    MarkingRules,
    ResponseSpec,
    Speech,
    Word,
)
from item_banks.sentences import blanked
from item_banks.spelling_diagnosis import ERROR_CLASSES, sound_alternatives

_LONGEST = 64  # the same for every word: a length that followed the word would give part of it away


def dictation(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """Hear the word, the sentence and the word again; write the word."""
    word = bank.words[f"{template.skill}/{template.options['word']}"]
    before, after = blanked(word.sentence, word.word)
    prompt = (Block("speech"), Block("sentence", before=before, after=after), Block("meaning", text=word.meaning))
    return _item(bank, template, seed, word, prompt, word.word, before="", after="")


def missing_letters(bank: Bank, template: ItemTemplate, seed: int) -> Item:
    """Write the letters of the pattern into the word. The gap spans its first to its last grapheme."""
    word = bank.words[f"{template.skill}/{template.options['word']}"]
    first, last = min(word.gap), max(word.gap) + 1
    before, gap, after = (
        "".join(part) for part in (word.graphemes[:first], word.graphemes[first:last], word.graphemes[last:])
    )
    around = blanked(word.sentence, word.word)
    prompt = (
        Block("speech"),
        Block("gapped", before=before, after=after),
        Block("sentence", before=around[0], after=around[1]),
        Block("meaning", text=word.meaning),
    )
    return _item(bank, template, seed, word, prompt, gap, before=before, after=after)


def _item(
    bank: Bank,
    template: ItemTemplate,
    seed: int,
    word: Word,
    prompt: tuple[Block, ...],
    answer: str,
    *,
    before: str,
    after: str,
) -> Item:
    form = template.format
    strings: dict[str, str] = {str(name): bank.text(f"feedback.{name}") for name in ERROR_CLASSES}
    strings |= {
        "correct": Draws(f"{template.id}:{seed}").one_of(bank.texts("feedback.correct")),
        "unreadable": bank.text("unreadable"),
        "solution": word.word,
    }
    spellings = {
        sound: bank.texts(f"sound_spellings.{sound}")
        for sound in word.sounds
        if f"sound_spellings.{sound}" in bank.strings
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
            alternatives=sound_alternatives(word.sounds, spellings),
            before=before,
            after=after,
            case_sensitive=word.word != word.word.lower(),
        ),
        features={"letters": len(word.word), "graphemes": len(word.graphemes), "silent": word.sounds.count("")},
        hints=(bank.skills[template.skill].rule,) if bank.skills[template.skill].rule else (),
        speech=_speech(bank, word),
    )


def _speech(bank: Bank, word: Word) -> Speech:
    speech = Speech(word.word, word.sentence, bank.language)
    path = sound_path(bank.folder, speech)
    return speech if path is None else replace(speech, audio=path.name)
