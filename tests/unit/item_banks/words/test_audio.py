"""Dictation sound: what is shipped plays on old devices and says the right thing, and more can be made."""

from __future__ import annotations

import io
import json
import os
import wave
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from item_banks.loader import load_banks
from item_banks.schema import Bank, Speech, Word
from item_banks.words import audio, rendering
from item_banks.words.rendering import AudioError, Flite, Lame, Rendered

BANK = load_banks()["spelling-en"]
SHIPPED = sorted((BANK.folder / "audio").glob("*.mp3"))
RATE = 16_000
RAIN = Word("rain", ("r", "ai", "n"), ("r", "eɪ", "n"), (1,), "The rain fell all night long.", "water from clouds")
SNOW = Word("snow", ("s", "n", "ow"), ("s", "n", "əʊ"), (2,), "We made a fort out of snow.", "frozen flakes")


@dataclass(frozen=True)
class Frame:
    """What the header and side information of one MP3 frame say (ISO/IEC 13818-3, 2.4.1)."""

    kbit_per_second: int
    samples_per_second: int
    channels: int
    silent: bool


def frames(data: bytes) -> Iterator[Frame]:
    """The frames of an MPEG-2 layer III file without tags. Fails at the first byte that is none."""
    at = 0
    while at < len(data):
        header = int.from_bytes(data[at : at + 4])
        assert header >> 17 == 0xFFF2 >> 1, f"no MPEG-2 layer III frame at byte {at}"
        kbit = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)[header >> 12 & 15]
        rate = (22_050, 24_000, 16_000)[header >> 10 & 3]
        side = int.from_bytes(data[at + 4 : at + 13])
        big_values = side >> 72 - 8 - 1 - 12 - 9 & 0x1FF
        yield Frame(kbit, rate, 1 if header >> 6 & 3 == 3 else 2, big_values == 0)
        at += 72 * kbit * 1000 // rate + (header >> 9 & 1)


def seconds(found: list[Frame]) -> float:
    return sum(576 / frame.samples_per_second for frame in found)


def long_silences(found: list[Frame]) -> int:
    """Stretches of at least half a second without sound, not counting those at both ends."""
    runs = "".join(" " if frame.silent else "x" for frame in found).strip().split("x")
    return sum(len(run) * 576 / RATE >= 0.5 for run in runs)


