"""The stored belief about a person in one bank: loaded under a lock, saved with a version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from engine.learner import Learner, SkillReport
from engine.tutor import Tutor
from lti_tool.persistence.database import get_or_create
from lti_tool.persistence.tables.practice import LearnerState
from lti_tool.services.helping.overrides import as_teachers_say, overrides_of


@dataclass
class Pupil:
    """A person as a learner, within one transaction. `learner` is replaced by each observation.

    `said`: the states that teachers gave to skills.
    """

    person_id: str
    tutor: Tutor
    learner: Learner
    row: LearnerState
    said: Mapping[str, str] = field(default_factory=dict)

    def report(self, *, now: datetime, within: Iterable[str] | None = None) -> dict[str, SkillReport]:
        """Where the pupil stands, as pages and grades tell it: a teacher's word counts before the model's state."""
        return as_teachers_say(self.tutor.report(self.learner, now=now, within=within), self.said)


def load_pupil(session: Session, tutor: Tutor, person_id: str, bank_id: str) -> Pupil:
    """Load and lock a learner, new if never seen. All changes of one pupil's practice queue up at this lock."""
    row = session.get(LearnerState, (person_id, bank_id), with_for_update=True)
    if row is None:
        new = {"learner": tutor.new_learner().to_json(), "updated_at": datetime.fromtimestamp(0).astimezone()}
        get_or_create(session, LearnerState, {"person_id": person_id, "bank_id": bank_id}, new)
        row = session.get_one(LearnerState, (person_id, bank_id), with_for_update=True, populate_existing=True)
    return Pupil(person_id, tutor, Learner.from_json(row.learner), row, overrides_of(session, person_id))


def save_learner(pupil: Pupil, now: datetime) -> None:
    """Keep the learner; with the flush SQLAlchemy raises `StaleDataError` if another transaction got there first."""
    pupil.row.learner = pupil.learner.to_json()
    pupil.row.parameter_version = pupil.tutor.parameters.version
    pupil.row.updated_at = now
