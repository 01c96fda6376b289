"""Classes of simulated pupils, who practise through the services as children do through pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from engine.curriculum import ItemRef
from engine.simulation import SimulatedLearner
from lti_tool.persistence.base import random_id
from lti_tool.persistence.people import DisplayName, Membership, Person
from lti_tool.runtime import Runtime
from lti_tool.services.practising.practice import OpenItem
from tests.support.pupils import Desk, wrong_answer

READING = 8.0
"""Seconds that a simulated pupil takes for an answer; a guesser takes one."""


@dataclass
class Child:
    """A simulated pupil at one activity, with what only the simulation knows."""

    desk: Desk
    mind: SimulatedLearner
    rng: Random
    name: str = ""
    guesses: bool = False
    practised: list[tuple[datetime, str, bool]] = field(default_factory=list)

    def practise(self, items: int, now: datetime) -> int:
        """One sitting that begins now; returns how many items there were."""
        self.desk.now = self.desk.launched_at = now
        view = self.desk.open()
        done = 0
        while view.open_item is not None and done < items:
            view = self._answer(view.open_item)
            done += 1
        return done

    def _answer(self, waiting: OpenItem) -> Any:
        item = self._reference(waiting.template_id)
        right = self.mind.respond(item, self.rng) and not (self.guesses and self.rng.random() < 0.9)
        self.desk.now += timedelta(seconds=1.0 if self.guesses else READING)
        if not self.guesses:
            self.mind.practise(item)
        self.practised.append((self.desk.now, waiting.skill_id, right))
        self.desk.send(waiting.token, waiting.item.answer if right else wrong_answer(waiting.item))
        return self.desk.open()

    def _reference(self, template_id: str) -> ItemRef:
        tutor = self.desk.tutor
        bank = self.desk.school.runtime.catalog.banks[self.desk.bank_id]
        return tutor.curriculum.item(bank.templates[template_id].twin_of or template_id)


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
