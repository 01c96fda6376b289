"""The tutor in worlds whose form it was never fitted to, beside "8 of 10".

    python -m tests.bench odd-worlds [--learners 60] [--seeds 2] [--only NAME ...]

All are B80 with one thing changed: growth that is noisy, saturates, comes in jumps or only with success; items that
discriminate differently; levels that wander; practice over days with forgetting; items of two skills; pupils who guess.
Parameters are fitted from calibration pupils of B80 as it is. False mastery is judged at the moment of each declaration
and at the end; what was `kept` is looked at again a week after the last item.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from engine.curriculum import Curriculum, ItemRef
from engine.learner import Response
from engine.mastery import MASTERED
from engine.mastery import Policy as MasteryPolicy
from engine.simulation import DISCRIMINATION
from engine.simulation.peers import FixedOrder
from engine.simulation.worlds import CAP, WORLDS, Bank, calibration_log, make_bank
from engine.tutor import Tutor
from tests.bench.worlds import CALIBRATION, FIRST_SEED, fitted, interval

STANDARD = 0.8
ENOUGH = math.log(STANDARD / (1 - STANDARD)) / DISCRIMINATION
START = datetime(2026, 9, 1, 9, tzinfo=UTC)
PER_DAY = 30
GAIN = 0.20


class Pupil:
    """A pupil whose level grows steadily, as in world B; the odd ones differ in one thing.

    Levels are in normal-ogive units, by skill.
    """

    sittings = 1

    def __init__(self, bank: Bank, rng: Random) -> None:
        self.bank, self.rng = bank, rng
        self.slow = rng.random() < 0.10
        ability = rng.gauss(0.0, 0.6)
        self.rate = math.exp(rng.gauss(0.0, 0.4)) * (0.08 if self.slow else 1.0)
        self.level = {s: ability + rng.gauss(0.0, 0.5) - 0.9 - 0.05 * n for n, s in enumerate(bank.curriculum.order)}

    def p_correct(self, item: ItemRef) -> float:
        """The true chance of a right answer now."""
        truth, able = self.bank.truths[item.id], 1.0
        for s in item.skills:
            able *= 1.0 / (1.0 + math.exp(-DISCRIMINATION * self.sharpness(item) * (self.level[s] - truth.difficulty)))
        return truth.guess + (0.96 - truth.guess) * able

    def sharpness(self, item: ItemRef) -> float:
        """How much the item tells high from low levels; 1 as in world B."""
        return 1.0

    def practise(self, item: ItemRef, correct: bool) -> None:
        """Learn from an item."""
        for s in item.skills:
            needs = self.bank.curriculum.skills[s].prerequisites
            pace = self.rate * (1.0 if all(self.mastered(p) for p in needs) else 0.35)
            self.level[s] += self.gain(s, pace, correct)

    def gain(self, skill_id: str, pace: float, correct: bool) -> float:
        """What one opportunity adds."""
        return GAIN * pace * (1.0 if self.level[skill_id] < 2.5 else 0.2)

    def pause(self, days: int) -> None:
        """What happens while the pupil does not practise."""

    def mastered(self, skill_id: str) -> bool:
        """The truth that a certificate claims."""
        return self.level[skill_id] >= ENOUGH


class Noisy(Pupil):
    """Some items teach much, others take away."""

    def gain(self, skill_id: str, pace: float, correct: bool) -> float:
        return super().gain(skill_id, pace, correct) * self.rng.gauss(1.0, 1.5)


class Saturating(Pupil):
    """The nearer to the top, the less an item adds."""

    def gain(self, skill_id: str, pace: float, correct: bool) -> float:
        return 0.09 * pace * max(0.0, 2.4 - self.level[skill_id])


class Jumping(Pupil):
    """One item in five adds what five add elsewhere."""

    def gain(self, skill_id: str, pace: float, correct: bool) -> float:
        return 5 * super().gain(skill_id, pace, correct) if self.rng.random() < 0.2 else 0.0


class BySuccess(Pupil):
    """Right answers teach three times what wrong ones do."""

    def gain(self, skill_id: str, pace: float, correct: bool) -> float:
        return super().gain(skill_id, pace, correct) * (1.5 if correct else 0.5)


class Sharpness(Pupil):
    """Items differ in how sharply they tell levels apart."""

    def sharpness(self, item: ItemRef) -> float:
        return math.exp(Random(f"sharpness {item.id}").gauss(0.0, 0.35))


class Wandering(Pupil):
    """Every level drifts a little with each item, practised or not."""

    def practise(self, item: ItemRef, correct: bool) -> None:
        super().practise(item, correct)
        for s in self.level:
            self.level[s] += self.rng.gauss(0.0, 0.04)


class OverDays(Pupil):
    """Thirty items a day. A night takes a twentieth of what practice has added since the start, a week a seventh:
    what is lost grows with the logarithm of the days (Wixted & Ebbesen 1991)."""

    sittings = 12

    def __init__(self, bank: Bank, rng: Random) -> None:
        super().__init__(bank, rng)
        self.first = dict(self.level)

    def pause(self, days: int) -> None:
        for s, first in self.first.items():
            self.level[s] -= 0.05 * math.log2(1 + days) * max(0.0, self.level[s] - first)


class Guessing(Pupil):
    """One item in five is answered without thinking."""

    def p_correct(self, item: ItemRef) -> float:
        blind = 0.25 if item.response_format.startswith("choice") else 0.0
        return 0.8 * super().p_correct(item) + 0.2 * blind


ODD: dict[str, type[Pupil]] = {
    "as fitted": Pupil,
    "noisy growth": Noisy,
    "saturating": Saturating,
    "jumps of .2": Jumping,
    "by success": BySuccess,
    "discrimination": Sharpness,
    "random walk": Wandering,
    "several days": OverDays,
    "two skills": Pupil,
    "guessing": Guessing,
}


def two_skill_bank(bank: Bank) -> Bank:
    """Every third item also needs the skill before."""
    items = []
    for n, item in enumerate(bank.curriculum.items):
        before = bank.curriculum.skills[item.skills[0]].prerequisites
        items.append(ItemRef(item.id, (*item.skills, *before), item.response_format) if n % 3 == 0 else item)
    return Bank(Curriculum(bank.curriculum.skills, items), bank.truths)


@dataclass
class Tally:
    """Sums over pupils."""

    pupils: int = 0
    items: int = 0
    peer_items: int = 0
    declared: int = 0
    false_then: int = 0
    held: int = 0
    false_end: int = 0
    quick_skills: int = 0
    diverted: int = 0
    kept: int = 0
    kept_later: int = 0

    def row(self) -> dict[str, float]:
        """The figures, in percent where they are shares."""
        return {
            "items": self.items / self.pupils,
            "8 of 10: items": self.peer_items / self.pupils,
            "false when declared %": 100 * self.false_then / max(1, self.declared),
            "false at the end %": 100 * self.false_end / max(1, self.held),
            "others diverted %": 100 * self.diverted / max(1, self.quick_skills),
            "kept": self.kept / self.pupils,
            "kept, a week later %": 100 * self.kept_later / self.kept if self.kept else math.nan,
        }


def course(tutor: Tutor, pupil: Pupil, rng: Random, tally: Tally) -> None:
    """One pupil with the tutor, over as many days as the world has."""
    learner, done, declared = tutor.new_learner(), 0, set[str]()
    now = START
    for _ in range(pupil.sittings):
        for _ in range(CAP if pupil.sittings == 1 else PER_DAY):
            choice = tutor.next_item(learner, now=now, rng=rng)
            if choice is None or done == CAP:
                break
            correct = rng.random() < pupil.p_correct(choice.item)
            pupil.practise(choice.item, correct)
            learner = tutor.observe(learner, Response(choice.item, correct), now=now)
            done, now = done + 1, now + timedelta(minutes=1)
            for s in choice.item.skills:
                if learner.skills[s].state in MASTERED and s not in declared:
                    declared.add(s)
                    tally.declared += 1
                    tally.false_then += not pupil.mastered(s)
        now = (now + timedelta(days=1)).replace(hour=9, minute=0)
        if pupil.sittings > 1:
            pupil.pause(1)
    states = {s: report.state for s, report in tutor.report(learner, now=now).items()}
    held = [s for s, state in states.items() if state in MASTERED]
    tally.pupils += 1
    tally.items += done
    tally.held += len(held)
    tally.false_end += sum(not pupil.mastered(s) for s in held)
    if not pupil.slow:
        tally.quick_skills += len(states)
        tally.diverted += sum(state == "stuck" for state in states.values())
    kept = [s for s, state in states.items() if state == "kept"]
    pupil.pause(7)
    tally.kept += len(kept)
    tally.kept_later += sum(map(pupil.mastered, kept))


def peer_course(bank: Bank, pupil: Pupil, rng: Random, tally: Tally) -> None:
    """The same pupil with "8 of 10"."""
    peer, days = FixedOrder(bank.curriculum, 10, 8), 0
    for done in range(CAP):
        item = peer.next_item(rng)
        if item is None:
            break
        correct = rng.random() < pupil.p_correct(item)
        pupil.practise(item, correct)
        peer.observe(item, correct)
        tally.peer_items += 1
        if pupil.sittings > 1 and done // PER_DAY > days:
            days += 1
            pupil.pause(1)


def main(words: Sequence[str]) -> None:
    """Print one line for each world."""
    parser = argparse.ArgumentParser(
        prog="tests.bench odd-worlds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--only", nargs="+", choices=ODD, default=list(ODD))
    parser.add_argument("--keep", type=Path, help="folder for fitted parameters, so that the next run has them")
    wanted = parser.parse_args(words)
    table: dict[str, list[dict[str, float]]] = {}
    for seed in range(wanted.first_seed, wanted.first_seed + wanted.seeds):
        bank = make_bank(seed)
        log = calibration_log(WORLDS["B80"], bank, learners=CALIBRATION, seed=seed)
        parameters = fitted(WORLDS["B80"], bank, seed, log, wanted.keep)
        for name in wanted.only:
            here = two_skill_bank(bank) if name == "two skills" else bank
            tutor = Tutor(here.curriculum, parameters, MasteryPolicy(standard=STANDARD))
            tally = Tally()
            for n in range(wanted.learners):
                course(tutor, ODD[name](here, Random(f"odd {seed} {n}")), Random(f"tutor {seed} {n}"), tally)
                peer_course(here, ODD[name](here, Random(f"odd {seed} {n}")), Random(f"tutor {seed} {n}"), tally)
            table.setdefault(name, []).append(tally.row())
    print(f"{'':16}" + "".join(f"{column:>23}" for column in next(iter(table.values()))[0]))
    for name, rows in table.items():
        cells = (interval([row[column] for row in rows]) for column in rows[0])
        print(f"{name:16}" + "".join(f"{cell:>23}" for cell in cells), flush=True)
