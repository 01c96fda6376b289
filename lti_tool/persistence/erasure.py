"""Erase one person from every table, as each table itself declares."""

from collections import Counter

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from lti_tool.persistence.tables import Base


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
