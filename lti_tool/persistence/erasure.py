"""Erase one person from every table, as each table itself declares."""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from lti_tool.persistence.tables import Base


def erase_person(session: Session, person_id: str) -> dict[str, int]:
    """Delete or pseudonymise every row about a person; return the number of rows touched by table."""
    touched = {}
    for table in reversed(Base.metadata.sorted_tables):
        column_name = table.info["person_column"]
        if column_name is None:
            continue
        column = table.columns[column_name]
        if table.info["erasure"] == "delete":
            result = session.execute(delete(table).where(column == person_id))
        else:
            result = session.execute(update(table).where(column == person_id).values({column_name: None}))
        touched[table.name] = result.rowcount  # type: ignore[attr-defined]
    return touched
