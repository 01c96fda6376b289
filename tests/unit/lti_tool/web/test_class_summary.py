"""The sentences above the class table."""

from datetime import UTC, datetime

from engine.learner import SkillReport
from item_banks.loader import load_banks
from lti_tool.persistence.activities import Activity
from lti_tool.services.class_page import ClassPage, GradeStatus, PupilRow
from lti_tool.web.teacher.class_summary import ClassSummary, summarise

ADDING = load_banks()["math-en"].skills["M.NBT2.ADDREG"]
NO_GRADE = GradeStatus("none", None, None, None)


def row(name: str, *, state: str = "", grade: GradeStatus = NO_GRADE, started: bool = True) -> PupilRow:
    """A pupil of the table."""
    skills = {ADDING.id: SkillReport(0.1, 0.1, 0.3, state, 9, 9.0)} if state else {}  # type: ignore[arg-type]
    last = datetime(2026, 11, 22, tzinfo=UTC) if started else None
    return PupilRow("f" * 32, name, skills, 3, last, "12", False, grade)


def summary(*pupils: PupilRow) -> ClassSummary:
    """The figures for these pupils in an activity of ten points."""
    return summarise(ClassPage(Activity(points=10.0), [ADDING.id], pupils), [ADDING])


def test_who_is_stuck_is_named_with_the_skill() -> None:
    found = summary(row("Ada", state="stuck"), row("Yusuf", state="strong"))
    assert found.stuck == [(ADDING.title, ["Ada"])]


def test_nobody_stuck_is_no_sentence() -> None:
    assert summary(row("Ada")).stuck == []


def test_started_finished_and_refused_are_counted_from_the_same_rows() -> None:
    found = summary(
        row("Ada", grade=GradeStatus("delivered", 10.0, 10.0, None)),
        row("Yusuf", grade=GradeStatus("parked", 5.0, None, "http-404")),
        row("Noa", started=False),
    )
    assert (found.started, found.finished, found.refused) == (2, 1, 1)
