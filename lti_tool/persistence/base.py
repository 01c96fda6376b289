"""What every table shares: naming, column types, and the mark that says whose personal data it holds."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import DateTime, Dialect, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. SQLite drops the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes: they would silently shift by the server's zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; use datetime.now(UTC).")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give every value its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables, with predictable constraint names (migrations on SQLite need them)."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


Erasure = Literal["delete", "pseudonymise"]


def personal(**columns: Erasure) -> Mapping[str, Any]:
    """`info` of a table that holds data about people: in which columns they stand, and how each is erased.

    "delete" removes the row with the person; "pseudonymise" empties the column and keeps the row, which is about
    somebody or something else.
    """
    return {"person_columns": columns}


def impersonal(reason: str) -> Mapping[str, Any]:
    """`info` of a table without personal data, with the reason why there is none."""
    return {"person_columns": {}, "reason": reason}


def random_id() -> str:
    """A random identifier of 128 bits that says nothing about what it names."""
    return secrets.token_urlsafe(16)
