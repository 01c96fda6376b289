"""The tools that this LMS knows: one from its settings, and those that registered themselves."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from dataclasses import dataclass

from sandbox_lms.config import ToolRegistration
from sandbox_lms.errors import Refused
from sandbox_lms.records.database import Database


@dataclass(frozen=True)
class Tool(ToolRegistration):
    """A registered tool. `id` is its number here; a tool that is not active can neither be launched nor ask."""

    id: int = 0
    active: bool = False


def keep_configured(database: Database, registration: ToolRegistration) -> None:
    """Register the tool of the settings, or bring it up to date; an administrator's switch stays as it is."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO tool (client_id, active, registration) VALUES (?, 1, ?)"
            " ON CONFLICT (client_id) DO UPDATE SET registration = excluded.registration",
            (registration.client_id, _json(registration)),
        )


def tools(database: Database) -> list[Tool]:
    """All tools, oldest first."""
    return [_tool(row) for row in database.rows("SELECT * FROM tool ORDER BY id")]


def tool(database: Database, tool_id: int) -> Tool:
    """One tool. Raises Refused 404."""
    row = database.row("SELECT * FROM tool WHERE id = ?", tool_id)
    if row is None:
        raise Refused(404, "There is no such tool here.")
    return _tool(row)


def active_tool(database: Database, tool_id: int) -> Tool:
    """One tool that may be launched. Raises Refused 404 or 403."""
    found = tool(database, tool_id)
    if not found.active:
        raise Refused(403, f"{found.name} is not switched on. The administrator can do that.")
    return found


def client(database: Database, client_id: str | None) -> Tool | None:
    """The active tool with this client_id."""
    row = database.row("SELECT * FROM tool WHERE client_id = ? AND active = 1", client_id)
    return _tool(row) if row else None


def add(connection: sqlite3.Connection, registration: ToolRegistration) -> int:
    """Register a tool inside the caller's transaction; it waits to be activated. Returns its number."""
    cursor = connection.execute(
        "INSERT INTO tool (client_id, active, registration) VALUES (?, 0, ?)",
        (registration.client_id, _json(registration)),
    )
    return int(cursor.lastrowid or 0)


def change(connection: sqlite3.Connection, tool_id: int, registration: ToolRegistration) -> None:
    """Replace what is known of a tool inside the caller's transaction; it stays active or not."""
    connection.execute("UPDATE tool SET registration = ? WHERE id = ?", (_json(registration), tool_id))


def switch(database: Database, tool_id: int, active: bool) -> None:
    """Activate a tool, or switch it off."""
    with database.transaction() as connection:
        connection.execute("UPDATE tool SET active = ? WHERE id = ?", (active, tool_id))


def _json(registration: ToolRegistration) -> str:
    names = [field.name for field in dataclasses.fields(ToolRegistration)]
    return json.dumps({name: getattr(registration, name) for name in names})


def _tool(row: sqlite3.Row) -> Tool:
    values = json.loads(row["registration"])
    for name in ("redirect_uris", "scopes"):
        values[name] = tuple(values[name])
    return Tool(**values, id=row["id"], active=bool(row["active"]))
