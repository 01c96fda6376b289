"""What is stored of a pupil: small, exact, and readable by a later release."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.curriculum import Curriculum, ItemRef
from engine.learner import Learner, LearnerError, MemberRecord, Response, SkillRecord, minutes, stored

from .builders import MONDAY, answer, chain, items, one_skill, skills, tutor_for

probability = st.floats(0, 1).map(stored)
records = st.builds(
    SkillRecord,
    probability,
    st.integers(0, 5000),
    st.integers(0, 40_000_000),
    st.sampled_from(["growing", "strong", "kept", "stuck"]),
    st.integers(0, 9),
    st.text("RWDrwdh", max_size=6),
    st.integers(0, 40_000_000),
    st.sampled_from([80, 90]),
    st.sampled_from(["", "a+/"]),
    st.integers(0, 1),
)
members = st.dictionaries(st.text(max_size=5), st.builds(MemberRecord, probability, st.integers(0), st.integers(-1, 1)))
learners = st.builds(
    Learner,
    st.dictionaries(st.text(max_size=5), records, max_size=5),
    st.dictionaries(st.text(max_size=5), members, max_size=3),
    st.lists(st.text("abc+/", min_size=3, max_size=3), max_size=9).map(tuple),
    st.none() | st.text(max_size=5),
    st.integers(0),
)


@given(learners)
def test_any_learner_survives_a_trip_through_json(learner):
    assert Learner.from_json(learner.to_json()) == learner


def test_a_new_learner_takes_no_room():
    assert len(Learner().to_json()) < 100


@pytest.mark.parametrize("text", ["", "[]", "null", '{"v": 1}', '{"v":1,"skills":{"a":[]},"members":{},"recent":""}'])
def test_a_damaged_learner_is_refused_with_what_to_do(text):
    with pytest.raises(LearnerError, match="Rebuild it from the pupil's opportunities"):
        Learner.from_json(text)


def test_a_learner_of_a_later_release_is_refused():
    with pytest.raises(LearnerError, match="version 2"):
        Learner.from_json(Learner().to_json().replace('"v":1', '"v":2'))


def test_a_year_over_a_whole_bank_fits_into_eight_kilobytes():
    ids = [f"M.NBT2.{n:03d}" for n in range(150)]
    bank = [i for s in ids for f in ("typed", "choice4") for i in items(s, f, 10)]
    tutor = tutor_for(Curriculum(chain(*ids), bank))
    learner, rng = tutor.new_learner(), Random(3)
    for n in range(2000):
        now = MONDAY + timedelta(days=n // 12, minutes=n % 12)
        choice = tutor.next_item(learner, now=now, rng=rng)
        if choice is None:
            break
        learner = tutor.observe(learner, Response(choice.item, rng.random() < 0.75), now=now)
    assert len(learner.skills) > 140
    assert len(learner.to_json().encode()) <= 8192


def test_skills_of_an_older_bank_are_carried_along_and_not_reported():
    adding = one_skill()
    older = tutor_for(Curriculum({**skills("add", "gone")}, [*items("add"), *items("gone")]))
    learner = answer(older, older.new_learner(), ["gone.typed.0"], True)
    after = answer(adding, Learner.from_json(learner.to_json()), ["add.typed.0"], True)
    assert after.skills["gone"] == learner.skills["gone"]
    assert set(adding.report(after, now=MONDAY)) == {"add"}


def test_a_time_without_a_zone_is_refused_everywhere():
    tutor, naive = one_skill(), datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - the mistake under test
    response = Response(tutor.curriculum.item("add.typed.0"), True)
    with pytest.raises(ValueError, match="no time zone"):
        tutor.next_item(Learner(), now=naive, rng=Random(1))
    with pytest.raises(ValueError, match="no time zone"):
        tutor.observe(Learner(), response, now=naive)
    with pytest.raises(ValueError, match="no time zone"):
        tutor.report(Learner(), now=naive)


def test_the_same_moment_is_the_same_in_every_zone():
    tokyo = timezone(timedelta(hours=9))
    assert minutes(datetime(2026, 1, 1, 0, 0, tzinfo=UTC)) == minutes(datetime(2026, 1, 1, 9, 0, tzinfo=tokyo))


@pytest.mark.parametrize("details", [{"hints": -1}, {"attempt": 0}, {"seconds": -0.5}, {"outcome": "shrug"}], ids=str)
def test_an_impossible_response_is_refused(details):
    with pytest.raises(ValueError, match=r"unknown|start at"):
        Response(ItemRef("i", ("add",), "typed"), True, **details)
