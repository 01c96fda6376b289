"""The stored belief about a pupil: one row per person and bank, and no two changes at once."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from engine.learner import Response
from lti_tool.persistence.database import Database
from lti_tool.persistence.tables.practice import LearnerState
from lti_tool.services.catalog import Catalog
from lti_tool.services.practising.learners import load_pupil, save_learner
from tests.unit.lti_tool.persistence.rows import MONDAY, add_lms, add_person

BANK = "math-en"
TUTOR = Catalog.load().tutor(BANK, 0.8)


@pytest.fixture
def ada(database: Database) -> str:
    with database.write() as session:
        return add_person(session, add_lms(session), "ada")


def practise(database: Database, person_id: str) -> str:
    """One right answer; returns the skill."""
    with database.write() as session:
        pupil = load_pupil(session, TUTOR, person_id, BANK)
        choice = TUTOR.next_item(pupil.learner, now=MONDAY, rng=Random(1))
        assert choice is not None
        pupil.learner = TUTOR.observe(pupil.learner, Response(choice.item, correct=True), now=MONDAY)
        save_learner(pupil, MONDAY)
        return choice.skill


def test_who_was_never_seen_begins_anew_and_has_one_row(database: Database, ada: str) -> None:
    for _ in range(2):
        with database.write() as session:
            assert load_pupil(session, TUTOR, ada, BANK).learner == TUTOR.new_learner()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(LearnerState)) == 1


def test_what_was_learned_is_there_the_next_time(database: Database, ada: str) -> None:
    skill = practise(database, ada)
    with database.write() as session:
        pupil = load_pupil(session, TUTOR, ada, BANK)
    report = TUTOR.report(pupil.learner, now=MONDAY, within=[skill])
    before = TUTOR.report(TUTOR.new_learner(), now=MONDAY, within=[skill])
    assert report[skill].p_known > before[skill].p_known
    assert pupil.row.updated_at == MONDAY


def test_another_subject_is_another_row(database: Database, ada: str) -> None:
    practise(database, ada)
    spelling = Catalog.load().tutor("spelling-en", 0.8)
    with database.write() as session:
        assert load_pupil(session, spelling, ada, "spelling-en").learner == spelling.new_learner()


def test_a_change_that_was_overtaken_is_not_written_over_the_other(database: Database, ada: str) -> None:
    practise(database, ada)
    with database.read() as session:
        late = session.get_one(LearnerState, (ada, BANK))
    practise(database, ada)
    with database.write() as session:
        late = session.merge(late, load=False)
        late.updated_at = MONDAY + timedelta(hours=1)
        with pytest.raises(StaleDataError):
            session.flush()
        session.rollback()
