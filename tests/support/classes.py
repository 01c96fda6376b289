"""Classes of simulated pupils, who practise through the services as children do through pages."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from engine.curriculum import ItemRef
from engine.simulation import SimulatedLearner
from lti_tool.persistence.base import random_id
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.people import DisplayName, Membership, Person
from lti_tool.runtime import Runtime
from lti_tool.services.practising.presented import OpenItem, open_item
from lti_tool.services.practising.sittings import sitting_under_way, waiting_item
from tests.support.pupils import Desk, wrong_answer

READING, GUESSING = 8.0, 1.0
"""Seconds that a simulated pupil takes for an answer, and a guesser; on average where they vary."""


@dataclass
class Child:
    """A simulated pupil at one activity, with what only the simulation knows."""

    desk: Desk
    mind: SimulatedLearner
    rng: Random
    name: str = ""
    guesses: float = 0.0
    """How often the pupil answers without reading."""
    spread: float = 0.0
    """How much the times vary: the standard deviation of their logarithm."""
    practised: list[tuple[datetime, str, bool]] = field(default_factory=list)
    watched: Callable[[ItemRef, bool], None] | None = None
    """Told of each try before the pupil learns from it, and whether it was made without reading."""

    def practise(self, items: int, now: datetime) -> int:
        """One sitting that begins now, in one transaction; returns how many items there were."""
        desk = self.desk
        desk.now = desk.launched_at = now
        with desk.school.runtime.database.write() as session:
            activity = session.get_one(Activity, desk.activity_id)
            waiting, done = self._opened(session, activity), 0
            while done < items and waiting is not None:
                self._answer(session, activity, waiting)
                waiting, done = self._next(session), done + 1
        return done

    def _opened(self, session: Session, activity: Activity) -> OpenItem | None:
        view = self.desk.school.runtime.practice.open(
            session, activity, self.desk.person_id, since=self.desk.launched_at, locale="en", now=self.desk.now
        )
        return view.open_item

    def _next(self, session: Session) -> OpenItem | None:
        """What the answer before has put there. To look at the page each time would take half as long again."""
        sitting = sitting_under_way(session, self.desk.activity_id, self.desk.person_id)
        presented = waiting_item(session, sitting) if sitting is not None else None
        if presented is None:
            return None
        presented.shown_at = self.desk.now
        return open_item(presented)

    def _answer(self, session: Session, activity: Activity, waiting: OpenItem) -> None:
        item = self._reference(activity.bank_id, waiting.template_id)
        blind = self.guesses > 0 and self.rng.random() < self.guesses
        right = self.mind.respond(item, self.rng) and not (blind and self.rng.random() < 0.9)
        usual = GUESSING if blind else READING
        self.desk.now += timedelta(seconds=usual * math.exp(self.rng.gauss(0.0, self.spread)))
        if self.watched is not None:
            self.watched(item, blind)
        if not blind:
            self.mind.practise(item)
        self.practised.append((self.desk.now, waiting.skill_id, right))
        self.desk.school.runtime.practice.answer(
            session,
            activity,
            self.desk.person_id,
            token=waiting.token,
            response=waiting.item.answer if right else wrong_answer(waiting.item),
            action="answer",
            locale="en",
            now=self.desk.now,
        )

    def _reference(self, bank_id: str, template_id: str) -> ItemRef:
        catalog = self.desk.school.runtime.catalog
        template = catalog.banks[bank_id].templates[template_id]
        return catalog.curriculum(bank_id).item(template.twin_of or template_id)


def enrol(runtime: Runtime, context_id: int, registration_id: int, names: Sequence[str], now: datetime) -> list[str]:
    """Make pupils of a class, without launches; returns their ids."""
    people = []
    with runtime.database.write() as session:
        for name in names:
            person = Person(registration_id=registration_id, sub=random_id(), created_at=now, last_launch_at=now)
            session.add(person)
            session.flush()
            session.add(Membership(context_id=context_id, person_id=person.id, role="pupil", seen_at=now))
            encrypted = runtime.vault.encrypt(name)
            session.add(DisplayName(person_id=person.id, encrypted_name=encrypted, seen_at=now))
            people.append(person.id)
    return people


def seat(
    school: Any, activity_id: str, people: Mapping[str, str], seed: int, *, slow: bool | None = None
) -> list[Child]:
    """Give simulated minds to pupils (names by id) who sit down at an activity."""
    children = []
    for number, (person_id, name) in enumerate(people.items()):
        desk = Desk(school, person_id, activity_id)
        rng = Random(f"{seed} {number}")
        children.append(Child(desk, SimulatedLearner.continuous(desk.tutor.curriculum, rng, slow=slow), rng, name))
    return children
