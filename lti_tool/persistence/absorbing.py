"""Let one row take over everything that refers to another, by what the tables themselves declare."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, and_, delete, select, update
from sqlalchemy.orm import Session

from lti_tool.persistence.tables import Base

Row = dict[str, Any]


def absorb(session: Session, table: Table, kept: Any, gone: Any) -> None:
    """Point every row that refers to `gone` to `kept`, then delete `gone`; both are primary keys of `table`.

    Where both had the same (a membership in one course, a score in one column), the one of `kept` stands, and takes
    over in turn what refers to the other.
    """
    for child, column in _references(table):
        rows = session.execute(select(child).where(column == gone)).mappings().all()
        for row in map(dict, rows):
            moved = row | {column.name: kept}
            twin = _twin(session, child, column, moved)
            if twin is None:
                session.execute(update(child).where(_is(child, row)).values({column.name: kept}))
            else:
                _replace(session, child, twin, row)
    [key] = table.primary_key.columns
    session.execute(delete(table).where(key == gone))


def _replace(session: Session, table: Table, kept: Row, gone: Row) -> None:
    keys = list(table.primary_key.columns)
    if len(keys) == 1 and not keys[0].foreign_keys:
        absorb(session, table, kept[keys[0].name], gone[keys[0].name])
    else:
        session.execute(delete(table).where(_is(table, gone)))


def _references(table: Table) -> Iterator[tuple[Table, Column[Any]]]:
    for child in Base.metadata.sorted_tables:
        for column in child.columns:
            if any(key.column.table is table for key in column.foreign_keys):
                yield child, column


def _twin(session: Session, table: Table, column: Column[Any], moved: Row) -> Row | None:
    """The row that `moved` would collide with, if there is one."""
    for names in _unique_keys(table):
        if column.name in names and all(moved[name] is not None for name in names):
            same = and_(*(table.columns[name] == moved[name] for name in names))
            found = session.execute(select(table).where(same)).mappings().first()
            if found is not None:
                return dict(found)
    return None


def _unique_keys(table: Table) -> Iterator[list[str]]:
    yield [column.name for column in table.primary_key.columns]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield [column.name for column in constraint.columns]


def _is(table: Table, row: Row) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key.columns))
