"""One SQLite database behind one lock: a practice LMS has few visitors, and its history must survive a restart."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tool (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id TEXT NOT NULL UNIQUE,
    active INTEGER NOT NULL,
    registration TEXT NOT NULL              -- JSON of ToolRegistration
);
CREATE TABLE IF NOT EXISTS registration_token (
    token_hash TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,                -- what the tool will be called, or is called already
    tool_id INTEGER REFERENCES tool,        -- NULL: a new tool
    expires_at TEXT NOT NULL,
    used_at TEXT
);
CREATE TABLE IF NOT EXISTS person (
    id TEXT PRIMARY KEY,
    sub TEXT NOT NULL UNIQUE,               -- what a tool is told; not the id that our own pages use
    name TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,              -- '' for a person with a single name
    kind TEXT NOT NULL CHECK (kind IN ('teacher', 'pupil', 'admin'))
);
CREATE TABLE IF NOT EXISTS course (
    id TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    title TEXT NOT NULL,
    history TEXT NOT NULL DEFAULT ''        -- ids of the courses that it was copied from, newest first
);
CREATE TABLE IF NOT EXISTS membership (
    course_id TEXT NOT NULL REFERENCES course ON DELETE CASCADE,
    person_id TEXT NOT NULL REFERENCES person ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('Instructor', 'Learner')),
    status TEXT NOT NULL DEFAULT 'Active' CHECK (status IN ('Active', 'Inactive')),
    sub_role TEXT CHECK (sub_role IN ('TeachingAssistant')),    -- a teacher who does not edit
    PRIMARY KEY (course_id, person_id)
);
CREATE TABLE IF NOT EXISTS resource_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- an id is never used twice
    course_id TEXT NOT NULL REFERENCES course ON DELETE CASCADE,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    url TEXT NOT NULL,
    custom TEXT NOT NULL,                   -- JSON object of strings
    available_from TEXT,
    due TEXT,
    tool_id INTEGER NOT NULL DEFAULT 1,
    history TEXT NOT NULL DEFAULT ''        -- ids of the links that it was copied from, newest first
);
CREATE TABLE IF NOT EXISTS line_item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    course_id TEXT NOT NULL REFERENCES course ON DELETE CASCADE,
    resource_link_id INTEGER REFERENCES resource_link ON DELETE CASCADE,
    label TEXT NOT NULL,
    score_maximum REAL NOT NULL,
    resource_id TEXT,
    tag TEXT,
    start_time TEXT,
    end_time TEXT,
    tool_id INTEGER NOT NULL DEFAULT 1,     -- the tool that may manage it
    allowed_attempts INTEGER                -- NULL: any number
);
CREATE TABLE IF NOT EXISTS score (          -- every score ever received, refused ones too; nothing is updated
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    line_item_id INTEGER NOT NULL REFERENCES line_item ON DELETE CASCADE,
    person_id TEXT,
    received_at TEXT NOT NULL,
    body TEXT NOT NULL,
    refused TEXT,                           -- the reason; NULL for an accepted score
    timestamp TEXT,
    score_given REAL,
    score_maximum REAL,
    activity_progress TEXT,
    grading_progress TEXT,
    comment TEXT,
    attempt INTEGER NOT NULL DEFAULT 0      -- whether it used up one of the pupil's attempts
);
CREATE INDEX IF NOT EXISTS score_cell ON score (line_item_id, person_id);
CREATE TABLE IF NOT EXISTS launch (
    message_hint TEXT PRIMARY KEY,
    login_hint TEXT NOT NULL,
    session_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    course_id TEXT NOT NULL,
    resource_link_id INTEGER REFERENCES resource_link ON DELETE CASCADE,   -- NULL: a deep-linking request
    document_target TEXT NOT NULL,
    created_at TEXT NOT NULL,
    used_at TEXT,
    tool_id INTEGER NOT NULL DEFAULT 1,
    student_view INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS deep_link (
    id TEXT PRIMARY KEY,
    course_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    settings TEXT NOT NULL,                 -- the deep_linking_settings claim as sent
    created_at TEXT NOT NULL,
    used_at TEXT,
    tool_id INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS seen (           -- nonces and jtis that must not come back
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE TABLE IF NOT EXISTS access_token (
    token_hash TEXT PRIMARY KEY,
    scopes TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    tool_id INTEGER NOT NULL DEFAULT 1
);
"""
LATER_COLUMNS = (
    ("course", "history TEXT NOT NULL DEFAULT ''"),
    ("membership", "sub_role TEXT"),
    ("resource_link", "tool_id INTEGER NOT NULL DEFAULT 1"),
    ("resource_link", "history TEXT NOT NULL DEFAULT ''"),
    ("line_item", "tool_id INTEGER NOT NULL DEFAULT 1"),
    ("line_item", "allowed_attempts INTEGER"),
    ("score", "attempt INTEGER NOT NULL DEFAULT 0"),
    ("launch", "tool_id INTEGER NOT NULL DEFAULT 1"),
    ("launch", "student_view INTEGER NOT NULL DEFAULT 0"),
    ("deep_link", "tool_id INTEGER NOT NULL DEFAULT 1"),
    ("access_token", "tool_id INTEGER NOT NULL DEFAULT 1"),
)
"""Columns that came after the first version: a practice LMS with data from then gets them at its next start."""


def instant(moment: datetime) -> str:
    """An aware datetime as UTC text of fixed width, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Database:
    """The LMS's memory. Any thread may use it; a transaction excludes all others."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        # Tests make many short-lived LMSs: whoever forgets one must not leave an open file behind.
        self.close = weakref.finalize(self, self._connection.close)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(SCHEMA)
        for table, column in LATER_COLUMNS:
            known = {row["name"] for row in self._connection.execute(f"PRAGMA table_info({table})")}
            if column.split()[0] not in known:
                self._connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside happens, or nothing does."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        rows = self.rows(sql, *values)
        return rows[0] if rows else None

    def setting(self, name: str, make: Callable[[], str]) -> str:
        """The stored value of a setting; the first time it is made, then kept for ever."""
        with self.transaction() as connection:
            stored = connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
            if stored:
                return str(stored["value"])
            value = make()
            connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, value))
            return value

    def first_time(self, kind: str, value: str, *, expires: datetime, now: datetime) -> bool:
        """Whether this nonce or jti was never seen before; from now on it was. Forgotten after `expires`."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM seen WHERE expires_at < ?", (instant(now),))
            cursor = connection.execute(
                "INSERT OR IGNORE INTO seen (kind, value, expires_at) VALUES (?, ?, ?)", (kind, value, instant(expires))
            )
            return cursor.rowcount == 1
