"""What a teacher's form says, and what it must not say."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from lti_tool.services.grading.rules import BadRule, GradeRules, read_rules

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def test_an_empty_form_is_practice_done_for_ten_points_and_twelve_tries() -> None:
    rules = read_rules({}, AMSTERDAM)
    assert rules == GradeRules()
    assert (rules.grading, rules.points, rules.attempts_for_full_points, rules.keep_highest) == (
        "practice",
        10,
        12,
        True,
    )


def test_a_due_date_is_read_on_the_districts_clock() -> None:
    rules = read_rules({"posting": "due", "due": "2026-11-30T16:00"}, AMSTERDAM)
    assert rules.due_at == datetime(2026, 11, 30, 15, 0, tzinfo=UTC)


def test_every_field_is_read() -> None:
    form = {
        "grading": "growth",
        "points": "7,5",
        "tries": "20",
        "goal": "4",
        "lowering": "latest",
        "posting": "review",
        "mastery_columns": "skill",
        "deleted_column": "make",
    }
    expected = GradeRules("growth", 7.5, 20, 4, False, "review", None, "skill", True)
    assert read_rules(form, AMSTERDAM) == expected


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("grading", "luck", "unknown-choice"),
        ("posting", "never", "unknown-choice"),
        ("lowering", "", "unknown-choice"),
        ("posting", "due", "no-due-date"),
        ("due", "tomorrow", "bad-date"),
        ("due", "0001-01-01T00:00", "bad-date"),
        ("tries", "0", "bad-number"),
        ("tries", "201", "bad-number"),
        ("tries", "twelve", "bad-number"),
        ("goal", "-1", "bad-number"),
        ("goal", "0", "bad-number"),
        ("points", "nan", "bad-points"),
        ("points", "0", "bad-points"),
        ("points", "1e9", "bad-points"),
        ("points", "ten", "bad-points"),
    ],
)
def test_what_can_not_be_is_refused_by_name(field: str, value: str, code: str) -> None:
    with pytest.raises(BadRule) as refusal:
        read_rules({field: value}, AMSTERDAM)
    assert refusal.value.code == code
