"""Scores: what makes one acceptable (AGS 2.0, section 3.4), what the gradebook shows of them, and their history."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox_lms.errors import Refused
from sandbox_lms.families.base import ScoreRules
from sandbox_lms.records import school
from sandbox_lms.records.activities import LineItem
from sandbox_lms.records.database import Database, instant

ACTIVITY_PROGRESS = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
GRADING_PROGRESS = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")
STANDARD = ScoreRules()
LARGEST_POINTS = 1e9
CLOCK_TOLERANCE = timedelta(seconds=30)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class ScoreMessage:
    """A well-formed score. `given` and `maximum` are points on the tool's own scale, or None without a grade."""

    user_id: str
    timestamp: datetime
    activity_progress: str
    grading_progress: str
    given: float | None
    maximum: float | None
    comment: str | None
    attempt: bool = False
    """Whether it is a new attempt of the pupil, in an LMS that counts them."""


@dataclass(frozen=True)
class Grade:
    """One cell of the gradebook: the last accepted score. `score` is in points of the column, None if not graded.

    `attempts` is how many the pupil has used up, in an LMS that counts them.
    """

    score: float | None
    maximum: float
    comment: str | None
    activity_progress: str
    grading_progress: str
    timestamp: str
    received_at: str
    attempts: int = 0


@dataclass(frozen=True)
class ReceivedScore:
    """One score as it arrived. `refused` is the reason, None for an accepted one; `person_id` None if unknown."""

    person_id: str | None
    received_at: str
    body: str
    refused: str | None
    timestamp: str | None
    score_given: float | None
    score_maximum: float | None
    activity_progress: str | None
    grading_progress: str | None
    comment: str | None


def parse_score(text: str, rules: ScoreRules = STANDARD) -> ScoreMessage:
    """Read a score as AGS 2.0, section 3.4 wants it. Raises Refused 400 that names the first fault."""
    body = json_object(text)
    user_id = body.get("userId")
    if not isinstance(user_id, str) or not user_id:
        raise Refused(400, "userId is missing or is no text.")
    for name, allowed in (("activityProgress", ACTIVITY_PROGRESS), ("gradingProgress", GRADING_PROGRESS)):
        if body.get(name) not in allowed:
            raise Refused(400, f"{name} must be one of {', '.join(allowed)}.")
    given, maximum = (points(body, name) for name in ("scoreGiven", "scoreMaximum"))
    if given is not None and maximum is None:
        raise Refused(rules.missing_maximum_status, "scoreGiven needs scoreMaximum.")
    if maximum == 0:
        raise Refused(400, "scoreMaximum must be greater than 0.")
    comment = body.get("comment")
    if comment is not None and not isinstance(comment, str):
        raise Refused(400, "comment must be text.")
    return ScoreMessage(
        user_id=user_id,
        timestamp=_timestamp(body),
        activity_progress=body["activityProgress"],
        grading_progress=body["gradingProgress"],
        given=given,
        maximum=maximum,
        comment=comment,
        attempt=_is_attempt(body, rules.submission_extension),
    )


def json_object(text: str) -> dict[str, Any]:
    """A JSON object, without the NaN and Infinity that are no JSON. Raises Refused 400."""

    def refuse_constant(name: str) -> None:
        raise ValueError(f"{name} is no JSON")

    try:
        body = json.loads(text, parse_constant=refuse_constant)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text that we could store
    except (ValueError, RecursionError) as problem:
        raise Refused(400, f"The body is no JSON: {problem}.") from problem
    if not isinstance(body, dict):
        raise Refused(400, "The body must be a JSON object.")
    return body


def points(body: Mapping[str, Any], name: str) -> float | None:
    """A number of points from 0 up, or None if it is not there. Raises Refused 400."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST_POINTS:
        raise Refused(400, f"{name} must be a number from 0 up.")
    return float(value)


def receive_score(
    database: Database, item: LineItem, text: str, rules: ScoreRules = STANDARD, *, now: datetime
) -> ScoreMessage:
    """Take in one score for a column, or raise Refused; either way the history keeps what arrived."""
    person_id = None
    try:
        message = parse_score(text, rules)
        person_id = _graded_person(database, item.course_id, message.user_id, rules)
        if rules.future_refused and message.timestamp > now + CLOCK_TOLERANCE:
            raise Refused(400, "timestamp is in the future.")
        _store(database, item, person_id, text, message, rules, now)
        return message
    except Refused as refusal:
        record_refusal(database, item.id, person_id, text, refusal.reason, now=now)
        raise


def fill_empty_cells(database: Database, item: LineItem, *, now: datetime) -> None:
    """Give a 0 to whoever has a score in the course and none in this column, as a careless scaling of grades does."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO score (line_item_id, person_id, received_at, body, timestamp, score_given, score_maximum,"
            " activity_progress, grading_progress, attempt)"
            " SELECT ?, person_id, ?, '', ?, 0, ?, 'Completed', 'FullyGraded', 0 FROM score"
            " JOIN line_item ON line_item.id = score.line_item_id AND line_item.course_id = ? AND refused IS NULL"
            " GROUP BY person_id HAVING sum(line_item.id = ? AND score_given IS NOT NULL) = 0",
            (item.id, instant(now), instant(now), item.score_maximum, item.course_id, item.id),
        )


