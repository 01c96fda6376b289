"""What is stored of a pupil: small, exact, and readable by a later release."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.beliefs.records import Detail, Form, SkillRecord, StartAnswer, pack, settled_member, unpack
from engine.beliefs.skill_records import SkillRecords
from engine.beliefs.traits import Traits, settled_traits
from engine.curriculum import Curriculum, ItemRef
from engine.learner import Learner, LearnerError, Response, minutes
from engine.parameters import ParameterSet
from engine.population import CLASSES, GROWTH_RATES
from engine.predictor import NEW_LEARNER, PredictorParameters
from engine.tutor import Tutor

from .builders import MONDAY, answer, chain, items, one_skill, skills, tutor_for

probability = st.floats(0, 1)
times = st.integers(0, 40_000_000)
number = st.floats(-50, 50)
details = st.builds(
    Detail,
    st.tuples(*[number] * len(GROWTH_RATES)),
    st.tuples(*[number] * len(GROWTH_RATES)),
    st.floats(0, 500),
    st.tuples(*[probability] * len(CLASSES)),
    st.booleans(),
)
forms = st.builds(
    Form,
    number,
    st.integers(0, 70000),
    st.none() | st.tuples(st.integers(-6, 6), st.floats(-1, 1), probability),
)
records = st.builds(
    SkillRecord,
    st.sampled_from(["growing", "strong", "kept", "stuck"]),
    probability,
    number,
    st.floats(0, 4),
    st.integers(0, 70000),
    times,
    st.text("RWDrwdh", max_size=6),
    st.integers(0, 20),
    st.integers(0, 9),
    times,
    st.sampled_from([80, 90]),
    st.booleans(),
    st.none() | details,
    st.integers(0, 7),
    st.none() | forms,
)
members = st.dictionaries(
    st.text(max_size=5),
    st.builds(settled_member, probability, times, st.integers(-1, 1), st.integers(0, 7), st.integers(-1, 1)),
)
learners = st.builds(
    Learner,
    st.dictionaries(st.text(max_size=5), records.map(pack), max_size=5).map(SkillRecords),
    st.dictionaries(st.text(max_size=5), members, max_size=3),
    st.builds(
        Traits,
        *[st.tuples(*[number] * len(GROWTH_RATES))] * 3,
        st.tuples(*[number] * len(CLASSES)),
        number,
        st.none() | st.tuples(*[number] * len(NEW_LEARNER)),
    ).map(settled_traits),
    st.lists(st.text("abc+/", min_size=3, max_size=3), max_size=9).map(tuple),
    st.none() | st.text(max_size=5),
    st.integers(0),
    st.lists(st.builds(StartAnswer, st.text(max_size=5), st.booleans()), max_size=3).map(tuple),
    st.tuples(times, st.integers(0, 500)),
)


@given(learners)
def test_any_learner_survives_a_trip_through_json(learner):
    assert Learner.from_json(learner.to_json()) == learner


@given(records)
def test_a_record_survives_its_row_and_a_row_its_record(record):
    row = pack(record)
    read = unpack(row)
    assert pack(read) == row
    assert (read.state, read.history, read.standard, read.revisited, read.reviews) == (
        record.state,
        record.history,
        record.standard,
        record.revisited,
        record.reviews,
    )
    assert read.p_known == pytest.approx(record.p_known, abs=2e-5)
    assert read.level == pytest.approx(record.level, rel=1e-3, abs=1e-3)
    assert 0 < read.p_known < 1
    if record.last >= 27_000_000:
        assert 0 <= record.last - read.last < 15
    if record.since >= 27_000_000:
        assert 0 <= read.since - record.since < 15


def test_a_new_learner_takes_no_room():
    assert len(Learner().to_json()) < 220


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"v": 1}',
        '{"v":1,"skills":{"a":[]},"members":{},"recent":""}',
        Learner().to_json().replace('"traits":[0,', '"traits":['),
        Learner().to_json().replace('"traits":[0,', '"traits":[Infinity,'),
        Learner().to_json().replace('"presented":0', '"presented":"many"'),
        Learner().to_json().replace('"stretch":[0,0]', '"stretch":["a","b"]'),
    ],
)
def test_a_damaged_learner_is_refused_with_what_to_do(text):
    with pytest.raises(LearnerError, match="Rebuild it from the pupil's opportunities"):
        Learner.from_json(text)


def test_a_learner_of_a_later_release_is_refused():
    with pytest.raises(LearnerError, match="version 3"):
        Learner.from_json(Learner().to_json().replace('"v":2', '"v":3'))


FIRST_RELEASE = json.dumps(
    {
        "v": 1,
        "skills": {
            "add": [987654, 14, 29811000, "s", 3, "RRWRRR", 29810000],
            "carry": [120000, 2, 29811000, "g"],
            "gone": [500000, 9, 29811000, "x", 0, "WWWWWW", 29811000, 90, "", 1],
        },
        "members": {"tricky": {"said": [900000, 29811000, 1]}},
        "recent": "abc" * 256,
        "last_item": "add.typed.0",
        "presented": 300,
    }
)


def test_a_learner_of_the_first_release_keeps_what_it_has_earned():
    tutor = tutor_for(Curriculum(chain("add", "carry"), [*items("add"), *items("carry")]))
    learner = Learner.from_json(FIRST_RELEASE)
    report = tutor.report(learner, now=MONDAY)
    assert (report["add"].state, report["add"].opportunities) == ("strong", 14)
    assert report["add"].evidence == ("right", "right", "wrong", "right", "right", "right")
    assert report["add"].p_meets_standard > 0.95 > 0.2 > report["carry"].p_meets_standard
    assert learner.skills["gone"].revisited
    assert learner.members["tricky"]["said"].p_known == pytest.approx(0.9, abs=1e-4)
    assert Learner.from_json(learner.to_json()) == learner
    still = answer(tutor, learner, ["add.typed.1"], True)
    assert tutor.report(still, now=MONDAY)["add"].state in ("strong", "kept")


def test_records_compare_like_any_mapping_and_print_what_they_hold():
    record = SkillRecord("growing", 0.5, 0.0, 1.0, 1, 27_000_000)
    records = SkillRecords().practised("add", record)
    assert records == {"add": records["add"]}
    assert records != {}
    assert records != "add"
    assert "growing" in repr(records)


@given(st.lists(st.tuples(st.sampled_from("abcd"), records, st.booleans()), max_size=8))
def test_what_is_known_of_all_records_stays_true_after_each_answer(changes):
    found = SkillRecords()
    for skill_id, record, practised in changes:
        if practised or skill_id not in found:
            found = found.practised(skill_id, record)
        else:
            found = found.changed({skill_id: record})
        anew = SkillRecords(found.rows)
        assert found.standings() == anew.standings()
        assert found.mastered(90) == anew.mastered(90)
        assert found.mastered(80) == {s: r for s, r in anew.standings().items() if r.state in ("strong", "kept")}
        assert found.stuck() == tuple(s for s in found.standings() if found[s].state == "stuck")
        assert found.open_ids() == anew.open_ids()


def test_a_damaged_row_of_one_skill_shows_when_it_is_read():
    with pytest.raises(ValueError, match="bytes"):
        SkillRecords({"add": "AAAA"})["add"]


def test_a_year_over_a_whole_bank_fits_into_eight_kilobytes():
    ids = [f"M.NBT2.{n:03d}" for n in range(150)]
    bank = [i for s in ids for f in ("typed", "choice4") for i in items(s, f, 10)]
    curriculum = Curriculum(chain(*ids), bank)
    tutor = Tutor(curriculum, replace(ParameterSet.default(curriculum), predictor=PredictorParameters()))
    learner, rng = tutor.new_learner(), Random(3)
    for n in range(2400):
        now = MONDAY + timedelta(days=n // 12, minutes=n % 12)
        choice = tutor.next_item(learner, now=now, rng=rng)
        if choice is None:
            break
        learner = tutor.observe(learner, Response(choice.item, rng.random() < 0.97), now=now)
    assert len(learner.skills) > 140
    assert learner.traits.predictor is not None
    assert len(learner.to_json().encode()) <= 8192


def test_skills_of_an_older_bank_are_put_to_rest_with_what_is_known_of_them():
    old = [f"old{n}" for n in range(12)]
    older = tutor_for(Curriculum(skills(*old), [i for s in old for i in items(s)]))
    learner = answer(older, older.new_learner(), [f"{s}.typed.0" for s in old[:10]], True)
    after = answer(one_skill(), learner, ["add.typed.0"], True)
    assert after.skills["old0"] == learner.skills["old0"]._replace(detail=None)
    assert after.skills["old1"].detail is not None


def test_ten_skills_keep_their_whole_belief_and_the_others_what_follows_from_it():
    ids = [f"s{n}" for n in range(12)]
    tutor = tutor_for(Curriculum(skills(*ids), [i for s in ids for i in items(s)]))
    learner = answer(tutor, tutor.new_learner(), [f"{s}.typed.0" for s in ids[:10]], True)
    later = answer(tutor, learner, ["s10.typed.0", "s11.typed.0"], True)
    assert [s for s in ids if later.skills[s].detail is None] == ["s0", "s1"]
    at_rest, before = (tutor.report(each, now=MONDAY)["s0"] for each in (later, learner))
    assert at_rest.p_known == pytest.approx(before.p_known, abs=0.05)
    assert at_rest.p_meets_standard > before.p_meets_standard - 0.02
    again = answer(tutor, later, ["s0.typed.1"], True)
    assert tutor.report(again, now=MONDAY)["s0"].p_meets_standard > at_rest.p_meets_standard


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


@pytest.mark.parametrize(
    "details",
    [
        {"hints": -1},
        {"attempt": 0},
        {"seconds": -0.5},
        {"seconds": math.nan},
        {"outcome": "shrug"},
        *({"correct": verdict} for verdict in (None, "no", 0.5, math.nan)),
    ],
    ids=str,
)
def test_an_impossible_response_is_refused(details):
    with pytest.raises(ValueError, match=r"unknown|start at|True or False"):
        Response(ItemRef("i", ("add",), "typed"), **{"correct": True, **details})
