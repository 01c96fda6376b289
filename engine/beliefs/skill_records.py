"""A pupil's records of all skills, kept as rows and read on demand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.beliefs.records import REST_TEXT, STANDING_TEXT, SkillRecord, Standing, pack, standing_of, unpack


class SkillRecords(Mapping[str, SkillRecord]):
    """Records by skill id, least recently practised first, kept as rows and read on demand. Immutable."""

    __slots__ = ("_open", "_rows", "_standings")

    def __init__(self, rows: Mapping[str, str] | None = None) -> None:
        self._rows = dict(rows or {})
        self._standings: dict[str, Standing] | None = None
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
        """Where each skill stands, without reading whole rows; after an answer, only what it changed."""
        if self._standings is None:
            self._standings = {skill_id: standing_of(row[:STANDING_TEXT]) for skill_id, row in self._rows.items()}
        return self._standings

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
        records = _adopt(rows, self._standings, (skill_id,))
        if self._open is not None:
            others = [s for s in self._open if s != skill_id]
            records._open = (*others, skill_id) if len(rows[skill_id]) > REST_TEXT else tuple(others)
        return records

    def changed(self, records: Mapping[str, SkillRecord]) -> SkillRecords:
        """With records replaced where they stand."""
        changed = {skill_id: pack(record) for skill_id, record in records.items()}
        found = _adopt(self._rows | changed, self._standings, records.keys())
        if self._open is not None and max(map(len, changed.values()), default=0) <= REST_TEXT:
            found._open = tuple([s for s in self._open if s not in changed])
        return found


def _adopt(rows: dict[str, str], standings: dict[str, Standing] | None, changed: Collection[str]) -> SkillRecords:
    records = SkillRecords.__new__(SkillRecords)
    records._rows = rows
    if standings is not None:
        standings = standings | {skill_id: standing_of(rows[skill_id][:STANDING_TEXT]) for skill_id in changed}
    records._standings = standings
    records._open = None
    return records
