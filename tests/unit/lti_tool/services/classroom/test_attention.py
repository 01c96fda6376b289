"""Whom a teacher should look at first."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine.learner import SkillReport
from lti_tool.services.classroom.attention import Need, PupilFacts, needs

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OPENED = NOW - timedelta(days=1)


def report(state: str, p: float = 0.2) -> SkillReport:
    return SkillReport(p, p, p, state, 12, ("wrong",))  # type: ignore[arg-type]


def pupil(
    name: str,
    *,
    attempts: int = 12,
    certified: Iterable[str] = (),
    quick: int = 0,
    resting: Iterable[str] = (),
    still: Mapping[str, float] | None = None,
    **skills: SkillReport,
) -> PupilFacts:
    return PupilFacts(
        name,
        skills,
        frozenset(certified),
        attempts,
        "q" * quick + "h" * (10 - quick),
        frozenset(resting),
        dict.fromkeys(skills, 0.9) if still is None else still,
    )


def lines(*pupils: PupilFacts, opened: datetime = OPENED) -> list[Need]:
    return needs(pupils, opened_at=opened, now=NOW)


def test_pupils_stuck_in_one_skill_are_one_line() -> None:
    found = lines(pupil("ada", A=report("stuck")), pupil("noa", A=report("stuck")), pupil("sean", A=report("kept")))
    assert found == [Need("stuck", "A", ("ada", "noa"))]


def test_who_more_likely_than_not_makes_no_headway_hardly_gets_on() -> None:
    growing = report("growing", 0.4)
    assert lines(pupil("ada", A=growing, still={"A": 0.5})) == [Need("hardly_moving", "A", ("ada",))]
    assert lines(pupil("ada", A=growing, still={"A": 0.49})) == []
    assert lines(pupil("ada", A=growing, still={"A": 0.9}, resting=["A"])) == []


def test_what_the_tutor_puts_aside_after_a_few_answers_is_not_yet_the_teachers() -> None:
    assert lines(pupil("ada", A=report("stuck"), still={})) == []
    helped = SkillReport(0.2, 0.2, 0.2, "stuck", 8, ("with_help",) * 6)
    assert lines(pupil("ada", A=helped, still={})) == [Need("stuck", "A", ("ada",))]


def test_a_strong_skill_that_is_open_again_has_slid_back_once_it_is_more_likely_lost_than_not() -> None:
    assert lines(pupil("ada", certified=["A"], A=report("growing", 0.39))) == [Need("sliding_back", "A", ("ada",))]
    assert lines(pupil("ada", certified=["A"], A=report("growing", 0.41), still={})) == []
    assert lines(pupil("ada", certified=["A"], A=report("kept", 0.2))) == [], "the map shows it as kept"
    assert lines(pupil("ada", A=report("growing", 0.1), still={})) == []


def test_two_answers_too_quick_to_be_read_beyond_the_excused_are_guessing_and_one_is_not() -> None:
    assert lines(pupil("ada", quick=2), pupil("noa", quick=1)) == [Need("guessing", None, ("ada",))]


def test_who_has_not_begun_is_named_once_half_of_the_class_has_or_after_three_days() -> None:
    idle, busy = pupil("ada", attempts=0), pupil("noa")
    assert lines(idle, pupil("sean", attempts=0), pupil("zoe", attempts=0), busy) == []
    assert lines(idle, busy) == [Need("not_started", None, ("ada",))]
    late = lines(idle, pupil("sean", attempts=0), busy, opened=NOW - timedelta(days=3))
    assert late == [Need("not_started", None, ("ada", "sean"))]


def test_the_line_with_most_pupils_of_each_kind_comes_before_any_second_line() -> None:
    skills = {f"S{number}": report("stuck") for number in range(6)}
    found = lines(
        pupil("ada", **skills),
        pupil("noa", S3=report("stuck")),
        pupil("lea", quick=5, S1=report("stuck")),
        pupil("zoe", attempts=0),
        pupil("sean", certified=["S2"], S2=report("growing", 0.3)),
    )
    assert found[:4] == [
        Need("stuck", "S3", ("ada", "noa")),
        Need("sliding_back", "S2", ("sean",)),
        Need("guessing", None, ("lea",)),
        Need("not_started", None, ("zoe",)),
    ]
    assert {need.kind for need in found[4:]} == {"stuck"}
    assert len(found) == 9


def test_four_of_thirty_who_are_stuck_in_one_of_ninety_skills_are_the_first_line() -> None:
    growing = {f"S{number}": report("growing", 0.6) for number in range(90)}
    stuck = growing | {"S41": report("stuck")}
    four = ("pupil 3", "pupil 11", "pupil 12", "pupil 29")
    every = [f"pupil {number}" for number in range(30)]
    class_of_30 = [pupil(name, **(stuck if name in four else growing), still={}) for name in every]
    class_of_30 = [replace(each, standstill={"S41": 0.9} if each.person_id in four else {}) for each in class_of_30]
    assert lines(*class_of_30) == [Need("stuck", "S41", four)]


def test_answers_that_nobody_read_say_nothing_about_a_skill() -> None:
    assert lines(pupil("ada", quick=4, A=report("stuck"))) == [Need("guessing", None, ("ada",))]


def test_a_skill_that_the_teacher_has_settled_needs_nobody() -> None:
    assert lines(pupil("ada", resting=["A"], A=report("stuck"))) == []


def test_a_class_without_pupils_needs_nothing() -> None:
    assert lines() == []
