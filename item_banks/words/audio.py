"""Shipped dictation sound: word, sentence, word, for devices without a voice of their own.

A bank's `audio` folder holds mono MP3 files (24 kbit/s, 16 kHz: old iPads play them; at 16 kbit/s a recogniser lost
two words of three) and `index.json`. Each holds the word and, right behind it, the sentence: two streams, of which
`dictation` plays the first once more at the end, with a pause between. So every word is stored once, and the voice of
a bank stays under 25 MB. A file is named by a hash of language, voice, word and sentence, so a changed sentence can
never be read out in its old wording, and the name does not tell the word. `audio/recorded/` may hold recordings of a
person, whole dictations; each takes the place of one synthetic file. The index tells under which name; it does not
depend on the synthetic voice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from item_banks.schema import Bank, Speech, Word

FOLDER = "audio"
INDEX = "index.json"
RECORDED = "recorded"
KBIT_PER_SECOND = 24
PAUSE = "pause.mp3"
PAUSE_KBIT_PER_SECOND = 8
RATE = 16_000
"""Samples per second, throughout a dictation."""
PAUSE_SECONDS = 0.5
"""Between word and sentence: with their margins long enough to hear where the word ends, short enough to keep it in
mind."""


def sound_name(language: str, voice: str, word: str, sentence: str) -> str:
    """The file name of one dictation."""
    content = "\0".join((language, voice, word, sentence))
    return hashlib.sha256(content.encode()).hexdigest()[:20] + ".mp3"


def name_of(voice: str, speech: Speech) -> str:
    """The file name of a dictation in a voice."""
    return sound_name(speech.language, voice, speech.word, speech.sentence)


def speech_of(bank: Bank, word: Word) -> Speech:
    """What is to be heard of a word."""
    return Speech(word.word, word.sentence, bank.language)


def sound_path(bank_folder: Path, speech: Speech) -> Path | None:
    """The file of a dictation, a human recording first, or None if the bank ships none for this wording."""
    folder = bank_folder / FOLDER
    paths = [folder / RECORDED / name_of(RECORDED, speech)]
    index = folder / INDEX
    if index.is_file():
        paths.append(folder / name_of(_index(index, index.stat().st_mtime_ns).voice, speech))
    return next((path for path in paths if path.is_file()), None)


def dictation(bank_folder: Path, speech: Speech) -> bytes | None:
    """The sound of a dictation as it is played: word, sentence, word. None if the bank ships none for this wording."""
    path = sound_path(bank_folder, speech)
    if path is None:
        return None
    sound = path.read_bytes()
    if path.parent.name == RECORDED:
        return sound
    index = path.parent / INDEX
    length = _index(index, index.stat().st_mtime_ns).word_bytes[path.name]
    word, sentence, pause = sound[:length], sound[length:], (path.parent / PAUSE).read_bytes()
    return _headed((word, pause, sentence, pause, word))


def speaks_by_device(bank: Bank) -> bool:
    """Whether a bank ships no voice: the pupil's device speaks, or recordings of a school."""
    return bank.strings.get("voice") == "device"


def missing(bank: Bank) -> tuple[str, ...]:
    """Keys ("SP.DOUBLE/running") of the bank's words that should have a sound and have none, in the bank's order."""
    if speaks_by_device(bank):
        return ()
    return tuple(key for key, word in bank.words.items() if sound_path(bank.folder, speech_of(bank, word)) is None)


def _headed(streams: tuple[bytes, ...]) -> bytes:
    """The streams behind a Xing header with the number of all frames, without which a player takes the bit rate of the
    first for that of all, and may stop too early."""
    frames = sum(len(stream) // (72 * _kbit(stream) * 1000 // RATE) for stream in streams)
    size = 72 * KBIT_PER_SECOND * 1000 // RATE
    numbers = (3, frames, size + sum(map(len, streams)))  # 3: both numbers follow
    header = streams[0][:4] + bytes(9) + b"Xing" + b"".join(number.to_bytes(4) for number in numbers)
    return b"".join((header.ljust(size, b"\0"), *streams))


def _kbit(stream: bytes) -> int:
    """The bit rate in the first frame's header (ISO/IEC 13818-3, 2.4.2.3), of the two that are used here."""
    return KBIT_PER_SECOND if stream[2] >> 4 == 3 else PAUSE_KBIT_PER_SECOND


@dataclass(frozen=True)
class _Index:
    """The voice of a bank's files, and how many bytes of each are its word."""

    voice: str
    word_bytes: Mapping[str, int]


@lru_cache(maxsize=16)
def _index(file: Path, modified_ns: int) -> _Index:
    """What an index says; the time of modification makes a rewritten one a new one."""
    content = json.loads(file.read_text("utf-8"))
    return _Index(content["voice"], {name: sound["word_bytes"] for name, sound in content["sounds"].items()})
