"""Prints how much of the shipped dictation sound an offline recogniser understands, and which words it never does.

    python -m tests.bench listening [--words 60] [--only WORD ...] [--list FILE] [--paces FILE] [--every-word]
    python -m tests.bench listening --unlikely 40

Every file is decoded and cut at its pauses into word, sentence, word; PocketSphinx transcribes the sentence freely. A
word of the text counts as heard where a word of the same pronunciation stands in the transcript, in order. A bank's
word that is in none of these is asked for once more, alone, among all words of the bank that begin or end with the
same letters. What is left is not understood: respell it for the voice (audio/respelled.yaml), write another sentence,
or record it.

The listener knows the 3,300 words of the bank, as a child of the primary school would, but nothing of its sentences;
`--every-word` gives it all 126,000 of its dictionary, with towns, surnames and companies ("both horses" becomes "that's
our sins"): three times as slow, and of a hundred words of the same sentences seven fewer are heard.

`--paces FILE` says each sentence of which two words were missed or more at other paces (needs flite and lame), and
notes its word with the pace at which most of it was heard: audio/paces.yaml is that list, which `proximal banks audio`
reads.

`--unlikely N` listens to nothing: it prints the N sentences of the bank that are least likely by the recogniser's model
of English, which are the ones it understands least; where an ordinary sentence is as good for a child, write that.

Needs the extra `listening` (pip install pocketsphinx soundfile); without it this part says so. `--words 0` listens to
all: ten minutes of one core; Ctrl-C ends earlier, with the figures of a fair sample, since chance orders the words.
"""

from __future__ import annotations

import argparse
import io
import random
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

import yaml

from item_banks.loader import load_banks
from item_banks.schema import Bank, Speech, Word
from item_banks.words.audio import FOLDER, dictation
from item_banks.words.rendering import PACES, RESPELLED, render

RATE = 16_000
QUIET = 60
"""Samples (of 32,767) up to which a decoded pause counts as one."""
PAUSE = 0.4
"""Seconds of it that part word and sentence; a voice's own rests are shorter."""
MOST_BYTES = 20_480
"""Of a dictation, on a slow line."""
OTHER_PACES = (1.25, 1.1, 1.35, 1.0)
"""Tried in this order, while two words or more are missed: of single ones hardly any is gained (2 of 41)."""
NUMBERS = {"4,000": ("four", "thousand"), "1": ("one",), "3": ("three",), "12": ("twelve",)}


@dataclass(frozen=True)
class Heard:
    """What came of one file: how many words the sentence has, how many of them the recogniser's dictionary knows, how
    many were heard, and whether the bank's word was."""

    word: str
    sentence: str
    transcript: str
    words: int
    known: int
    right: int
    understood: bool


