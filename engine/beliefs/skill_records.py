"""A pupil's records of all skills, kept as rows and read on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.beliefs.records import (
    REST_TEXT,
    STANDING_TEXT,
    SkillRecord,
    Standing,
    pack,
    standing_of,
    unpack,
)


class SkillRecords(Mapping[str, SkillRecord]):
    """Records by skill id, least recently practised first, kept as rows and read on demand. Immutable.

    What choosing asks of all records is worked out once, and after an answer only what the answer has changed.
    """

    __slots__ = ("_mastered", "_open", "_rows", "_standings", "_stuck")

    def __init__(self, rows: Mapping[str, str] | None = None) -> None:
        self._rows = dict(rows or {})
        self._standings: dict[str, Standing] | None = None
        self._mastered: tuple[int, Mapping[str, Standing]] | None = None
        self._stuck: tuple[str, ...] | None = None
        self._open: tuple[str, ...] | None = None

    def __getitem__(self, skill_id: str) -> SkillRecord:
        return unpack(self._rows[skill_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SkillRecords):
            return self._rows == other._rows
        return dict(self) == other if isinstance(other, Mapping) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # a mapping, as a dict is

    def __repr__(self) -> str:
        return f"SkillRecords({dict(self)!r})"

    @property
    def rows(self) -> Mapping[str, str]:
        """As they are stored."""
        return self._rows

    def standings(self) -> Mapping[str, Standing]:
        """Where each skill stands, without reading whole rows."""
        if self._standings is None:
            self._standings = {skill_id: standing_of(row[:STANDING_TEXT]) for skill_id, row in self._rows.items()}
        return self._standings

    def mastered(self, percent: int) -> Mapping[str, Standing]:
        """Where the skills stand that are strong or kept for at least this standard."""
        if self._mastered is None or self._mastered[0] != percent:
            found = self.standings().items()
            mastered = {s: at for s, at in found if at.standard >= percent and at.state in ("strong", "kept")}
            self._mastered = percent, mastered
        return self._mastered[1]

    def stuck(self) -> tuple[str, ...]:
        """Skills that are stuck."""
        if self._stuck is None:
            self._stuck = tuple([s for s, at in self.standings().items() if at.state == "stuck"])
        return self._stuck

    def open_ids(self) -> list[str]:
        """Skills that have not come to rest yet, least recently practised first."""
        if self._open is None:
            self._open = tuple([skill_id for skill_id, row in self._rows.items() if len(row) > REST_TEXT])
        return list(self._open)

    def practised(self, skill_id: str, record: SkillRecord) -> SkillRecords:
        """With one skill's record replaced, as the one practised last."""
        rows = self._rows.copy()
        rows.pop(skill_id, None)
        rows[skill_id] = pack(record)
        records = self._with(rows, (skill_id,))
        if self._open is not None:
            others = [s for s in self._open if s != skill_id]
            records._open = (*others, skill_id) if len(rows[skill_id]) > REST_TEXT else tuple(others)
        return records

    def changed(self, records: Mapping[str, SkillRecord]) -> SkillRecords:
        """With records replaced where they stand."""
        rows = self._rows | {skill_id: pack(record) for skill_id, record in records.items()}
        found = self._with(rows, records)
        if self._open is not None and all(s in self._open or len(rows[s]) <= REST_TEXT for s in records):
            found._open = tuple([s for s in self._open if len(rows[s]) > REST_TEXT])
        return found

    def _with(self, rows: dict[str, str], changed: Iterable[str]) -> SkillRecords:
        """With other rows, and what is known of these already as far as it is still true."""
        records = SkillRecords.__new__(SkillRecords)
        records._rows, records._open = rows, None
        records._standings, records._mastered, records._stuck = self._standings, self._mastered, self._stuck
        if self._standings is not None:
            now = {skill_id: standing_of(rows[skill_id][:STANDING_TEXT]) for skill_id in changed}
            if not now.items() <= self._standings.items():
                records._standings, records._mastered, records._stuck = self._standings | now, None, None
        return records
