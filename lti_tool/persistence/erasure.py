"""Erase people from every table, as each table itself declares."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, cast, delete, false, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.persistence.tables import Base
from lti_tool.persistence.tables.audit import AuditEvent

ERASED = "erased"
"""Stands in the audit log where somebody was named who is gone."""
FEW = 20
"""So many names are looked for in the database; for more the audit log is read once."""


def erase_person(session: Session, person_id: str) -> dict[str, int]:
    """Delete or pseudonymise every row about a person; return the number of rows touched by table."""
    touched: Counter[str] = Counter()
    for table in reversed(Base.metadata.sorted_tables):
        for name, erasure in table.info["person_columns"].items():
            theirs = table.columns[name] == person_id
            if erasure == "delete":
                result = session.execute(delete(table).where(theirs))
            else:
                result = session.execute(update(table).where(theirs).values({name: None}))
            touched[table.name] += result.rowcount  # type: ignore[attr-defined]
    return dict(touched)


def pseudonymise_audit(session: Session, names: Sequence[str]) -> int:
    """Take people's ids out of what the audit log says of changes that were about them; return how many events.

    `names` are random ids or an LMS's `sub`, long enough to stand for nobody and nothing else.
    """
    gone = frozenset(names)
    query = select(AuditEvent)
    if len(gone) <= FEW:
        text = cast(AuditEvent.detail, String)
        about = [or_(AuditEvent.subject == name, text.contains(name, autoescape=True)) for name in gone]
        query = query.where(or_(false(), *about))
    changed = 0
    for event in session.scalars(query.execution_options(yield_per=500)):
        subject = ERASED if event.subject in gone else event.subject
        detail = _without(event.detail, gone)
        if (subject, detail) != (event.subject, event.detail):
            event.subject, event.detail = subject, detail
            changed += 1
    return changed


def _without(value: Any, gone: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {(ERASED if key in gone else key): _without(part, gone) for key, part in value.items()}
    if isinstance(value, list):
        return [_without(part, gone) for part in value]
    return ERASED if isinstance(value, str) and value in gone else value
