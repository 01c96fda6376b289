"""Alembic's entry: runs on the connection that lti_tool.persistence.migrate opened."""

from typing import Literal

from alembic import context

from lti_tool.persistence.base import UtcDateTime
from lti_tool.persistence.tables import Base


def _render(kind: str, value: object, _: object) -> str | Literal[False]:
    # Migrations stand on their own: they spell our column type out in SQLAlchemy's.
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_render,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
