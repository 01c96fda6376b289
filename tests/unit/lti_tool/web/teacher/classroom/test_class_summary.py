"""The sentences above the class table."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import Babel

from engine.learner import SkillReport
from item_banks.loader import load_banks
from lti_tool.persistence.tables.activities import Activity
from lti_tool.services.classroom.attention import Need, NeedKind
from lti_tool.services.classroom.class_page import ClassPage, GradeStatus, PupilRow, Work
from lti_tool.services.classroom.groups import Group
from lti_tool.services.classroom.mistakes import Example, Mistake
from lti_tool.services.platforms.roster import RosterStatus
from lti_tool.web.teacher.classroom.class_summary import ClassSummary, summarise

ADDING = load_banks()["math-en"].skills["M.NBT2.ADDREG"]
REPORT = SkillReport(0.04, 0.2, 0.3, "stuck", 14, ("wrong", "right", "wrong"))
NO_GRADE = GradeStatus("none", None, None, None)


def row(name: str, *, person: str = "f" * 32, grade: GradeStatus = NO_GRADE, started: bool = True) -> PupilRow:
    """A pupil of the table."""
    last = datetime(2026, 11, 22, tzinfo=UTC) if started else None
    return PupilRow(person, name, {ADDING.id: REPORT}, 3 if started else 0, last, "12", False, grade, latest="hqqqh")


def summary(
    *pupils: PupilRow,
    needs: Sequence[Need] = (),
    mistakes: Sequence[Mistake] = (),
    groups: Sequence[Group] = (),
) -> ClassSummary:
    """The figures for these pupils in an activity of ten points."""
    page = ClassPage(
        activity=Activity(points=10.0),
        skill_ids=[ADDING.id],
        pupils=pupils,
        roster=RosterStatus(offered=False),
        needs=needs,
        mistakes=mistakes,
        column_problem=None,
        groups=groups,
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
    skill = ADDING.id if kind in ("stuck", "sliding_back") else None
    found = summary(row("Ada", person="a"), needs=[Need(kind, skill, ("a",))])
    [line] = found.needs
    assert line.what
    assert line.next_step.endswith(".")
    assert line.definition.endswith((".", ")"))
    assert found.headline.startswith("1 pupil ")
    [(who, numbers)] = line.evidence
    assert (who.name, bool(numbers)) == ("Ada", True)


def test_the_numbers_behind_a_name_are_the_models_and_the_latest_answers() -> None:
    [line] = summary(row("Ada", person="a"), needs=[Need("stuck", ADDING.id, ("a",))]).needs
    assert (
        line.evidence[0][1] == "14 answers; meets the standard: 4%; latest, oldest first: not right, right, not right"
    )
    [line] = summary(row("Ada", person="a"), needs=[Need("guessing", None, ("a",))]).needs
    assert line.evidence[0][1] == "3 of the latest 5 answers too quick"


def test_of_a_list_it_says_what_to_do_with_words_and_how_much_of_it_is_known() -> None:
    facts = load_banks()["math-en"].skills["M.OA3.X25"]
    report = SkillReport(0.0, 0.22, 0.3, "growing", 26, ("right", "wrong", "wrong", "wrong", "with_help", "with_help"))
    ada = PupilRow("a", "Ada", {facts.id: report}, 26, None, "", False, NO_GRADE, standstill={facts.id: 0.9})
    page = ClassPage(
        activity=Activity(points=10.0),
        skill_ids=[facts.id],
        pupils=[ada],
        roster=RosterStatus(offered=False),
        needs=[Need("hardly_moving", facts.id, ("a",)), Need("stuck", facts.id, ("a",))],
        mistakes=(),
        column_problem=None,
    )
    [hardly, stuck] = summarise(page, [facts]).needs
    assert hardly.definition.startswith("Hardly getting on with a list")
    assert "three that are missed" in hardly.next_step
    assert "three that are missed" in stuck.next_step
    assert hardly.evidence[0][1] == (
        "26 answers; of the list about 22% is known by now; latest, oldest first: right, 3 × not right, 2 × with help; "
        "chance that it hardly gets on: 90%"
    )


def test_who_did_nothing_lately_is_named() -> None:
    busy = PupilRow("b", "Bo", {ADDING.id: REPORT}, 3, None, "", False, NO_GRADE, week=Work(4.0, 1, 3))
    found = summary(row("Ada", person="a"), busy, row("Cas", person="c", started=False))
    assert (found.practised, [pupil.name for pupil in found.idle]) == (1, ["Ada", "Cas"])


def test_five_lines_stand_first_and_the_others_are_one_click_away() -> None:
    needs = [Need("stuck", ADDING.id, ("a",))] * 7
    found = summary(row("Ada", person="a"), needs=needs)
    assert (len(found.needs), len(found.more_needs)) == (5, 2)


def test_the_first_sentence_has_the_group_for_the_skill_that_most_are_stuck_on() -> None:
    rows = [row(name, person=name) for name in ("Ada", "Noa", "Yusuf")]
    group = Group(ADDING.id, ("Ada", "Noa", "Yusuf"), ("Ada",))
    found = summary(*rows, needs=[Need("stuck", ADDING.id, ("Ada",))], groups=[group])
    assert (found.headline, found.headline_skill) == ("1 pupil is stuck on", ADDING.title)
    assert found.headline_group == found.groups[0]
    assert [pupil.name for pupil in found.groups[0].pupils] == ["Ada", "Noa", "Yusuf"]


def test_a_mistake_is_told_with_who_made_it_and_those_of_skills_that_left_are_not() -> None:
    example = Example("42 − 17", "35", "en")
    told = Mistake(ADDING.id, "smaller_from_larger", "Not yet.", {"a": 3}, example)
    gone = Mistake("M.GONE", "code", "Not yet.", {"a": 2}, example)
    [line] = summary(row("Ada", person="a"), mistakes=[told, gone]).mistakes
    assert [(pupil.name, times) for pupil, times in line.pupils] == [("Ada", 3)]
    assert (line.kind, line.words) == ("", "")


def test_misspellings_of_one_kind_are_gathered_over_words() -> None:
    doubled = Mistake(ADDING.id, "rule", "Not yet.", {"a": 6}, Example("running", "runing", "en"), (6, 8))
    alike = Mistake(ADDING.id, "homophone", "Not yet.", {"a": 2}, Example("their", "there", "en"), (1, 1))
    lines = summary(row("Ada", person="a"), mistakes=[doubled, alike]).mistakes
    assert [(line.kind, line.words) for line in lines] == [
        ("the rule was not used", "6 of 8 words missed"),
        ("the word that sounds the same", "1 of 1 word missed"),
    ]


def test_started_and_finished_are_counted_from_the_same_rows() -> None:
    found = summary(
        row("Ada", grade=GradeStatus("delivered", 10.0, 10.0, None)),
        row("Yusuf", grade=GradeStatus("parked", 5.0, None, "http-404")),
        row("Noa", started=False),
    )
    assert (found.started, found.finished) == (2, 1)