class Listener:
    """PocketSphinx with its own American model, and its own dictionary, of which it has the bank's words or all."""

    def __init__(self, bank: Bank, *, every_word: bool) -> None:
        from pocketsphinx import Decoder, get_model_path

        dictionary = Path(get_model_path(), "en-us", "cmudict-en-us.dict").read_text("utf-8").splitlines()
        self._sounds: dict[str, set[str]] = {}
        for line in dictionary:
            name, _, sounds = line.partition(" ")
            self._sounds.setdefault(_entry(name), set()).add(sounds)
        self._words = sorted({text for word in bank.words.values() for text in spoken(word.word)})
        used = {text for word in bank.words.values() for text in spoken(word.sentence)} | set(self._words)
        lines = [line for line in dictionary if every_word or _entry(line.partition(" ")[0]) in used]
        with NamedTemporaryFile("w", encoding="utf-8", suffix=".dict") as known:
            known.write("\n".join(lines) + "\n")
            known.flush()
            self._decoder = Decoder(samprate=RATE, loglevel="FATAL", dict=known.name)

    def hear(self, word: Word, sound: bytes) -> Heard:
        """Listen to one dictation. Raises AssertionError for one that is not word, sentence, word."""
        alone, sentence, _ = parts_of(sound)
        found = self._transcribe(sentence)
        text = spoken(word.sentence)
        matched = self._matched(text, found)
        wanted = spoken(word.word)
        understood = set(wanted) <= {text[at] for at in matched} or self._chosen(alone, wanted)
        known = sum(name in self._sounds for name in text)
        return Heard(word.word, word.sentence, " ".join(found), len(text), known, len(matched), understood)

    def _transcribe(self, samples: bytes) -> list[str]:
        self._decoder.start_utt()
        self._decoder.process_raw(samples, full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return found.hypstr.split() if found else []

    def _matched(self, text: Sequence[str], found: Sequence[str]) -> list[int]:
        """The places of the text that were heard: words alike by their pronunciation are the same."""
        names: dict[str, str] = {}
        for name in (*text, *found):
            same = next((other for other in names if self._alike(name, other)), name)
            names[name] = names.get(same, name)
        blocks = SequenceMatcher(None, [names[n] for n in text], [names[n] for n in found], autojunk=False)
        return [block.a + at for block in blocks.get_matching_blocks() for at in range(block.size)]

    def _alike(self, one: str, other: str) -> bool:
        return one == other or bool(self._sounds.get(one, set()) & self._sounds.get(other, set()))

    def _chosen(self, samples: bytes, wanted: Sequence[str]) -> bool:
        """Whether a word by itself is the one that the recogniser takes among those which look most like it."""
        if any(name not in self._sounds for name in wanted):
            return False
        whole = " ".join(wanted)
        near = [n for n in self._words if n in self._sounds and (n[0] == whole[0] or n[-2:] == whole[-2:])]
        names = sorted({whole, *near})
        self._decoder.add_jsgf_string("near", f"#JSGF V1.0; grammar near; public <near> = {' | '.join(names)};")
        self._decoder.activate_search("near")
        found = " ".join(self._transcribe(samples))
        self._decoder.activate_search("_default")
        self._decoder.remove_search("near")
        return found == whole or self._alike(found, whole)


def _entry(name: str) -> str:
    """A word as the dictionary has it, without the number of a second pronunciation."""
    return re.sub(r"\(\d+\)$", "", name)


def spoken(text: str) -> tuple[str, ...]:
    """The words of a text as a dictionary has them."""
    found: list[str] = []
    for word in re.findall(r"[\w',]+", text.lower().replace("’", "'").replace("-", " ")):
        bare = word.strip("',") if word not in NUMBERS else word
        found += NUMBERS.get(bare, (bare,))
    return tuple(each for each in found if each)


def parts_of(sound: bytes) -> list[bytes]:
    """Word, sentence and word of a dictation as it is played, as 16-bit samples."""
    import numpy as np
    import soundfile

    samples, rate = soundfile.read(io.BytesIO(sound), dtype="int16")
    assert rate == RATE, rate
    loud = np.flatnonzero(np.abs(samples.astype(int)) > QUIET)
    cuts = np.flatnonzero(np.diff(loud) > PAUSE * RATE)
    starts = [loud[0], *(loud[cut + 1] for cut in cuts)]
    ends = [*(loud[cut] for cut in cuts), loud[-1]]
    assert len(starts) == 3, f"{len(starts)} parts"
    margin = RATE // 10
    rest: Any = np.zeros(RATE // 4, dtype="int16")
    parts = (samples[max(0, a - margin) : b + margin] for a, b in zip(starts, ends, strict=True))
    return [np.concatenate([rest, part, rest]).tobytes() for part in parts]


def report(heard: Iterable[Heard], target: Path | None) -> None:
    """Print the share of words heard and the words that never were; write each transcript as it comes, if wanted."""
    results: list[Heard] = []
    if target is not None:
        target.write_text("", "utf-8")
    with suppress(KeyboardInterrupt):
        for h in heard:
            results.append(h)
            if target is not None:
                line = f"{h.word}\t{int(h.understood)}\t{h.right}/{h.known}/{h.words}\t{h.sentence}\t{h.transcript}"
                with target.open("a", encoding="utf-8") as out:
                    out.write(line + "\n")
    words, known, right = (sum(getattr(each, name) for each in results) for name in ("words", "known", "right"))
    lost = [each.word for each in results if not each.understood]
    print(f"{len(results)} dictations decoded. Words of their sentences heard: {right} of {words}, {right / words:.1%}")
    print(f"  of the {known} that the recogniser's dictionary has, {right / known:.1%} (goal 80%)")
    print(f"{len(lost)} words heard neither in the sentence nor alone: {', '.join(lost) or 'none'}")


def main(words: Sequence[str]) -> None:
    """Listen to a sample, to some words, or to all."""
    parser = argparse.ArgumentParser(
        prog="tests.bench listening", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--words", type=int, default=60, help="how many, taken by chance; 0: all")
    parser.add_argument("--only", nargs="*", default=(), help="these words")
    parser.add_argument("--list", type=Path, help="write every transcript to this file")
    parser.add_argument("--paces", type=Path, help="note in this file what is understood better at another pace")
    parser.add_argument("--every-word", action="store_true", help="listen with the recogniser's whole dictionary")
    parser.add_argument("--unlikely", type=int, help="print so many of the least likely sentences, and listen to none")
    wanted = parser.parse_args(words)
    bank = load_banks()["spelling-en"]
    try:
        if wanted.unlikely:
            print(*unlikely(bank)[: wanted.unlikely], sep="\n")
            return
        listener = Listener(bank, every_word=wanted.every_word)
    except ImportError as missing:
        print(f"not run: {missing}. Install the extra: pip install --editable '.[listening]'")
        return
    chosen = [word for word in bank.words.values() if not wanted.only or word.word in wanted.only]
    random.Random(2).shuffle(chosen)
    if wanted.words and not wanted.only:
        chosen = chosen[: wanted.words]
    heard = (listener.hear(word, sound_of(bank, word)) for word in chosen)
    if wanted.paces:
        heard = (better(listener, bank, word, of, wanted.paces) for word, of in zip(chosen, heard, strict=True))
    report(heard, wanted.list)


def unlikely(bank: Bank) -> list[str]:
    """The bank's sentences with the mean natural logarithm of their words' likelihoods, the least likely first."""
    from pocketsphinx import Config, LogMath, NGramModel, get_model_path

    logs = LogMath()
    model = NGramModel(Config(lm=None), logs, str(Path(get_model_path(), "en-us", "en-us.lm.bin")))

    def likelihood(sentence: str) -> float:
        texts = ("<s>", *spoken(sentence), "</s>")
        # A word that the model does not know would have none at all.
        found = [logs.log_to_ln(model.prob(texts[max(0, at - 2) : at + 1][::-1])) for at in range(1, len(texts))]
        return sum(max(each, -12) for each in found) / len(found)

    rated = sorted((likelihood(word.sentence), word.word, word.sentence) for word in bank.words.values())
    return [f"{rating:.1f}\t{name}\t{sentence}" for rating, name, sentence in rated]


def better(listener: Listener, bank: Bank, word: Word, usual: Heard, target: Path) -> Heard:
    """What came of a word at the pace at which most of it is understood; another than it has is noted in `target`."""
    best, found = usual, None
    for pace in OTHER_PACES:
        if best.words - best.right < 2:
            break
        sound = at_pace(bank, word, pace)
        if len(sound) > MOST_BYTES:
            continue
        heard = listener.hear(word, sound)
        if (heard.right, heard.understood) > (best.right, best.understood):
            best, found = heard, pace
    if found is not None:
        note(target, word.word, found)
    return best


def note(file: Path, word: str, pace: float) -> None:
    """Write the pace of a word into a list of paces, whose first lines say what it is."""
    text = file.read_text("utf-8") if file.is_file() else ""
    head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    paces = (yaml.safe_load(text) or {}) | {word: pace}
    file.write_text(head + yaml.safe_dump(paces, allow_unicode=True), "utf-8")


def at_pace(bank: Bank, word: Word, pace: float) -> bytes:
    """The word's dictation as it would be if it stood with this pace in audio/paces.yaml."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, FOLDER)
        folder.mkdir()
        note(folder / PACES, word.word, pace)
        folder.joinpath(RESPELLED).write_bytes((bank.folder / FOLDER / RESPELLED).read_bytes())
        alone = replace(bank, folder=Path(scratch), words={word.word: word})
        render(alone)
        return sound_of(alone, word)


def sound_of(bank: Bank, word: Word) -> bytes:
    """What a pupil hears of a word."""
    sound = dictation(bank.folder, Speech(word.word, word.sentence, bank.language))
    assert sound is not None, word.word
    return sound
