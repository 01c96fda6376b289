"""The worlds in which tutors are compared: eight chained skills of thirty items, half of them multiple choice, and
one pupil in ten who learns slowly.

A: pupils know a skill or don't. B80 and B90: ability grows, and mastered means 80% or 90% right on an average typed
item, guessing aside. A benchmark in one world only would flatter the tutor whose model is that world's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, Protocol

from engine.curriculum import Curriculum, ItemRef, Skill
from engine.learner import Response
from engine.mastery import MASTERED
from engine.simulation import ItemTruth, SimulatedLearner, Truths
from engine.tutor import Tutor

SKILLS: Final = 8
ITEMS: Final = 30
CAP: Final = 240
CALIBRATION_ITEMS: Final = 60
WINDOW: Final = 20
BAND: Final = (0.70, 0.85)
_START: Final = datetime(2026, 9, 1, 9, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """How pupils learn, and what counts as mastered."""

    name: str
    standard: float
    make: Callable[..., SimulatedLearner]

    def pupil(self, bank: Bank, rng: Random) -> SimulatedLearner:
        """A pupil of this world, slow one time in ten."""
        return self.make(bank.curriculum, rng, standard=self.standard, truths=bank.truths)


WORLDS: Final = {
    "A": World("A", 0.8, SimulatedLearner.two_state),
    "B80": World("B80", 0.8, SimulatedLearner.continuous),
    "B90": World("B90", 0.9, SimulatedLearner.continuous),
}


@dataclass(frozen=True)
class Bank:
    """Skills and items, and what the items are really like; the tutor sees the curriculum only."""

    curriculum: Curriculum
    truths: Truths


def make_bank(seed: int) -> Bank:
    """A bank drawn at random."""
    rng = Random(seed)
    skills = {f"s{k}": Skill(f"s{k}", (f"s{k - 1}",) if k else ()) for k in range(SKILLS)}
    items, truths = [], {}
    for skill_id in skills:
        for n in range(ITEMS):
            chosen = rng.random() < 0.5
            item = ItemRef(f"{skill_id}-i{n}", (skill_id,), "choice4" if chosen else "typed")
            guess = rng.gauss(0.25, 0.05) if chosen else rng.gauss(0.05, 0.03)
            low, high = (0.1, 0.5) if chosen else (0.005, 0.2)
            truths[item.id] = ItemTruth(
                guess=min(high, max(low, guess)),
                slip=min(0.3, max(0.01, rng.gauss(0.08, 0.05))),
                difficulty=rng.gauss(0.0, 0.6),
            )
            items.append(item)
    return Bank(Curriculum(skills, items), truths)


Log = list[list[tuple[str, bool]]]
"""For each pupil the items in order, and whether the answer was right."""


def calibration_log(world: World, bank: Bank, *, learners: int, seed: int) -> Log:
    """Answers of pupils who practised without a tutor: skills at random, each until three in a row were right."""
    log = []
    for n in range(learners):
        rng = Random(f"calibration {seed} {n}")
        pupil, used, streaks = world.pupil(bank, rng), Counter[str](), dict.fromkeys(bank.curriculum.skills, 0)
        answers: list[tuple[str, bool]] = []
        for _ in range(CALIBRATION_ITEMS):
            going = [s for s, streak in streaks.items() if streak < 3]
            if not going:
                break
            skill_id = rng.choice(going)
            item = least_used(bank.curriculum.items_of(skill_id), used, rng)
            correct = pupil.respond(item, rng)
            pupil.practise(item)
            used[item.id] += 1
            streaks[skill_id] = streaks[skill_id] + 1 if correct else 0
            answers.append((item.id, correct))
        log.append(answers)
    return log


def least_used(items: Sequence[ItemRef], used: Counter[str], rng: Random) -> ItemRef:
    """One of the items used least so far."""
    fewest = min(used[item.id] for item in items)
    return rng.choice([item for item in items if used[item.id] == fewest])


@dataclass(frozen=True)
class Course:
    """What became of one simulated pupil.

    Attributes:
        slow: whether the pupil learns slowly.
        items: answered until nothing was left to practise, or until the cap.
        after_mastery: of these, on skills truly mastered already.
        declared: skills called mastered at the end.
        false: those of them that are not.
        diverted: skills given up for the day.
        mastered: skills truly mastered.
        right: the verdicts in order.
    """

    slow: bool
    items: int
    after_mastery: int
    declared: int
    false: int
    diverted: int
    mastered: int
    right: tuple[bool, ...] = field(repr=False)

    def in_band(self) -> tuple[int, int]:
        """How many windows of twenty answers have 70 to 85% right, of how many."""
        windows = range(len(self.right) - WINDOW + 1)
        shares = [sum(self.right[n : n + WINDOW]) / WINDOW for n in windows]
        return sum(BAND[0] <= share <= BAND[1] for share in shares), len(shares)


class Policy(Protocol):
    """Anything that chooses items for one pupil and says what is mastered."""

    def next_item(self, rng: Random) -> ItemRef | None:
        """The next item; None at the end."""

    def observe(self, item: ItemRef, correct: bool) -> None:
        """Take in an answer."""

    def states(self) -> tuple[set[str], set[str]]:
        """Skills held for mastered, and skills given up."""


class TutorPolicy:
    """The tutor that is shipped, through its public surface, one item a minute."""

    def __init__(self, tutor: Tutor) -> None:
        self._tutor, self._learner, self._now = tutor, tutor.new_learner(), _START

    def next_item(self, rng: Random) -> ItemRef | None:
        choice = self._tutor.next_item(self._learner, now=self._now, rng=rng)
        return None if choice is None else choice.item

    def observe(self, item: ItemRef, correct: bool) -> None:
        self._learner = self._tutor.observe(self._learner, Response(item, correct), now=self._now)
        self._now += timedelta(minutes=1)

    def states(self) -> tuple[set[str], set[str]]:
        records = self._learner.skills.items()
        mastered = {s for s, record in records if record.state in MASTERED}
        return mastered, {s for s, record in records if record.state == "stuck"}


def practise(world: World, bank: Bank, policy: Policy, rng: Random) -> Course:
    """Let a pupil of this world practise under a policy."""
    pupil, right, after_mastery = world.pupil(bank, rng), list[bool](), 0
    while len(right) < CAP and (item := policy.next_item(rng)) is not None:
        after_mastery += all(map(pupil.has_mastered, item.skills))
        correct = pupil.respond(item, rng)
        pupil.practise(item)
        policy.observe(item, correct)
        right.append(correct)
    declared, diverted = policy.states()
    mastered = {s for s in bank.curriculum.skills if pupil.has_mastered(s)}
    return Course(
        slow=pupil.slow,
        items=len(right),
        after_mastery=after_mastery,
        declared=len(declared),
        false=len(declared - mastered),
        diverted=len(diverted),
        mastered=len(mastered),
        right=tuple(right),
    )
