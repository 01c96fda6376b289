"""Copies a class for a new school year: activities, settings and columns come along, grades stay behind."""

from __future__ import annotations

import secrets
import sqlite3
from urllib.parse import quote

from sandbox_lms.records.database import Database
from sandbox_lms.records.people import Course

LABEL_LENGTH = 4


def copy_course(database: Database, course: Course, *, title: str, with_pupils: bool) -> str:
    """Make a new class like another one, and return its id.

    Every copied link has a new id and remembers the ones that it had before, and so does the class (LTI Core 1.3,
    appendix B: `ResourceLink.id.history`, `Context.id.history`). Custom parameters and resource ids stay as they are.
    """
    copied = f"class-{secrets.token_hex(4)}"
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO course (id, label, title, history) VALUES (?, ?, ?, ?)",
            (copied, title.split()[-1][:LABEL_LENGTH], title, remembered(course.id, course.history)),
        )
        connection.execute(
            "INSERT INTO membership (course_id, person_id, role, sub_role)"
            " SELECT ?, person_id, role, sub_role FROM membership"
            " WHERE course_id = ? AND status = 'Active' AND (role = 'Instructor' OR ?)",
            (copied, course.id, with_pupils),
        )
        links = _copy_links(connection, course.id, copied)
        _copy_columns(connection, course.id, copied, links)
    return copied


def remembered(last: str, before: str) -> str:
    """A history with one more id at its front: comma-separated, newest first, each URL-encoded."""
    return ",".join(filter(None, (quote(last, safe=""), before)))


def _copy_links(connection: sqlite3.Connection, course_id: str, copied: str) -> dict[int, int]:
    """Copy the links; return the new id of each."""
    rows = connection.execute("SELECT * FROM resource_link WHERE course_id = ? ORDER BY id", (course_id,)).fetchall()
    return {row["id"]: _insert(connection, "resource_link", row, _moved(row, copied)) for row in rows}


def _moved(row: sqlite3.Row, copied: str) -> dict[str, object]:
    return {"course_id": copied, "history": remembered(str(row["id"]), row["history"])}


def _copy_columns(connection: sqlite3.Connection, course_id: str, copied: str, links: dict[int, int]) -> None:
    for row in connection.execute("SELECT * FROM line_item WHERE course_id = ? ORDER BY id", (course_id,)).fetchall():
        link_id = links.get(row["resource_link_id"])
        _insert(connection, "line_item", row, {"course_id": copied, "resource_link_id": link_id})


def _insert(connection: sqlite3.Connection, table: str, row: sqlite3.Row, changes: dict[str, object]) -> int:
    values = {name: row[name] for name in row.keys() if name != "id"} | changes  # noqa: SIM118 - a Row is no dict
    places = ", ".join("?" * len(values))
    cursor = connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})",  # noqa: S608 - names of our own schema
        tuple(values.values()),
    )
    return int(cursor.lastrowid or 0)
