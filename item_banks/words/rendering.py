"""Makes the sound that ships with a bank, by a speech engine and an encoder: `proximal banks audio`.

Build-time only: no page calls it, and neither program is part of Proximal.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import wave
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import yaml

from item_banks.schema import Bank
from item_banks.words.audio import (
    FOLDER,
    INDEX,
    KBIT_PER_SECOND,
    PAUSE,
    PAUSE_KBIT_PER_SECOND,
    PAUSE_SECONDS,
    RATE,
    RECORDED,
    name_of,
    speech_of,
)
from item_banks.words.sentences import blanked, occurrences

RESPELLED = "respelled.yaml"
"""What the voice mispronounces, each word with the spelling by which the voice says it well."""
PACES = "paces.yaml"
"""The words whose dictation is understood better at another pace (`python -m tests.bench listening --paces`), each with
how many times as long as by nature the voice takes."""
USUAL_PACE = 1.1
"""A little slower than the voice speaks to adults."""
HOW = ("spoken", "pace")
"""What the index keeps of how a sound was made; where that changes, the sound is made anew."""
SILENCE = 100
"""Samples (of 32,767) up to which a voice counts as silent: below the faintest s or f of the voices tried."""
MARGIN_SECONDS = 0.08
PEAK = 0.9
"""Loudest sample of every file, as a share of full scale, so that no word is quieter than the next."""


class AudioError(RuntimeError):
    """Sound can't be made; the message says what is missing or what failed, and what to do."""


class SpeechEngine(Protocol):
    """Something that speaks a text into a mono 16-bit WAV file."""

    @property
    def voice(self) -> str:
        """Stable name of engine and voice, part of every file name."""

    def speak(self, text: str, wav: Path, pace: float) -> None:
        """Write the spoken text to `wav`, `pace` times as long as by nature. Raises AudioError."""


@dataclass(frozen=True)
class Flite:
    """The Festival Lite engine with its US English voice `slt`."""

    command: str = "flite"

    @property
    def voice(self) -> str:
        """The name under which files of this voice are indexed."""
        return "flite-slt"

    def speak(self, text: str, wav: Path, pace: float) -> None:
        """Run flite once. Raises AudioError if it is not installed or fails."""
        options = ["-voice", "slt", "--setf", f"duration_stretch={pace}"]
        _run([self.command, *options, "-t", text, "-o", str(wav)], "a speech engine", "flite")


@dataclass(frozen=True)
class Lame:
    """The LAME encoder: constant bit rate, mono."""

    command: str = "lame"
    kbit_per_second: int = KBIT_PER_SECOND

    def encode(self, wav: Path, mp3: Path) -> None:
        """Write `wav` as MP3. Raises AudioError if the encoder is not installed or fails."""
        # At few bits LAME would change the rate, which must be one throughout a dictation. Of LAME's qualities
        # 0, 3, 5 and 7 a recogniser understood most at 5 (audio/README.md).
        options = ["--silent", "-m", "m", "--resample", "16", "--cbr", "-b", str(self.kbit_per_second), "-q", "5", "-t"]
        _run([self.command, *options, str(wav), str(mp3)], "an MP3 encoder", "lame")


@dataclass(frozen=True)
class Rendered:
    """What `render` did: names of new files, of files kept, and of files no word needs any more (deleted)."""

    made: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]


def render(bank: Bank, engine: SpeechEngine | None = None, encoder: Lame | None = None) -> Rendered:
    """Make the sound of every word that has none, remove what no word needs, and write the index.

    Recordings in `recorded` are never touched. Raises AudioError if the engine or the encoder is missing or fails;
    the old index and its files are complete until the new index is written.
    """
    engine, encoder = engine or Flite(), encoder or Lame()
    folder = bank.folder / FOLDER
    folder.mkdir(exist_ok=True)
    known = _read_sounds(folder / INDEX)
    respelled = _respellings(folder / RESPELLED)
    paces = _paces(folder / PACES)
    sounds: dict[str, dict[str, str | float]] = {}
    made = []
    if not (folder / PAUSE).is_file():
        _make_pause(folder / PAUSE, encoder)
    for word in bank.words.values():
        speech = speech_of(bank, word)
        name = name_of(engine.voice, speech)
        spoken = (_spoken(word.word, respelled), _spoken(word.sentence, respelled))
        said: dict[str, str | float] = {} if spoken == (word.word, word.sentence) else {"spoken": " / ".join(spoken)}
        if word.word in paces:
            said["pace"] = paces[word.word]
        there = known.get(name, {}) if (folder / name).is_file() else {}
        if there and there.get("kbit") == KBIT_PER_SECOND and all(there.get(key) == said.get(key) for key in HOW):
            seconds, word_bytes = there["seconds"], there["word_bytes"]
        else:
            seconds, word_bytes = _make(folder / name, spoken, engine, encoder, paces.get(word.word, USUAL_PACE))
            made.append(name)
        recorded = f"{RECORDED}/{name_of(RECORDED, speech)}"
        sounds[name] = {
            "word": word.word,
            "sentence": word.sentence,
            "seconds": seconds,
            "word_bytes": word_bytes,
            "kbit": KBIT_PER_SECOND,
            "recorded": recorded,
            **said,
        }
    _write_index(folder / INDEX, bank.language, engine.voice, sounds)
    unneeded = sorted(path for path in folder.glob("*.mp3") if path.name not in (*sounds, PAUSE))
    for path in unneeded:
        path.unlink()
    kept = tuple(name for name in sounds if name not in made)
    return Rendered(tuple(made), kept, tuple(path.name for path in unneeded))


