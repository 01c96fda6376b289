"""Pupils who practise through the services, on a clock of their own, and what the tool has written down of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from engine.learner import Learner
from engine.tutor import Tutor
from item_banks.schema import Item
from lti_tool.persistence.base import random_id
from lti_tool.persistence.tables.activities import Activity, LineItem
from lti_tool.persistence.tables.grades import ScoreOutbox
from lti_tool.persistence.tables.launches import LaunchSession
from lti_tool.persistence.tables.people import Person
from lti_tool.persistence.tables.practice import LearnerState, Opportunity, PresentedItem, Sitting
from lti_tool.services.practising.practice import PracticeView, Unmarkable
from lti_tool.services.practising.presented import Feedback
from lti_tool.services.practising.tracing import Action
from tests.support.school import Page, School

MATH = ("M.NBT2.ADDREG", "M.NBT2.SUBREG", "M.NBT3.SUB0")
SPELLING = ("SP.DOUBLE", "SP.HF34")


def wrong_answer(item: Item) -> str:
    """A response that can be read and is wrong."""
    if item.response.kind == "choice":
        return next(choice.value for choice in item.response.choices if choice.value != item.answer)
    if item.response.kind in ("order", "group"):
        others = sorted({*item.answer.split("; "), *(group.value for group in item.response.groups)})
        cards = item.answer.split("; ")
        first = next(other for other in others if other != cards[0])
        if item.response.kind == "group":
            return "; ".join([first, *cards[1:]])
        return "; ".join([first, *(card for card in cards if card != first)])
    if item.response.kind in ("line", "steps", "clock", "hands", "pair", "point", "remainder"):
        return _another_number(item)
    return f"{item.answer}x" if item.response.kind == "text" else f"{item.answer}1"


def _another_number(item: Item) -> str:
    """The answer with its first number changed to another that can stand there."""
    if item.response.kind == "line" and item.response.scale is not None:
        return next(end for end in (item.response.scale.high, "0") if end != item.answer)
    part = min((cell.part for row in item.response.rows for cell in row if cell.part and not cell.small), default=1)
    numbers = re.findall(r"\d+|\D+", item.answer)
    if item.response.kind == "steps":
        steps = item.answer.split("; ")
        steps[part - 1] = "8" if steps[part - 1] == "9" else "9"
        return "; ".join(steps)
    at = next(n for n, each in enumerate(numbers) if each.isdigit())
    numbers[at] = str(int(numbers[at]) % 11 + 1)
    return "".join(numbers)


@dataclass
class Desk:
    """One pupil at one activity. `now` moves by `pace` with each answer, and by hand."""

    school: School
    person_id: str
    activity_id: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    pace: timedelta = timedelta(seconds=20)
    launched_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of(cls, page: Page) -> "Desk":
        """The desk of somebody who has just opened an activity."""
        with page.school.runtime.database.read() as session:
            launch = session.get_one(LaunchSession, page.place.rsplit("/", 1)[-1])
            assert launch.activity_id is not None
            return cls(page.school, launch.person_id, launch.activity_id)

    @classmethod
    def newcomer(cls, school: School, *skills: str) -> "Desk":
        """Somebody new at an activity of their own, without the launch that would have made both."""
        [bank_id] = {bank.id for bank in school.runtime.catalog.banks.values() if skills[0] in bank.skills}
        with school.runtime.database.write() as session:
            present = datetime.now(UTC)
            registration_id = school.registration_id
            person = Person(
                registration_id=registration_id, sub=random_id(), created_at=present, last_launch_at=present
            )
            activity = Activity(
                registration_id=registration_id,
                title="Test",
                bank_id=bank_id,
                skill_ids=list(skills),
                created_at=present,
            )
            session.add_all([person, activity])
            session.flush()
            return cls(school, person.id, activity.id)

    def launch(self) -> PracticeView:
        """Open the activity from the LMS, now."""
        self.launched_at = self.now
        return self.open()

    def open(self) -> PracticeView:
        """Look at the page of the last launch, now."""
        with self.school.runtime.database.write() as session:
            return self.school.runtime.practice.open(
                session,
                session.get_one(Activity, self.activity_id),
                self.person_id,
                since=self.launched_at,
                locale="en",
                now=self.now,
            )

    def put(self, template_id: str, seed: int = 1) -> Item:
        """Put an item of this template before the pupil, in place of the one that is open."""
        waiting = self.open().open_item
        assert waiting is not None, "nothing is open"
        with self.school.runtime.database.write() as session:
            row = session.scalars(select(PresentedItem).where(PresentedItem.token == waiting.token)).one()
            item = self.school.runtime.catalog.banks[row.bank_id].draw(template_id, seed)
            row.template_id, row.skill_id, row.seed = template_id, item.skill, seed
            row.item, row.item_key, row.hints_shown = item.to_json(), item.key, 0
        return item

    def send(self, token: str, response: str = "", action: Action = "answer") -> Feedback | Unmarkable:
        """Send an answer, now."""
        with self.school.runtime.database.write() as session:
            return self.school.runtime.practice.answer(
                session,
                session.get_one(Activity, self.activity_id),
                self.person_id,
                token=token,
                response=response,
                action=action,
                locale="en",
                now=self.now,
            )

    def answer(self, correct: bool = True, action: Action = "answer") -> PracticeView:
        """Answer the open item and look at what comes next."""
        waiting = self.open().open_item
        assert waiting is not None, "nothing is open"
        self.now += self.pace
        self.send(waiting.token, waiting.item.answer if correct else wrong_answer(waiting.item), action)
        return self.open()

    def again(self) -> None:
        """Press "Practise some more"."""
        with self.school.runtime.database.write() as session:
            activity = session.get_one(Activity, self.activity_id)
            self.school.runtime.practice.begin_again(session, activity, self.person_id, now=self.now)

    @property
    def opportunities(self) -> Sequence[Opportunity]:
        """All answers that count, oldest first."""
        query = select(Opportunity).where(
            Opportunity.person_id == self.person_id, Opportunity.activity_id == self.activity_id
        )
        with self.school.runtime.database.read() as session:
            return session.scalars(query.order_by(Opportunity.id)).all()

    @property
    def presented(self) -> Sequence[PresentedItem]:
        """All items put before the pupil, oldest first."""
        query = select(PresentedItem).where(
            PresentedItem.person_id == self.person_id, PresentedItem.activity_id == self.activity_id
        )
        with self.school.runtime.database.read() as session:
            return session.scalars(query.order_by(PresentedItem.id)).all()

    @property
    def sittings(self) -> list[str | None]:
        """How each sitting ended, oldest first; None for one under way."""
        query = select(Sitting.end_reason).where(
            Sitting.person_id == self.person_id, Sitting.activity_id == self.activity_id
        )
        with self.school.runtime.database.read() as session:
            return list(session.scalars(query.order_by(Sitting.id)))

    @property
    def score(self) -> ScoreOutbox | None:
        """The pupil's row in the outbox."""
        with self.school.runtime.database.read() as session:
            return session.scalars(select(ScoreOutbox).where(ScoreOutbox.person_id == self.person_id)).one_or_none()

    @property
    def bank_id(self) -> str:
        """The activity's bank."""
        with self.school.runtime.database.read() as session:
            return session.get_one(Activity, self.activity_id).bank_id

    @property
    def tutor(self) -> Tutor:
        """The activity's tutor."""
        return self.school.runtime.catalog.tutor(self.bank_id, 0.8)

    @property
    def score_of_activity(self) -> ScoreOutbox | None:
        """The pupil's row for this activity's own column."""
        query = select(ScoreOutbox).join(ScoreOutbox.line_item)
        query = query.where(ScoreOutbox.person_id == self.person_id, LineItem.resource_id == self.activity_id)
        with self.school.runtime.database.read() as session:
            return session.scalars(query).one_or_none()

    @property
    def learner(self) -> Learner:
        """What is believed of the pupil in the activity's bank."""
        with self.school.runtime.database.read() as session:
            bank_id = session.get_one(Activity, self.activity_id).bank_id
            return Learner.from_json(session.get_one(LearnerState, (self.person_id, bank_id)).learner)
