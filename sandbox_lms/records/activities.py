"""Activities (resource links) of a course and their gradebook columns (line items)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox_lms.errors import Refused
from sandbox_lms.records.database import Database


@dataclass(frozen=True)
class ResourceLink:
    """A link to the tool in a course (LTI Core 1.3, section 3.1.3). Times are ISO 8601 text as the tool gave them."""

    id: int
    course_id: str
    title: str
    text: str
    url: str
    custom: Mapping[str, str]
    available_from: str | None
    due: str | None
    tool_id: int
    history: str


@dataclass(frozen=True)
class LineItem:
    """A column of the gradebook (AGS 2.0, section 3.2). `resource_link_id` couples it to an activity.

    `tool_id` is the tool that may manage it. `allowed_attempts` is None for any number.
    """

    id: int
    course_id: str
    resource_link_id: int | None
    label: str
    score_maximum: float
    resource_id: str | None
    tag: str | None
    start_time: str | None
    end_time: str | None
    tool_id: int
    allowed_attempts: int | None


@dataclass(frozen=True)
class NewLineItem:
    """What makes a line item: `score_maximum` in points, greater than 0."""

    label: str
    score_maximum: float
    resource_link_id: int | None = None
    resource_id: str | None = None
    tag: str | None = None
    start_time: str | None = None
    end_time: str | None = None


@dataclass(frozen=True)
class NewLink:
    """What makes an activity; with a `line_item` it gets a column of its own."""

    title: str
    url: str
    text: str = ""
    custom: Mapping[str, str] | None = None
    available_from: str | None = None
    due: str | None = None
    line_item: NewLineItem | None = None


def add_links(connection: sqlite3.Connection, course_id: str, links: list[NewLink], tool_id: int) -> list[int]:
    """Create activities of a tool, each with its column if it has one, inside the caller's transaction.

    Returns their ids.
    """
    return [_add_link(connection, course_id, link, tool_id) for link in links]


def _add_link(connection: sqlite3.Connection, course_id: str, link: NewLink, tool_id: int) -> int:
    cursor = connection.execute(
        "INSERT INTO resource_link (course_id, title, text, url, custom, available_from, due, tool_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            course_id,
            link.title,
            link.text,
            link.url,
            json.dumps(dict(link.custom or {})),
            link.available_from,
            link.due,
            tool_id,
        ),
    )
    link_id = int(cursor.lastrowid or 0)
    if link.line_item:
        add_line_item(connection, course_id, link.line_item, tool_id, resource_link_id=link_id)
    return link_id


def add_line_item(
    connection: sqlite3.Connection, course_id: str, item: NewLineItem, tool_id: int, *, resource_link_id: int | None
) -> int:
    """Create a column of a tool inside the caller's transaction. Returns its id."""
    cursor = connection.execute(
        "INSERT INTO line_item (course_id, resource_link_id, label, score_maximum, resource_id, tag,"
        " start_time, end_time, tool_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            course_id,
            resource_link_id,
            item.label,
            item.score_maximum,
            item.resource_id,
            item.tag,
            item.start_time,
            item.end_time,
            tool_id,
        ),
    )
    return int(cursor.lastrowid or 0)


def links(database: Database, course_id: str) -> list[ResourceLink]:
    """The activities of a course, oldest first."""
    return [
        _link(row) for row in database.rows("SELECT * FROM resource_link WHERE course_id = ? ORDER BY id", course_id)
    ]


def link(database: Database, course_id: str, link_id: int) -> ResourceLink:
    """One activity of this course. Raises Refused 404."""
    row = database.row("SELECT * FROM resource_link WHERE id = ? AND course_id = ?", link_id, course_id)
    if row is None:
        raise Refused(404, "This activity does not exist in this class. Perhaps it was deleted.")
    return _link(row)


def rename_link(database: Database, link_id: int, title: str) -> None:
    """Give an activity another title; its column keeps its own label, as in most LMSs."""
    with database.transaction() as connection:
        connection.execute("UPDATE resource_link SET title = ? WHERE id = ?", (title, link_id))


def delete_link(database: Database, link_id: int) -> None:
    """Delete an activity with its columns and their scores."""
    with database.transaction() as connection:
        connection.execute("DELETE FROM resource_link WHERE id = ?", (link_id,))


def line_items(database: Database, course_id: str) -> list[LineItem]:
    """The columns of a course, oldest first."""
    return [
        _line_item(row) for row in database.rows("SELECT * FROM line_item WHERE course_id = ? ORDER BY id", course_id)
    ]


def line_item(database: Database, course_id: str, line_item_id: int) -> LineItem:
    """One column of this course. Raises Refused 404."""
    row = database.row("SELECT * FROM line_item WHERE id = ? AND course_id = ?", line_item_id, course_id)
    if row is None:
        raise Refused(404, "There is no such line item in this course.")
    return _line_item(row)


def update_line_item(database: Database, line_item_id: int, item: NewLineItem) -> None:
    """Replace what a tool may change of a column. Grades keep their share of the new maximum."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE line_item SET label = ?, score_maximum = ?, resource_id = ?, tag = ?, start_time = ?, end_time = ?"
            " WHERE id = ?",
            (item.label, item.score_maximum, item.resource_id, item.tag, item.start_time, item.end_time, line_item_id),
        )


def allow_attempts(database: Database, line_item_id: int, attempts: int | None) -> None:
    """Limit how often a pupil may hand in for a column; None lifts the limit."""
    with database.transaction() as connection:
        connection.execute("UPDATE line_item SET allowed_attempts = ? WHERE id = ?", (attempts, line_item_id))


def delete_line_item(database: Database, line_item_id: int) -> None:
    """Delete a column with its scores."""
    with database.transaction() as connection:
        connection.execute("DELETE FROM line_item WHERE id = ?", (line_item_id,))


def _link(row: sqlite3.Row) -> ResourceLink:
    return ResourceLink(
        id=row["id"],
        course_id=row["course_id"],
        title=row["title"],
        text=row["text"],
        url=row["url"],
        custom=json.loads(row["custom"]),
        available_from=row["available_from"],
        due=row["due"],
        tool_id=row["tool_id"],
        history=row["history"],
    )


def _line_item(row: sqlite3.Row) -> LineItem:
    return LineItem(**{name: row[name] for name in LineItem.__dataclass_fields__})