def _respellings(file: Path) -> Mapping[str, str]:
    if not file.is_file():
        return {}
    listed: Mapping[str, str] = yaml.safe_load(file.read_text("utf-8"))
    return listed


def _paces(file: Path) -> Mapping[str, float]:
    if not file.is_file():
        return {}
    listed: Mapping[str, float] = yaml.safe_load(file.read_text("utf-8"))
    return listed


def _spoken(text: str, respelled: Mapping[str, str]) -> str:
    """The text as the voice needs it."""
    for word, spelling in respelled.items():
        if occurrences(text, word) == 1:
            text = spelling.join(blanked(text, word))
    return text


def _read_sounds(index: Path) -> Mapping[str, Mapping[str, str | float]]:
    if not index.is_file():
        return {}
    sounds: Mapping[str, Mapping[str, str | float]] = json.loads(index.read_text("utf-8"))["sounds"]
    return sounds


def _write_index(index: Path, language: str, voice: str, sounds: Mapping[str, Mapping[str, str | float]]) -> None:
    content = {"language": language, "voice": voice, "sounds": dict(sorted(sounds.items()))}
    index.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _make(target: Path, texts: tuple[str, str], engine: SpeechEngine, encoder: Lame, pace: float) -> tuple[float, int]:
    """Speak and encode a word and its sentence. Returns the dictation's length in seconds, and the word's in bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        wav, mp3 = Path(scratch, "spoken.wav"), Path(scratch, "encoded.mp3")
        parts = []
        # A full stop gives the single word the falling tone of a statement.
        for text in (f"{texts[0]}.", texts[1]):
            engine.speak(text, wav, pace)
            samples, rate = _read(wav)
            parts.append(_trimmed(samples, rate))
        gain = PEAK * 32767 / max(max(map(abs, part)) for part in parts)
        streams = []
        for part in parts:
            _write(wav, [round(sample * gain) for sample in part], rate)
            encoder.encode(wav, mp3)
            streams.append(mp3.read_bytes())
        target.write_bytes(b"".join(streams))
    seconds = (2 * len(parts[0]) + len(parts[1])) / rate + 2 * PAUSE_SECONDS
    return round(seconds, 2), len(streams[0])


def _make_pause(target: Path, encoder: Lame) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        wav = Path(scratch, "pause.wav")
        _write(wav, [0] * round(PAUSE_SECONDS * RATE), RATE)
        replace(encoder, kbit_per_second=PAUSE_KBIT_PER_SECOND).encode(wav, target)


def _write(wav: Path, samples: Iterable[int], rate: int) -> None:
    with wave.open(str(wav), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(rate)
        sink.writeframes(array("h", samples).tobytes())


def _read(wav: Path) -> tuple[array[int], int]:
    """The samples of a mono 16-bit file and their rate per second."""
    with wave.open(str(wav), "rb") as source:
        if (source.getnchannels(), source.getsampwidth()) != (1, 2):
            raise AudioError("the speech engine did not write mono 16-bit sound; choose another voice")
        return array("h", source.readframes(source.getnframes())), source.getframerate()


def _trimmed(samples: array[int], rate: int) -> array[int]:
    """Without the silence at both ends, which would make the pauses longer than they are meant to be."""
    loud = [at for at, sample in enumerate(samples) if abs(sample) > SILENCE]
    if not loud:
        raise AudioError("the speech engine wrote silence; check that its voice is installed")
    margin = round(MARGIN_SECONDS * rate)
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def _run(command: list[str], purpose: str, package: str) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise AudioError(
            f"{command[0]} is not installed: {purpose} is needed to make dictation sound; "
            f"install the system package {package} and try again"
        )
    # No shell, and every argument is ours or a text of the bank that stands behind its option.
    done = subprocess.run([program, *command[1:]], capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()[:300] or "no message"
        raise AudioError(f"{command[0]} failed with exit code {done.returncode}: {reason}; run it by hand to see why")
