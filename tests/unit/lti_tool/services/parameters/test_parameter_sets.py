"""Fitted parameters take over, and no pupil loses what was called mastered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine.parameters import ParameterSet, SkillParameters
from engine.predictor import PredictorParameters
from lti_tool.persistence.tables.audit import AuditEvent
from lti_tool.persistence.tables.practice import LearnerState, ParameterVersion, PresentedItem
from lti_tool.services.parameters import nightly, refit
from lti_tool.services.parameters.nightly import NightlyFit
from lti_tool.services.parameters.parameter_files import ParameterDocument
from lti_tool.services.parameters.parameter_sets import keep, live_version
from lti_tool.services.practising.choosing.presenting import with_fewer_choices
from tests.support.pupils import Desk
from tests.support.school import School

BANK, SKILL = "math-en", "M.NBT2.ADDREG"
NOW = datetime.now(UTC)
NIGHT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def experts_again(school: School) -> Iterator[None]:
    """Banks are read once for all tests, so what one takes into use is put back."""
    catalog = school.runtime.catalog
    before = dict(catalog.parameters)
    yield
    catalog.parameters.update(before)
    catalog.unreadable.clear()
    catalog.tutor.cache_clear()


def fitted(school: School, *, learn: float, not_worse: bool = True) -> ParameterDocument:
    """A set in which every skill is learned at this rate, with figures that speak for it or against."""
    expert = ParameterSet.default(school.runtime.catalog.curriculum(BANK))
    skills = {s: SkillParameters(row.prior, learn, row.guess, row.slip, row.forget) for s, row in expert.skills.items()}
    return ParameterDocument(replace(expert, skills=skills), None, {"held_out": {"not_worse": not_worse}})


def promote(school: School, document: ParameterDocument) -> None:
    with school.runtime.database.write() as session:
        keep(session, BANK, document, datetime.now(UTC))


def state(desk: Desk) -> LearnerState:
    with desk.school.runtime.database.read() as session:
        return session.get_one(LearnerState, (desk.person_id, BANK))


def test_a_set_that_is_worse_is_kept_and_not_used(school: School) -> None:
    document = fitted(school, learn=0.3, not_worse=False)
    promote(school, document)
    with school.runtime.database.read() as session:
        live = live_version(session, BANK)
        assert live is not None
        assert live.version == school.runtime.catalog.parameters[BANK].version != document.parameters.version
        stored = session.get_one(ParameterVersion, document.parameters.version)
        assert ParameterDocument.from_json(stored.parameters).provenance == document.provenance
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == BANK)).all()
        assert actions == ["parameters.kept_out"]


def test_a_predictor_that_leads_stands_once_in_the_document(school: School) -> None:
    leading = replace(ParameterSet.default(school.runtime.catalog.curriculum(BANK)), predictor=PredictorParameters())
    document = ParameterDocument(leading, leading.predictor, {})
    assert "predictor" not in json.loads(document.to_json())
    assert ParameterDocument.from_json(document.to_json()) == document


def test_a_set_is_stored_once_and_never_changed(school: School) -> None:
    document = fitted(school, learn=0.3)
    promote(school, document)
    promote(school, replace(document, provenance={"held_out": {"not_worse": True}, "other": 1}))
    with school.runtime.database.read() as session:
        assert "other" not in json.loads(session.get_one(ParameterVersion, document.parameters.version).parameters)


def test_a_process_that_starts_later_uses_what_is_live(school: School) -> None:
    document = fitted(school, learn=0.3)
    promote(school, document)
    catalog = school.runtime.catalog
    with school.runtime.database.write() as session:
        catalog.record_versions(session, datetime.now(UTC))
    assert catalog.parameters[BANK] == document.parameters
    assert catalog.tutor(BANK, 0.8).parameters == document.parameters


def test_after_a_return_to_a_release_that_cant_read_a_set_the_one_before_it_is_used(school: School) -> None:
    ada, catalog = Desk.newcomer(school, SKILL), school.runtime.catalog
    readable = fitted(school, learn=0.3)
    promote(school, readable)
    later = json.loads(readable.to_json()) | {"version": "of a later release", "skills": {SKILL: {"half_life": 3.0}}}
    with school.runtime.database.write() as session:
        row = session.get_one(ParameterVersion, readable.parameters.version)
        assert row.live_since is not None
        since = row.live_since + timedelta(days=1)
        session.add(
            ParameterVersion(
                version=later["version"],
                bank_id=BANK,
                parameters=json.dumps(later),
                first_used_at=since,
                live_since=since,
            )
        )
    with school.runtime.database.write() as session:
        catalog.refresh(session, BANK)
        catalog.refresh(session, BANK)
    assert catalog.parameters[BANK] == readable.parameters
    assert catalog.unreadable == {later["version"]}
    ada.answer()
    assert state(ada).parameter_version == readable.parameters.version


def test_a_pupil_is_replayed_under_the_new_set_and_keeps_what_was_mastered(school: School) -> None:
    ada = Desk.newcomer(school, SKILL)
    while ada.open().open_item is not None:
        ada.answer()
    assert ada.open().report[SKILL].state == "strong"
    answers = len(ada.opportunities)
    promote(school, fitted(school, learn=0.0005))
    with school.runtime.database.write() as session:
        school.runtime.catalog.refresh(session, BANK)
    report = ada.open().report[SKILL]
    assert report.state == "strong"
    assert report.opportunities == answers
    assert state(ada).parameter_version == school.runtime.catalog.parameters[BANK].version


def test_the_replayed_belief_is_the_one_that_answering_would_have_led_to(school: School) -> None:
    ada = Desk.newcomer(school, SKILL)
    for correct, seconds in ((True, 20), (False, 20), (True, 1), (False, 1)):
        ada.pace = timedelta(seconds=seconds)
        ada.answer(correct=correct)
    promote(school, fitted(school, learn=0.3))
    with school.runtime.database.write() as session:
        school.runtime.catalog.refresh(session, BANK)
    tutor = school.runtime.catalog.tutor(BANK, 0.8)
    learner = tutor.new_learner()
    from engine.learner import Response

    for one in ada.opportunities:
        response = Response(tutor.curriculum.item(one.template_id), one.correct, seconds=one.seconds)
        learner = tutor.observe(learner, response, now=one.answered_at)
    ada.open()
    assert ada.open().report[SKILL].p_known == pytest.approx(
        tutor.report(learner, now=ada.now, within=[SKILL])[SKILL].p_known
    )


def test_fast_guesses_tell_the_fit_nothing(school: School) -> None:
    ben = Desk.newcomer(school, SKILL)
    ben.pace = timedelta(seconds=1)
    for _ in range(5):
        ben.answer(correct=False)
    with school.runtime.database.read() as session:
        curriculum = school.runtime.catalog.curriculum(BANK)
        found = refit.responses_of(session, school.runtime.catalog.banks[BANK], curriculum)
    assert [one.honest for one in ben.opportunities] == [True, True, False, False, False]
    assert len(found) == 2


def test_a_word_that_was_asked_for_in_another_way_counts_in_replay_and_in_the_fit(school: School) -> None:
    """Whoever can't hear a dictation gets the word's cloze, which is evidence of the same."""
    bank = school.runtime.catalog.banks["spelling-en"]
    cloze = next(t for t in bank.templates.values() if t.twin_of)
    ada = Desk.newcomer(school, cloze.skills[0])
    ada.put(cloze.id)
    ada.answer()
    [answer] = ada.opportunities
    assert answer.template_id == cloze.id
    before = ada.open().report[cloze.skills[0]]
    with school.runtime.database.write() as session:
        session.get_one(LearnerState, (ada.person_id, bank.id)).parameter_version = "older"
    after = ada.open().report[cloze.skills[0]]
    assert (after.opportunities, after.p_known) == (1, before.p_known)
    with school.runtime.database.read() as session:
        curriculum = school.runtime.catalog.curriculum(bank.id)
        assert refit.responses_of(session, bank, curriculum).items == (cloze.twin_of,)


def test_who_chose_between_fewer_is_believed_the_same_in_replay_and_tells_the_fit_nothing(school: School) -> None:
    """A right answer between three says less than one between four, and nothing of how hard the four are."""
    template = next(t for t in school.runtime.catalog.banks[BANK].templates.values() if t.engine_format == "choice4")
    ada, ben = (Desk.newcomer(school, template.skills[0]) for _ in range(2))
    for each in (ada, ben):
        item = each.put(template.id)
        if each is ada:
            with school.runtime.database.write() as session:
                waiting = session.scalars(select(PresentedItem).where(PresentedItem.person_id == ada.person_id)).one()
                waiting.item = with_fewer_choices(item).to_json()
        each.answer()
    skill = template.skills[0]
    before = ada.open().report[skill].p_known
    assert before < ben.open().report[skill].p_known
    with school.runtime.database.write() as session:
        session.get_one(LearnerState, (ada.person_id, BANK)).parameter_version = "older"
    assert ada.open().report[skill].p_known == before
    with school.runtime.database.read() as session:
        curriculum = school.runtime.catalog.curriculum(BANK)
        responses = refit.responses_of(session, school.runtime.catalog.banks[BANK], curriculum)
    assert responses.learners == (ben.person_id,)


def test_a_process_that_is_behind_learns_of_the_new_set_from_a_pupil(school: School) -> None:
    ada = Desk.newcomer(school, SKILL)
    ada.answer()
    document = fitted(school, learn=0.3)
    promote(school, document)
    with school.runtime.database.write() as session:  # another process has replayed Ada already
        session.get_one(LearnerState, (ada.person_id, BANK)).parameter_version = document.parameters.version
    ada.answer()
    assert ada.opportunities[-1].parameter_version == document.parameters.version


def test_answers_in_the_database_are_fitted_and_hints_and_previews_are_none(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refit, "FEWEST_RESPONSES", 12)
    monkeypatch.setattr(refit, "FEWEST_LEARNERS", 5)
    runtime = school.runtime
    desks = [Desk.newcomer(school, SKILL) for _ in range(6)]
    for n, desk in enumerate(desks):
        desk.answer(correct=n % 2 == 0)
        desk.answer(correct=True)
    found = {each.bank_id: each for each in refit.refit(runtime.database, runtime.catalog, NOW)}
    assert found["spelling-en"].version is None
    math = found[BANK]
    assert math.version is not None
    data = math.provenance["data"]
    assert isinstance(data, dict)
    assert (data["responses"], data["learners"]) == (12, 6)
    with runtime.database.read() as session:
        row = session.get_one(ParameterVersion, math.version)
        assert math.live == (row.live_since is not None)
        curriculum = runtime.catalog.curriculum(BANK)
        responses = refit.responses_of(session, runtime.catalog.banks[BANK], curriculum)
        assert set(responses.items) <= {item.id for item in curriculum.items}
        assert int(responses.right.sum()) == 9


def test_too_few_answers_change_nothing(school: School) -> None:
    Desk.newcomer(school, SKILL).answer()
    found = refit.refit(school.runtime.database, school.runtime.catalog, NOW)
    assert [each.version for each in found] == [None] * len(found)


def test_the_nightly_fit_begins_once_for_all_workers(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    monkeypatch.setattr(nightly.subprocess, "Popen", lambda command, **_: begun.append(command))
    first, second = (NightlyFit(school.runtime.database) for _ in range(2))
    assert not first.start_due(NIGHT + timedelta(hours=12))
    assert first.start_due(NIGHT)
    assert not second.start_due(NIGHT + timedelta(minutes=5))
    assert second.start_due(NIGHT + timedelta(days=1))
    assert begun == [nightly.COMMAND] * 2


def test_a_server_without_the_batch_libraries_never_begins_one(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "find_spec", lambda name: None)
    assert not NightlyFit(school.runtime.database).start_due(NIGHT)
