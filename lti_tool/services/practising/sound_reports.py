"""Sounds that pupils and teachers report with one tap: missing, not to be understood, or another word.

Who can replace a sound (by a file in the bank's `audio/recorded`) sees them in the console and by `proximal banks
unheard`, until a recording newer than the report is there.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from item_banks.schema import Bank, Speech
from item_banks.words.audio import FOLDER, RECORDED, name_of
from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.tables.sound_reports import SoundReport

Kind = Literal["unheard", "wrong"]
Role = Literal["pupil", "teacher"]


@dataclass(frozen=True)
class ReportedSound:
    """What is said, how many pupils could not hear it, how many found it wrong, how many teachers reported it, and the
    name of the file that takes its place."""

    language: str
    word: str
    sentence: str
    unheard: int
    wrong: int
    teachers: int
    recording: str

    @property
    def people(self) -> int:
        """All who reported it; a pupil may have done so in both ways."""
        return self.unheard + self.wrong + self.teachers


def report_sound(session: Session, person_id: str, role: Role, kind: Kind, speech: Speech, now: datetime) -> None:
    """Note that somebody found a sound missing or wrong; once for each person, with the time of the last tap."""
    keys = {"person_id": person_id, "recording": name_of(RECORDED, speech), "kind": kind}
    said = {"language": speech.language, "word": speech.word, "sentence": speech.sentence}
    report, _ = get_or_create(session, SoundReport, keys, {"role": role, "reported_at": now, **said})
    report.reported_at = now


def has_reported(session: Session, person_id: str, speech: Speech) -> bool:
    """Whether a person said that this sound is wrong."""
    query = select(SoundReport.id).where(
        SoundReport.person_id == person_id,
        SoundReport.recording == name_of(RECORDED, speech),
        SoundReport.kind == "wrong",
    )
    return session.scalar(query) is not None


def reported_sounds(session: Session, banks: Mapping[str, Bank]) -> list[ReportedSound]:
    """The sounds that wait for a recording, those of most people first."""
    folders = {bank.language: bank.folder / FOLDER / RECORDED for bank in banks.values() if bank.words}
    counts: dict[tuple[str, str, str, str], Counter[str]] = {}
    for report in session.scalars(select(SoundReport)):
        file = folders[report.language] / report.recording if report.language in folders else None
        if file is not None and file.is_file() and _changed(file.stat().st_mtime) >= report.reported_at:
            continue
        key = (report.language, report.word, report.sentence, report.recording)
        counts.setdefault(key, Counter())["teacher" if report.role == "teacher" else report.kind] += 1
    found = [
        ReportedSound(language, word, sentence, of["unheard"], of["wrong"], of["teacher"], recording)
        for (language, word, sentence, recording), of in counts.items()
    ]
    return sorted(found, key=lambda sound: (-sound.people, sound.language, sound.word))


def _changed(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
