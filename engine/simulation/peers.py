"""What other tutors do, as references: simple rules, in the form in which they are used in practice."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from engine.curriculum import Curriculum, ItemRef
from engine.knowledge_tracing import after_learning, posterior
from engine.simulation.worlds import Policy, least_used

OATUTOR: Final = 0.1
"""All four parameters of a skill nobody has fitted, as OATutor ships them."""
ELO_TARGET: Final = 0.75
ELO_MASTERED: Final = 0.88


class FixedOrder:
    """Skill after skill, items in turn, until the last answers satisfy a rule.

    Args:
        curriculum: what there is to learn.
        window: how many of the last answers count.
        needed: how many of these have to be right.
    """

    def __init__(self, curriculum: Curriculum, window: int, needed: int) -> None:
        self._curriculum, self._needed = curriculum, needed
        self._recent = {s: deque[bool](maxlen=window) for s in curriculum.skills}
        self._mastered: set[str] = set()
        self._used: Counter[str] = Counter()

    def next_item(self, rng: Random) -> ItemRef | None:
        skill_id = next((s for s in self._curriculum.order if s not in self._mastered), None)
        return None if skill_id is None else least_used(self._curriculum.items_of(skill_id), self._used, rng)

    def observe(self, item: ItemRef, correct: bool) -> None:
        skill_id = item.skills[0]
        self._used[item.id] += 1
        self._recent[skill_id].append(correct)
        if sum(self._recent[skill_id]) >= self._needed:
            self._mastered.add(skill_id)

    def states(self) -> tuple[set[str], set[str]]:
        return self._mastered, set()


class LowestFirst:
    """The skill with the lowest P(known) first, until all reach .95 (OATutor's default)."""

    def __init__(self, curriculum: Curriculum) -> None:
        self._curriculum = curriculum
        self._known = dict.fromkeys(curriculum.skills, OATUTOR)
        self._used: Counter[str] = Counter()

    def next_item(self, rng: Random) -> ItemRef | None:
        going = [s for s, p in self._known.items() if p < 0.95]
        if not going:
            return None
        skill_id = min(going, key=lambda s: self._known[s] + 1e-6 * rng.random())
        return least_used(self._curriculum.items_of(skill_id), self._used, rng)

    def observe(self, item: ItemRef, correct: bool) -> None:
        skill_id = item.skills[0]
        self._used[item.id] += 1
        self._known[skill_id] = after_learning(posterior(self._known[skill_id], correct, OATUTOR, OATUTOR), OATUTOR)

    def states(self) -> tuple[set[str], set[str]]:
        return {s for s, p in self._known.items() if p >= 0.95}, set()


class Elo:
    """The item nearest to 75% success, until the mean chance on a skill's items is .88 (Pelánek 2016)."""

    def __init__(self, curriculum: Curriculum, difficulty: Mapping[str, float]) -> None:
        self._curriculum, self._difficulty = curriculum, difficulty
        self._ability, self._count = 0.0, 0
        self._skills = dict.fromkeys(curriculum.skills, 0.0)
        self._seen: Counter[str] = Counter()
        self._used: Counter[str] = Counter()
        self._mastered: set[str] = set()

    def next_item(self, rng: Random) -> ItemRef | None:
        items = [item for s in self._skills if s not in self._mastered for item in self._curriculum.items_of(s)]
        if not items:
            return None
        return min(
            items,
            key=lambda i: abs(self._chance(i) - ELO_TARGET) + 0.02 * self._used[i.id] + 1e-3 * rng.random(),
        )

    def observe(self, item: ItemRef, correct: bool) -> None:
        skill_id = item.skills[0]
        surprise = correct - self._chance(item)
        self._count += 1
        self._ability += 0.25 / (1.0 + 0.05 * self._count) * surprise
        self._skills[skill_id] += 0.7 * surprise
        self._used[item.id] += 1
        self._seen[skill_id] += 1
        items = self._curriculum.items_of(skill_id)
        if self._seen[skill_id] >= 3 and sum(map(self._chance, items)) / len(items) >= ELO_MASTERED:
            self._mastered.add(skill_id)

    def states(self) -> tuple[set[str], set[str]]:
        return self._mastered, set()

    def _chance(self, item: ItemRef) -> float:
        level = self._ability + self._skills[item.skills[0]]
        return 1.0 / (1.0 + math.exp(self._difficulty.get(item.id, 0.0) - level))


def elo_difficulty(curriculum: Curriculum, log: list[list[tuple[str, bool]]]) -> dict[str, float]:
    """Item difficulties from other pupils' answers, by the same rule."""
    difficulty, count = dict[str, float](), Counter[str]()
    for answers in log:
        ability, levels = 0.0, dict[str, float]()
        for item_id, correct in answers:
            skill_id = curriculum.item(item_id).skills[0]
            level = ability + levels.get(skill_id, 0.0)
            surprise = correct - 1.0 / (1.0 + math.exp(difficulty.get(item_id, 0.0) - level))
            ability += 0.2 * surprise
            levels[skill_id] = levels.get(skill_id, 0.0) + 0.4 * surprise
            difficulty[item_id] = difficulty.get(item_id, 0.0) - 0.5 / (1.0 + 0.05 * count[item_id]) * surprise
            count[item_id] += 1
    return difficulty


PEERS: Final[Mapping[str, Callable[[Curriculum, Mapping[str, float]], Policy]]] = {
    "3 in a row": lambda curriculum, _: FixedOrder(curriculum, 3, 3),
    "5 in a row": lambda curriculum, _: FixedOrder(curriculum, 5, 5),
    "8 of 10": lambda curriculum, _: FixedOrder(curriculum, 10, 8),
    "lowest P first": lambda curriculum, _: LowestFirst(curriculum),
    "Elo 75%": Elo,
}
"""Each by the name under which tables show it; the second argument is `elo_difficulty`'s."""
