"""The sentences above the class table."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import Babel

from item_banks.loader import load_banks
from lti_tool.persistence.activities import Activity
from lti_tool.services.attention import Need, NeedKind
from lti_tool.services.class_page import ClassPage, GradeStatus, PupilRow
from lti_tool.services.mistakes import Example, Mistake
from lti_tool.services.roster import RosterStatus
from lti_tool.web.teacher.class_summary import ClassSummary, summarise

ADDING = load_banks()["math-en"].skills["M.NBT2.ADDREG"]
NO_GRADE = GradeStatus("none", None, None, None)


def row(name: str, *, person: str = "f" * 32, grade: GradeStatus = NO_GRADE, started: bool = True) -> PupilRow:
    """A pupil of the table."""
    last = datetime(2026, 11, 22, tzinfo=UTC) if started else None
    return PupilRow(person, name, {}, 3, last, "12", False, grade)


def summary(*pupils: PupilRow, needs: Sequence[Need] = (), mistakes: Sequence[Mistake] = ()) -> ClassSummary:
    """The figures for these pupils in an activity of ten points."""
    page = ClassPage(
        activity=Activity(points=10.0),
        skill_ids=[ADDING.id],
        pupils=pupils,
        roster=RosterStatus(offered=False),
        needs=needs,
        mistakes=mistakes,
        column_problem=None,
    )
    return summarise(page, [ADDING])


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Words need a language."""
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield


def test_who_needs_what_is_said_by_name_with_what_to_do() -> None:
    [line] = summary(
        row("Yusuf", person="y"), row("Ada", person="a"), needs=[Need("stuck", ADDING.id, ("y", "a"))]
    ).needs
    assert (line.what, line.skill, [pupil.name for pupil in line.pupils]) == (
        "Stuck on",
        ADDING.title,
        ["Ada", "Yusuf"],
    )
    assert "worked example" in line.next_step
    assert line.more == ""


def test_of_many_only_six_are_named() -> None:
    rows = [row(f"Pupil {number}", person=str(number), started=False) for number in range(9)]
    [line] = summary(*rows, needs=[Need("not_started", None, tuple(str(number) for number in range(9)))]).needs
    assert (len(line.pupils), line.more, line.skill) == (6, "and 3 more", "")


@pytest.mark.parametrize("kind", ["stuck", "sliding_back", "guessing", "not_started"])
def test_every_need_says_what_to_do_next(kind: NeedKind) -> None:
    [line] = summary(row("Ada", person="a"), needs=[Need(kind, None, ("a",))]).needs
    assert line.what
    assert line.next_step.endswith(".")


def test_a_mistake_is_told_with_who_made_it_and_those_of_skills_that_left_are_not() -> None:
    example = Example("42 − 17", "35", "en")
    told = Mistake(ADDING.id, "smaller_from_larger", "Not yet.", {"a": 3}, example)
    gone = Mistake("M.GONE", "code", "Not yet.", {"a": 2}, example)
    [line] = summary(row("Ada", person="a"), mistakes=[told, gone]).mistakes
    assert [(pupil.name, times) for pupil, times in line.pupils] == [("Ada", 3)]


def test_started_finished_and_refused_are_counted_from_the_same_rows() -> None:
    found = summary(
        row("Ada", grade=GradeStatus("delivered", 10.0, 10.0, None)),
        row("Yusuf", grade=GradeStatus("parked", 5.0, None, "http-404")),
        row("Noa", started=False),
    )
    assert (found.started, found.finished, found.refused) == (2, 1, 1)