def record_refusal(
    database: Database, line_item_id: int, person_id: str | None, text: str, reason: str, *, now: datetime
) -> None:
    """Keep a refused score, so that a teacher or an administrator can see why a grade is missing."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO score (line_item_id, person_id, received_at, body, refused) VALUES (?, ?, ?, ?, ?)",
            (line_item_id, person_id, instant(now), text, reason),
        )


def grades(database: Database, item: LineItem, rules: ScoreRules = STANDARD) -> dict[str, Grade]:
    """The cells of one column by person id: for each pupil the last accepted score.

    Only a FullyGraded score with points is a grade (section 3.4.6): anything else empties the cell and says
    how far the pupil is.
    """
    rows = database.rows("SELECT * FROM score WHERE line_item_id = ? AND refused IS NULL ORDER BY id", item.id)
    found: dict[str, Grade] = {}
    for row in rows:
        before = found.get(str(row["person_id"]))
        graded = row["grading_progress"] in rules.counted_progress and row["score_given"] is not None
        found[str(row["person_id"])] = Grade(
            score=row["score_given"] / row["score_maximum"] * item.score_maximum if graded else None,
            maximum=item.score_maximum,
            comment=_comment(row["comment"], before, rules),
            attempts=(before.attempts if before else 0) + row["attempt"],
            activity_progress=row["activity_progress"],
            grading_progress=row["grading_progress"],
            timestamp=row["timestamp"],
            received_at=row["received_at"],
        )
    return found


def history(database: Database, line_item_id: int, person_id: str | None = None) -> list[ReceivedScore]:
    """Every score that arrived for a column, newest first; for one pupil's cell only if a person is given."""
    rows = database.rows(
        "SELECT * FROM score WHERE line_item_id = ? AND (? IS NULL OR person_id = ?) ORDER BY id DESC",
        line_item_id,
        person_id,
        person_id,
    )
    return [ReceivedScore(**{name: row[name] for name in ReceivedScore.__dataclass_fields__}) for row in rows]


def _timestamp(body: Mapping[str, Any]) -> datetime:
    text = body.get("timestamp")
    if not isinstance(text, str) or not _TIMESTAMP.fullmatch(text):
        raise Refused(400, "timestamp must be ISO 8601 with fractions of a second and a time zone.")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise Refused(400, f"timestamp: {problem}.") from problem


def _graded_person(database: Database, course_id: str, user_id: str, rules: ScoreRules) -> str:
    for member in school.members(database, course_id):
        if member.person.sub == user_id and member.status == "Active":
            if member.role == "Learner":
                return member.person.id
            raise Refused(rules.role_not_graded_status, "userId is no active pupil of this course, but a teacher.")
    raise Refused(rules.not_enrolled_status, "userId is no active pupil of this course, so nothing can be graded.")


def _is_attempt(body: Mapping[str, Any], extension: str | None) -> bool:
    if extension is None:
        return False
    submission = body.get(extension, {})
    if not isinstance(submission, dict) or not isinstance(submission.get("new_submission", True), bool):
        raise Refused(400, f"{extension} must be an object, and its new_submission true or false.")
    return bool(submission.get("new_submission", True))


def _comment(comment: str | None, before: Grade | None, rules: ScoreRules) -> str | None:
    if rules.comments_pile_up and before and before.comment:
        return f"{before.comment}\n{comment}" if comment else before.comment
    return comment


def _check_newer(
    connection: sqlite3.Connection, item: LineItem, person_id: str, message: ScoreMessage, rules: ScoreRules
) -> None:
    newest = connection.execute(
        "SELECT max(timestamp) FROM score WHERE line_item_id = ? AND person_id = ? AND refused IS NULL"
        " AND (NOT ? OR (score_given IS NOT NULL AND grading_progress = 'FullyGraded'))",
        (item.id, person_id, rules.only_grades_have_moments),
    ).fetchone()[0]
    if newest is None:
        return
    stored, offered = datetime.fromisoformat(newest), message.timestamp
    if rules.whole_seconds:
        stored, offered = stored.replace(microsecond=0), offered.replace(microsecond=0)
    if offered < stored or (offered == stored and rules.same_moment_is_stale):
        reason = f"A score with the timestamp {newest} is already here, and this one is not newer."
        raise Refused(rules.stale_status, reason)


def _check_attempts(connection: sqlite3.Connection, item: LineItem, person_id: str) -> None:
    used = connection.execute(
        "SELECT sum(attempt) FROM score WHERE line_item_id = ? AND person_id = ? AND refused IS NULL",
        (item.id, person_id),
    ).fetchone()[0]
    if item.allowed_attempts is not None and (used or 0) >= item.allowed_attempts:
        raise Refused(422, "The pupil has used up all attempts that the teacher allows.")


def _store(
    database: Database,
    item: LineItem,
    person_id: str,
    text: str,
    message: ScoreMessage,
    rules: ScoreRules,
    now: datetime,
) -> None:
    with database.transaction() as connection:
        _check_newer(connection, item, person_id, message, rules)
        if message.attempt:
            _check_attempts(connection, item, person_id)
        connection.execute(
            "INSERT INTO score (line_item_id, person_id, received_at, body, timestamp, score_given, score_maximum,"
            " activity_progress, grading_progress, comment, attempt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                item.id,
                person_id,
                instant(now),
                text,
                instant(message.timestamp),
                message.given,
                message.maximum,
                message.activity_progress,
                message.grading_progress,
                message.comment,
                message.attempt,
            ),
        )
