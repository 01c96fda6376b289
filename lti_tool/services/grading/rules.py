"""What a teacher chose a grade to be. Kept in the activity's columns; travels as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.grading.modes import Mode

Posting = Literal["continuous", "completion", "due", "review"]
MasteryColumns = Literal["none", "activity", "skill"]
MIN_POINTS, MAX_POINTS = 1.0, 1000.0
MAX_TRIES, MAX_GOAL = 200, 100


class BadRule(ValueError):  # noqa: N818 - it is the teacher's choice that is bad, and the page says how
    """A field of the form holds what can't be. `code` is put into words by the page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class GradeRules:
    """How an activity is graded; the field names are those of `Activity`."""

    grading: Mode = "practice"
    points: float = 10.0
    attempts_for_full_points: int = 12
    growth_goal: int = 3
    keep_highest: bool = True
    posting: Posting = "continuous"
    due_at: datetime | None = None
    mastery_columns: MasteryColumns = "none"
    remake_column: bool = False
    """Whether a gradebook column that was deleted in the LMS is made again; else its grades are parked."""

    @classmethod
    def of(cls, activity: Activity) -> "GradeRules":
        """The rules of an activity."""
        return cls(**{each.name: getattr(activity, each.name) for each in fields(cls)})

    def values(self) -> dict[str, object]:
        """The activity's columns that hold these rules."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def read_rules(form: Mapping[str, str], zone: ZoneInfo) -> GradeRules:
    """Rules as a form says them; a field that is not there has its default. Raises `BadRule`.

    `due` is wall-clock time in `zone`, as browsers send it: 2026-11-30T16:00.
    """
    posting = cast(Posting, _one_of(form.get("posting", "continuous"), get_args(Posting)))
    due_at = read_moment(form.get("due", ""), zone)
    if posting == "due" and due_at is None:
        raise BadRule("no-due-date")
    return GradeRules(
        grading=cast(Mode, _one_of(form.get("grading", "practice"), get_args(Mode))),
        points=_points(form.get("points", "10")),
        attempts_for_full_points=read_count(form.get("tries", "12"), MAX_TRIES),
        growth_goal=read_count(form.get("goal", "3"), MAX_GOAL),
        keep_highest=_one_of(form.get("lowering", "never"), ("never", "latest")) == "never",
        posting=posting,
        due_at=due_at,
        mastery_columns=cast(MasteryColumns, _one_of(form.get("mastery_columns", "none"), get_args(MasteryColumns))),
        remake_column=_one_of(form.get("deleted_column", "park"), ("park", "make")) == "make",
    )


def read_count(text: str, most: int) -> int:
    """A whole number from 1 to `most`. Raises `BadRule`."""
    digits = text.strip()
    if not digits.isdecimal() or len(digits) > 6 or not 1 <= int(digits) <= most:
        raise BadRule("bad-number")
    return int(digits)


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise BadRule("unknown-choice")
    return value


def _points(text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise BadRule("bad-points") from None
    if not MIN_POINTS <= value <= MAX_POINTS:  # NaN is not between them either
        raise BadRule("bad-points")
    return value


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A moment as browsers send it, on the wall clock of `zone`; None for an empty field. Raises `BadRule`."""
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRule("bad-date") from None