@dataclass
class Tone:
    """Speaks every text as a tone of one second; with `level` 0 it is silent."""

    level: int = 8000
    channels: int = 1
    voice: str = "test-tone"

    def speak(self, text: str, wav: Path, pace: float) -> None:
        with wave.open(str(wav), "wb") as sink:
            sink.setnchannels(self.channels)
            sink.setsampwidth(2)
            sink.setframerate(RATE)
            sink.writeframes(array("h", [self.level, -self.level] * (RATE // 2)).tobytes())


class Copying(Lame):
    """Keeps the sound as it is, so that tests can look into it."""

    def encode(self, wav: Path, mp3: Path) -> None:
        mp3.write_bytes(wav.read_bytes())


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """A bank of two words without any sound."""
    return replace(BANK, folder=tmp_path, words={"SP.AI/rain": RAIN, "SP.OW/snow": SNOW})


def samples_of(wav: bytes) -> array[int]:
    with wave.open(io.BytesIO(b"RIFF" + wav), "rb") as source:
        return array("h", source.readframes(source.getnframes()))


def played(word: Word) -> bytes:
    sound = audio.dictation(BANK.folder, speech_of(word))
    assert sound is not None
    return sound


def speech_of(word: Word) -> Speech:
    return Speech(word.word, word.sentence, "en")


def test_every_word_of_the_english_bank_has_its_sound() -> None:
    assert audio.missing(BANK) == ()


def test_nothing_is_shipped_that_no_word_needs() -> None:
    needed = {audio.sound_path(BANK.folder, speech_of(word)) for word in BANK.words.values()}
    assert set(SHIPPED) == needed | {BANK.folder / "audio" / audio.PAUSE}


def test_the_index_tells_what_each_file_says() -> None:
    index = json.loads((BANK.folder / "audio" / "index.json").read_text("utf-8"))
    said = {(sound["word"], sound["sentence"]) for sound in index["sounds"].values()}
    assert said == {(word.word, word.sentence) for word in BANK.words.values()}
    assert sorted(index["sounds"]) == [path.name for path in SHIPPED if path.name != audio.PAUSE]


def test_each_dictation_is_word_sentence_word_in_a_form_that_old_tablets_play() -> None:
    index = json.loads((BANK.folder / "audio" / "index.json").read_text("utf-8"))["sounds"]
    lengths = {(sound["word"], sound["sentence"]): sound["seconds"] for sound in index.values()}
    wrong = {}
    for word in BANK.words.values():
        sound = played(word)
        found = list(frames(sound))
        forms = {(each.kbit_per_second, each.samples_per_second, each.channels) for each in found}
        as_long = 0 <= seconds(found) - lengths[word.word, word.sentence] <= 1
        if forms != {(24, RATE, 1), (8, RATE, 1)} or long_silences(found) != 2 or not as_long or len(sound) > 20_480:
            wrong[word.word] = (forms, seconds(found), long_silences(found), len(sound))
    assert wrong == {}


def test_a_player_is_told_how_many_frames_and_bytes_there_are() -> None:
    sound = played(BANK.words["SP.DOUBLE/running"])
    header, _, _ = sound.partition(b"Xing")
    assert len(header) == 13  # header and side information of a mono frame
    told = [int.from_bytes(sound[at : at + 4]) for at in (17, 21, 25)]
    assert told == [3, len(list(frames(sound))) - 1, len(sound)]


def test_speech_is_as_long_as_its_text() -> None:
    """A word of one letter takes a third of a second, and nobody speaks faster than thirty letters a second."""
    index = json.loads((BANK.folder / "audio" / "index.json").read_text("utf-8"))["sounds"]
    for sound in index.values():
        letters = 2 * len(sound["word"]) + len(sound["sentence"])
        speaking = sound["seconds"] - 2 * audio.PAUSE_SECONDS
        assert letters / 30 <= speaking <= 1.5 + letters / 7, sound


def test_all_sound_together_stays_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED) <= 25_000_000


def test_an_item_knows_its_sound_by_a_name_that_does_not_tell_it() -> None:
    item = BANK.draw("SP.DOUBLE/running/dictation", 1)
    assert item.speech is not None
    assert item.speech.audio in {shipped.name for shipped in SHIPPED}
    assert "running" not in str(item.speech.audio)


def test_another_wording_or_voice_has_another_name() -> None:
    names = {
        audio.sound_name("en", "a", "rain", "The rain fell."),
        audio.sound_name("en", "a", "rain", "Rain fell."),
        audio.sound_name("en", "b", "rain", "The rain fell."),
        audio.sound_name("nl", "a", "rain", "The rain fell."),
        audio.sound_name("en", "a", "rainThe", " rain fell."),
    }
    assert len(names) == 5


def test_a_bank_without_sound_misses_all_of_it(bank: Bank) -> None:
    assert audio.dictation(bank.folder, speech_of(RAIN)) is None
    assert audio.sound_path(bank.folder, speech_of(RAIN)) is None
    assert audio.missing(bank) == ("SP.AI/rain", "SP.OW/snow")


def test_rendering_makes_word_pause_sentence_pause_word_at_full_loudness(bank: Bank) -> None:
    done = rendering.render(bank, Tone(), Copying())
    assert (len(done.made), done.kept, done.removed) == (2, (), ())
    assert audio.missing(bank) == ()
    sound = audio.dictation(bank.folder, speech_of(RAIN))
    assert sound is not None
    word, pause, sentence, last, end = (samples_of(part) for part in sound.partition(b"Xing")[2].split(b"RIFF")[1:])
    assert [len(part) for part in (word, sentence, end)] == [RATE] * 3
    assert max(word) == pytest.approx(rendering.PEAK * 32767, abs=1)
    assert word == end
    assert pause == last
    assert (len(pause), set(pause)) == (round(audio.PAUSE_SECONDS * RATE), {0})


def test_rendering_again_keeps_what_is_there(bank: Bank) -> None:
    first = rendering.render(bank, Tone(), Copying())
    assert rendering.render(bank, Tone(), Copying()) == Rendered((), first.made, ())


def test_a_changed_sentence_gets_new_sound_and_the_old_one_goes(bank: Bank) -> None:
    rendering.render(bank, Tone(), Copying())
    changed = replace(bank, words={**bank.words, "SP.AI/rain": replace(RAIN, sentence="I like the rain a lot.")})
    assert audio.missing(changed) == ("SP.AI/rain",)
    done = rendering.render(changed, Tone(), Copying())
    assert [len(names) for names in (done.made, done.kept, done.removed)] == [1, 1, 1]
    assert audio.sound_path(bank.folder, speech_of(RAIN)) is None
    assert audio.missing(changed) == ()


def test_another_voice_replaces_all_sound(bank: Bank) -> None:
    rendering.render(bank, Tone(), Copying())
    done = rendering.render(bank, Tone(voice="test-flute"), Copying())
    assert [len(names) for names in (done.made, done.kept, done.removed)] == [2, 0, 2]
    assert audio.missing(bank) == ()


def test_a_recording_by_a_person_takes_the_place_of_any_synthetic_voice(bank: Bank) -> None:
    rendering.render(bank, Tone(), Copying())
    index = json.loads((bank.folder / "audio" / "index.json").read_text("utf-8"))
    rain = next(sound for sound in index["sounds"].values() if sound["word"] == "rain")
    recorded = bank.folder / "audio" / rain["recorded"]
    recorded.parent.mkdir()
    recorded.write_bytes(b"a teacher's voice")
    for voice in ("test-tone", "test-flute"):
        rendering.render(bank, Tone(voice=voice), Copying())
        assert audio.sound_path(bank.folder, speech_of(RAIN)) == recorded
        assert audio.dictation(bank.folder, speech_of(RAIN)) == b"a teacher's voice"
        snow = audio.sound_path(bank.folder, speech_of(SNOW))
        assert snow is not None
        assert snow.parent.name == "audio"


def test_recordings_alone_are_enough(bank: Bank) -> None:
    recorded = bank.folder / "audio" / "recorded" / audio.sound_name("en", "recorded", RAIN.word, RAIN.sentence)
    recorded.parent.mkdir(parents=True)
    recorded.write_bytes(b"a teacher's voice")
    assert audio.missing(bank) == ("SP.OW/snow",)


def test_a_silent_or_stereo_engine_is_refused(bank: Bank) -> None:
    with pytest.raises(AudioError, match="silence"):
        rendering.render(bank, Tone(level=0), Copying())
    with pytest.raises(AudioError, match="mono"):
        rendering.render(bank, Tone(channels=2), Copying())
    assert len(audio.missing(bank)) == 2


def test_a_missing_engine_or_encoder_is_named_with_what_to_install(bank: Bank) -> None:
    with pytest.raises(AudioError, match=r"no-such-voice is not installed.*install the system package flite"):
        rendering.render(bank, Flite(command="no-such-voice"), Copying())
    with pytest.raises(AudioError, match=r"no-such-encoder is not installed.*install the system package lame"):
        rendering.render(bank, Tone(), Lame(command="no-such-encoder"))


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return os.fspath(path)


def test_what_the_voice_mispronounces_is_respelled_for_it_and_made_anew(bank: Bank) -> None:
    heard: list[str] = []

    class Listening(Tone):
        def speak(self, text: str, wav: Path, pace: float) -> None:
            heard.append(text)
            super().speak(text, wav, pace)

    rendering.render(bank, Listening(), Copying())
    heard.clear()
    (bank.folder / "audio" / rendering.RESPELLED).write_text("rain: rane\n", "utf-8")
    assert len(rendering.render(bank, Listening(), Copying()).made) == 1
    assert heard == ["rane.", "The rane fell all night long."]
    assert rendering.render(bank, Listening(), Copying()).made == ()


def test_a_word_that_is_understood_better_at_another_pace_is_said_at_it_and_made_anew(bank: Bank) -> None:
    paces: list[float] = []

    class Listening(Tone):
        def speak(self, text: str, wav: Path, pace: float) -> None:
            paces.append(pace)
            super().speak(text, wav, pace)

    rendering.render(bank, Listening(), Copying())
    assert paces == [1.1] * 4
    paces.clear()
    (bank.folder / "audio" / rendering.PACES).write_text("snow: 1.25\n", "utf-8")
    assert len(rendering.render(bank, Listening(), Copying()).made) == 1
    assert paces == [1.25] * 2
    assert rendering.render(bank, Listening(), Copying()).made == ()


def test_a_failing_engine_is_quoted(bank: Bank, tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="exit code 3: no voice slt"):
        rendering.render(bank, Flite(command=script(tmp_path / "a", "echo no voice slt >&2; exit 3")), Copying())
    with pytest.raises(AudioError, match="exit code 1: no message"):
        rendering.render(bank, Flite(command=script(tmp_path / "b", "exit 1")), Copying())


def test_flite_and_lame_are_called_with_voice_speed_and_bit_rate(tmp_path: Path) -> None:
    noted, out = tmp_path / "noted", tmp_path / "out"
    command = script(tmp_path / "note", f'echo "$@" >> {noted}')
    Flite(command).speak("--help me.", out, 1.1)
    Flite(command).speak("--help me.", out, 1.25)
    Lame(command).encode(tmp_path / "in.wav", out)
    spoken, slower, encoded = noted.read_text().splitlines()
    assert spoken == f"-voice slt --setf duration_stretch=1.1 -t --help me. -o {out}"
    assert slower == spoken.replace("1.1", "1.25")
    assert encoded == f"--silent -m m --resample 16 --cbr -b 24 -q 5 -t {tmp_path / 'in.wav'} {out}"
    assert Flite().voice == "flite-slt"
